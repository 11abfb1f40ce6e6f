//! The instrumented single-threaded executor.
//!
//! One iteration of the loop is a **tick**, as in asyncio's `_run_once`:
//!
//! ```text
//!   ┌─> 1 wait    nothing ready? wait for I/O, another thread or the next deadline; what they woke is appended
//!   │   2 timers  what is due is appended, by deadline, then by age
//!   │   3 run     exactly the entries that the ready queue has now are polled; what they wake waits for the next tick
//!   └───────────────────────────────────────────────────────────────────────────────────────────────────────────
//! ```
//!
//! | file | what lives there |
//! |---|---|
//! | `builder` | how a run is set up, and what it leaves behind |
//! | `run` | the loop: the three phases, waiting, the end |
//! | `core` | the ready queue, the slots of the tasks, and the way from a primitive to the loop that runs it |
//! | `waker` | the one waker type, and the inbox for wakes from elsewhere |
//! | `waiters` | who waits for a channel, a lock or an event, first in, first out |
//! | `recorder` | what happens, handed to the trace's writer |
//! | `outlet`, `store` | where else the trace goes; a file, written on a thread of its own |
//! | `clock`, `gate`, `feed` | loop time; pausing and stepping; handing the trace over while it grows |
//! | `task`, `shared`, `group`, `first` | tasks, and waiting for one or several |
//! | `timer`, `channel`, `lock`, `future`, `foreign`, `net`, `stream` | what else programs use |
//!
//! The public face has smol's names and shapes wherever smol has the thing.

mod builder;
pub mod channel;
mod clock;
mod core;
mod feed;
mod first;
mod foreign;
pub mod future;
mod gate;
mod group;
pub mod lock;
pub mod net;
mod outlet;
mod output;
mod recorder;
mod resource;
mod run;
mod shared;
mod store;
pub mod stream;
mod task;
mod timer;
mod timers;
mod waiters;
mod waker;

pub use builder::{Builder, Quiet, Run, block_on};
pub use feed::{Feed, Polling};
pub use first::{FirstCompleted, first_completed};
pub use foreign::{FutureExt, Io, Named, unblock};
pub use gate::Remote;
pub use group::{AsCompleted, Gather, TaskGroup, as_completed, gather, try_gather};
pub use output::print_line;
pub use shared::Shared;
pub use store::Store;
pub use task::{FallibleTask, Task, spawn, spawn_named};
pub use timer::{Elapsed, Sleep, Timeout, Timer, block_for, clock_text, now, sleep, timeout};

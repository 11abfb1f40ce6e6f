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
//! | `builder`, `drive` | how a run is set up, and what it leaves behind; a loop and its main task |
//! | `standing` | the loop of a thread, which stays from one `block_on` to the next |
//! | `run` | the loop: the three phases, waiting, the end |
//! | `core` | the ready queue, the slots of the tasks, and the way from a primitive to the loop that runs it |
//! | `waker` | the one waker type, and the inbox for wakes from elsewhere |
//! | `waiters` | who waits for a channel, a lock or an event, first in, first out |
//! | `recorder` | what happens, handed to the trace's writer |
//! | `outlet`, `store` | where else the trace goes; a file, written on a thread of its own |
//! | `clock`, `gate`, `feed` | loop time; pausing and stepping; handing the trace over while it grows |
//! | `task`, `shared`, `group`, `first` | tasks, and waiting for one or several |
//! | `executor`, `guest` | smol's executors, and their tasks as the loop sees them |
//! | `operation`, `packets`, `foreign` | what is under way outside of the loop |
//! | `timer`, `channel`, `lock`, `future`, `handle`, `net`, `pool`, `stream`, `value` | what else programs use |
//!
//! The public face has smol's names and shapes wherever smol has the thing.

mod builder;
pub mod channel;
mod clock;
mod core;
mod drive;
mod executor;
mod feed;
mod first;
mod foreign;
pub mod future;
mod gate;
mod group;
mod guest;
mod handle;
pub mod lock;
pub mod net;
mod operation;
mod outlet;
mod output;
mod packets;
mod pool;
mod recorder;
mod resource;
mod run;
mod shared;
mod standing;
mod store;
pub mod stream;
mod task;
mod timer;
mod timers;
mod value;
mod waiters;
mod waker;

pub use builder::{Builder, Quiet, Run};
pub use executor::{Executor, LocalExecutor};
pub use feed::{Feed, Polling};
pub use first::{FirstCompleted, first_completed};
pub use foreign::{FutureExt, Io, Named};
pub use gate::Remote;
pub use group::{AsCompleted, Gather, TaskGroup, as_completed, gather, try_gather};
pub use handle::Async;
pub use output::print_line;
pub use pool::{Unblock, unblock};
pub use recorder::Printed;
pub use shared::Shared;
pub use standing::{Wanted, block_on_standing, end, is_inside, watch};
pub use store::Store;
pub use task::{FallibleTask, Task, spawn, spawn_named, try_spawn};
pub use timer::{
    Elapsed, Sleep, Timeout, Timer, block_for, clock_text, now, sleep, sleep_until, timeout,
};
pub use value::SharedValue;

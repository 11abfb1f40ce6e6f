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
//! | module | what lives there |
//! |---|---|
//! | `executor` | the loop: queues, phases, recorder, clock, the controls, and what sets a run up |
//! | `task` | tasks and their handles, groups, timers, smol's executors, futures that are traced |
//! | `sync` | channels, locks, events |
//! | `io` | sockets, file descriptors, the thread pool |
//!
//! The public face has smol's names and shapes wherever smol has the thing.

mod executor;
mod io;
mod sync;
mod task;
mod threads;

pub use executor::{
    Builder, ChoiceRefused, LiveTrace, LoopControl, OnIdle, Run, Store, StoreHandle, print_line,
};
// For the module `watch`, which runs loops of its own accord, and for tests of the same.
#[doc(hidden)]
pub use executor::{OutputSource, Polling, WatchOptions, block_on, end, is_inside, watch};
pub use io::{Async, Traced, Unblock, net, stream, unblock};
pub use sync::{channel, lock};
pub use task::{
    AsCompleted, Elapsed, Executor, FallibleTask, FirstCompleted, FutureExt, Gather, Io,
    LocalExecutor, Named, Shared, SharedValue, Sleep, Task, TaskGroup, Timeout, Timer,
    as_completed, block_for, clock_text, first_completed, future, gather, now, sleep, sleep_until,
    spawn, spawn_named, timeout, try_gather, try_spawn,
};

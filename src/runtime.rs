//! The instrumented single-threaded executor.
//!
//! One iteration of the loop is a **tick**, as in asyncio's `_run_once`:
//!
//! ```text
//!   ┌─> 1 wait    if no task is ready, wait for I/O, another thread or the next deadline;
//!   │             the tasks that these wake join the ready queue
//!   │   2 timers  the tasks whose timers are due join the ready queue, earliest deadline first
//!   │   3 run     poll exactly the entries that are in the ready queue now;
//!   │             what they wake is polled in the next tick
//!   └─────────────────────────────────────────────────────────────────────────────────────────
//! ```
//!
//! | module | content |
//! |---|---|
//! | `executor` | the loop: queues, phases, recorder, clock, controls, builder |
//! | `task` | tasks and their handles, groups, timers, smol's executors, traced futures |
//! | `sync` | channels, locks, events |
//! | `io` | sockets, file descriptors, the thread pool |
//!
//! Public items have smol's names and signatures wherever smol has a counterpart.

mod executor;
mod io;
mod sync;
mod task;
mod threads;

pub use executor::{
    Builder, ChoiceRefused, LiveTrace, LoopControl, OnIdle, RecordFile, Run, Store, StoreHandle,
    print_line,
};
// For the module `watch`, and for tests that do the same as it.
#[doc(hidden)]
pub use executor::{
    OutputSource, Polling, PrepareBackground, WatchOptions, block_on, end, is_inside, leave,
    size_limit, watch,
};
pub use io::{Async, Traced, Unblock, fs, io_api, net, prelude, process, stream, unblock};
pub use sync::{channel, lock};
#[doc(hidden)]
pub use task::{spawn_preparing, try_spawn_preparing};
// For the macros `main!` and `test!`.
#[doc(hidden)]
pub use task::MainExecutor;
pub use task::{
    AsCompleted, Elapsed, Executor, FallibleTask, FirstCompleted, FutureExt, Gather, Io,
    LocalExecutor, Located, Named, Resumable, Scope, Shared, SharedValue, Sleep, Task, TaskGroup,
    TaskNamed, Timeout, Timer, as_completed, block_for, clock_text, first_completed, future,
    gather, now, resumable, scope, sleep, sleep_until, spawn, spawn_local, spawn_named, timeout,
    try_gather, try_spawn,
};

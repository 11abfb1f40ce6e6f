//! Tasks and their handles.
//!
//! A [`Task`] is the handle of a future that is polled whether or not the handle is awaited. There
//! are two kinds. The future of a *local* task is in a slot of the loop ([`local`]). A *foreign*
//! task belongs to one of smol's executors or to the thread pool ([`foreign_task`]).

mod ending_tasks;
mod entry;
mod foreign_driver;
mod foreign_task;
pub mod future;
mod future_ext;
mod group;
mod group_resource;
mod handle;
mod local;
mod located;
mod remote_handle;
mod resumable;
mod returned_error;
mod scope;
mod shared;
mod shared_value;
mod smol_executor;
mod timer;
mod traced_future;

pub use entry::MainExecutor;
pub use future_ext::{FutureExt, Io, Named, TaskNamed};
pub use group::{
    AsCompleted, FirstCompleted, Gather, TaskGroup, as_completed, first_completed, gather,
    try_gather,
};
pub use handle::{
    FallibleTask, Task, spawn, spawn_local, spawn_named, spawn_preparing, try_spawn,
    try_spawn_preparing,
};
pub use located::Located;
pub use resumable::{Resumable, resumable};
pub use scope::{Scope, scope};
pub use shared::Shared;
pub use shared_value::SharedValue;
pub use smol_executor::{Executor, LocalExecutor};
pub use timer::{
    Elapsed, Sleep, Timeout, Timer, block_for, clock_text, now, sleep, sleep_until, timeout,
};

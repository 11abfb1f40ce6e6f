//! Locks, semaphores and events.

#[path = "../../../../src/runtime/sync/lock/flag.rs"]
mod flag;
#[path = "../../../../src/runtime/sync/lock/permit_queue.rs"]
mod permit_queue;

mod flags;
mod permits;

//! Locks, semaphores and events.

#[path = "../../../../src/runtime/sync/lock/barrier_queue.rs"]
mod barrier_queue;
#[path = "../../../../src/runtime/sync/lock/flag.rs"]
mod flag;
#[path = "../../../../src/runtime/sync/lock/permit_queue.rs"]
mod permit_queue;
#[path = "../../../../src/runtime/sync/lock/rw_queue.rs"]
mod rw_queue;

mod barriers;
mod flags;
mod permits;
mod readers_and_writers;

//! Channels, locks, events and one-shot values, and the queues of the tasks that wait for them.

pub mod channel;
mod guarded;
pub mod lock;
pub(super) mod one_shot;
pub(super) mod wait_queue;

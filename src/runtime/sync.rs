//! Channels, locks and events, and the queues of the tasks that wait for one.

pub mod channel;
pub mod lock;
pub(super) mod waiters;

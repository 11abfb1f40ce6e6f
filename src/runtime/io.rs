//! Sockets, file descriptors and the thread pool, with the operations in flight recorded.

mod async_fd;
pub(super) mod in_flight;
pub mod net;
mod operation;
mod packets;
pub mod stream;
mod unblock;

pub use async_fd::Async;
pub use unblock::{Unblock, unblock};

//! Sockets, file descriptors and the thread pool, with the operations in flight recorded.

mod handle;
pub mod net;
mod operation;
mod packets;
mod pool;
pub mod stream;

pub use handle::Async;
pub use pool::{Unblock, unblock};

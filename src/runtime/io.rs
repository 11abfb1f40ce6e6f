//! Sockets, file descriptors and the thread pool, with the operations in flight recorded.
//!
//! This module needs a Unix system: file descriptors and Unix sockets are part of its types.

#[cfg(not(unix))]
compile_error!(
    "loopscope's runtime needs a Unix system: it uses file descriptors and Unix sockets"
);

mod async_fd;
pub(super) mod in_flight;
mod io_trace;
pub mod net;
mod sockets;
mod traced;
mod unblock;

pub use async_fd::Async;
pub use traced::Traced;
pub use unblock::{Unblock, unblock};

pub mod stream {
    //! Streams: a re-export of `smol::stream`.
    pub use smol::stream::*;
}

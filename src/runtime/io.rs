//! Sockets, file descriptors and the thread pool, with the operations in flight recorded.
//!
//! This module needs a Unix system: file descriptors and Unix sockets are part of its types.

#[cfg(not(unix))]
compile_error!(
    "loopscope's runtime needs a Unix system: it uses file descriptors and Unix sockets"
);

mod async_fd;
mod ext;
pub mod fs;
pub(super) mod in_flight;
mod io_trace;
pub(super) mod job_times;
pub mod net;
pub mod process;
mod sockets;
mod traced;
mod unblock;

pub use async_fd::Async;
pub use traced::Traced;
pub use unblock::{Unblock, unblock};

pub mod io_api {
    //! Reading and writing: a re-export of `smol::io`, with extension traits whose futures show
    //! where they are awaited.
    pub use super::ext::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
    pub use futures_lite::io::*;
}

pub mod prelude {
    //! The traits of `smol::prelude`, with the extension traits of [`io`](crate::io).
    pub use super::ext::{
        AsyncBufReadExt as _, AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _,
    };
    pub use futures_lite::{
        future::{Future, FutureExt as _},
        io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite},
        stream::{Stream, StreamExt as _},
    };
}

pub mod stream {
    //! Streams: a re-export of `smol::stream`.
    pub use futures_lite::stream::*;
}

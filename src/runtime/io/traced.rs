//! One wrapper for all of smol's I/O types.
//!
//! [`Traced<S>`](Traced) is an `S` of smol with an entry in the trace. It reads, writes, seeks and
//! streams as `S` does, and derefs to it. The public types are aliases:
//!
//! | alias | what the trace gets |
//! |---|---|
//! | `TcpStream`, `UnixStream` | reads, writes, the bytes of each, and that it was closed |
//! | `TcpListener`, `UnixListener` | each accepted connection, and that it was closed |
//! | `UdpSocket`, `UnixDatagram` | packets sent and received, with their bytes |
//! | [`Async<T>`](super::Async) | reads, writes, and the bytes of each |
//! | [`Unblock<T>`](super::Unblock), `File`, `ReadDir` | that the thread pool is at work for it, whatever the operation is |
//! | `ChildStdin`, `ChildStdout`, `ChildStderr` | as a stream |

use std::{
    fmt,
    future::Future,
    io,
    ops::{Deref, DerefMut},
    os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd},
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_lite::{
    io::{AsyncRead, AsyncSeek, AsyncWrite},
    stream::Stream,
};

use crate::{
    runtime::{
        executor::resource::Resource,
        io::{in_flight::Operation, io_trace::IoTrace},
        task::Located,
    },
    trace::{OperationKind, ResourceKind, ResourceOp},
};

/// An I/O object of smol's whose operations are recorded.
///
/// Programs use its aliases: the sockets of [`net`](crate::net), [`Async`](crate::Async) and
/// [`Unblock`](crate::Unblock). A clone is the same object in the trace. Methods that are not
/// recorded, such as those for the options of a socket, are reached through [`Deref`].
pub struct Traced<S> {
    pub(super) inner: S,
    pub(super) io: IoTrace,
}

/// The kind and the name that one of smol's I/O types has in the trace. Programs cannot name this
/// trait, and so cannot implement it.
pub trait IoObject {
    /// What kind of resource the object is.
    const KIND: ResourceKind;

    /// The object's name in the trace.
    fn label(&self) -> String;
}

impl<S: IoObject> Traced<S> {
    /// Records what `inner` does from now on. `made` is the call that made it.
    pub(super) fn wrap(inner: S, made: &'static Location<'static>) -> Traced<S> {
        let resource = Resource::named(S::KIND, 0, made, &inner.label());
        Traced {
            inner,
            io: IoTrace::new(Arc::new(resource)),
        }
    }

    /// Waits for a connection to be made. Until then the trace calls the operation `connect`.
    #[track_caller]
    pub(super) fn connected(
        connecting: impl Future<Output = io::Result<S>>,
    ) -> impl Future<Output = io::Result<Traced<S>>> {
        let made = Location::caller();
        Located::new(async move {
            let resource = Resource::named(ResourceKind::Io, 0, made, "connect");
            let connecting = Operation::new(&resource, OperationKind::Other, connecting, made);
            let inner = connecting
                .await
                .inspect_err(|_| resource.used(ResourceOp::Failed, 0))?;
            let stream = Traced::wrap(inner, made);
            stream.io.used(ResourceOp::Connected, 1);
            Ok(stream)
        })
    }
}

impl<S> Traced<S> {
    /// Like [`Traced::wrap`], with a kind and a name that `inner` does not know.
    pub(super) fn wrap_as(
        kind: ResourceKind,
        name: &str,
        inner: S,
        made: &'static Location<'static>,
    ) -> Traced<S> {
        Traced {
            inner,
            io: IoTrace::new(Arc::new(Resource::named(kind, 0, made, name))),
        }
    }
}

impl<L> Traced<L> {
    /// Waits for a listener to accept a connection.
    pub(super) fn accepted<'a, S: IoObject + 'a, A>(
        &'a self,
        accepting: impl Future<Output = io::Result<(S, A)>> + 'a,
        made: &'static Location<'static>,
    ) -> impl Future<Output = io::Result<(Traced<S>, A)>> + 'a {
        Located::made_at(made, async move {
            let accepting = self.io.operation(OperationKind::Other, accepting, made);
            let (stream, peer) = accepting
                .await
                .inspect_err(|_| self.io.used(ResourceOp::Failed, 0))?;
            self.io.used(ResourceOp::Accepted, 1);
            Ok((Traced::wrap(stream, made), peer))
        })
    }
}

/// The first `count` bytes of a buffer, or all of them.
fn head(buffer: &[u8], count: usize) -> &[u8] {
    &buffer[..count.min(buffer.len())]
}

impl<S: Clone> Clone for Traced<S> {
    fn clone(&self) -> Self {
        Traced {
            inner: self.inner.clone(),
            io: self.io.share(),
        }
    }
}

impl<S> Deref for Traced<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.inner
    }
}

impl<S> DerefMut for Traced<S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.inner
    }
}

impl<S: fmt::Debug> fmt::Debug for Traced<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<S: AsFd> AsFd for Traced<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl<S: AsRawFd> AsRawFd for Traced<S> {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Traced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        self.io
            .follow_bytes(polled, OperationKind::Read, |count| head(buf, count))
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_read_vectored(cx, bufs);
        let first = bufs.first().map_or(&[][..], |buf| buf);
        self.io
            .follow_bytes(polled, OperationKind::Read, |count| head(first, count))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Traced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.io
            .follow_bytes(polled, OperationKind::Write, |count| head(buf, count))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        let first = bufs.first().map_or(&[][..], |buf| buf);
        self.io
            .follow_bytes(polled, OperationKind::Write, |count| head(first, count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(cx);
        self.io.follow_in_pool(polled)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.io.resource().kind() == ResourceKind::Stream {
            self.io.used(ResourceOp::Closed, 0);
        }
        let polled = Pin::new(&mut self.inner).poll_close(cx);
        self.io.follow_in_pool(polled)
    }
}

impl<'a, S> AsyncRead for &'a Traced<S>
where
    &'a S: AsyncRead,
{
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this: &'a Traced<S> = self.get_mut();
        let polled = Pin::new(&mut &this.inner).poll_read(cx, buf);
        this.io
            .follow_bytes(polled, OperationKind::Read, |count| head(buf, count))
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let this: &'a Traced<S> = self.get_mut();
        let polled = Pin::new(&mut &this.inner).poll_read_vectored(cx, bufs);
        let first = bufs.first().map_or(&[][..], |buf| buf);
        this.io
            .follow_bytes(polled, OperationKind::Read, |count| head(first, count))
    }
}

impl<'a, S> AsyncWrite for &'a Traced<S>
where
    &'a S: AsyncWrite,
{
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this: &'a Traced<S> = self.get_mut();
        let polled = Pin::new(&mut &this.inner).poll_write(cx, buf);
        this.io
            .follow_bytes(polled, OperationKind::Write, |count| head(buf, count))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this: &'a Traced<S> = self.get_mut();
        Pin::new(&mut &this.inner).poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this: &'a Traced<S> = self.get_mut();
        Pin::new(&mut &this.inner).poll_close(cx)
    }
}

impl<S: AsyncSeek + Unpin> AsyncSeek for Traced<S> {
    fn poll_seek(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        position: io::SeekFrom,
    ) -> Poll<io::Result<u64>> {
        let polled = Pin::new(&mut self.inner).poll_seek(cx, position);
        self.io.follow_in_pool(polled)
    }
}

impl<S: Stream + Unpin> Stream for Traced<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let polled = Pin::new(&mut self.inner).poll_next(cx);
        self.io.follow_in_pool(polled)
    }
}

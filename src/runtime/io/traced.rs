//! One wrapper for everything of smol's that does I/O.
//!
//! [`Traced<S>`](Traced) is an `S` of smol with an entry in the trace. It reads, writes, seeks and streams as `S` does,
//! and derefs to it. The public types are aliases:
//!
//! | alias | what the trace gets |
//! |---|---|
//! | `TcpStream`, `UnixStream` | reads, writes, the bytes of each, and that it was closed |
//! | `TcpListener`, `UnixListener` | each accepted connection, and that it was closed |
//! | `UdpSocket`, `UnixDatagram` | packets sent and received, with their bytes |
//! | [`Async<T>`](super::Async) | reads, writes, and the bytes of each |
//! | [`Unblock<T>`](super::Unblock) | that the thread pool is at work for it, whatever the operation is |

use std::{
    fmt,
    future::Future,
    io,
    ops::{Deref, DerefMut},
    os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd},
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use smol::{
    io::{AsyncRead, AsyncSeek, AsyncWrite},
    stream::Stream,
};

use crate::{
    runtime::{
        executor::resource::Resource,
        io::in_flight::{InFlight, Operation},
    },
    trace::{OperationKind, ResourceKind, ResourceOp},
};

/// An I/O object of smol's whose operations are recorded.
///
/// Programs use its aliases: the sockets of [`net`](crate::net), [`Async`](crate::Async) and
/// [`Unblock`](crate::Unblock). A clone is the same object in the trace. What is not recorded, such as the options of a
/// socket, is reached through [`Deref`].
pub struct Traced<S> {
    pub(super) inner: S,
    pub(super) io: IoTrace,
}

/// What the trace calls an I/O object of smol's. Programs cannot name this trait, and so cannot implement it.
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
    pub(super) async fn connected(
        connecting: impl Future<Output = io::Result<S>>,
        made: &'static Location<'static>,
    ) -> io::Result<Traced<S>> {
        let resource = Resource::named(ResourceKind::Io, 0, made, "connect");
        let inner = Operation::new(&resource, OperationKind::Other, connecting, made).await?;
        let stream = Traced::wrap(inner, made);
        stream.io.used(ResourceOp::Connected, 1);
        Ok(stream)
    }
}

impl<L> Traced<L> {
    /// Waits for a listener to accept a connection.
    pub(super) async fn accepted<S: IoObject, A>(
        &self,
        accepting: impl Future<Output = io::Result<(S, A)>>,
        made: &'static Location<'static>,
    ) -> io::Result<(Traced<S>, A)> {
        let accepting = self.io.operation(OperationKind::Other, accepting, made);
        let (stream, peer) = accepting.await?;
        self.io.used(ResourceOp::Accepted, 1);
        Ok((Traced::wrap(stream, made), peer))
    }
}

/// The trace's side of an I/O object: its resource and its operations in flight.
///
/// Reads and writes are in flight independently of each other. The thread pool does one thing at a time for an
/// [`Unblock`](super::Unblock), so a [`ResourceKind::Pool`] uses `reading` for every operation.
pub(super) struct IoTrace {
    resource: Arc<Resource>,
    reading: InFlight,
    writing: InFlight,
    /// The call site of the pending read or write; where the object was made if it is not known.
    asked_at: &'static Location<'static>,
}

impl IoTrace {
    fn new(resource: Arc<Resource>) -> IoTrace {
        let reading = if resource.kind() == ResourceKind::Pool {
            OperationKind::Other
        } else {
            OperationKind::Read
        };
        IoTrace {
            reading: InFlight::new(reading),
            writing: InFlight::new(OperationKind::Write),
            asked_at: resource.made(),
            resource,
        }
    }

    /// Notes where the next operation is asked for. `AsyncRead` and `AsyncWrite` know no call site, so the methods of
    /// the public types call this first.
    pub(super) fn ask_at(&mut self, at: &'static Location<'static>) {
        self.asked_at = at;
    }

    pub(super) fn resource(&self) -> &Resource {
        &self.resource
    }

    pub(super) fn made(&self) -> &'static Location<'static> {
        self.resource.made()
    }

    pub(super) fn used(&self, op: ResourceOp, value: usize) {
        self.resource.used(op, value);
    }

    fn is_pool(&self) -> bool {
        self.resource.kind() == ResourceKind::Pool
    }

    fn in_flight(&self, kind: OperationKind) -> &InFlight {
        if kind == OperationKind::Write && !self.is_pool() {
            &self.writing
        } else {
            &self.reading
        }
    }

    /// Records what a poll says of an operation that is asked for at `at`.
    #[inline]
    pub(super) fn follow<T>(
        &self,
        polled: Poll<T>,
        kind: OperationKind,
        at: &'static Location<'static>,
    ) -> Poll<T> {
        self.in_flight(kind).follow(polled, &self.resource, at)
    }

    /// Like [`IoTrace::follow`], for what only the thread pool has to wait for.
    #[inline]
    fn follow_in_pool<T>(&self, polled: Poll<T>) -> Poll<T> {
        if self.is_pool() {
            self.follow(polled, OperationKind::Other, self.asked_at)
        } else {
            polled
        }
    }

    /// Records what a poll says of a read or a write, and the bytes that it moved.
    #[inline]
    fn follow_bytes(
        &self,
        polled: Poll<io::Result<usize>>,
        kind: OperationKind,
    ) -> Poll<io::Result<usize>> {
        let bytes = ready!(self.follow(polled, kind, self.asked_at))?;
        if !self.is_pool() {
            self.used(bytes_op(kind), bytes);
        }
        Poll::Ready(Ok(bytes))
    }

    /// Like [`IoTrace::follow_bytes`]. A call site that was noted is used up with the operation: the next one may come
    /// through `AsyncRead` or `AsyncWrite`.
    #[inline]
    fn follow_asked(
        &mut self,
        polled: Poll<io::Result<usize>>,
        kind: OperationKind,
    ) -> Poll<io::Result<usize>> {
        let bytes = ready!(self.follow_bytes(polled, kind))?;
        self.asked_at = self.made();
        Poll::Ready(Ok(bytes))
    }

    /// A future that is an operation on this object.
    pub(super) fn operation<F: Future>(
        &self,
        kind: OperationKind,
        future: F,
        made: &'static Location<'static>,
    ) -> Operation<'_, F> {
        Operation::new(&self.resource, kind, future, made)
    }

    /// Awaits a read or a write, and records the bytes that it moved.
    pub(super) async fn transfer<R>(
        &self,
        kind: OperationKind,
        future: impl Future<Output = io::Result<R>>,
        made: &'static Location<'static>,
        bytes: fn(&R) -> usize,
    ) -> io::Result<R> {
        let done = self.operation(kind, future, made).await?;
        self.used(bytes_op(kind), bytes(&done));
        Ok(done)
    }

    /// Records how the operations in flight end.
    pub(super) fn end(&self, op: ResourceOp) {
        self.reading.end(&self.resource, op);
        self.writing.end(&self.resource, op);
    }
}

fn bytes_op(kind: OperationKind) -> ResourceOp {
    match kind {
        OperationKind::Write => ResourceOp::Wrote,
        OperationKind::Read | OperationKind::Other => ResourceOp::Read,
    }
}

impl Drop for IoTrace {
    fn drop(&mut self) {
        self.end(ResourceOp::Abandoned);
        let is_last = Arc::strong_count(&self.resource) == 1;
        if self.resource.kind() == ResourceKind::Listener && is_last {
            self.used(ResourceOp::Closed, 0);
        }
    }
}

impl<S: Clone> Clone for Traced<S> {
    fn clone(&self) -> Self {
        Traced {
            inner: self.inner.clone(),
            io: IoTrace::new(Arc::clone(&self.io.resource)),
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
        self.io.follow_asked(polled, OperationKind::Read)
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_read_vectored(cx, bufs);
        self.io.follow_asked(polled, OperationKind::Read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Traced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.io.follow_asked(polled, OperationKind::Write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.io.follow_asked(polled, OperationKind::Write)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(cx);
        self.io.follow_in_pool(polled)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.io.resource.kind() == ResourceKind::Stream {
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
        this.io.follow_bytes(polled, OperationKind::Read)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let this: &'a Traced<S> = self.get_mut();
        let polled = Pin::new(&mut &this.inner).poll_read_vectored(cx, bufs);
        this.io.follow_bytes(polled, OperationKind::Read)
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
        this.io.follow_bytes(polled, OperationKind::Write)
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

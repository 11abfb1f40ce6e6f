//! `smol::Async`: whatever has a file descriptor, recorded.

mod sockets;

use std::{
    fmt,
    future::Future,
    io,
    ops::{Deref, DerefMut},
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd},
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use smol::io::{AsyncRead, AsyncWrite};

use crate::trace::{ResourceKind, ResourceOp};

use super::operation::{Operation, follow};
use crate::runtime::{
    executor::{resource::Resource, task_name::short_name},
    io::in_flight::InFlight,
};

/// A socket or another thing with a file descriptor, for tasks: `smol::Async`, with a name in the trace.
///
/// What is not recorded, such as `get_mut`, is reached through it ([`Deref`]).
///
/// ```
/// use loopscope::Async;
/// use std::net::TcpListener;
///
/// loopscope::block_on(async {
///     let listener = Async::<TcpListener>::bind(([127, 0, 0, 1], 0))?;
///     let address = listener.get_ref().local_addr()?;
///     let (accepted, connected) = smol::future::zip(
///         listener.accept(),
///         Async::<std::net::TcpStream>::connect(address),
///     )
///     .await;
///     assert_eq!(accepted?.1, connected?.get_ref().local_addr()?);
///     std::io::Result::Ok(())
/// })
/// .unwrap();
/// ```
pub struct Async<T> {
    inner: smol::Async<T>,
    resource: Resource,
    reading: InFlight,
    writing: InFlight,
}

impl<T> Async<T> {
    /// One of smol's, from now on recorded.
    fn wrap(inner: smol::Async<T>, made: &'static Location<'static>) -> Async<T> {
        let name = short_name(std::any::type_name::<T>()).unwrap_or("i/o");
        Async {
            inner,
            resource: Resource::named(ResourceKind::Io, 0, made, name),
            reading: InFlight::reading(),
            writing: InFlight::writing(),
        }
    }

    /// smol's own.
    pub fn into_smol(self) -> smol::Async<T> {
        self.reading.end(&self.resource, ResourceOp::Abandoned);
        self.writing.end(&self.resource, ResourceOp::Abandoned);
        self.inner
    }

    /// The thing itself.
    pub fn get_ref(&self) -> &T {
        self.inner.get_ref()
    }

    /// Takes it back out.
    pub fn into_inner(self) -> io::Result<T> {
        self.into_smol().into_inner()
    }

    fn operation<F: Future>(
        &self,
        operation: F,
        made: &'static Location<'static>,
    ) -> Operation<'_, F> {
        Operation::new(&self.resource, operation, made)
    }

    /// Waits until it can be read.
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> + '_ {
        self.operation(self.inner.readable(), Location::caller())
            .to(ResourceOp::Read)
    }

    /// As [`Async::readable`], for a future that does not borrow.
    #[track_caller]
    pub fn readable_owned(self: Arc<Self>) -> impl Future<Output = io::Result<()>> {
        let made = Location::caller();
        async move {
            self.operation(self.inner.readable(), made)
                .to(ResourceOp::Read)
                .await
        }
    }

    /// Waits until it can be written.
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> + '_ {
        self.operation(self.inner.writable(), Location::caller())
            .to(ResourceOp::Wrote)
    }

    /// As [`Async::writable`], for a future that does not borrow.
    #[track_caller]
    pub fn writable_owned(self: Arc<Self>) -> impl Future<Output = io::Result<()>> {
        let made = Location::caller();
        async move {
            self.operation(self.inner.writable(), made)
                .to(ResourceOp::Wrote)
                .await
        }
    }

    /// Whether it can be read; else the task is woken when it can.
    #[track_caller]
    pub fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.inner.poll_readable(cx);
        follow(polled, &self.reading, &self.resource, Location::caller())
    }

    /// Whether it can be written; else the task is woken when it can.
    #[track_caller]
    pub fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.inner.poll_writable(cx);
        follow(polled, &self.writing, &self.resource, Location::caller())
    }

    /// Calls `op` whenever it can be read, until it gives something else than "would block".
    #[track_caller]
    pub fn read_with<'a, R>(
        &'a self,
        op: impl FnMut(&T) -> io::Result<R> + 'a,
    ) -> impl Future<Output = io::Result<R>> + 'a
    where
        R: 'a,
    {
        self.operation(self.inner.read_with(op), Location::caller())
            .to(ResourceOp::Read)
    }

    /// Calls `op` whenever it can be written, until it gives something else than "would block".
    #[track_caller]
    pub fn write_with<'a, R>(
        &'a self,
        op: impl FnMut(&T) -> io::Result<R> + 'a,
    ) -> impl Future<Output = io::Result<R>> + 'a
    where
        R: 'a,
    {
        self.operation(self.inner.write_with(op), Location::caller())
            .to(ResourceOp::Wrote)
    }

    #[inline]
    fn done(&self, polled: Poll<io::Result<usize>>, op: ResourceOp) -> Poll<io::Result<usize>> {
        let in_flight = match op {
            ResourceOp::Read => &self.reading,
            _ => &self.writing,
        };
        let made = self.resource.made();
        let bytes = ready!(follow(polled, in_flight, &self.resource, made))?;
        self.resource.used(op, bytes);
        Poll::Ready(Ok(bytes))
    }
}

impl<T: AsFd> Async<T> {
    /// Hands something to the reactor, and makes it one that does not block.
    #[track_caller]
    pub fn new(io: T) -> io::Result<Async<T>> {
        let made = Location::caller();
        Ok(Async::wrap(smol::Async::new(io)?, made))
    }

    /// As [`Async::new`], for something that does not block already.
    #[track_caller]
    pub fn new_nonblocking(io: T) -> io::Result<Async<T>> {
        let made = Location::caller();
        Ok(Async::wrap(smol::Async::new_nonblocking(io)?, made))
    }
}

impl<T> Deref for Async<T> {
    type Target = smol::Async<T>;

    fn deref(&self) -> &smol::Async<T> {
        &self.inner
    }
}

impl<T> DerefMut for Async<T> {
    fn deref_mut(&mut self) -> &mut smol::Async<T> {
        &mut self.inner
    }
}

impl<T> AsRef<T> for Async<T> {
    fn as_ref(&self) -> &T {
        self.inner.get_ref()
    }
}

impl<T: fmt::Debug> fmt::Debug for Async<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: AsFd> AsFd for Async<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl<T: AsRawFd> AsRawFd for Async<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

impl<T: AsFd + From<OwnedFd>> TryFrom<OwnedFd> for Async<T> {
    type Error = io::Error;

    #[track_caller]
    fn try_from(value: OwnedFd) -> io::Result<Self> {
        Async::new(value.into())
    }
}

impl<T: Into<OwnedFd>> TryFrom<Async<T>> for OwnedFd {
    type Error = io::Error;

    fn try_from(value: Async<T>) -> io::Result<Self> {
        value.into_inner().map(Into::into)
    }
}

impl<T> AsyncRead for Async<T>
where
    smol::Async<T>: AsyncRead + Unpin,
{
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        self.done(polled, ResourceOp::Read)
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_read_vectored(cx, bufs);
        self.done(polled, ResourceOp::Read)
    }
}

impl<'a, T> AsyncRead for &'a Async<T>
where
    &'a smol::Async<T>: AsyncRead,
{
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this: &'a Async<T> = self.get_mut();
        let polled = Pin::new(&mut &this.inner).poll_read(cx, buf);
        this.done(polled, ResourceOp::Read)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let this: &'a Async<T> = self.get_mut();
        let polled = Pin::new(&mut &this.inner).poll_read_vectored(cx, bufs);
        this.done(polled, ResourceOp::Read)
    }
}

impl<T> AsyncWrite for Async<T>
where
    smol::Async<T>: AsyncWrite + Unpin,
{
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.done(polled, ResourceOp::Wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.done(polled, ResourceOp::Wrote)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_close(cx)
    }
}

impl<'a, T> AsyncWrite for &'a Async<T>
where
    &'a smol::Async<T>: AsyncWrite,
{
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this: &'a Async<T> = self.get_mut();
        let polled = Pin::new(&mut &this.inner).poll_write(cx, buf);
        this.done(polled, ResourceOp::Wrote)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this: &'a Async<T> = self.get_mut();
        Pin::new(&mut &this.inner).poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this: &'a Async<T> = self.get_mut();
        Pin::new(&mut &this.inner).poll_close(cx)
    }
}

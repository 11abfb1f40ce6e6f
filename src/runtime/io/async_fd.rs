//! `smol::Async`: an object with a file descriptor, recorded.

mod sockets;

use std::{
    future::Future,
    io,
    os::fd::{AsFd, OwnedFd},
    panic::Location,
    sync::Arc,
    task::{Context, Poll},
};

use crate::{
    runtime::executor::task_name::short_name,
    trace::{OperationKind, ResourceKind},
};

use super::traced::{IoObject, Traced};

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
pub type Async<T> = Traced<smol::Async<T>>;

impl<T> IoObject for smol::Async<T> {
    const KIND: ResourceKind = ResourceKind::Io;

    fn label(&self) -> String {
        short_name(std::any::type_name::<T>())
            .unwrap_or("i/o")
            .to_owned()
    }
}

impl<T> Traced<smol::Async<T>> {
    /// smol's own.
    pub fn into_smol(self) -> smol::Async<T> {
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

    /// Waits until it can be read.
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> + '_ {
        self.io.operation(
            OperationKind::Read,
            self.inner.readable(),
            Location::caller(),
        )
    }

    /// As [`Async::readable`], for a future that does not borrow.
    #[track_caller]
    pub fn readable_owned(self: Arc<Self>) -> impl Future<Output = io::Result<()>> {
        let made = Location::caller();
        async move {
            self.io
                .operation(OperationKind::Read, self.inner.readable(), made)
                .await
        }
    }

    /// Waits until it can be written.
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> + '_ {
        self.io.operation(
            OperationKind::Write,
            self.inner.writable(),
            Location::caller(),
        )
    }

    /// As [`Async::writable`], for a future that does not borrow.
    #[track_caller]
    pub fn writable_owned(self: Arc<Self>) -> impl Future<Output = io::Result<()>> {
        let made = Location::caller();
        async move {
            self.io
                .operation(OperationKind::Write, self.inner.writable(), made)
                .await
        }
    }

    /// Whether it can be read; else the task is woken when it can.
    #[track_caller]
    pub fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.inner.poll_readable(cx);
        self.io
            .follow(polled, OperationKind::Read, Location::caller())
    }

    /// Whether it can be written; else the task is woken when it can.
    #[track_caller]
    pub fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.inner.poll_writable(cx);
        self.io
            .follow(polled, OperationKind::Write, Location::caller())
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
        self.io.operation(
            OperationKind::Read,
            self.inner.read_with(op),
            Location::caller(),
        )
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
        self.io.operation(
            OperationKind::Write,
            self.inner.write_with(op),
            Location::caller(),
        )
    }
}

impl<T: AsFd> Traced<smol::Async<T>> {
    /// Hands something to the reactor, and makes it one that does not block.
    #[track_caller]
    pub fn new(io: T) -> io::Result<Async<T>> {
        let made = Location::caller();
        Ok(Traced::wrap(smol::Async::new(io)?, made))
    }

    /// As [`Async::new`], for something that does not block already.
    #[track_caller]
    pub fn new_nonblocking(io: T) -> io::Result<Async<T>> {
        let made = Location::caller();
        Ok(Traced::wrap(smol::Async::new_nonblocking(io)?, made))
    }
}

impl<T> AsRef<T> for Async<T> {
    fn as_ref(&self) -> &T {
        self.inner.get_ref()
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

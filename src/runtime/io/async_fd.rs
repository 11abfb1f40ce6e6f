//! `smol::Async`: an object with a file descriptor, recorded.

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::{SocketAddr as UnixSocketAddr, UnixDatagram, UnixListener, UnixStream},
    },
    panic::Location,
    path::Path,
    sync::Arc,
    task::{Context, Poll},
};

use futures_lite::stream::{self, Stream};

use crate::{
    runtime::{executor::task_name::short_name, task::Located},
    trace::{OperationKind, ResourceKind},
};

use super::{
    sockets::{packets, peeks, unix_sockets},
    traced::{IoObject, Traced},
};

/// An object with a file descriptor, such as a socket or a pipe, for tasks: `smol::Async`, recorded.
///
/// Methods that are not recorded, such as `get_mut`, are reached through
/// [`Deref`](std::ops::Deref).
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
///     let (server, peer) = accepted?;
///     let client = connected?;
///     assert_eq!(peer, client.get_ref().local_addr()?);
///
///     client.writable().await?;
///     client.write_with(|mut stream| std::io::Write::write(&mut stream, b"hello")).await?;
///     server.readable().await?;
///     assert_eq!(server.peek(&mut [0; 8]).await?, 5);
///     let read = server.read_with(|mut stream| std::io::Read::read(&mut stream, &mut [0; 8]));
///     assert_eq!(read.await?, 5);
///     std::sync::Arc::new(client).writable_owned().await?;
///     let _std_stream = server.into_inner()?;
///     std::io::Result::Ok(())
/// })
/// .unwrap();
/// ```
pub type Async<T> = Traced<async_io::Async<T>>;

impl<T> IoObject for async_io::Async<T> {
    const KIND: ResourceKind = ResourceKind::Io;

    fn label(&self) -> String {
        short_name(std::any::type_name::<T>())
            .unwrap_or("i/o")
            .to_owned()
    }
}

impl<T> Traced<async_io::Async<T>> {
    /// Unwraps smol's object, whose operations are no longer recorded.
    pub fn into_smol(self) -> async_io::Async<T> {
        self.inner
    }

    /// The object with the file descriptor.
    pub fn get_ref(&self) -> &T {
        self.inner.get_ref()
    }

    /// Takes the object out of the reactor.
    pub fn into_inner(self) -> io::Result<T> {
        self.into_smol().into_inner()
    }

    /// Waits until reading is possible.
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> + '_ {
        Located::new(self.io.operation(
            OperationKind::Read,
            self.inner.readable(),
            Location::caller(),
        ))
    }

    /// Like [`Async::readable`], for a future that owns the object instead of borrowing it.
    #[track_caller]
    pub fn readable_owned(self: Arc<Self>) -> impl Future<Output = io::Result<()>> {
        let made = Location::caller();
        Located::new(async move {
            self.io
                .operation(OperationKind::Read, self.inner.readable(), made)
                .await
        })
    }

    /// Waits until writing is possible.
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> + '_ {
        Located::new(self.io.operation(
            OperationKind::Write,
            self.inner.writable(),
            Location::caller(),
        ))
    }

    /// Like [`Async::writable`], for a future that owns the object instead of borrowing it.
    #[track_caller]
    pub fn writable_owned(self: Arc<Self>) -> impl Future<Output = io::Result<()>> {
        let made = Location::caller();
        Located::new(async move {
            self.io
                .operation(OperationKind::Write, self.inner.writable(), made)
                .await
        })
    }

    /// Polls whether reading is possible. If it is not, the task is woken once it is.
    #[track_caller]
    pub fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.inner.poll_readable(cx);
        self.io
            .follow(polled, OperationKind::Read, Location::caller())
    }

    /// Polls whether writing is possible. If it is not, the task is woken once it is.
    #[track_caller]
    pub fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.inner.poll_writable(cx);
        self.io
            .follow(polled, OperationKind::Write, Location::caller())
    }

    /// Calls `op` whenever reading is possible, until it returns anything but "would block".
    #[track_caller]
    pub fn read_with<'a, R>(
        &'a self,
        op: impl FnMut(&T) -> io::Result<R> + 'a,
    ) -> impl Future<Output = io::Result<R>> + 'a
    where
        R: 'a,
    {
        Located::new(self.io.operation(
            OperationKind::Read,
            self.inner.read_with(op),
            Location::caller(),
        ))
    }

    /// Calls `op` whenever writing is possible, until it returns anything but "would block".
    #[track_caller]
    pub fn write_with<'a, R>(
        &'a self,
        op: impl FnMut(&T) -> io::Result<R> + 'a,
    ) -> impl Future<Output = io::Result<R>> + 'a
    where
        R: 'a,
    {
        Located::new(self.io.operation(
            OperationKind::Write,
            self.inner.write_with(op),
            Location::caller(),
        ))
    }
}

impl<T: AsFd> Traced<async_io::Async<T>> {
    /// Registers an object with the reactor, and makes its descriptor non-blocking.
    #[track_caller]
    pub fn new(io: T) -> io::Result<Async<T>> {
        let made = Location::caller();
        Ok(Traced::wrap(async_io::Async::new(io)?, made))
    }

    /// Like [`Async::new`], for a descriptor that is non-blocking already.
    #[track_caller]
    pub fn new_nonblocking(io: T) -> io::Result<Async<T>> {
        let made = Location::caller();
        Ok(Traced::wrap(async_io::Async::new_nonblocking(io)?, made))
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

impl Async<TcpListener> {
    /// Listens at an address. For port 0 the system chooses a free port.
    #[track_caller]
    pub fn bind<A: Into<SocketAddr>>(address: A) -> io::Result<Async<TcpListener>> {
        let made = Location::caller();
        Ok(Traced::wrap(
            async_io::Async::<TcpListener>::bind(address)?,
            made,
        ))
    }

    /// Waits for a connection.
    #[track_caller]
    pub fn accept(&self) -> impl Future<Output = io::Result<(Async<TcpStream>, SocketAddr)>> + '_ {
        self.accepted(self.inner.accept(), Location::caller())
    }

    /// A stream of incoming connections.
    #[track_caller]
    pub fn incoming(&self) -> impl Stream<Item = io::Result<Async<TcpStream>>> + Send + '_ {
        let made = Location::caller();
        stream::unfold(self, move |listener| async move {
            let accepted = listener.accepted(listener.inner.accept(), made).await;
            Some((accepted.map(|(stream, _)| stream), listener))
        })
    }
}

impl Async<TcpStream> {
    /// Connects to an address.
    #[track_caller]
    pub fn connect<A: Into<SocketAddr>>(
        address: A,
    ) -> impl Future<Output = io::Result<Async<TcpStream>>> {
        Traced::connected(async_io::Async::<TcpStream>::connect(address))
    }

    /// Reads the bytes that have arrived, and leaves them in the socket.
    #[track_caller]
    pub fn peek<'a>(
        &'a self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = io::Result<usize>> + 'a {
        Located::new(self.io.operation(
            OperationKind::Read,
            self.inner.peek(buffer),
            Location::caller(),
        ))
    }
}

packets!(async_io::Async<UdpSocket>, SocketAddr, Into<SocketAddr>);
peeks!(async_io::Async<UdpSocket>, SocketAddr);

impl Async<UdpSocket> {
    /// Binds a socket to an address. For port 0 the system chooses a free port.
    #[track_caller]
    pub fn bind<A: Into<SocketAddr>>(address: A) -> io::Result<Async<UdpSocket>> {
        let made = Location::caller();
        Ok(Traced::wrap(
            async_io::Async::<UdpSocket>::bind(address)?,
            made,
        ))
    }
}

unix_sockets!(
    async_io::Async<UnixListener>,
    async_io::Async<UnixStream>,
    async_io::Async<UnixDatagram>,
    UnixSocketAddr
);

impl Async<UnixListener> {
    /// A stream of incoming connections.
    #[track_caller]
    pub fn incoming(&self) -> impl Stream<Item = io::Result<Async<UnixStream>>> + Send + '_ {
        let made = Location::caller();
        stream::unfold(self, move |listener| async move {
            let accepted = listener.accepted(listener.inner.accept(), made).await;
            Some((accepted.map(|(stream, _)| stream), listener))
        })
    }
}

macro_rules! from_std {
    ($($socket:ty),+) => {$(
        impl TryFrom<$socket> for Async<$socket> {
            type Error = io::Error;

            #[track_caller]
            fn try_from(socket: $socket) -> io::Result<Self> {
                Async::new(socket)
            }
        }
    )+};
}

from_std!(
    TcpListener,
    TcpStream,
    UdpSocket,
    UnixListener,
    UnixStream,
    UnixDatagram
);

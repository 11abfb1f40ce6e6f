//! The sockets of the standard library in an [`Async`].

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
    os::unix::net::{SocketAddr as UnixSocketAddr, UnixDatagram, UnixListener, UnixStream},
    panic::Location,
    path::Path,
};

use smol::stream::{self, Stream};

use crate::{
    runtime::io::{
        packets::{packets, peeks},
        traced::Traced,
    },
    trace::OperationKind,
};

use super::Async;

impl Async<TcpListener> {
    /// Listens at an address. Port 0 stands for any free port.
    #[track_caller]
    pub fn bind<A: Into<SocketAddr>>(address: A) -> io::Result<Async<TcpListener>> {
        let made = Location::caller();
        Ok(Traced::wrap(
            smol::Async::<TcpListener>::bind(address)?,
            made,
        ))
    }

    /// Waits for a connection.
    #[track_caller]
    pub fn accept(&self) -> impl Future<Output = io::Result<(Async<TcpStream>, SocketAddr)>> + '_ {
        self.accepted(self.inner.accept(), Location::caller())
    }

    /// A stream of the connections that come in.
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
        Traced::connected(
            smol::Async::<TcpStream>::connect(address),
            Location::caller(),
        )
    }

    /// Reads what has come in, and leaves it in the socket.
    #[track_caller]
    pub fn peek<'a>(
        &'a self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = io::Result<usize>> + 'a {
        self.io.operation(
            OperationKind::Read,
            self.inner.peek(buffer),
            Location::caller(),
        )
    }
}

impl Async<UnixListener> {
    /// Listens at a path.
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<Async<UnixListener>> {
        let made = Location::caller();
        Ok(Traced::wrap(smol::Async::<UnixListener>::bind(path)?, made))
    }

    /// Waits for a connection.
    #[track_caller]
    pub fn accept(
        &self,
    ) -> impl Future<Output = io::Result<(Async<UnixStream>, UnixSocketAddr)>> + '_ {
        self.accepted(self.inner.accept(), Location::caller())
    }

    /// A stream of the connections that come in.
    #[track_caller]
    pub fn incoming(&self) -> impl Stream<Item = io::Result<Async<UnixStream>>> + Send + '_ {
        let made = Location::caller();
        stream::unfold(self, move |listener| async move {
            let accepted = listener.accepted(listener.inner.accept(), made).await;
            Some((accepted.map(|(stream, _)| stream), listener))
        })
    }
}

impl Async<UnixStream> {
    /// Connects to a path.
    #[track_caller]
    pub fn connect<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<Async<UnixStream>>> {
        Traced::connected(smol::Async::<UnixStream>::connect(path), Location::caller())
    }

    /// Two sockets that are connected with each other.
    #[track_caller]
    pub fn pair() -> io::Result<(Async<UnixStream>, Async<UnixStream>)> {
        let made = Location::caller();
        let (one, other) = smol::Async::<UnixStream>::pair()?;
        Ok((Traced::wrap(one, made), Traced::wrap(other, made)))
    }
}

packets!(smol::Async<UdpSocket>, SocketAddr, Into<SocketAddr>);
packets!(smol::Async<UnixDatagram>, UnixSocketAddr, AsRef<Path>);
peeks!(smol::Async<UdpSocket>, SocketAddr);

impl Async<UdpSocket> {
    /// A socket at an address. Port 0 stands for any free port.
    #[track_caller]
    pub fn bind<A: Into<SocketAddr>>(address: A) -> io::Result<Async<UdpSocket>> {
        let made = Location::caller();
        Ok(Traced::wrap(smol::Async::<UdpSocket>::bind(address)?, made))
    }
}

impl Async<UnixDatagram> {
    /// A socket at a path.
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<Async<UnixDatagram>> {
        let made = Location::caller();
        Ok(Traced::wrap(smol::Async::<UnixDatagram>::bind(path)?, made))
    }

    /// A socket without an address.
    #[track_caller]
    pub fn unbound() -> io::Result<Async<UnixDatagram>> {
        let made = Location::caller();
        Ok(Traced::wrap(smol::Async::<UnixDatagram>::unbound()?, made))
    }

    /// Two sockets that are connected with each other.
    #[track_caller]
    pub fn pair() -> io::Result<(Async<UnixDatagram>, Async<UnixDatagram>)> {
        let made = Location::caller();
        let (one, other) = smol::Async::<UnixDatagram>::pair()?;
        Ok((Traced::wrap(one, made), Traced::wrap(other, made)))
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

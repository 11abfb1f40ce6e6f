//! Sockets: `smol::net`, recorded.
//!
//! A socket of this module is one of smol with a name in the trace. It can do all that smol's can: what is not recorded
//! is reached through it ([`Deref`](std::ops::Deref)).

mod datagram;
mod listener;
mod stream;
pub mod unix;

pub use datagram::Datagram;
pub use listener::{Accepting, Listener};
pub use smol::net::{
    AddrParseError, AsyncToSocketAddrs, IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr,
    SocketAddrV4, SocketAddrV6, resolve,
};
pub use stream::Stream;

use smol::net as inner;

/// A TCP socket that accepts connections.
pub type TcpListener = Listener<inner::TcpListener>;

/// A TCP connection. A clone is the same connection.
pub type TcpStream = Stream<inner::TcpStream>;

/// The connections that a [`TcpListener`] accepts.
pub type Incoming<'a> = Accepting<'a, inner::Incoming<'a>>;

/// A UDP socket.
pub type UdpSocket = Datagram<inner::UdpSocket>;

/// What a socket can be made of, what it can be made into, and how smol's is reached through it.
macro_rules! socket {
    ($socket:ident, $inner:ty, $std:ty) => {
        impl From<$inner> for $socket<$inner> {
            #[track_caller]
            fn from(inner: $inner) -> Self {
                Self::wrap(inner, std::panic::Location::caller())
            }
        }

        impl From<smol::Async<$std>> for $socket<$inner> {
            #[track_caller]
            fn from(inner: smol::Async<$std>) -> Self {
                Self::wrap(inner.into(), std::panic::Location::caller())
            }
        }

        impl From<crate::runtime::Async<$std>> for $socket<$inner> {
            #[track_caller]
            fn from(inner: crate::runtime::Async<$std>) -> Self {
                Self::wrap(inner.into_smol().into(), std::panic::Location::caller())
            }
        }

        impl TryFrom<$std> for $socket<$inner> {
            type Error = std::io::Error;

            #[track_caller]
            fn try_from(inner: $std) -> std::io::Result<Self> {
                let at = std::panic::Location::caller();
                Ok(Self::wrap(inner.try_into()?, at))
            }
        }

        impl From<$socket<$inner>> for std::sync::Arc<smol::Async<$std>> {
            fn from(socket: $socket<$inner>) -> Self {
                socket.inner.clone().into()
            }
        }
    };
}
use socket;

/// How smol's socket, and the system's, are reached through one of ours.
macro_rules! reach {
    ($socket:ident) => {
        impl<S> std::ops::Deref for $socket<S> {
            type Target = S;

            fn deref(&self) -> &S {
                &self.inner
            }
        }

        impl<S: std::fmt::Debug> std::fmt::Debug for $socket<S> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }

        #[cfg(unix)]
        impl<S: std::os::fd::AsFd> std::os::fd::AsFd for $socket<S> {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                self.inner.as_fd()
            }
        }

        #[cfg(unix)]
        impl<S: std::os::fd::AsRawFd> std::os::fd::AsRawFd for $socket<S> {
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                self.inner.as_raw_fd()
            }
        }
    };
}
use reach;

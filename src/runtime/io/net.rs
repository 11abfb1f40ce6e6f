//! Sockets: `smol::net`, recorded.
//!
//! A socket of this module is a [`Traced`] socket of smol's: its operations are recorded, and the
//! trace names it after its address. It has all methods of smol's socket: those that are not
//! recorded are reached through [`Deref`](std::ops::Deref).

pub mod unix;

use std::{
    fmt,
    future::Future,
    io,
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use async_net as inner;
use futures_lite::stream::Stream;

use crate::{
    runtime::task::{FutureExt, Located},
    trace::{OperationKind, ResourceKind, ResourceOp},
};

use super::{
    Async,
    ext::{AsyncReadExt, AsyncWriteExt},
    in_flight::InFlight,
    io_trace::IoTrace,
    sockets::{packets, peeks},
    traced::{IoObject, Traced},
};

pub use async_net::{
    AddrParseError, AsyncToSocketAddrs, IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr,
    SocketAddrV4, SocketAddrV6, resolve,
};

/// A TCP socket that accepts connections.
///
/// ```
/// use loopscope::{future::zip, net::{Shutdown, TcpListener, TcpStream}, stream::StreamExt};
///
/// loopscope::block_on(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let address = listener.local_addr()?;
///     let (client, accepted) = zip(TcpStream::connect(address), listener.accept()).await;
///     let (mut client, (mut server, _peer)) = (client?, accepted?);
///
///     client.write_all(b"hello").await?;
///     let mut buffer = [0; 5];
///     server.read_exact(&mut buffer).await?;
///     assert_eq!(&buffer, b"hello");
///
///     assert_eq!(server.write(b"bye").await?, 3);
///     server.shutdown(Shutdown::Write)?;
///     assert_eq!(client.read(&mut buffer).await?, 3);
///
///     let (_client, server) = zip(TcpStream::connect(address), listener.incoming().next()).await;
///     assert!(server.is_some_and(|stream| stream.is_ok()));
///     std::io::Result::Ok(())
/// })
/// .unwrap();
/// ```
pub type TcpListener = Traced<inner::TcpListener>;

/// A TCP connection. A clone is the same connection.
pub type TcpStream = Traced<inner::TcpStream>;

/// The connections that a [`TcpListener`] accepts.
pub type Incoming<'a> = Accepting<'a, inner::Incoming<'a>>;

/// A UDP socket.
///
/// ```
/// use loopscope::net::UdpSocket;
///
/// loopscope::block_on(async {
///     let one = UdpSocket::bind("127.0.0.1:0").await?;
///     let other = UdpSocket::bind("127.0.0.1:0").await?;
///     one.send_to(b"first", other.local_addr()?).await?;
///     let mut buffer = [0; 8];
///     let (bytes, sender) = other.peek_from(&mut buffer).await?; // leaves the packet there
///     assert_eq!((bytes, sender), (5, one.local_addr()?));
///     other.connect(sender).await?;
///     assert_eq!(other.peek(&mut buffer).await?, 5);
///     assert_eq!(other.recv_from(&mut buffer).await?, (5, sender));
///     other.send(b"second").await?;
///     assert_eq!(one.recv(&mut buffer).await?, 6);
///     std::io::Result::Ok(())
/// })
/// .unwrap();
/// ```
pub type UdpSocket = Traced<inner::UdpSocket>;

/// A name such as `TcpStream 127.0.0.1:80`; without the address if the system does not report it.
fn label(kind: &str, address: Option<impl fmt::Display>) -> String {
    address.map_or_else(|| kind.to_owned(), |address| format!("{kind} {address}"))
}

impl IoObject for inner::TcpListener {
    const KIND: ResourceKind = ResourceKind::Listener;

    fn label(&self) -> String {
        label("TcpListener", self.local_addr().ok())
    }
}

impl IoObject for inner::TcpStream {
    const KIND: ResourceKind = ResourceKind::Stream;

    fn label(&self) -> String {
        label("TcpStream", self.peer_addr().ok())
    }
}

impl IoObject for inner::UdpSocket {
    const KIND: ResourceKind = ResourceKind::Io;

    fn label(&self) -> String {
        label("UdpSocket", self.local_addr().ok())
    }
}

impl Traced<inner::TcpListener> {
    /// Listens at an address. For port 0 the system chooses a free port.
    #[track_caller]
    pub fn bind<A: AsyncToSocketAddrs>(address: A) -> impl Future<Output = io::Result<Self>> {
        let made = Location::caller();
        Located::new(async move {
            let inner = inner::TcpListener::bind(address).io("bind").await?;
            Ok(Self::wrap(inner, made))
        })
    }

    /// Waits for a connection.
    #[track_caller]
    pub fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + '_ {
        self.accepted(self.inner.accept(), Location::caller())
    }

    /// A stream of incoming connections.
    #[track_caller]
    pub fn incoming(&self) -> Incoming<'_> {
        Accepting::new(self.inner.incoming(), &self.io, Location::caller())
    }
}

impl Traced<inner::TcpStream> {
    /// Connects to an address.
    #[track_caller]
    pub fn connect<A: AsyncToSocketAddrs>(address: A) -> impl Future<Output = io::Result<Self>> {
        Self::connected(inner::TcpStream::connect(address))
    }
}

impl Traced<inner::UdpSocket> {
    /// Binds a socket to an address. For port 0 the system chooses a free port.
    #[track_caller]
    pub fn bind<A: AsyncToSocketAddrs>(address: A) -> impl Future<Output = io::Result<Self>> {
        let made = Location::caller();
        Located::new(async move {
            let inner = inner::UdpSocket::bind(address).io("bind").await?;
            Ok(Self::wrap(inner, made))
        })
    }
}

packets!(inner::UdpSocket, SocketAddr, AsyncToSocketAddrs);
peeks!(inner::UdpSocket, SocketAddr);

/// The methods of `AsyncReadExt` and `AsyncWriteExt` that move bytes, for a program that does not
/// import the traits.
macro_rules! stream {
    ($inner:ty) => {
        impl Traced<$inner> {
            /// Reads the bytes that have arrived, at most as many as fit. Returns the number of
            /// bytes; 0 at the end of the stream.
            #[track_caller]
            pub fn read<'a>(
                &'a mut self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                AsyncReadExt::read(self, buffer)
            }

            /// Reads until the buffer is full.
            #[track_caller]
            pub fn read_exact<'a>(
                &'a mut self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<()>> + 'a {
                AsyncReadExt::read_exact(self, buffer)
            }

            /// Writes some of the bytes, and returns how many.
            #[track_caller]
            pub fn write<'a>(
                &'a mut self,
                bytes: &'a [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                AsyncWriteExt::write(self, bytes)
            }

            /// Writes all of the bytes.
            #[track_caller]
            pub fn write_all<'a>(
                &'a mut self,
                bytes: &'a [u8],
            ) -> impl Future<Output = io::Result<()>> + 'a {
                AsyncWriteExt::write_all(self, bytes)
            }

            /// Ends one or both directions of the connection.
            pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
                self.io.used(ResourceOp::Closed, 0);
                self.inner.shutdown(how)
            }
        }
    };
}

stream!(inner::TcpStream);
stream!(inner::unix::UnixStream);

/// Conversions from the sockets of smol and the standard library, and into the `Arc` in which
/// smol's socket keeps its file descriptor.
macro_rules! conversions {
    ($($inner:ty, $std:ty;)+) => {$(
        impl From<$inner> for Traced<$inner> {
            #[track_caller]
            fn from(inner: $inner) -> Self {
                Self::wrap(inner, Location::caller())
            }
        }

        impl From<async_io::Async<$std>> for Traced<$inner> {
            #[track_caller]
            fn from(inner: async_io::Async<$std>) -> Self {
                Self::wrap(inner.into(), Location::caller())
            }
        }

        impl From<Async<$std>> for Traced<$inner> {
            #[track_caller]
            fn from(inner: Async<$std>) -> Self {
                Self::wrap(inner.into_smol().into(), Location::caller())
            }
        }

        impl TryFrom<$std> for Traced<$inner> {
            type Error = io::Error;

            #[track_caller]
            fn try_from(inner: $std) -> io::Result<Self> {
                let made = Location::caller();
                Ok(Self::wrap(inner.try_into()?, made))
            }
        }

        impl From<Traced<$inner>> for Arc<async_io::Async<$std>> {
            fn from(socket: Traced<$inner>) -> Self {
                socket.inner.clone().into()
            }
        }
    )+};
}

conversions!(
    inner::TcpListener, std::net::TcpListener;
    inner::TcpStream, std::net::TcpStream;
    inner::UdpSocket, std::net::UdpSocket;
    inner::unix::UnixListener, std::os::unix::net::UnixListener;
    inner::unix::UnixStream, std::os::unix::net::UnixStream;
    inner::unix::UnixDatagram, std::os::unix::net::UnixDatagram;
);

/// The stream of the connections that a listener accepts.
#[must_use = "a stream does nothing until it is polled"]
pub struct Accepting<'a, I> {
    inner: I,
    io: &'a IoTrace,
    in_flight: InFlight,
    made: &'static Location<'static>,
}

impl<'a, I> Accepting<'a, I> {
    fn new(inner: I, io: &'a IoTrace, made: &'static Location<'static>) -> Accepting<'a, I> {
        Accepting {
            inner,
            io,
            in_flight: InFlight::default(),
            made,
        }
    }
}

impl<S, I> Stream for Accepting<'_, I>
where
    I: Stream<Item = io::Result<S>> + Unpin,
    S: IoObject,
{
    type Item = io::Result<Traced<S>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.inner).poll_next(cx);
        let followed =
            this.in_flight
                .follow(polled, this.io.resource(), Location::caller(), this.made);
        let next = ready!(followed);
        if let Some(Ok(_)) = next {
            this.io.used(ResourceOp::Accepted, 1);
        }
        let made = this.made;
        Poll::Ready(next.map(|accepted| accepted.map(|stream| Traced::wrap(stream, made))))
    }
}

impl<I> Drop for Accepting<'_, I> {
    fn drop(&mut self) {
        self.in_flight
            .end(self.io.resource(), ResourceOp::Abandoned);
    }
}

impl<I> fmt::Debug for Accepting<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").finish_non_exhaustive()
    }
}

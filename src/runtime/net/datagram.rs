//! Sockets for single packets.

use std::{future::Future, io, panic::Location, path::Path, sync::Arc};

use smol::{net as inner, net::AsyncToSocketAddrs};

use crate::{
    runtime::{foreign::FutureExt, operation::Operation, resource::Resource},
    trace::{ResourceKind, Verb},
};

use super::{reach, socket};

/// A socket for single packets.
pub struct Datagram<S> {
    pub(super) inner: S,
    resource: Arc<Resource>,
}

impl<S> Datagram<S> {
    fn named(inner: S, name: &str, made: &'static Location<'static>) -> Datagram<S> {
        Datagram {
            inner,
            resource: Arc::new(Resource::named(ResourceKind::Io, 0, made, name)),
        }
    }

    /// An operation; what it says are the bytes.
    async fn recorded<T>(
        &self,
        operation: impl Future<Output = io::Result<T>>,
        made: &'static Location<'static>,
        verb: Verb,
        bytes: fn(&T) -> usize,
    ) -> io::Result<T> {
        let done = Operation::new(&self.resource, operation, made).await?;
        self.resource.used(verb, bytes(&done));
        Ok(done)
    }
}

/// What both kinds can do, whatever their addresses are.
macro_rules! packets {
    ($inner:ty, $address:ty, $($to:tt)+) => {
        impl Datagram<$inner> {
            /// Waits for a packet, and says who sent it.
            #[track_caller]
            pub fn recv_from<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<(usize, $address)>> + 'a {
                let receiving = self.inner.recv_from(buffer);
                self.recorded(receiving, Location::caller(), Verb::Read, |(bytes, _)| *bytes)
            }

            /// Waits for a packet from whom it is connected to.
            #[track_caller]
            pub fn recv<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let receiving = self.inner.recv(buffer);
                self.recorded(receiving, Location::caller(), Verb::Read, |bytes| *bytes)
            }

            /// Sends a packet to an address.
            #[track_caller]
            pub fn send_to<'a, A: $($to)+ + 'a>(
                &'a self,
                bytes: &'a [u8],
                address: A,
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let sending = self.inner.send_to(bytes, address);
                self.recorded(sending, Location::caller(), Verb::Wrote, |bytes| *bytes)
            }

            /// Sends a packet to whom it is connected to.
            #[track_caller]
            pub fn send<'a>(
                &'a self,
                bytes: &'a [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let sending = self.inner.send(bytes);
                self.recorded(sending, Location::caller(), Verb::Wrote, |bytes| *bytes)
            }
        }
    };
}

packets!(inner::UdpSocket, super::SocketAddr, AsyncToSocketAddrs);
packets!(
    inner::unix::UnixDatagram,
    super::unix::SocketAddr,
    AsRef<Path>
);

impl Datagram<inner::UdpSocket> {
    fn wrap(inner: inner::UdpSocket, made: &'static Location<'static>) -> Self {
        let address = inner.local_addr();
        let name = address.map_or_else(
            |_| "UdpSocket".into(),
            |address| format!("UdpSocket {address}"),
        );
        Datagram::named(inner, &name, made)
    }

    /// A socket at an address. Port 0 takes a free one.
    #[track_caller]
    pub fn bind<A: AsyncToSocketAddrs>(address: A) -> impl Future<Output = io::Result<Self>> {
        let made = Location::caller();
        async move {
            let inner = inner::UdpSocket::bind(address).io("bind").await?;
            Ok(Self::wrap(inner, made))
        }
    }

    /// Waits for a packet, says who sent it, and leaves it there.
    #[track_caller]
    pub fn peek_from<'a>(
        &'a self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = io::Result<(usize, super::SocketAddr)>> + 'a {
        Operation::new(
            &self.resource,
            self.inner.peek_from(buffer),
            Location::caller(),
        )
    }

    /// Waits for a packet from whom it is connected to, and leaves it there.
    #[track_caller]
    pub fn peek<'a>(
        &'a self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = io::Result<usize>> + 'a {
        Operation::new(&self.resource, self.inner.peek(buffer), Location::caller())
    }
}

impl Datagram<inner::unix::UnixDatagram> {
    fn wrap(inner: inner::unix::UnixDatagram, made: &'static Location<'static>) -> Self {
        let address = inner.local_addr();
        let path = address.as_ref().ok().and_then(|own| own.as_pathname());
        let name = path.map_or_else(
            || "UnixDatagram".into(),
            |path| format!("UnixDatagram {}", path.display()),
        );
        Datagram::named(inner, &name, made)
    }

    /// A socket at a path.
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<Self> {
        let made = Location::caller();
        Ok(Self::wrap(inner::unix::UnixDatagram::bind(path)?, made))
    }

    /// A socket without an address.
    #[track_caller]
    pub fn unbound() -> io::Result<Self> {
        let made = Location::caller();
        Ok(Self::wrap(inner::unix::UnixDatagram::unbound()?, made))
    }

    /// Two that are connected with each other.
    #[track_caller]
    pub fn pair() -> io::Result<(Self, Self)> {
        let made = Location::caller();
        let (one, other) = inner::unix::UnixDatagram::pair()?;
        Ok((Self::wrap(one, made), Self::wrap(other, made)))
    }
}

reach!(Datagram);
socket!(Datagram, inner::UdpSocket, std::net::UdpSocket);
socket!(
    Datagram,
    inner::unix::UnixDatagram,
    std::os::unix::net::UnixDatagram
);

impl<S: Clone> Clone for Datagram<S> {
    fn clone(&self) -> Self {
        Datagram {
            inner: self.inner.clone(),
            resource: Arc::clone(&self.resource),
        }
    }
}

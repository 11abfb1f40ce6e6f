//! Sockets for single packets.

use std::{future::Future, io, panic::Location, path::Path, sync::Arc};

use smol::{net as inner, net::AsyncToSocketAddrs};

use crate::{
    runtime::{
        executor::resource::Resource,
        io::{
            operation::{Operation, counted},
            packets::{packets, peeks},
        },
        task::FutureExt,
    },
    trace::{ResourceKind, ResourceOp},
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
}

packets!(
    Datagram<inner::UdpSocket>,
    super::SocketAddr,
    AsyncToSocketAddrs
);
peeks!(Datagram<inner::UdpSocket>, super::SocketAddr);
packets!(
    Datagram<inner::unix::UnixDatagram>,
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

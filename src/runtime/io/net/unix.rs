//! Unix sockets: `smol::net::unix`, recorded.
//!
//! ```
//! use loopscope::{future::zip, net::unix::{UnixDatagram, UnixListener, UnixStream}, stream::StreamExt};
//!
//! let folder = std::env::temp_dir().join(format!("loopscope-unix-{}", std::process::id()));
//! std::fs::create_dir_all(&folder).unwrap();
//! loopscope::block_on(async {
//!     let listener = UnixListener::bind(folder.join("stream"))?;
//!     let connecting = UnixStream::connect(folder.join("stream"));
//!     let (client, accepted) = zip(connecting, listener.accept()).await;
//!     let (mut client, mut server) = (client?, accepted?.0);
//!     client.write_all(b"hello").await?;
//!     assert_eq!(server.read(&mut [0; 8]).await?, 5);
//!     let connecting = UnixStream::connect(folder.join("stream"));
//!     let (_, server) = zip(connecting, listener.incoming().next()).await;
//!     assert!(server.is_some_and(|stream| stream.is_ok()));
//!
//!     let receiver = UnixDatagram::bind(folder.join("packets"))?;
//!     UnixDatagram::unbound()?.send_to(b"packet", folder.join("packets")).await?;
//!     assert_eq!(receiver.recv(&mut [0; 8]).await?, 6);
//!
//!     let (mut one, mut other) = UnixStream::pair()?;
//!     one.write_all(b"pair").await?;
//!     other.read_exact(&mut [0; 4]).await?;
//!     let (one, other) = UnixDatagram::pair()?;
//!     one.send(b"pair").await?;
//!     assert_eq!(other.recv_from(&mut [0; 8]).await?.0, 4);
//!     std::io::Result::Ok(())
//! })
//! .unwrap();
//! std::fs::remove_dir_all(&folder).unwrap();
//! ```

use std::{future::Future, io, panic::Location, path::Path};

use async_net::unix as inner;

use crate::{
    runtime::{
        io::sockets::{packets, unix_sockets},
        task::Located,
    },
    trace::{OperationKind, ResourceKind},
};

use super::{Accepting, IoObject, Traced};

pub use async_net::unix::SocketAddr;

/// A Unix socket that accepts connections.
pub type UnixListener = Traced<inner::UnixListener>;

/// A connection between two programs on this machine. A clone is the same connection.
pub type UnixStream = Traced<inner::UnixStream>;

/// A Unix socket for single packets.
pub type UnixDatagram = Traced<inner::UnixDatagram>;

/// The connections that a [`UnixListener`] accepts.
pub type UnixIncoming<'a> = Accepting<'a, inner::Incoming<'a>>;

pub use UnixIncoming as Incoming;

/// A name such as `UnixStream /tmp/socket`; without the path where the socket has none.
fn label(kind: &str, address: io::Result<SocketAddr>) -> String {
    let address = address.ok();
    let path = address.as_ref().and_then(SocketAddr::as_pathname);
    super::label(kind, path.map(Path::display))
}

impl IoObject for inner::UnixListener {
    const KIND: ResourceKind = ResourceKind::Listener;

    fn label(&self) -> String {
        label("UnixListener", self.local_addr())
    }
}

impl IoObject for inner::UnixStream {
    const KIND: ResourceKind = ResourceKind::Stream;

    fn label(&self) -> String {
        label("UnixStream", self.peer_addr())
    }
}

impl IoObject for inner::UnixDatagram {
    const KIND: ResourceKind = ResourceKind::Io;

    fn label(&self) -> String {
        label("UnixDatagram", self.local_addr())
    }
}

unix_sockets!(
    inner::UnixListener,
    inner::UnixStream,
    inner::UnixDatagram,
    SocketAddr
);

impl Traced<inner::UnixListener> {
    /// A stream of incoming connections.
    #[track_caller]
    pub fn incoming(&self) -> UnixIncoming<'_> {
        Accepting::new(self.inner.incoming(), &self.io, Location::caller())
    }
}

//! Unix sockets.

use smol::net::unix as inner;

pub use smol::net::unix::SocketAddr;

use super::{Accepting, Datagram, Listener, Stream};

/// A Unix socket that accepts connections.
pub type UnixListener = Listener<inner::UnixListener>;

/// A connection between two programs on this machine. A clone is the same connection.
pub type UnixStream = Stream<inner::UnixStream>;

/// The connections that a [`UnixListener`] accepts.
pub type Incoming<'a> = Accepting<'a, inner::Incoming<'a>>;

/// A Unix socket for single packets.
pub type UnixDatagram = Datagram<inner::UnixDatagram>;

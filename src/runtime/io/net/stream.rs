//! Connections.

use std::{
    future::Future,
    io,
    panic::Location,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use smol::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net as inner,
    net::AsyncToSocketAddrs,
};

use crate::{
    runtime::{
        executor::resource::Resource,
        io::in_flight::InFlight,
        io::operation::{Operation, follow},
    },
    trace::{ResourceKind, ResourceOp},
};

use super::{reach, socket};

/// A connection. A clone is the same connection.
pub struct Stream<S> {
    pub(super) inner: S,
    resource: Arc<Resource>,
    reading: InFlight,
    writing: InFlight,
    /// Where the operation that goes on was asked for.
    at: &'static Location<'static>,
}

impl<S> Stream<S> {
    pub(super) fn named(inner: S, name: &str, made: &'static Location<'static>) -> Stream<S> {
        let resource = Resource::named(ResourceKind::Stream, 0, made, name);
        Stream::of(inner, Arc::new(resource))
    }

    fn of(inner: S, resource: Arc<Resource>) -> Stream<S> {
        let at = resource.made();
        Stream {
            inner,
            resource,
            reading: InFlight::reading(),
            writing: InFlight::writing(),
            at,
        }
    }

    async fn connected(
        connecting: impl Future<Output = io::Result<S>>,
        made: &'static Location<'static>,
        wrap: fn(S, &'static Location<'static>) -> Stream<S>,
    ) -> io::Result<Stream<S>> {
        let resource = Resource::named(ResourceKind::Io, 0, made, "connect");
        let inner = Operation::new(&resource, connecting, made).await?;
        let stream = wrap(inner, made);
        stream.resource.used(ResourceOp::Connected, 1);
        Ok(stream)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream<S> {
    /// Reads what has come in, at most as much as fits; 0 is the end.
    #[track_caller]
    pub fn read<'a>(
        &'a mut self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = io::Result<usize>> + 'a {
        self.at = Location::caller();
        AsyncReadExt::read(self, buffer)
    }

    /// Reads exactly as much as fits.
    #[track_caller]
    pub fn read_exact<'a>(
        &'a mut self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = io::Result<()>> + 'a {
        self.at = Location::caller();
        AsyncReadExt::read_exact(self, buffer)
    }

    /// Writes some of it, and says how much.
    #[track_caller]
    pub fn write<'a>(
        &'a mut self,
        bytes: &'a [u8],
    ) -> impl Future<Output = io::Result<usize>> + 'a {
        self.at = Location::caller();
        AsyncWriteExt::write(self, bytes)
    }

    /// Writes all of it.
    #[track_caller]
    pub fn write_all<'a>(
        &'a mut self,
        bytes: &'a [u8],
    ) -> impl Future<Output = io::Result<()>> + 'a {
        self.at = Location::caller();
        AsyncWriteExt::write_all(self, bytes)
    }
}

impl Stream<inner::TcpStream> {
    pub(super) fn wrap(inner: inner::TcpStream, made: &'static Location<'static>) -> Self {
        let name = inner
            .peer_addr()
            .map_or_else(|_| "TcpStream".into(), |peer| format!("TcpStream {peer}"));
        Stream::named(inner, &name, made)
    }

    /// Connects to an address.
    #[track_caller]
    pub fn connect<A: AsyncToSocketAddrs>(address: A) -> impl Future<Output = io::Result<Self>> {
        let connecting = inner::TcpStream::connect(address);
        Stream::connected(
            connecting,
            Location::caller(),
            Stream::<inner::TcpStream>::wrap,
        )
    }

    /// Ends one or both directions.
    pub fn shutdown(&self, how: super::Shutdown) -> io::Result<()> {
        self.resource.used(ResourceOp::Closed, 0);
        self.inner.shutdown(how)
    }
}

impl Stream<inner::unix::UnixStream> {
    pub(super) fn wrap(inner: inner::unix::UnixStream, made: &'static Location<'static>) -> Self {
        let address = inner.peer_addr();
        let path = address.as_ref().ok().and_then(|peer| peer.as_pathname());
        let name = path.map_or_else(
            || "UnixStream".into(),
            |path| format!("UnixStream {}", path.display()),
        );
        Stream::named(inner, &name, made)
    }

    /// Connects to a path.
    #[track_caller]
    pub fn connect<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<Self>> {
        let connecting = inner::unix::UnixStream::connect(path);
        let wrap = Stream::<inner::unix::UnixStream>::wrap;
        Stream::connected(connecting, Location::caller(), wrap)
    }

    /// Two that are connected with each other.
    #[track_caller]
    pub fn pair() -> io::Result<(Self, Self)> {
        let made = Location::caller();
        let (one, other) = inner::unix::UnixStream::pair()?;
        Ok((Self::wrap(one, made), Self::wrap(other, made)))
    }

    /// Ends one or both directions.
    pub fn shutdown(&self, how: super::Shutdown) -> io::Result<()> {
        self.resource.used(ResourceOp::Closed, 0);
        self.inner.shutdown(how)
    }
}

reach!(Stream);
socket!(Stream, inner::TcpStream, std::net::TcpStream);
socket!(
    Stream,
    inner::unix::UnixStream,
    std::os::unix::net::UnixStream
);

impl<S: Clone> Clone for Stream<S> {
    fn clone(&self) -> Self {
        Stream::of(self.inner.clone(), Arc::clone(&self.resource))
    }
}

impl<S> Drop for Stream<S> {
    fn drop(&mut self) {
        self.reading.end(&self.resource, ResourceOp::Abandoned);
        self.writing.end(&self.resource, ResourceOp::Abandoned);
    }
}

impl<S> Stream<S> {
    /// What came of an operation; the bytes are counted.
    #[inline]
    fn done(&mut self, polled: Poll<io::Result<usize>>, op: ResourceOp) -> Poll<io::Result<usize>> {
        let in_flight = match op {
            ResourceOp::Read => &self.reading,
            _ => &self.writing,
        };
        let bytes = ready!(follow(polled, in_flight, &self.resource, self.at))?;
        self.resource.used(op, bytes);
        // The next one may be asked for in another way, that does not say where.
        self.at = self.resource.made();
        Poll::Ready(Ok(bytes))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stream<S> {
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

impl<S: AsyncWrite + Unpin> AsyncWrite for Stream<S> {
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
        self.resource.used(ResourceOp::Closed, 0);
        Pin::new(&mut self.inner).poll_close(cx)
    }
}

//! TCP on smol's sockets, recorded.

use std::{
    cell::Cell,
    fmt,
    future::Future,
    io,
    net::{Shutdown, SocketAddr},
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use smol::{
    io::{AsyncRead, AsyncWrite},
    net as inner,
    net::AsyncToSocketAddrs,
};

use crate::trace::{ResourceKind, Verb, Wait};

use super::{
    core,
    foreign::{FutureExt, InFlight},
    resource::Resource,
};

/// A socket that accepts connections.
pub struct TcpListener {
    inner: inner::TcpListener,
    resource: Resource,
}

impl TcpListener {
    /// Listens at an address. Port 0 takes a free one.
    #[track_caller]
    pub fn bind<A: AsyncToSocketAddrs>(
        address: A,
    ) -> impl Future<Output = io::Result<TcpListener>> {
        let made = Location::caller();
        async move {
            let inner = inner::TcpListener::bind(address).io("bind").await?;
            let name = inner
                .local_addr()
                .map_or_else(|_| "listener".into(), |address| address.to_string());
            Ok(TcpListener {
                inner,
                resource: Resource::named(ResourceKind::Listener, 0, made, &name),
            })
        }
    }

    /// The address that it listens at.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    /// Waits for a connection.
    #[track_caller]
    pub fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> {
        let made = Location::caller();
        async move {
            let accepting = Operation::new(&self.resource, self.inner.accept(), made);
            let (stream, peer) = accepting.await?;
            self.resource.used(Verb::Accepted, 1);
            Ok((TcpStream::new(stream, peer, made), peer))
        }
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Drop for TcpListener {
    fn drop(&mut self) {
        self.resource.used(Verb::Closed, 0);
    }
}

/// An operation on a socket that takes a future of its own.
struct Operation<'a, F> {
    future: Pin<Box<F>>,
    resource: &'a Resource,
    in_flight: InFlight,
    made: &'static Location<'static>,
}

impl<'a, F: Future> Operation<'a, F> {
    fn new(
        resource: &'a Resource,
        future: F,
        made: &'static Location<'static>,
    ) -> Operation<'a, F> {
        Operation {
            future: Box::pin(future),
            resource,
            in_flight: InFlight::default(),
            made,
        }
    }
}

impl<F: Future> Future for Operation<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let polled = this.future.as_mut().poll(cx);
        if polled.is_pending() {
            core::with(|core| this.in_flight.begin(core, this.resource));
            this.resource
                .wait_made(Wait::Operation, this.made, this.made);
        } else {
            this.in_flight.end(this.resource, Verb::Ended);
        }
        polled
    }
}

impl<F> Drop for Operation<'_, F> {
    fn drop(&mut self) {
        self.in_flight.end(self.resource, Verb::Abandoned);
    }
}

/// A connection. A clone is the same connection.
pub struct TcpStream {
    inner: inner::TcpStream,
    resource: Arc<Resource>,
    reading: InFlight,
    writing: InFlight,
    /// Where the operation that goes on was asked for.
    at: Cell<&'static Location<'static>>,
}

impl TcpStream {
    fn new(
        inner: inner::TcpStream,
        peer: SocketAddr,
        made: &'static Location<'static>,
    ) -> TcpStream {
        let resource = Arc::new(Resource::named(
            ResourceKind::Stream,
            0,
            made,
            &peer.to_string(),
        ));
        TcpStream::of(inner, resource)
    }

    fn of(inner: inner::TcpStream, resource: Arc<Resource>) -> TcpStream {
        let at = Cell::new(resource.made());
        TcpStream {
            inner,
            resource,
            reading: InFlight::default(),
            writing: InFlight::default(),
            at,
        }
    }

    /// Connects to an address.
    #[track_caller]
    pub fn connect<A: AsyncToSocketAddrs>(
        address: A,
    ) -> impl Future<Output = io::Result<TcpStream>> {
        let made = Location::caller();
        async move {
            let connecting = Resource::named(ResourceKind::Io, 0, made, "connect");
            let inner =
                Operation::new(&connecting, inner::TcpStream::connect(address), made).await?;
            let peer = inner.peer_addr()?;
            let stream = TcpStream::new(inner, peer, made);
            stream.resource.used(Verb::Connected, 1);
            Ok(stream)
        }
    }

    /// This end's address.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    /// The other end's address.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.peer_addr()
    }

    /// Ends one or both directions.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.resource.used(Verb::Closed, 0);
        self.inner.shutdown(how)
    }

    /// Whether small writes are sent at once.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.inner.set_nodelay(nodelay)
    }

    /// Reads what has come in, at most as much as fits; 0 is the end.
    #[track_caller]
    pub fn read<'a>(
        &'a mut self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = io::Result<usize>> + 'a {
        self.at.set(Location::caller());
        smol::io::AsyncReadExt::read(self, buffer)
    }

    /// Reads exactly as much as fits.
    #[track_caller]
    pub fn read_exact<'a>(
        &'a mut self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = io::Result<()>> + 'a {
        self.at.set(Location::caller());
        smol::io::AsyncReadExt::read_exact(self, buffer)
    }

    /// Writes all of it.
    #[track_caller]
    pub fn write_all<'a>(
        &'a mut self,
        bytes: &'a [u8],
    ) -> impl Future<Output = io::Result<()>> + 'a {
        self.at.set(Location::caller());
        smol::io::AsyncWriteExt::write_all(self, bytes)
    }
}

impl Clone for TcpStream {
    fn clone(&self) -> Self {
        TcpStream::of(self.inner.clone(), Arc::clone(&self.resource))
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Drop for TcpStream {
    fn drop(&mut self) {
        self.reading.end(&self.resource, Verb::Abandoned);
        self.writing.end(&self.resource, Verb::Abandoned);
    }
}

/// Says that an operation goes on, or that it is over.
#[inline]
fn follow<T>(
    polled: Poll<T>,
    in_flight: &mut InFlight,
    resource: &Resource,
    at: &'static Location<'static>,
) -> Poll<T> {
    if polled.is_pending() {
        core::with(|core| in_flight.begin(core, resource));
        resource.wait_made(Wait::Operation, at, at);
    } else {
        in_flight.end(resource, Verb::Ended);
    }
    polled
}

impl AsyncRead for TcpStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.inner).poll_read(cx, buf);
        let read = ready!(follow(
            polled,
            &mut this.reading,
            &this.resource,
            this.at.get()
        ))?;
        this.resource.used(Verb::Read, read);
        Poll::Ready(Ok(read))
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.inner).poll_write(cx, buf);
        let wrote = ready!(follow(
            polled,
            &mut this.writing,
            &this.resource,
            this.at.get()
        ))?;
        this.resource.used(Verb::Wrote, wrote);
        Poll::Ready(Ok(wrote))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_close(cx)
    }
}

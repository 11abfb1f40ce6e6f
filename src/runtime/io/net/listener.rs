//! Sockets that accept connections.

use std::{
    fmt,
    future::Future,
    io,
    panic::Location,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use smol::{net as inner, net::AsyncToSocketAddrs, stream};

use crate::{
    runtime::{
        executor::resource::Resource,
        io::in_flight::InFlight,
        io::operation::{Operation, follow},
        task::FutureExt,
    },
    trace::{ResourceKind, ResourceOp},
};

use super::{Stream, reach, socket};

/// A socket that accepts connections.
pub struct Listener<L> {
    pub(super) inner: L,
    resource: Arc<Resource>,
}

impl<L> Listener<L> {
    fn named(inner: L, name: &str, made: &'static Location<'static>) -> Listener<L> {
        Listener {
            inner,
            resource: Arc::new(Resource::named(ResourceKind::Listener, 0, made, name)),
        }
    }

    async fn accepted<S, A>(
        &self,
        accepting: impl Future<Output = io::Result<(S, A)>>,
        made: &'static Location<'static>,
        wrap: fn(S, &'static Location<'static>) -> Stream<S>,
    ) -> io::Result<(Stream<S>, A)> {
        let (stream, peer) = Operation::new(&self.resource, accepting, made).await?;
        self.resource.used(ResourceOp::Accepted, 1);
        Ok((wrap(stream, made), peer))
    }

    fn accepting<I>(&self, inner: I, made: &'static Location<'static>) -> Accepting<'_, I> {
        Accepting {
            inner,
            resource: &self.resource,
            in_flight: InFlight::default(),
            made,
        }
    }
}

impl Listener<inner::TcpListener> {
    fn wrap(inner: inner::TcpListener, made: &'static Location<'static>) -> Self {
        let name = inner.local_addr().map_or_else(
            |_| "TcpListener".into(),
            |address| format!("TcpListener {address}"),
        );
        Listener::named(inner, &name, made)
    }

    /// Listens at an address. Port 0 takes a free one.
    #[track_caller]
    pub fn bind<A: AsyncToSocketAddrs>(address: A) -> impl Future<Output = io::Result<Self>> {
        let made = Location::caller();
        async move {
            let inner = inner::TcpListener::bind(address).io("bind").await?;
            Ok(Self::wrap(inner, made))
        }
    }

    /// Waits for a connection.
    #[track_caller]
    pub fn accept(
        &self,
    ) -> impl Future<Output = io::Result<(super::TcpStream, super::SocketAddr)>> + '_ {
        let wrap = Stream::<inner::TcpStream>::wrap;
        self.accepted(self.inner.accept(), Location::caller(), wrap)
    }

    /// The connections that come in, as a stream.
    #[track_caller]
    pub fn incoming(&self) -> super::Incoming<'_> {
        self.accepting(self.inner.incoming(), Location::caller())
    }
}

impl Listener<inner::unix::UnixListener> {
    fn wrap(inner: inner::unix::UnixListener, made: &'static Location<'static>) -> Self {
        let address = inner.local_addr();
        let path = address.as_ref().ok().and_then(|own| own.as_pathname());
        let name = path.map_or_else(
            || "UnixListener".into(),
            |path| format!("UnixListener {}", path.display()),
        );
        Listener::named(inner, &name, made)
    }

    /// Listens at a path.
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<Self> {
        let made = Location::caller();
        Ok(Self::wrap(inner::unix::UnixListener::bind(path)?, made))
    }

    /// Waits for a connection.
    #[track_caller]
    pub fn accept(
        &self,
    ) -> impl Future<Output = io::Result<(super::unix::UnixStream, super::unix::SocketAddr)>> + '_
    {
        let wrap = Stream::<inner::unix::UnixStream>::wrap;
        self.accepted(self.inner.accept(), Location::caller(), wrap)
    }

    /// The connections that come in, as a stream.
    #[track_caller]
    pub fn incoming(&self) -> super::unix::Incoming<'_> {
        self.accepting(self.inner.incoming(), Location::caller())
    }
}

reach!(Listener);
socket!(Listener, inner::TcpListener, std::net::TcpListener);
socket!(
    Listener,
    inner::unix::UnixListener,
    std::os::unix::net::UnixListener
);

impl<L: Clone> Clone for Listener<L> {
    fn clone(&self) -> Self {
        Listener {
            inner: self.inner.clone(),
            resource: Arc::clone(&self.resource),
        }
    }
}

impl<L> Drop for Listener<L> {
    fn drop(&mut self) {
        if Arc::strong_count(&self.resource) == 1 {
            self.resource.used(ResourceOp::Closed, 0);
        }
    }
}

/// The connections that a [`Listener`] accepts.
#[must_use = "a stream does nothing until it is asked"]
pub struct Accepting<'a, I> {
    inner: I,
    resource: &'a Resource,
    in_flight: InFlight,
    made: &'static Location<'static>,
}

impl<S, I> stream::Stream for Accepting<'_, I>
where
    I: stream::Stream<Item = io::Result<S>> + Unpin,
    Stream<S>: From<S>,
{
    type Item = io::Result<Stream<S>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.inner).poll_next(cx);
        let next = ready!(follow(polled, &this.in_flight, this.resource, this.made));
        if let Some(Ok(_)) = next {
            this.resource.used(ResourceOp::Accepted, 1);
        }
        Poll::Ready(next.map(|stream| stream.map(Stream::from)))
    }
}

impl<I> Drop for Accepting<'_, I> {
    fn drop(&mut self) {
        self.in_flight.end(self.resource, ResourceOp::Abandoned);
    }
}

impl<I> fmt::Debug for Accepting<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").finish_non_exhaustive()
    }
}

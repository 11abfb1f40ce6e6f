//! Work on smol's pool of threads.

use std::{
    fmt, io,
    ops::{Deref, DerefMut},
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use smol::{
    io::{AsyncRead, AsyncSeek, AsyncWrite},
    stream::Stream,
};

use crate::trace::{ResourceKind, ResourceOp};

use super::operation::follow;
use crate::runtime::{
    executor::{resource::Resource, task_name::short_name},
    io::in_flight::InFlight,
    task::Task,
};

/// Runs a closure on smol's pool of threads, where it may block, and gives its result.
#[track_caller]
pub fn unblock<T, F>(work: F) -> Task<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Task::pool(smol::unblock(work), Location::caller())
}

/// Has a thing that blocks used on the pool of threads: `smol::Unblock`.
///
/// What is not recorded is reached through it ([`Deref`]).
pub struct Unblock<T> {
    inner: smol::Unblock<T>,
    resource: Resource,
    in_flight: InFlight,
}

impl<T> Unblock<T> {
    /// A thing that blocks.
    #[track_caller]
    pub fn new(io: T) -> Unblock<T> {
        Unblock::wrap(smol::Unblock::new(io), Location::caller())
    }

    /// With a buffer of so many bytes or items, instead of 8 MiB or 8192 items.
    #[track_caller]
    pub fn with_capacity(capacity: usize, io: T) -> Unblock<T> {
        Unblock::wrap(
            smol::Unblock::with_capacity(capacity, io),
            Location::caller(),
        )
    }

    fn wrap(inner: smol::Unblock<T>, made: &'static Location<'static>) -> Unblock<T> {
        let name = short_name(std::any::type_name::<T>()).unwrap_or("thread pool");
        Unblock {
            inner,
            resource: Resource::named(ResourceKind::Pool, 0, made, name),
            in_flight: InFlight::default(),
        }
    }

    /// Takes it back out, once nothing is under way any more.
    pub async fn into_inner(self) -> T {
        self.in_flight.end(&self.resource, ResourceOp::Ended);
        self.inner.into_inner().await
    }

    fn follow<R>(&self, polled: Poll<R>) -> Poll<R> {
        let made = self.resource.made();
        follow(polled, &self.in_flight, &self.resource, made)
    }
}

impl<T> Deref for Unblock<T> {
    type Target = smol::Unblock<T>;

    fn deref(&self) -> &smol::Unblock<T> {
        &self.inner
    }
}

impl<T> DerefMut for Unblock<T> {
    fn deref_mut(&mut self) -> &mut smol::Unblock<T> {
        &mut self.inner
    }
}

impl<T: fmt::Debug> fmt::Debug for Unblock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> Stream for Unblock<T>
where
    smol::Unblock<T>: Stream + Unpin,
{
    type Item = <smol::Unblock<T> as Stream>::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.inner).poll_next(cx);
        self.follow(polled)
    }
}

impl<T> AsyncRead for Unblock<T>
where
    smol::Unblock<T>: AsyncRead + Unpin,
{
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        self.follow(polled)
    }
}

impl<T> AsyncWrite for Unblock<T>
where
    smol::Unblock<T>: AsyncWrite + Unpin,
{
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.follow(polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(cx);
        self.follow(polled)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_close(cx);
        self.follow(polled)
    }
}

impl<T> AsyncSeek for Unblock<T>
where
    smol::Unblock<T>: AsyncSeek + Unpin,
{
    fn poll_seek(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        position: io::SeekFrom,
    ) -> Poll<io::Result<u64>> {
        let polled = Pin::new(&mut self.inner).poll_seek(cx, position);
        self.follow(polled)
    }
}

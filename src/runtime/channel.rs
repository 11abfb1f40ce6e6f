//! Channels between tasks: `smol::channel` (async-channel), recorded.
//!
//! Waiting senders and receivers are served first in, first out.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

pub use async_channel::{RecvError, SendError, TryRecvError, TrySendError};
use pin_project_lite::pin_project;
use smol::stream::Stream;

use crate::trace::{ResourceKind, Verb, Wait};

use super::resource::Resource;

/// A channel that holds at most `capacity` messages; senders wait for room.
///
/// # Panics
///
/// If `capacity` is 0.
#[track_caller]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let resource = Resource::new(ResourceKind::Channel, capacity, Location::caller());
    ends(async_channel::bounded(capacity), resource)
}

/// A channel without a limit; senders never wait.
#[track_caller]
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    ends(async_channel::unbounded(), Resource::new(ResourceKind::Channel, 0, Location::caller()))
}

/// As [`bounded`], or [`unbounded`] for a capacity of 0, with a name for the picture.
#[track_caller]
pub fn named<T>(name: &str, capacity: usize) -> (Sender<T>, Receiver<T>) {
    let resource = Resource::new(ResourceKind::Channel, capacity, Location::caller()).named(name);
    let channel = if capacity == 0 { async_channel::unbounded() } else { async_channel::bounded(capacity) };
    ends(channel, resource)
}

fn ends<T>(
    (sender, receiver): (async_channel::Sender<T>, async_channel::Receiver<T>),
    resource: Resource,
) -> (Sender<T>, Receiver<T>) {
    let resource = Arc::new(resource);
    let sender = Sender { inner: sender, resource: Arc::clone(&resource) };
    (sender, Receiver { inner: receiver, resource })
}

/// The end of a channel that messages are put into.
pub struct Sender<T> {
    inner: async_channel::Sender<T>,
    resource: Arc<Resource>,
}

impl<T> Sender<T> {
    /// Puts a message into the channel; waits while it is full.
    #[track_caller]
    pub fn send(&self, message: T) -> Send<'_, T> {
        Send {
            inner: self.inner.send(message),
            channel: &self.inner,
            resource: &self.resource,
            made: Location::caller(),
        }
    }

    /// Puts a message into the channel, if there is room now.
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        let likely = has_room(&self.inner);
        if likely {
            self.resource.used(Verb::Sent, self.inner.len() + 1);
        }
        let result = self.inner.try_send(message);
        if result.is_ok() && !likely {
            self.resource.used(Verb::Sent, self.inner.len());
        }
        result
    }

    /// Closes the channel for both ends. Messages that are in it can still be received.
    pub fn close(&self) -> bool {
        self.resource.used(Verb::Closed, self.inner.len());
        self.inner.close()
    }

    /// Whether it was closed, or all receivers are gone.
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// How many messages are in the channel.
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether no message is in the channel.
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// Whether a sender would have to wait.
    pub fn is_full(&self) -> bool {
        self.inner.is_full()
    }

    /// How many messages it holds at most.
    pub fn capacity(&self) -> Option<usize> {
        self.inner.capacity()
    }
}

fn has_room<T>(channel: &async_channel::Sender<T>) -> bool {
    !channel.is_full() && !channel.is_closed()
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender { inner: self.inner.clone(), resource: Arc::clone(&self.resource) }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if self.inner.sender_count() == 1 && !self.inner.is_closed() {
            self.resource.used(Verb::Closed, self.inner.len());
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("len", &self.len()).finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of [`Sender::send`].
    #[must_use = "a future does nothing until it is awaited"]
    pub struct Send<'a, T> {
        #[pin]
        inner: async_channel::Send<'a, T>,
        channel: &'a async_channel::Sender<T>,
        resource: &'a Resource,
        made: &'static Location<'static>,
    }
}

impl<T> fmt::Debug for Send<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Send").finish_non_exhaustive()
    }
}

impl<T> Future for Send<'_, T> {
    type Output = Result<(), SendError<T>>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // Said first, so that the trace has the message before the wake that it causes.
        let likely = has_room(this.channel);
        if likely {
            this.resource.used(Verb::Sent, this.channel.len() + 1);
        }
        let polled = this.inner.poll(cx);
        match &polled {
            Poll::Pending => this.resource.wait_made(Wait::Send, Location::caller(), this.made),
            Poll::Ready(Ok(())) if !likely => this.resource.used(Verb::Sent, this.channel.len()),
            Poll::Ready(_) => {}
        }
        polled
    }
}

pin_project! {
    /// The end of a channel that messages come out of. It is a stream of them, too.
    pub struct Receiver<T> {
        #[pin]
        inner: async_channel::Receiver<T>,
        resource: Arc<Resource>,
    }
}

impl<T> Receiver<T> {
    /// Takes a message out of the channel; waits while it is empty.
    #[track_caller]
    pub fn recv(&self) -> Recv<'_, T> {
        Recv {
            inner: self.inner.recv(),
            channel: &self.inner,
            resource: &self.resource,
            made: Location::caller(),
        }
    }

    /// Takes a message out, if there is one now.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let likely = !self.inner.is_empty();
        if likely {
            self.resource.used(Verb::Received, self.inner.len() - 1);
        }
        self.inner.try_recv()
    }

    /// Closes the channel for both ends. Messages that are in it can still be received.
    pub fn close(&self) -> bool {
        self.resource.used(Verb::Closed, self.inner.len());
        self.inner.close()
    }

    /// Whether it was closed, or all senders are gone.
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// How many messages are in the channel.
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether no message is in the channel.
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// How many messages it holds at most.
    pub fn capacity(&self) -> Option<usize> {
        self.inner.capacity()
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Receiver { inner: self.inner.clone(), resource: Arc::clone(&self.resource) }
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    #[track_caller]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.project();
        let before = this.inner.len();
        if before > 0 {
            this.resource.used(Verb::Received, before - 1);
        }
        let polled = this.inner.poll_next(cx);
        if polled.is_pending() {
            this.resource.wait(Wait::Receive, Location::caller());
        }
        polled
    }
}

pin_project! {
    /// The future of [`Receiver::recv`].
    #[must_use = "a future does nothing until it is awaited"]
    pub struct Recv<'a, T> {
        #[pin]
        inner: async_channel::Recv<'a, T>,
        channel: &'a async_channel::Receiver<T>,
        resource: &'a Resource,
        made: &'static Location<'static>,
    }
}

impl<T> fmt::Debug for Recv<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recv").finish_non_exhaustive()
    }
}

impl<T> Future for Recv<'_, T> {
    type Output = Result<T, RecvError>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // As for `Send`: first the message, then whom its room wakes.
        let before = this.channel.len();
        if before > 0 {
            this.resource.used(Verb::Received, before - 1);
        }
        let polled = this.inner.poll(cx);
        if polled.is_pending() {
            this.resource.wait_made(Wait::Receive, Location::caller(), this.made);
        }
        polled
    }
}

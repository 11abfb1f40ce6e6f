//! Channels between tasks: `smol::channel`, recorded.
//!
//! The messages lie in an async-channel. Who waits stands in a queue of our own and is served first in, first out, as in
//! `asyncio.Queue`: async-channel passes a wake on when a receiver finds its message at once, and the receiver that was
//! woken for nothing then stands at the end of the queue.

mod weak;

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

pub use async_channel::{RecvError, SendError, TryRecvError, TrySendError};
use futures_core::FusedStream;
use smol::{future::block_on, stream::Stream};

use crate::trace::{ResourceKind, Verb, Wait};

pub use weak::{Closed, WeakReceiver, WeakSender};

use super::{
    resource::Resource,
    waiters::{Ticket, Waiters},
};

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
    ends(
        async_channel::unbounded(),
        Resource::new(ResourceKind::Channel, 0, Location::caller()),
    )
}

/// As [`bounded`], or [`unbounded`] for a capacity of 0, with a name for the picture.
#[track_caller]
pub fn named<T>(name: &str, capacity: usize) -> (Sender<T>, Receiver<T>) {
    let resource = Resource::named(ResourceKind::Channel, capacity, Location::caller(), name);
    let channel = if capacity == 0 {
        async_channel::unbounded()
    } else {
        async_channel::bounded(capacity)
    };
    ends(channel, resource)
}

fn ends<T>(
    (sender, receiver): (async_channel::Sender<T>, async_channel::Receiver<T>),
    resource: Resource,
) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared {
        sender,
        receiver,
        senders: AtomicUsize::new(1),
        receivers: AtomicUsize::new(1),
        sending: Waiters::default(),
        receiving: Waiters::default(),
        closing: Waiters::default(),
        resource,
    });
    (
        Sender {
            shared: Arc::clone(&shared),
        },
        Receiver {
            shared,
            ticket: Ticket::default(),
        },
    )
}

/// A channel.
struct Shared<T> {
    sender: async_channel::Sender<T>,
    receiver: async_channel::Receiver<T>,
    senders: AtomicUsize,
    receivers: AtomicUsize,
    /// Who waits for room.
    sending: Waiters,
    /// Who waits for a message.
    receiving: Waiters,
    /// Who waits for the end.
    closing: Waiters,
    resource: Resource,
}

impl<T> Shared<T> {
    fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.sender.try_send(message)?;
        self.resource.used_with(Verb::Sent, || self.sender.len());
        self.receiving.wake_next();
        Ok(())
    }

    fn force_send(&self, message: T) -> Result<Option<T>, SendError<T>> {
        let replaced = self.sender.force_send(message)?;
        self.resource.used_with(Verb::Sent, || self.sender.len());
        if replaced.is_none() {
            self.receiving.wake_next();
        }
        Ok(replaced)
    }

    fn try_recv(&self) -> Result<T, TryRecvError> {
        let message = self.receiver.try_recv()?;
        self.resource
            .used_with(Verb::Received, || self.receiver.len());
        self.sending.wake_next();
        Ok(message)
    }

    fn close(&self) -> bool {
        let closed = self.sender.close();
        if closed {
            self.resource
                .used_with(Verb::Closed, || self.receiver.len());
            self.sending.wake_all();
            self.receiving.wake_all();
            self.closing.wake_all();
        }
        closed
    }

    /// A receiver's turn.
    #[track_caller]
    fn poll_recv(
        &self,
        ticket: &mut Ticket,
        cx: &Context<'_>,
        made: &'static Location<'static>,
    ) -> Poll<Result<T, RecvError>> {
        for queued in [false, true] {
            match self.try_recv() {
                Ok(message) => {
                    self.receiving.leave(ticket);
                    return Poll::Ready(Ok(message));
                }
                Err(TryRecvError::Closed) => {
                    self.receiving.leave(ticket);
                    return Poll::Ready(Err(RecvError));
                }
                // Once more after standing in the queue: another thread may have sent meanwhile.
                Err(TryRecvError::Empty) if !queued => self.receiving.stand(ticket, cx.waker()),
                Err(TryRecvError::Empty) => {}
            }
        }
        self.resource
            .wait_made(Wait::Receive, Location::caller(), made);
        Poll::Pending
    }

    /// A sender's turn. The message is taken out when it is sent, or when there is nobody to send it to.
    #[track_caller]
    fn poll_send(
        &self,
        message: &mut Option<T>,
        ticket: &mut Ticket,
        cx: &Context<'_>,
        made: &'static Location<'static>,
    ) -> Poll<Result<(), SendError<T>>> {
        for queued in [false, true] {
            let Some(now) = message.take() else {
                return Poll::Ready(Ok(()));
            };
            match self.try_send(now) {
                Ok(()) => {
                    self.sending.leave(ticket);
                    return Poll::Ready(Ok(()));
                }
                Err(TrySendError::Closed(message)) => {
                    self.sending.leave(ticket);
                    return Poll::Ready(Err(SendError(message)));
                }
                Err(TrySendError::Full(back)) => {
                    *message = Some(back);
                    if !queued {
                        self.sending.stand(ticket, cx.waker());
                    }
                }
            }
        }
        self.resource
            .wait_made(Wait::Send, Location::caller(), made);
        Poll::Pending
    }
}

/// The end of a channel that messages are put into.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Sender<T> {
    /// Puts a message into the channel; waits while it is full.
    #[track_caller]
    pub fn send(&self, message: T) -> Send<'_, T> {
        let (ticket, made) = (Ticket::default(), Location::caller());
        Send {
            shared: &self.shared,
            message: Some(message),
            ticket,
            made,
        }
    }

    /// Puts a message into the channel, if there is room now.
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.shared.try_send(message)
    }

    /// Closes the channel for both ends. Messages that are in it can still be received.
    pub fn close(&self) -> bool {
        self.shared.close()
    }

    /// Whether it was closed, or all receivers are gone.
    pub fn is_closed(&self) -> bool {
        self.shared.sender.is_closed()
    }

    /// How many messages are in the channel.
    pub fn len(&self) -> usize {
        self.shared.sender.len()
    }

    /// Whether no message is in the channel.
    pub fn is_empty(&self) -> bool {
        self.shared.sender.is_empty()
    }

    /// Puts a message into the channel; blocks the thread while it is full. Not for tasks.
    pub fn send_blocking(&self, message: T) -> Result<(), SendError<T>> {
        block_on(self.send(message))
    }

    /// Puts a message into the channel in any case: if it is full, in place of the oldest one, which is returned.
    pub fn force_send(&self, message: T) -> Result<Option<T>, SendError<T>> {
        self.shared.force_send(message)
    }

    /// Waits until the channel is closed.
    #[track_caller]
    pub fn closed(&self) -> Closed<'_, T> {
        Closed {
            shared: &self.shared,
            ticket: Ticket::default(),
            made: Location::caller(),
        }
    }

    /// Whether a sender would have to wait.
    pub fn is_full(&self) -> bool {
        self.shared.sender.is_full()
    }

    /// How many senders there are.
    pub fn sender_count(&self) -> usize {
        self.shared.senders.load(Ordering::SeqCst)
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.shared.receivers.load(Ordering::SeqCst)
    }

    /// An end that does not keep the channel open.
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Whether the other one sends into the same channel.
    pub fn same_channel(&self, other: &Sender<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// How many messages it holds at most.
    pub fn capacity(&self) -> Option<usize> {
        self.shared.sender.capacity()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.senders.fetch_add(1, Ordering::Relaxed);
        Sender {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if self.shared.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.shared.close();
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// The future of [`Sender::send`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Send<'a, T> {
    shared: &'a Shared<T>,
    message: Option<T>,
    ticket: Ticket,
    made: &'static Location<'static>,
}

impl<T> Unpin for Send<'_, T> {}

impl<T> fmt::Debug for Send<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Send").finish_non_exhaustive()
    }
}

impl<T> Future for Send<'_, T> {
    type Output = Result<(), SendError<T>>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.shared
            .poll_send(&mut this.message, &mut this.ticket, cx, this.made)
    }
}

impl<T> Drop for Send<'_, T> {
    fn drop(&mut self) {
        self.shared
            .sending
            .give_up(&mut self.ticket, || !self.shared.sender.is_full());
    }
}

/// The end of a channel that messages come out of. It is a stream of them, too.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    /// Where it stands in the queue when it is used as a stream.
    ticket: Ticket,
}

impl<T> Receiver<T> {
    /// Takes a message out of the channel; waits while it is empty.
    #[track_caller]
    pub fn recv(&self) -> Recv<'_, T> {
        Recv {
            shared: &self.shared,
            ticket: Ticket::default(),
            made: Location::caller(),
        }
    }

    /// Takes a message out, if there is one now.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.shared.try_recv()
    }

    /// Closes the channel for both ends. Messages that are in it can still be received.
    pub fn close(&self) -> bool {
        self.shared.close()
    }

    /// Whether it was closed, or all senders are gone.
    pub fn is_closed(&self) -> bool {
        self.shared.receiver.is_closed()
    }

    /// How many messages are in the channel.
    pub fn len(&self) -> usize {
        self.shared.receiver.len()
    }

    /// Whether no message is in the channel.
    pub fn is_empty(&self) -> bool {
        self.shared.receiver.is_empty()
    }

    /// How many messages it holds at most.
    pub fn capacity(&self) -> Option<usize> {
        self.shared.receiver.capacity()
    }

    /// Takes a message out of the channel; blocks the thread while it is empty. Not for tasks.
    pub fn recv_blocking(&self) -> Result<T, RecvError> {
        block_on(self.recv())
    }

    /// Whether a sender would have to wait.
    pub fn is_full(&self) -> bool {
        self.shared.receiver.is_full()
    }

    /// How many senders there are.
    pub fn sender_count(&self) -> usize {
        self.shared.senders.load(Ordering::SeqCst)
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.shared.receivers.load(Ordering::SeqCst)
    }

    /// An end that does not keep the channel open.
    pub fn downgrade(&self) -> WeakReceiver<T> {
        WeakReceiver {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Whether the other one receives from the same channel.
    pub fn same_channel(&self, other: &Receiver<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared.receivers.fetch_add(1, Ordering::Relaxed);
        Receiver {
            shared: Arc::clone(&self.shared),
            ticket: Ticket::default(),
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared
            .receiving
            .give_up(&mut self.ticket, || !self.shared.receiver.is_empty());
        if self.shared.receivers.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.shared.close();
        }
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    #[track_caller]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        let made = this.shared.resource.made();
        this.shared
            .poll_recv(&mut this.ticket, cx, made)
            .map(Result::ok)
    }
}

impl<T> FusedStream for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.is_closed() && self.is_empty()
    }
}

/// The future of [`Receiver::recv`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Recv<'a, T> {
    shared: &'a Shared<T>,
    ticket: Ticket,
    made: &'static Location<'static>,
}

impl<T> fmt::Debug for Recv<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recv").finish_non_exhaustive()
    }
}

impl<T> Future for Recv<'_, T> {
    type Output = Result<T, RecvError>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.shared.poll_recv(&mut this.ticket, cx, this.made)
    }
}

impl<T> Drop for Recv<'_, T> {
    fn drop(&mut self) {
        self.shared
            .receiving
            .give_up(&mut self.ticket, || !self.shared.receiver.is_empty());
    }
}

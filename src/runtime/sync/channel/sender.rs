//! The end of a channel that messages are put into.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
};

use smol::future::block_on;

use super::{ChannelInner, Closed, SendError, Ticket, TrySendError, WeakSender};

/// The end of a channel that messages are put into.
pub struct Sender<T> {
    pub(super) shared: Arc<ChannelInner<T>>,
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
    shared: &'a ChannelInner<T>,
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
            .cancel(&mut self.ticket, || !self.shared.sender.is_full());
    }
}

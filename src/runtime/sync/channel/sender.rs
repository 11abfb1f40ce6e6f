//! The sending end of a channel.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
};

use crate::{
    runtime::{
        executor::{resource::note_unpolled, thread_loop::block_here},
        sync::wait_queue::Ticket,
    },
    trace::Wait,
};

use super::{
    SendError, TrySendError,
    inner::{ChannelInner, add_end},
};

/// The sending end of a channel. The channel is closed when the last sender is dropped.
///
/// ```
/// use loopscope::channel::bounded;
///
/// let (sender, receiver) = bounded(1);
/// assert!(sender.try_send(1).is_ok() && sender.is_full());
/// assert!(sender.try_send(2).is_err());
/// assert_eq!(sender.force_send(3), Ok(Some(1))); // replaces the oldest message
/// assert_eq!((sender.len(), sender.is_empty(), sender.capacity()), (1, false, Some(1)));
///
/// let weak = sender.downgrade();
/// let other = weak.upgrade().unwrap();
/// assert!(other.same_channel(&sender));
/// assert_eq!((sender.sender_count(), sender.receiver_count()), (2, 1));
///
/// assert_eq!(receiver.recv_blocking(), Ok(3));
/// assert_eq!(other.send_blocking(4), Ok(()));
/// assert!(sender.close() && other.is_closed());
/// loopscope::block_on(sender.closed());
/// assert!(weak.upgrade().is_none());
/// ```
pub struct Sender<T> {
    pub(super) shared: Arc<ChannelInner<T>>,
}

impl<T> Sender<T> {
    /// Puts a message into the channel. Waits while the channel is full.
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

    /// Puts a message into the channel, unless the channel is full.
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.shared.try_send(message)
    }

    /// Closes the channel for both ends. Messages that are in the channel can still be received.
    /// Returns `false` if the channel was closed already.
    pub fn close(&self) -> bool {
        self.shared.close()
    }

    /// Whether the channel was closed or all receivers are gone.
    pub fn is_closed(&self) -> bool {
        self.shared.queue.is_closed()
    }

    /// How many messages are in the channel.
    pub fn len(&self) -> usize {
        self.shared.queue.len()
    }

    /// Whether no message is in the channel.
    pub fn is_empty(&self) -> bool {
        self.shared.queue.len() == 0
    }

    /// Puts a message into the channel. Blocks the thread while the channel is full. Not for tasks.
    #[track_caller]
    pub fn send_blocking(&self, message: T) -> Result<(), SendError<T>> {
        block_here("send_blocking", self.send(message))
    }

    /// Puts a message into the channel even if the channel is full. In that case the message
    /// replaces the oldest one, which is returned.
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
        self.shared.queue.is_full()
    }

    /// How many senders there are.
    pub fn sender_count(&self) -> usize {
        self.shared.senders.load(Ordering::SeqCst)
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.shared.receivers.load(Ordering::SeqCst)
    }

    /// A sender that does not keep the channel open.
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Whether both senders belong to the same channel.
    pub fn same_channel(&self, other: &Sender<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// How many messages the channel holds at most; `None` if it has no limit.
    pub fn capacity(&self) -> Option<usize> {
        self.shared.queue.capacity()
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
        // The first poll takes the message, or queues the ticket.
        if self.message.is_some() && self.ticket.is_idle() {
            note_unpolled("send", self.made);
        }
        self.shared.cancel_send(&mut self.ticket);
    }
}

/// A [`Sender`] that does not keep the channel open.
pub struct WeakSender<T> {
    pub(super) shared: Arc<ChannelInner<T>>,
}

impl<T> WeakSender<T> {
    /// A sender, if one still exists and the channel is open.
    pub fn upgrade(&self) -> Option<Sender<T>> {
        add_end(&self.shared, &self.shared.senders).then(|| Sender {
            shared: Arc::clone(&self.shared),
        })
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        let shared = Arc::clone(&self.shared);
        WeakSender { shared }
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}

/// The future of [`Sender::closed`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Closed<'a, T> {
    pub(super) shared: &'a ChannelInner<T>,
    pub(super) ticket: Ticket,
    pub(super) made: &'static Location<'static>,
}

impl<T> Future for Closed<'_, T> {
    type Output = ();

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let shared = this.shared;
        if shared.queue.poll_closed(&mut this.ticket, cx.waker()) {
            return Poll::Ready(());
        }
        let awaited = Location::caller();
        shared
            .resource
            .wait_queued(Wait::Receive, cx.waker(), awaited, this.made);
        Poll::Pending
    }
}

impl<T> Drop for Closed<'_, T> {
    fn drop(&mut self) {
        self.shared.queue.cancel_closed(&mut self.ticket);
    }
}

impl<T> fmt::Debug for Closed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed").finish_non_exhaustive()
    }
}

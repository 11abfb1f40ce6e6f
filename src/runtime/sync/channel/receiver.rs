//! The receiving end of a channel.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
};

use futures_core::FusedStream;
use futures_lite::stream::Stream;

use crate::runtime::{executor::thread_loop::block_here, sync::wait_queue::Ticket};

use super::{
    RecvError, TryRecvError,
    inner::{ChannelInner, add_end},
};

/// The receiving end of a channel, which is also a stream of the messages. Each message goes to one
/// receiver. The channel is closed when the last receiver is dropped.
///
/// ```
/// use loopscope::{channel::unbounded, stream::StreamExt};
///
/// let (sender, mut receiver) = unbounded();
/// assert!(receiver.try_recv().is_err());
/// for message in 1..4 {
///     sender.try_send(message).unwrap();
/// }
/// assert_eq!((receiver.len(), receiver.is_full(), receiver.capacity()), (3, false, None));
///
/// let weak = receiver.downgrade();
/// let other = weak.upgrade().unwrap();
/// assert!(other.same_channel(&receiver));
/// assert_eq!((receiver.receiver_count(), receiver.sender_count()), (2, 1));
///
/// assert_eq!(other.recv_blocking(), Ok(1));
/// assert!(receiver.close() && sender.is_closed());
/// loopscope::block_on(async {
///     assert_eq!(receiver.next().await, Some(2)); // what is in the channel still comes out
///     assert_eq!(receiver.recv().await, Ok(3));
///     assert_eq!(receiver.next().await, None);
/// });
/// assert!(receiver.is_closed() && receiver.is_empty());
/// ```
pub struct Receiver<T> {
    pub(super) shared: Arc<ChannelInner<T>>,
    /// The receiver's place in the wait queue while it is used as a stream.
    pub(super) ticket: Ticket,
}

impl<T> Receiver<T> {
    /// Takes a message out of the channel. Waits while the channel is empty.
    #[track_caller]
    pub fn recv(&self) -> Recv<'_, T> {
        Recv {
            shared: &self.shared,
            ticket: Ticket::default(),
            made: Location::caller(),
        }
    }

    /// Takes a message out of the channel, unless the channel is empty.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.shared.try_recv()
    }

    /// Closes the channel for both ends. Messages that are in the channel can still be received.
    /// Returns `false` if the channel was closed already.
    pub fn close(&self) -> bool {
        self.shared.close()
    }

    /// Whether the channel was closed or all senders are gone.
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

    /// How many messages the channel holds at most; `None` if it has no limit.
    pub fn capacity(&self) -> Option<usize> {
        self.shared.queue.capacity()
    }

    /// Takes a message out of the channel. Blocks the thread while the channel is empty. Not for
    /// tasks.
    #[track_caller]
    pub fn recv_blocking(&self) -> Result<T, RecvError> {
        block_here("recv_blocking", self.recv())
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

    /// A receiver that does not keep the channel open.
    pub fn downgrade(&self) -> WeakReceiver<T> {
        WeakReceiver {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Whether both receivers belong to the same channel.
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
        self.shared.cancel_recv(&mut self.ticket);
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
    shared: &'a ChannelInner<T>,
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
        self.shared.cancel_recv(&mut self.ticket);
    }
}

/// A [`Receiver`] that does not keep the channel open.
pub struct WeakReceiver<T> {
    pub(super) shared: Arc<ChannelInner<T>>,
}

impl<T> WeakReceiver<T> {
    /// A receiver, if one still exists and the channel is open.
    pub fn upgrade(&self) -> Option<Receiver<T>> {
        add_end(&self.shared, &self.shared.receivers).then(|| Receiver {
            shared: Arc::clone(&self.shared),
            ticket: Ticket::default(),
        })
    }
}

impl<T> Clone for WeakReceiver<T> {
    fn clone(&self) -> Self {
        let shared = Arc::clone(&self.shared);
        WeakReceiver { shared }
    }
}

impl<T> fmt::Debug for WeakReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakReceiver").finish_non_exhaustive()
    }
}

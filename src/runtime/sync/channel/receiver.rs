//! The end of a channel that messages come out of.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
};

use futures_core::FusedStream;
use smol::{future::block_on, stream::Stream};

use super::{ChannelInner, RecvError, Ticket, TryRecvError, WeakReceiver};

/// The end of a channel that messages come out of. It is a stream of them, too.
pub struct Receiver<T> {
    pub(super) shared: Arc<ChannelInner<T>>,
    /// Where it stands in the queue when it is used as a stream.
    pub(super) ticket: Ticket,
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
            .cancel(&mut self.ticket, || !self.shared.receiver.is_empty());
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
        self.shared
            .receiving
            .cancel(&mut self.ticket, || !self.shared.receiver.is_empty());
    }
}

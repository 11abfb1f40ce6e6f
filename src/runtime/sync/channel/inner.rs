//! What the two ends of a channel share: the messages, the wait queues, and the polls of both
//! sides.

use std::{
    panic::Location,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll},
};

use crate::{
    runtime::{
        executor::resource::Resource,
        sync::waiters::{Ticket, Waiters},
    },
    trace::{ResourceOp, Wait},
};

use super::{RecvError, SendError, TryRecvError, TrySendError};

/// What the two ends of a channel share.
pub(super) struct ChannelInner<T> {
    pub(super) sender: async_channel::Sender<T>,
    pub(super) receiver: async_channel::Receiver<T>,
    /// How many [`Sender`](super::Sender)s exist. The channel is closed when this number or that of
    /// the receivers becomes 0.
    pub(super) senders: AtomicUsize,
    pub(super) receivers: AtomicUsize,
    /// Senders that wait until the channel is not full.
    pub(super) sending: Waiters,
    /// Receivers that wait for a message.
    pub(super) receiving: Waiters,
    /// Senders that wait for the channel to be closed.
    pub(super) closing: Waiters,
    pub(super) resource: Resource,
}

impl<T> ChannelInner<T> {
    pub(super) fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.sender.try_send(message)?;
        self.resource
            .used_with(ResourceOp::Sent, || self.sender.len());
        self.receiving.wake_next();
        Ok(())
    }

    pub(super) fn force_send(&self, message: T) -> Result<Option<T>, SendError<T>> {
        let replaced = self.sender.force_send(message)?;
        self.resource
            .used_with(ResourceOp::Sent, || self.sender.len());
        // A message that replaces another one does not change the number of messages, so no further
        // receiver is woken.
        if replaced.is_none() {
            self.receiving.wake_next();
        }
        Ok(replaced)
    }

    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        let message = self.receiver.try_recv()?;
        self.resource
            .used_with(ResourceOp::Received, || self.receiver.len());
        self.sending.wake_next();
        Ok(message)
    }

    pub(super) fn close(&self) -> bool {
        let closed = self.sender.close();
        if closed {
            self.resource
                .used_with(ResourceOp::Closed, || self.receiver.len());
            self.sending.wake_all();
            self.receiving.wake_all();
            self.closing.wake_all();
        }
        closed
    }

    /// Polls a receiver: takes a message, or queues the receiver.
    #[track_caller]
    pub(super) fn poll_recv(
        &self,
        ticket: &mut Ticket,
        cx: &Context<'_>,
        made: &'static Location<'static>,
    ) -> Poll<Result<T, RecvError>> {
        for queued in [false, true] {
            match self.try_recv() {
                Ok(message) => {
                    self.receiving.dequeue(ticket);
                    return Poll::Ready(Ok(message));
                }
                Err(TryRecvError::Closed) => {
                    self.receiving.dequeue(ticket);
                    return Poll::Ready(Err(RecvError));
                }
                // Try once more after queueing: another thread may have sent a message between the
                // first try and the queueing, and found no receiver to wake.
                Err(TryRecvError::Empty) if !queued => self.receiving.enqueue(ticket, cx.waker()),
                Err(TryRecvError::Empty) => {}
            }
        }
        self.resource
            .wait_made(Wait::Receive, Location::caller(), made);
        Poll::Pending
    }

    /// Polls a sender: sends its message, or queues the sender. The `Option` is `None` once the
    /// message is sent or returned as an error.
    #[track_caller]
    pub(super) fn poll_send(
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
                    self.sending.dequeue(ticket);
                    return Poll::Ready(Ok(()));
                }
                Err(TrySendError::Closed(message)) => {
                    self.sending.dequeue(ticket);
                    return Poll::Ready(Err(SendError(message)));
                }
                Err(TrySendError::Full(back)) => {
                    *message = Some(back);
                    if !queued {
                        self.sending.enqueue(ticket, cx.waker());
                    }
                }
            }
        }
        self.resource
            .wait_made(Wait::Send, Location::caller(), made);
        Poll::Pending
    }
}

/// Adds one to the count of senders or receivers. Returns `false`, and leaves the count as it is,
/// if the count is 0 or the channel is closed.
pub(super) fn add_end<T>(shared: &ChannelInner<T>, count: &AtomicUsize) -> bool {
    if shared.sender.is_closed() {
        return false;
    }
    count
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
            (count > 0).then_some(count + 1)
        })
        .is_ok()
}

//! What the two ends of a channel share, recorded: the messages, and the polls of both sides.

use std::{
    panic::Location,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll},
};

use crate::{
    runtime::{
        executor::{resource::Resource, waiter::Waiter},
        sync::wait_queue::{Ticket, WakesFuture},
    },
    trace::{ResourceOp, Wait},
};

use super::{
    RecvError, SendError, TryRecvError, TrySendError,
    message_queue::{MessageQueue, Moved},
};

/// What the two ends of a channel share.
pub(super) struct ChannelInner<T> {
    pub(super) queue: MessageQueue<T, Waiter>,
    /// How many [`Sender`](super::Sender)s exist. The channel is closed when this number or that of
    /// the receivers becomes 0.
    pub(super) senders: AtomicUsize,
    pub(super) receivers: AtomicUsize,
    pub(super) resource: Resource,
}

impl<T> ChannelInner<T> {
    /// Records that a message was put in or taken out, and wakes the next waiter for it.
    #[inline]
    fn moved(&self, op: ResourceOp, moved: Moved<Waiter>) {
        match moved.next {
            Some(next) => self.resource.used_for(op, moved.len, next),
            None => self.resource.used(op, moved.len),
        }
    }

    #[inline]
    pub(super) fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        let moved = self.queue.try_send(message)?;
        self.moved(ResourceOp::Sent, moved);
        Ok(())
    }

    pub(super) fn force_send(&self, message: T) -> Result<Option<T>, SendError<T>> {
        let (replaced, moved) = self.queue.force_send(message)?;
        self.moved(ResourceOp::Sent, moved);
        Ok(replaced)
    }

    #[inline]
    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        let (message, moved) = self.queue.try_recv()?;
        self.moved(ResourceOp::Received, moved);
        Ok(message)
    }

    pub(super) fn close(&self) -> bool {
        let closed = self.queue.close();
        if let Some(closed) = closed {
            self.resource.used(ResourceOp::Closed, closed.len);
            closed.wake();
            return true;
        }
        false
    }

    /// Polls a receiver: takes a message, or queues the receiver.
    #[inline]
    #[track_caller]
    pub(super) fn poll_recv(
        &self,
        ticket: &mut Ticket,
        cx: &Context<'_>,
        made: &'static Location<'static>,
    ) -> Poll<Result<T, RecvError>> {
        match self.queue.poll_recv(ticket, cx.waker()) {
            Some(Ok((message, moved))) => {
                self.moved(ResourceOp::Received, moved);
                Poll::Ready(Ok(message))
            }
            Some(Err(error)) => Poll::Ready(Err(error)),
            None => {
                let at = Location::caller();
                self.resource
                    .wait_queued(Wait::Receive, cx.waker(), at, made);
                Poll::Pending
            }
        }
    }

    /// Polls a sender: sends its message, or queues the sender. The `Option` is `None` once the
    /// message is sent or returned as an error.
    #[inline]
    #[track_caller]
    pub(super) fn poll_send(
        &self,
        message: &mut Option<T>,
        ticket: &mut Ticket,
        cx: &Context<'_>,
        made: &'static Location<'static>,
    ) -> Poll<Result<(), SendError<T>>> {
        if message.is_none() {
            return Poll::Ready(Ok(()));
        }
        match self.queue.poll_send(message, ticket, cx.waker()) {
            Some(Ok(moved)) => {
                self.moved(ResourceOp::Sent, moved);
                Poll::Ready(Ok(()))
            }
            Some(Err(error)) => Poll::Ready(Err(error)),
            None => {
                let at = Location::caller();
                self.resource.wait_queued(Wait::Send, cx.waker(), at, made);
                Poll::Pending
            }
        }
    }

    /// Removes a receiver that is dropped from the queue.
    #[inline]
    pub(super) fn cancel_recv(&self, ticket: &mut Ticket) {
        if !ticket.is_idle() {
            self.resource.withdraw(Wait::Receive);
            if let Some(next) = self.queue.cancel_recv(ticket) {
                next.wake();
            }
        }
    }

    /// Removes a sender that is dropped from the queue.
    #[inline]
    pub(super) fn cancel_send(&self, ticket: &mut Ticket) {
        if !ticket.is_idle() {
            self.resource.withdraw(Wait::Send);
            if let Some(next) = self.queue.cancel_send(ticket) {
                next.wake();
            }
        }
    }
}

/// Adds one to the count of senders or receivers. Returns `false`, and leaves the count as it is,
/// if the count is 0 or the channel is closed.
pub(super) fn add_end<T>(shared: &ChannelInner<T>, count: &AtomicUsize) -> bool {
    if shared.queue.is_closed() {
        return false;
    }
    count
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
            (count > 0).then_some(count + 1)
        })
        .is_ok()
}

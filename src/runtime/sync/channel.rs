//! Channels between tasks: `smol::channel`, recorded.
//!
//! The messages lie in an async-channel. Who waits stands in a queue of our own and is served first in, first out, as in
//! `asyncio.Queue`: async-channel passes a wake on when a receiver finds its message at once, and the receiver that was
//! woken for nothing then stands at the end of the queue.

mod receiver;
mod sender;
mod weak;

use std::{
    panic::Location,
    sync::{Arc, atomic::AtomicUsize},
    task::{Context, Poll},
};

pub use async_channel::{RecvError, SendError, TryRecvError, TrySendError};

use crate::trace::{ResourceKind, ResourceOp, Wait};

pub use receiver::{Receiver, Recv};
pub use sender::{Send, Sender};
pub use weak::{Closed, WeakReceiver, WeakSender};

use super::waiters::{Ticket, Waiters};
use crate::runtime::executor::resource::Resource;

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
    let shared = Arc::new(ChannelInner {
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
struct ChannelInner<T> {
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

impl<T> ChannelInner<T> {
    fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.sender.try_send(message)?;
        self.resource
            .used_with(ResourceOp::Sent, || self.sender.len());
        self.receiving.wake_next();
        Ok(())
    }

    fn force_send(&self, message: T) -> Result<Option<T>, SendError<T>> {
        let replaced = self.sender.force_send(message)?;
        self.resource
            .used_with(ResourceOp::Sent, || self.sender.len());
        if replaced.is_none() {
            self.receiving.wake_next();
        }
        Ok(replaced)
    }

    fn try_recv(&self) -> Result<T, TryRecvError> {
        let message = self.receiver.try_recv()?;
        self.resource
            .used_with(ResourceOp::Received, || self.receiver.len());
        self.sending.wake_next();
        Ok(message)
    }

    fn close(&self) -> bool {
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
                    self.receiving.dequeue(ticket);
                    return Poll::Ready(Ok(message));
                }
                Err(TryRecvError::Closed) => {
                    self.receiving.dequeue(ticket);
                    return Poll::Ready(Err(RecvError));
                }
                // Once more after standing in the queue: another thread may have sent meanwhile.
                Err(TryRecvError::Empty) if !queued => self.receiving.enqueue(ticket, cx.waker()),
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

//! Channels between tasks: `smol::channel`, recorded.
//!
//! The messages are in an async-channel; the wait queues are this crate's own. They serve waiters strictly first in,
//! first out, as `asyncio.Queue` does. async-channel does not: a receiver that finds a message at once takes it from the
//! receiver that was woken for it, which then has to wait again, behind all others.

mod receiver;
mod sender;

use std::{
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

pub use async_channel::{RecvError, SendError, TryRecvError, TrySendError};

use crate::trace::{ResourceKind, ResourceOp, Wait};

pub use receiver::{Receiver, Recv, WeakReceiver};
pub use sender::{Closed, Send, Sender, WeakSender};

use super::waiters::{Ticket, Waiters};
use crate::runtime::executor::resource::Resource;

/// A channel that holds at most `capacity` messages. Senders wait while it is full.
///
/// ```
/// use loopscope::{channel::bounded, spawn};
///
/// loopscope::block_on(async {
///     let (sender, receiver) = bounded(2);
///     let producer = spawn(async move {
///         for number in 0..5 {
///             sender.send(number).await?; // waits after two of them
///         }
///         Ok::<_, loopscope::channel::SendError<u32>>(())
///     });
///     let mut sum = 0;
///     while let Ok(number) = receiver.recv().await {
///         sum += number;
///     }
///     assert_eq!((sum, producer.await), (10, Ok(())));
/// });
/// ```
///
/// # Panics
///
/// If `capacity` is 0.
#[track_caller]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let resource = Resource::new(ResourceKind::Channel, capacity, Location::caller());
    ends(async_channel::bounded(capacity), resource)
}

/// A channel without a limit. Senders never wait.
///
/// ```
/// let (sender, receiver) = loopscope::channel::unbounded();
/// assert_eq!(sender.try_send("a message"), Ok(()));
/// assert_eq!(loopscope::block_on(receiver.recv()), Ok("a message"));
/// ```
#[track_caller]
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    ends(
        async_channel::unbounded(),
        Resource::new(ResourceKind::Channel, 0, Location::caller()),
    )
}

/// Like [`bounded`], or like [`unbounded`] for a capacity of 0, with a name in the trace.
///
/// ```
/// let (jobs, _workers) = loopscope::channel::named::<u32>("jobs", 8);
/// assert_eq!(jobs.capacity(), Some(8));
/// ```
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

/// Counts one more sender or receiver, unless there is none any longer or the channel is closed.
fn add_end<T>(shared: &ChannelInner<T>, count: &AtomicUsize) -> bool {
    if shared.sender.is_closed() {
        return false;
    }
    count
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
            (count > 0).then_some(count + 1)
        })
        .is_ok()
}

/// What the two ends of a channel share.
struct ChannelInner<T> {
    sender: async_channel::Sender<T>,
    receiver: async_channel::Receiver<T>,
    /// How many [`Sender`]s exist. The channel is closed when this, or `receivers`, becomes 0.
    senders: AtomicUsize,
    receivers: AtomicUsize,
    /// Senders that wait until the channel is not full.
    sending: Waiters,
    /// Receivers that wait for a message.
    receiving: Waiters,
    /// Senders that wait for the channel to be closed.
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

    /// Polls a receiver: takes a message, or queues the receiver.
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
                // Look once more after queueing: another thread may have sent a message in between.
                Err(TryRecvError::Empty) if !queued => self.receiving.enqueue(ticket, cx.waker()),
                Err(TryRecvError::Empty) => {}
            }
        }
        self.resource
            .wait_made(Wait::Receive, Location::caller(), made);
        Poll::Pending
    }

    /// Polls a sender: sends its message, or queues the sender. The message is taken out of the `Option` once it is sent
    /// or returned as an error.
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

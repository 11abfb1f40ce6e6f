//! Channels between tasks: `smol::channel`, recorded.
//!
//! The messages are in an async-channel; the wait queues are this crate's own. They wake waiters
//! first in, first out, as `asyncio.Queue` does. A message is not reserved for the receiver that it
//! woke: another receiver that is polled first may take the message. The woken receiver then waits
//! again, at the end of the queue. The same applies to senders and free capacity.

mod inner;
mod receiver;
mod sender;

use std::{
    panic::Location,
    sync::{Arc, atomic::AtomicUsize},
};

pub use async_channel::{RecvError, SendError, TryRecvError, TrySendError};

pub use receiver::{Receiver, Recv, WeakReceiver};
pub use sender::{Closed, Send, Sender, WeakSender};

use crate::{runtime::executor::resource::Resource, trace::ResourceKind};

use super::waiters::{Ticket, Waiters};

use inner::ChannelInner;

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

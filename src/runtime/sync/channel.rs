//! Channels between tasks: `smol::channel`, recorded.
//!
//! The errors are those of async-channel; the queue is this crate's own. It wakes waiters first in,
//! first out, as `asyncio.Queue` does: a run on the virtual clock then has one order only, and the
//! trace shows which waiter is next. `message_queue` says what is kept and what is promised.

mod inner;
mod message_queue;
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

use super::wait_queue::Ticket;

use inner::ChannelInner;
use message_queue::MessageQueue;

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
    assert!(capacity > 0, "capacity cannot be zero");
    ends(Some(capacity), resource)
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
        None,
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
    ends((capacity > 0).then_some(capacity), resource)
}

fn ends<T>(capacity: Option<usize>, resource: Resource) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(ChannelInner {
        queue: MessageQueue::new(capacity),
        senders: AtomicUsize::new(1),
        receivers: AtomicUsize::new(1),
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

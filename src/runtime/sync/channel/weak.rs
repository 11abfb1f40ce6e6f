//! Ends that do not keep a channel open, and waiting for its end.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use crate::{runtime::sync::waiters::Ticket, trace::Wait};

use super::{ChannelInner, Receiver, Sender};

/// A [`Sender`] that does not keep the channel open.
pub struct WeakSender<T> {
    pub(super) shared: Arc<ChannelInner<T>>,
}

/// A [`Receiver`] that does not keep the channel open.
pub struct WeakReceiver<T> {
    pub(super) shared: Arc<ChannelInner<T>>,
}

/// Counts one more, if there are any and the channel is open.
fn join<T>(shared: &ChannelInner<T>, count: &AtomicUsize) -> bool {
    if shared.sender.is_closed() {
        return false;
    }
    count
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
            (count > 0).then_some(count + 1)
        })
        .is_ok()
}

impl<T> WeakSender<T> {
    /// A sender, if there still is one.
    pub fn upgrade(&self) -> Option<Sender<T>> {
        join(&self.shared, &self.shared.senders).then(|| Sender {
            shared: Arc::clone(&self.shared),
        })
    }
}

impl<T> WeakReceiver<T> {
    /// A receiver, if there still is one.
    pub fn upgrade(&self) -> Option<Receiver<T>> {
        join(&self.shared, &self.shared.receivers).then(|| Receiver {
            shared: Arc::clone(&self.shared),
            ticket: Ticket::default(),
        })
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        let shared = Arc::clone(&self.shared);
        WeakSender { shared }
    }
}

impl<T> Clone for WeakReceiver<T> {
    fn clone(&self) -> Self {
        let shared = Arc::clone(&self.shared);
        WeakReceiver { shared }
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WeakReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakReceiver").finish_non_exhaustive()
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
        if !shared.sender.is_closed() {
            shared.closing.enqueue(&mut this.ticket, cx.waker());
        }
        // Another thread may have closed it meanwhile.
        if shared.sender.is_closed() {
            shared.closing.dequeue(&mut this.ticket);
            return Poll::Ready(());
        }
        let awaited = Location::caller();
        shared.resource.wait_made(Wait::Receive, awaited, this.made);
        Poll::Pending
    }
}

impl<T> Drop for Closed<'_, T> {
    fn drop(&mut self) {
        self.shared.closing.dequeue(&mut self.ticket);
    }
}

impl<T> fmt::Debug for Closed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed").finish_non_exhaustive()
    }
}

//! A point that a number of tasks pass together.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{
    runtime::{
        executor::{resource::Resource, thread_loop::block_here},
        sync::wait_queue::Ticket,
    },
    trace::{ResourceKind, ResourceOp, Wait},
};

use super::barrier_queue::{BarrierPoll, BarrierQueue};

/// A point that a number of tasks pass together: `smol::lock::Barrier`.
///
/// ```
/// use loopscope::{lock::Barrier, spawn};
/// use std::sync::Arc;
///
/// loopscope::block_on(async {
///     let barrier = Arc::new(Barrier::named("start", 2));
///     let other = spawn({
///         let barrier = Arc::clone(&barrier);
///         async move { barrier.wait().await.is_leader() }
///     });
///     // The last one to arrive is the leader.
///     assert!(barrier.wait().await.is_leader() != other.await);
/// });
/// ```
pub struct Barrier {
    queue: BarrierQueue,
    resource: Resource,
}

impl Barrier {
    /// A barrier that opens when `size` futures have arrived.
    #[track_caller]
    pub const fn new(size: usize) -> Barrier {
        Barrier {
            queue: BarrierQueue::new(size),
            resource: Resource::later(ResourceKind::Barrier, size, Location::caller()),
        }
    }

    /// Like [`Barrier::new`], with a name for the trace.
    #[track_caller]
    pub fn named(name: &str, size: usize) -> Barrier {
        Barrier {
            queue: BarrierQueue::new(size),
            resource: Resource::named(ResourceKind::Barrier, size, Location::caller(), name),
        }
    }

    /// Arrives at the barrier, and waits until it opens.
    #[track_caller]
    pub fn wait(&self) -> BarrierWait<'_> {
        BarrierWait {
            barrier: self,
            ticket: Ticket::default(),
            made: Location::caller(),
        }
    }

    /// Like [`Barrier::wait`], but blocks the thread. Not for tasks.
    pub fn wait_blocking(&self) -> BarrierWaitResult {
        block_here("wait_blocking", self.wait())
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").finish_non_exhaustive()
    }
}

/// The future of [`Barrier::wait`].
#[must_use = "a future does nothing until it is awaited"]
pub struct BarrierWait<'a> {
    barrier: &'a Barrier,
    ticket: Ticket,
    made: &'static Location<'static>,
}

impl Future for BarrierWait<'_> {
    type Output = BarrierWaitResult;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<BarrierWaitResult> {
        let this = &mut *self;
        let Barrier { queue, resource } = this.barrier;
        match queue.poll(&mut this.ticket, cx.waker()) {
            BarrierPoll::Leads(waiting) => {
                resource.used(ResourceOp::Set, 0);
                waiting.wake();
                return Poll::Ready(BarrierWaitResult { is_leader: true });
            }
            BarrierPoll::Passes => return Poll::Ready(BarrierWaitResult { is_leader: false }),
            BarrierPoll::Arrived(number) => resource.used(ResourceOp::Entered, number),
            BarrierPoll::Waits => {}
        }
        resource.wait_made(Wait::Acquire, Location::caller(), this.made);
        Poll::Pending
    }
}

impl Drop for BarrierWait<'_> {
    fn drop(&mut self) {
        if !self.ticket.is_idle() {
            self.barrier.resource.withdraw(Wait::Acquire);
        }
        self.barrier.queue.cancel(&mut self.ticket);
    }
}

impl fmt::Debug for BarrierWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarrierWait").finish_non_exhaustive()
    }
}

/// The result of [`Barrier::wait`].
#[derive(Clone, Debug)]
pub struct BarrierWaitResult {
    is_leader: bool,
}

impl BarrierWaitResult {
    /// Whether this future was the last to arrive. There is one leader each time the barrier opens.
    pub fn is_leader(&self) -> bool {
        self.is_leader
    }
}

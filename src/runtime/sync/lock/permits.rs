//! Permits, recorded: the common part of a semaphore and a mutex. A mutex has a single permit.

use std::{
    panic::Location,
    task::{Context, Poll},
};

use crate::{
    runtime::{
        executor::resource::{Resource, note_unpolled},
        sync::wait_queue::Ticket,
    },
    trace::{ResourceOp, Wait},
};

use super::permit_queue::PermitQueue;

/// The permits of one lock or semaphore, and its number in the trace.
pub(super) struct Permits {
    queue: PermitQueue,
    resource: Resource,
}

impl Permits {
    pub(super) const fn new(free: usize, resource: Resource) -> Permits {
        Permits {
            queue: PermitQueue::new(free),
            resource,
        }
    }

    /// How many permits no guard holds.
    pub(super) fn unused(&self) -> usize {
        self.queue.unused()
    }

    /// Takes a permit, if one is free.
    #[inline]
    pub(super) fn try_acquire(&self) -> bool {
        let unused = self.queue.try_acquire();
        let is_free = usize::from(unused.is_some());
        self.resource.used(ResourceOp::Tried, is_free);
        unused.inspect(|unused| self.acquired(*unused)).is_some()
    }

    #[inline]
    fn acquired(&self, unused: usize) {
        self.resource.used(ResourceOp::Acquired, unused);
    }

    /// Gives a permit back, and wakes the next waiter for it.
    #[inline]
    pub(super) fn release(&self) {
        let (unused, next) = self.queue.release();
        self.resource.used(ResourceOp::Released, unused);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

/// A request for a permit: the state of a future such as `Mutex::lock`, without the lock itself.
pub(super) struct PermitRequest {
    ticket: Ticket,
    made: &'static Location<'static>,
    was_polled: bool,
}

impl PermitRequest {
    #[track_caller]
    pub(super) fn new() -> PermitRequest {
        PermitRequest {
            ticket: Ticket::default(),
            made: Location::caller(),
            was_polled: false,
        }
    }

    /// Ready once the permit is held. Until then the caller's task is shown as waiting for it.
    #[inline]
    #[track_caller]
    pub(super) fn poll(&mut self, permits: &Permits, cx: &Context<'_>) -> Poll<()> {
        self.was_polled = true;
        if let Some(unused) = permits.queue.poll(&mut self.ticket, cx.waker()) {
            permits.acquired(unused);
            return Poll::Ready(());
        }
        permits
            .resource
            .wait_made(Wait::Acquire, Location::caller(), self.made);
        Poll::Pending
    }

    /// Leaves the queue. To be called when the future is dropped.
    #[inline]
    pub(super) fn cancel(&mut self, permits: &Permits) {
        if !self.was_polled {
            note_unpolled("lock", self.made);
        }
        if !self.ticket.is_idle() {
            permits.resource.withdraw(Wait::Acquire);
        }
        if let Some(next) = permits.queue.cancel(&mut self.ticket) {
            next.wake();
        }
    }
}

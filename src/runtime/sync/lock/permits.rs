//! Permits and the queue of the tasks that wait for one: the common part of a semaphore and a
//! mutex. A mutex has a single permit.
//!
//! Each permit is in one of three states:
//!
//! ```text
//!            try_acquire                    release
//!    free ─────────────────> held ────────────────────────> reserved
//!     ^                       ^                              │    │
//!     │                       └── poll of the woken waiter ──┘    │
//!     └───────────────────────── the queue is empty ──────────────┘
//! ```
//!
//! * *Free*: any task may take the permit.
//! * *Held*: a guard exists. Held permits are not counted.
//! * *Reserved*: the permit was released while tasks waited, and the first of them was woken for
//!   it. Only that task can take it, in its next poll, so a task that arrives in between cannot
//!   overtake. If the waiter is dropped before that poll, the permit is reserved for the next
//!   waiter, or becomes free.

use std::{
    panic::Location,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use crate::{
    runtime::{
        executor::resource::Resource,
        sync::waiters::{Ticket, Waiters},
    },
    trace::{ResourceOp, Wait},
};

/// The permits of one lock or semaphore. They are served strictly first in, first out.
pub(super) struct Permits {
    count: Mutex<PermitCount>,
    waiting: Waiters,
    resource: Resource,
}

struct PermitCount {
    free: usize,
    reserved: usize,
}

impl Permits {
    pub(super) const fn new(free: usize, resource: Resource) -> Permits {
        Permits {
            count: Mutex::new(PermitCount { free, reserved: 0 }),
            waiting: Waiters::new(),
            resource,
        }
    }

    fn count(&self) -> MutexGuard<'_, PermitCount> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many permits no guard holds.
    pub(super) fn unused(&self) -> usize {
        let count = self.count();
        count.free + count.reserved
    }

    /// Takes a permit, if one is free.
    pub(super) fn try_acquire(&self) -> bool {
        {
            let mut count = self.count();
            if count.free == 0 {
                return false;
            }
            count.free -= 1;
        }
        self.resource
            .used_with(ResourceOp::Acquired, || self.unused());
        true
    }

    /// Gives a permit back.
    pub(super) fn release(&self) {
        self.count().reserved += 1;
        self.resource
            .used_with(ResourceOp::Released, || self.unused());
        self.pass_on();
    }

    /// Wakes the next waiter for a reserved permit. Without a waiter the permit becomes free.
    ///
    /// The count stays locked while the next waiter is looked up, so a waiter that queues itself
    /// later finds the permit free.
    fn pass_on(&self) {
        let next = {
            let mut count = self.count();
            let next = self.waiting.pop_next();
            if next.is_none() {
                count.reserved -= 1;
                count.free += 1;
            }
            next
        };
        if let Some(waker) = next {
            waker.wake();
        }
    }

    fn poll(&self, ticket: &mut Ticket, cx: &Context<'_>) -> Poll<()> {
        // A waiter that was woken takes the permit that is reserved for it.
        if self.waiting.was_woken(ticket) {
            self.waiting.dequeue(ticket);
            self.count().reserved -= 1;
            self.resource
                .used_with(ResourceOp::Acquired, || self.unused());
            return Poll::Ready(());
        }
        if self.take_free(ticket) {
            return Poll::Ready(());
        }
        self.waiting.enqueue(ticket, cx.waker());
        // Another thread may have released a permit between `take_free` and `enqueue`, and found no
        // waiter to wake.
        if self.take_free(ticket) {
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Takes a free permit for a waiter, if there is one, and removes the waiter from the queue.
    ///
    /// The waiter may have been woken since its state was checked: if another thread releases two
    /// permits in a row, the first is reserved for this waiter and the second becomes free. The
    /// waiter then takes the free one, and `cancel` passes the reserved one on.
    fn take_free(&self, ticket: &mut Ticket) -> bool {
        let taken = self.try_acquire();
        if taken {
            self.cancel(ticket);
        }
        taken
    }

    /// Removes a waiter that is dropped. A permit that was reserved for it is passed to the next
    /// waiter.
    fn cancel(&self, ticket: &mut Ticket) {
        let was_reserved = self.waiting.was_woken(ticket);
        self.waiting.dequeue(ticket);
        if was_reserved {
            self.pass_on();
        }
    }
}

/// A request for a permit: the state of a future such as `Mutex::lock`, without the lock itself.
pub(super) struct PermitRequest {
    ticket: Ticket,
    made: &'static Location<'static>,
}

impl PermitRequest {
    #[track_caller]
    pub(super) fn new() -> PermitRequest {
        PermitRequest {
            ticket: Ticket::default(),
            made: Location::caller(),
        }
    }

    /// Ready once the permit is held. Until then the caller's task is shown as waiting for it.
    #[track_caller]
    pub(super) fn poll(&mut self, permits: &Permits, cx: &Context<'_>) -> Poll<()> {
        let polled = permits.poll(&mut self.ticket, cx);
        if polled.is_pending() {
            permits
                .resource
                .wait_made(Wait::Acquire, Location::caller(), self.made);
        }
        polled
    }

    /// Leaves the queue. To be called when the future is dropped.
    pub(super) fn cancel(&mut self, permits: &Permits) {
        permits.cancel(&mut self.ticket);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use crate::trace::ResourceKind;

    use super::*;

    #[test]
    fn a_reserved_permit_is_passed_on_with_a_free_one() {
        let resource = Resource::new(ResourceKind::Semaphore, 2, Location::caller());
        let permits = Permits::new(0, resource);
        let mut ticket = Ticket::default();
        let cx = &Context::from_waker(Waker::noop());
        assert!(permits.poll(&mut ticket, cx).is_pending());
        // Both releases happen after the waiter's next poll has found that it is queued.
        assert!(!permits.waiting.was_woken(&ticket));
        permits.release();
        permits.release();
        assert!(permits.take_free(&mut ticket));
        assert!(permits.try_acquire(), "the reserved permit is lost");
        assert_eq!(permits.unused(), 0);
    }
}

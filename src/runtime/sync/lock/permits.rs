//! Permits, and who waits for one: the heart of the semaphore and of the lock.

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

/// Permits. One that is given back goes to whoever has waited longest, who takes it at its next turn: nobody can overtake.
pub(super) struct Permits {
    count: Mutex<PermitCount>,
    waiting: Waiters,
    resource: Resource,
}

struct PermitCount {
    /// Anybody may take these.
    free: usize,
    /// These were reserved to somebody who was woken and has not run yet.
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

    /// How many are not in use.
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

    pub(super) fn release(&self) {
        // Given to somebody first, and free only if nobody waits.
        self.count().reserved += 1;
        self.resource
            .used_with(ResourceOp::Released, || self.unused());
        self.pass_on();
    }

    /// Waits for a permit in the place of a future that was made at `made`.
    #[track_caller]
    pub(super) fn poll_acquire(
        &self,
        ticket: &mut Ticket,
        cx: &Context<'_>,
        made: &'static Location<'static>,
    ) -> Poll<()> {
        let polled = self.poll(ticket, cx);
        if polled.is_pending() {
            self.resource
                .wait_made(Wait::Acquire, Location::caller(), made);
        }
        polled
    }

    /// Wakes who is to have a permit that was reserved.
    fn pass_on(&self) {
        if !self.waiting.wake_next() {
            let mut count = self.count();
            count.reserved -= 1;
            count.free += 1;
        }
    }

    fn poll(&self, ticket: &mut Ticket, cx: &Context<'_>) -> Poll<()> {
        if self.waiting.was_woken(ticket) {
            self.waiting.dequeue(ticket);
            self.count().reserved -= 1;
            self.resource
                .used_with(ResourceOp::Acquired, || self.unused());
            return Poll::Ready(());
        }
        if self.try_acquire() {
            self.waiting.dequeue(ticket);
            return Poll::Ready(());
        }
        self.waiting.enqueue(ticket, cx.waker());
        Poll::Pending
    }

    /// A waiter goes away. What it was reserved goes to the next one.
    pub(super) fn cancel(&self, ticket: &mut Ticket) {
        let was_reserved = self.waiting.was_woken(ticket);
        self.waiting.dequeue(ticket);
        if was_reserved {
            self.pass_on();
        }
    }
}

/// Waits for a permit.
pub(super) struct Acquiring<'a> {
    permits: &'a Permits,
    ticket: Ticket,
    made: &'static Location<'static>,
}

impl<'a> Acquiring<'a> {
    pub(super) fn new(permits: &'a Permits, made: &'static Location<'static>) -> Acquiring<'a> {
        Acquiring {
            permits,
            ticket: Ticket::default(),
            made,
        }
    }

    #[track_caller]
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.permits.poll_acquire(&mut self.ticket, cx, self.made)
    }
}

impl Drop for Acquiring<'_> {
    fn drop(&mut self) {
        self.permits.cancel(&mut self.ticket);
    }
}

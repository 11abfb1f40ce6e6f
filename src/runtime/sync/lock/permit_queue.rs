//! Permits and the queue of the futures that wait for one.
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
//! * *Free*: any task may take the permit. While a permit is free, nothing waits.
//! * *Held*: a guard exists. Held permits are not counted.
//! * *Reserved*: the permit was released while tasks waited, and the first of them was woken for
//!   it. Only that task can take it, in its next poll, so a task that arrives in between cannot
//!   overtake. If the waiter is dropped before that poll, the permit is reserved for the next
//!   waiter, or becomes free.

use std::task::Waker;

use crate::runtime::sync::{
    guarded::Guarded,
    wait_queue::{Left, Ticket, WaitQueue},
};

/// The permits of one lock or semaphore. They are served strictly first in, first out.
pub(super) struct PermitQueue {
    state: Guarded<PermitState>,
}

struct PermitState {
    free: usize,
    reserved: usize,
    waiting: WaitQueue,
}

impl PermitQueue {
    pub(super) const fn new(free: usize) -> PermitQueue {
        PermitQueue {
            state: Guarded::new(PermitState {
                free,
                reserved: 0,
                waiting: WaitQueue::new(),
            }),
        }
    }

    /// How many permits no guard holds.
    pub(super) fn unused(&self) -> usize {
        self.state.lock().unused()
    }

    /// Takes a permit if one is free. Returns how many are unused then.
    #[inline]
    pub(super) fn try_acquire(&self) -> Option<usize> {
        let mut state = self.state.lock();
        state.free = state.free.checked_sub(1)?;
        Some(state.unused())
    }

    /// Takes a permit if one is free, or reserved for this future; otherwise queues the future.
    /// Returns how many permits are unused then.
    #[inline]
    pub(super) fn poll(&self, ticket: &mut Ticket, waker: &Waker) -> Option<usize> {
        let mut state = self.state.lock();
        if state.waiting.was_woken(ticket) {
            // Nothing to drop: the queue does not have the ticket.
            let _ = state.waiting.leave(ticket);
            state.reserved -= 1;
            return Some(state.unused());
        }
        if let Some(left) = state.free.checked_sub(1) {
            state.free = left;
            return Some(state.unused());
        }
        let old = state.waiting.enqueue(ticket, waker);
        drop(state);
        drop(old);
        None
    }

    /// Gives a permit back: reserves it for the next waiter, whose waker is returned. Returns also
    /// how many permits are unused then.
    #[inline]
    pub(super) fn release(&self) -> (usize, Option<Waker>) {
        let mut state = self.state.lock();
        let next = state.waiting.pop();
        if next.is_some() {
            state.reserved += 1;
        } else {
            state.free += 1;
        }
        (state.unused(), next)
    }

    /// Removes a future that is dropped. A permit that was reserved for it is passed to the next
    /// waiter, whose waker is returned, or becomes free.
    pub(super) fn cancel(&self, ticket: &mut Ticket) -> Option<Waker> {
        // A future that has got its permit, or was never polled, needs no lock.
        if ticket.is_idle() {
            return None;
        }
        let mut state = self.state.lock();
        let left = state.waiting.leave(ticket);
        let mut next = None;
        if matches!(left, Left::Woken) {
            next = state.waiting.pop();
            if next.is_none() {
                state.reserved -= 1;
                state.free += 1;
            }
        }
        drop(state);
        drop(left);
        next
    }
}

impl PermitState {
    fn unused(&self) -> usize {
        self.free + self.reserved
    }
}

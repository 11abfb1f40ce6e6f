//! Wait queues: the wakers of the futures that wait for one thing, first in, first out.
//!
//! A queue has no lock of its own. It is part of a state under a
//! [`Guarded`](super::guarded::Guarded), so that a primitive checks and queues in one step.
//!
//! A future that may have to wait keeps a [`Ticket`]. The ticket and the queue together say which
//! of three states the future is in:
//!
//! ```text
//!              enqueue                     pop, take_all
//!    idle ────────────────> queued ──────────────────────> woken
//!     ^                     │    ^                          │ │
//!     │        leave        │    └─ enqueue (at the end) ───┘ │
//!     ├─────────────────────┘                                 │
//!     └──────────────────────── leave ────────────────────────┘
//! ```
//!
//! * *Idle*: the ticket is empty. The future has not been polled, or it has got what it waited for.
//! * *Queued*: the ticket's number is in the queue, with the waker of the last poll.
//! * *Woken*: the ticket has a number that is no longer in the queue. The future was woken and has
//!   not been polled since. A lock or a semaphore has reserved a permit for it; a channel reserves
//!   nothing.
//!
//! The difference between the last two states matters when a future is dropped. A queued future is
//! removed from the queue, and no other waiter is affected. A woken future has consumed a wake that
//! another waiter would have got: the primitive has to pass that wake on.

use std::{cell::RefCell, collections::VecDeque, task::Waker};

/// A queue of wakers, in the order in which their futures began to wait.
#[derive(Debug, Default)]
pub(in crate::runtime) struct WaitQueue {
    /// Ticket numbers with their wakers. The numbers grow from front to back.
    waiting: VecDeque<(u64, Waker)>,
    last_ticket: u64,
}

/// A future's place in a [`WaitQueue`]: empty while it is idle, a number while it is queued or woken.
#[derive(Debug, Default)]
pub(in crate::runtime) struct Ticket(Option<u64>);

/// The state of a future that has left a queue.
#[derive(Debug)]
#[must_use = "a waker has to be dropped after the lock is released, and a wake passed on"]
pub(in crate::runtime) enum Left {
    /// It did not wait.
    Idle,
    /// It was in the queue, with this waker.
    Queued(#[expect(dead_code, reason = "kept until the lock is released")] Waker),
    /// It had been woken.
    Woken,
}

impl WaitQueue {
    pub(in crate::runtime) const fn new() -> WaitQueue {
        WaitQueue {
            waiting: VecDeque::new(),
            last_ticket: 0,
        }
    }

    /// Puts a future at the end of the queue. If the future is queued already, replaces its waker,
    /// and returns the old one for the caller to drop after the lock is released.
    #[must_use = "the old waker has to be dropped after the lock is released"]
    pub(in crate::runtime) fn enqueue(
        &mut self,
        ticket: &mut Ticket,
        waker: &Waker,
    ) -> Option<Waker> {
        if let Some(index) = ticket.0.and_then(|own| self.index_of(own)) {
            let (_, old) = &mut self.waiting[index];
            return (!old.will_wake(waker)).then(|| std::mem::replace(old, waker.clone()));
        }
        let waker = waker.clone();
        self.last_ticket += 1;
        self.waiting.push_back((self.last_ticket, waker));
        ticket.0 = Some(self.last_ticket);
        None
    }

    /// Makes a future idle, and returns the state that it was in.
    #[inline]
    pub(in crate::runtime) fn leave(&mut self, ticket: &mut Ticket) -> Left {
        let Some(own) = ticket.0.take() else {
            return Left::Idle;
        };
        let entry = self.index_of(own).and_then(|at| self.waiting.remove(at));
        entry.map_or(Left::Woken, |(_, waker)| Left::Queued(waker))
    }

    /// Whether the future was queued and has been woken.
    #[inline]
    pub(in crate::runtime) fn was_woken(&self, ticket: &Ticket) -> bool {
        ticket.0.is_some_and(|own| self.index_of(own).is_none())
    }

    /// Takes the waker of the future that has waited longest, which counts as woken from now on.
    #[inline]
    pub(in crate::runtime) fn pop(&mut self) -> Option<Waker> {
        self.waiting.pop_front().map(|(_, waker)| waker)
    }

    /// Takes all wakers, in order.
    pub(in crate::runtime) fn take_all(&mut self) -> Wakers {
        Wakers(std::mem::take(&mut self.waiting))
    }

    /// The index of a ticket's number in the queue; `None` if its future was woken.
    ///
    /// The numbers grow from front to back, so a number below the first one is not in the queue.
    /// This answers the common case at once: most tickets that are looked up belong to a future
    /// that was at the front and has been woken.
    #[inline]
    fn index_of(&self, own: u64) -> Option<usize> {
        if self.waiting.front().is_none_or(|(first, _)| own < *first) {
            return None;
        }
        self.waiting
            .binary_search_by_key(&own, |(number, _)| *number)
            .ok()
    }
}

impl Ticket {
    /// Whether the future neither waits nor has been woken.
    #[inline]
    pub(in crate::runtime) fn is_idle(&self) -> bool {
        self.0.is_none()
    }
}

/// The wakers that were taken out of a queue, to be called after its lock is released.
#[derive(Debug, Default)]
#[must_use = "the futures wait until they are woken"]
pub(in crate::runtime) struct Wakers(VecDeque<(u64, Waker)>);

impl Wakers {
    pub(in crate::runtime) fn wake(self) {
        for (_, waker) in self.0 {
            waker.wake();
        }
    }
}

/// A queue whose futures are all on one thread.
#[derive(Debug, Default)]
pub(in crate::runtime) struct LocalWaiters {
    queue: RefCell<WaitQueue>,
}

impl LocalWaiters {
    /// Puts a future at the end of the queue. If it is queued already, replaces its waker.
    pub(in crate::runtime) fn enqueue(&self, ticket: &mut Ticket, waker: &Waker) {
        let old = self.queue.borrow_mut().enqueue(ticket, waker);
        // Dropping a foreign waker may do anything, so the queue must not be borrowed.
        drop(old);
    }

    /// Makes a future idle.
    #[inline]
    pub(in crate::runtime) fn leave(&self, ticket: &mut Ticket) {
        if !ticket.is_idle() {
            let left = self.queue.borrow_mut().leave(ticket);
            drop(left);
        }
    }

    /// Wakes all futures, in order.
    pub(in crate::runtime) fn wake_all(&self) {
        let all = self.queue.borrow_mut().take_all();
        all.wake();
    }
}

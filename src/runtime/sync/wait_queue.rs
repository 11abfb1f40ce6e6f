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

/// What a queue keeps of a future that waits, to wake it by.
pub(in crate::runtime) trait WakesFuture {
    /// For a future that is polled with this waker.
    fn of(waker: &Waker) -> Self;
    /// Whether this wakes what the waker wakes.
    fn is_of(&self, waker: &Waker) -> bool;
    fn wake(self);
}

/// A clone of the waker.
impl WakesFuture for Waker {
    fn of(waker: &Waker) -> Waker {
        waker.clone()
    }

    fn is_of(&self, waker: &Waker) -> bool {
        self.will_wake(waker)
    }

    fn wake(self) {
        Waker::wake(self);
    }
}

/// A queue of wakers, in the order in which their futures began to wait.
#[derive(Debug)]
pub(in crate::runtime) struct WaitQueue<W = Waker> {
    /// Ticket numbers with their wakers. The numbers grow from front to back.
    waiting: VecDeque<(u64, W)>,
    last_ticket: u64,
}

impl<W> Default for WaitQueue<W> {
    fn default() -> Self {
        WaitQueue::new()
    }
}

/// A future's place in a [`WaitQueue`]: empty while it is idle, a number while it is queued or woken.
#[derive(Debug, Default)]
pub(in crate::runtime) struct Ticket(Option<u64>);

/// The state of a future that has left a queue.
#[derive(Debug)]
#[must_use = "a waker has to be dropped after the lock is released, and a wake passed on"]
pub(in crate::runtime) enum Left<W = Waker> {
    /// It did not wait.
    Idle,
    /// It was in the queue, with this waker, which is kept until the lock is released.
    Queued(W),
    /// It had been woken.
    Woken,
}

impl<W> WaitQueue<W> {
    pub(in crate::runtime) const fn new() -> WaitQueue<W> {
        WaitQueue {
            waiting: VecDeque::new(),
            last_ticket: 0,
        }
    }

    /// Puts a future at the end of the queue. If the future is queued already, replaces its waker,
    /// and returns the old one for the caller to drop after the lock is released.
    #[must_use = "the old waker has to be dropped after the lock is released"]
    pub(in crate::runtime) fn enqueue(&mut self, ticket: &mut Ticket, waker: &Waker) -> Option<W>
    where
        W: WakesFuture,
    {
        if let Some(index) = ticket.0.and_then(|own| self.index_of(own)) {
            let (_, old) = &mut self.waiting[index];
            return (!old.is_of(waker)).then(|| std::mem::replace(old, W::of(waker)));
        }
        let waker = W::of(waker);
        self.last_ticket += 1;
        self.waiting.push_back((self.last_ticket, waker));
        ticket.0 = Some(self.last_ticket);
        None
    }

    /// Makes a future idle, and returns the state that it was in.
    #[inline]
    pub(in crate::runtime) fn leave(&mut self, ticket: &mut Ticket) -> Left<W> {
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
    pub(in crate::runtime) fn pop(&mut self) -> Option<W> {
        self.waiting.pop_front().map(|(_, waker)| waker)
    }

    /// Takes all wakers, in order.
    pub(in crate::runtime) fn take_all(&mut self) -> Wakers<W> {
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
#[derive(Debug)]
#[must_use = "the futures wait until they are woken"]
pub(in crate::runtime) struct Wakers<W = Waker>(VecDeque<(u64, W)>);

impl<W: WakesFuture> Wakers<W> {
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

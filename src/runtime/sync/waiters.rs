//! Wait queues: the wakers of the futures that wait for one thing, first in, first out.
//!
//! A future that may have to wait keeps a [`Ticket`]. The ticket and the queue together say which
//! of three states the future is in:
//!
//! ```text
//!              enqueue               wake_next, wake_all
//!    idle ────────────────> queued ──────────────────────> woken
//!     ^                     │    ^                          │ │
//!     │   dequeue, cancel   │    └─ enqueue (at the end) ───┘ │
//!     ├─────────────────────┘                                 │
//!     └──────────────────── dequeue, cancel ──────────────────┘
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
//! another waiter would have got: [`Waiters::cancel`] passes that wake on.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Waker,
};

/// A queue of wakers, in the order in which their futures began to wait.
#[derive(Debug, Default)]
pub(in crate::runtime) struct Waiters {
    queue: Mutex<WaitQueue>,
}

#[derive(Debug, Default)]
struct WaitQueue {
    /// Ticket numbers with their wakers. The numbers grow from front to back.
    waiting: VecDeque<(u64, Waker)>,
    last_ticket: u64,
}

/// A future's place in a [`Waiters`]: empty while it is idle, a number while it is queued or woken.
#[derive(Debug, Default)]
pub(in crate::runtime) struct Ticket(Option<u64>);

impl Waiters {
    pub(in crate::runtime) const fn new() -> Waiters {
        Waiters {
            queue: Mutex::new(WaitQueue {
                waiting: VecDeque::new(),
                last_ticket: 0,
            }),
        }
    }

    fn queue(&self) -> MutexGuard<'_, WaitQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a future at the end of the queue. If the future is queued already, replaces its waker.
    pub(in crate::runtime) fn enqueue(&self, ticket: &mut Ticket, waker: &Waker) {
        let mut queue = self.queue();
        let queued = ticket
            .0
            .and_then(|own| queue.waiting.iter_mut().find(|(number, _)| *number == own));
        if let Some((_, old)) = queued {
            if !old.will_wake(waker) {
                let before = std::mem::replace(old, waker.clone());
                // Dropping a foreign waker may do anything, so the queue must not be locked.
                drop(queue);
                drop(before);
            }
        } else {
            queue.last_ticket += 1;
            let own = queue.last_ticket;
            queue.waiting.push_back((own, waker.clone()));
            ticket.0 = Some(own);
        }
    }

    /// Makes a future idle, after it has got what it waited for.
    #[inline]
    pub(in crate::runtime) fn dequeue(&self, ticket: &mut Ticket) {
        if let Some(own) = ticket.0.take() {
            self.queue().remove(own);
        }
    }

    /// Makes a future idle that stops waiting. If the future was woken, and `is_available` says
    /// that the message or the free capacity it was woken for is still there, wakes the next waiter
    /// instead.
    #[inline]
    pub(in crate::runtime) fn cancel(
        &self,
        ticket: &mut Ticket,
        is_available: impl FnOnce() -> bool,
    ) {
        if let Some(own) = ticket.0.take()
            && !self.queue().remove(own)
            && is_available()
        {
            self.wake_next();
        }
    }

    /// Whether the future was queued and has been woken.
    #[inline]
    pub(in crate::runtime) fn was_woken(&self, ticket: &Ticket) -> bool {
        ticket
            .0
            .is_some_and(|own| self.queue().index_of(own).is_none())
    }

    /// Takes the waker of the future that has waited longest, which counts as woken from now on.
    #[inline]
    pub(in crate::runtime) fn pop_next(&self) -> Option<Waker> {
        self.queue().waiting.pop_front().map(|(_, waker)| waker)
    }

    /// Wakes the future that has waited longest, if one waits.
    #[inline]
    pub(in crate::runtime) fn wake_next(&self) {
        if let Some(waker) = self.pop_next() {
            waker.wake();
        }
    }

    /// Wakes all futures, in order. The queue is unlocked before the first wake, because a waker
    /// may call anything.
    pub(in crate::runtime) fn wake_all(&self) {
        let all = std::mem::take(&mut self.queue().waiting);
        for (_, waker) in all {
            waker.wake();
        }
    }
}

impl WaitQueue {
    /// The index of a ticket's number in the queue; `None` if its future was woken.
    ///
    /// The numbers grow from front to back, so a number below the first one is not in the queue.
    /// This answers the common case at once: most tickets that are looked up belong to a future
    /// that was at the front and has been woken.
    fn index_of(&self, own: u64) -> Option<usize> {
        if self.waiting.front().is_none_or(|(first, _)| own < *first) {
            return None;
        }
        self.waiting.iter().position(|(number, _)| *number == own)
    }

    /// Removes a ticket's number. Returns `false` if it was not in the queue.
    fn remove(&mut self, own: u64) -> bool {
        let index = self.index_of(own);
        index.and_then(|index| self.waiting.remove(index)).is_some()
    }
}

//! A queue of wakers, first in, first out.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Waker,
};

/// Who waits, in order.
#[derive(Debug, Default)]
pub(in crate::runtime) struct Waiters {
    queue: Mutex<WaitQueue>,
}

#[derive(Debug, Default)]
struct WaitQueue {
    waiting: VecDeque<(u64, Waker)>,
    last_ticket: u64,
}

/// A place in the queue. One that was woken is not in the queue any more, but still has its ticket.
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

    /// Stands in the queue: where it stood, or at the end.
    pub(in crate::runtime) fn enqueue(&self, ticket: &mut Ticket, waker: &Waker) {
        let mut queue = self.queue();
        let stands = ticket.0.and_then(|own| {
            queue
                .waiting
                .iter_mut()
                .find(|(waiting, _)| *waiting == own)
        });
        if let Some((_, old)) = stands {
            old.clone_from(waker);
        } else {
            queue.last_ticket += 1;
            let own = queue.last_ticket;
            queue.waiting.push_back((own, waker.clone()));
            ticket.0 = Some(own);
        }
    }

    /// Got what it waited for.
    #[inline]
    pub(in crate::runtime) fn dequeue(&self, ticket: &mut Ticket) {
        if let Some(own) = ticket.0.take() {
            self.queue().remove(own);
        }
    }

    /// Does not want it any more. If it was woken for something that is still `there`, the next one is woken for it.
    #[inline]
    pub(in crate::runtime) fn cancel(&self, ticket: &mut Ticket, there: impl FnOnce() -> bool) {
        if let Some(own) = ticket.0.take()
            && !self.queue().remove(own)
            && there()
        {
            self.wake_next();
        }
    }

    /// Whether it stood in the queue and was woken.
    #[inline]
    pub(in crate::runtime) fn was_woken(&self, ticket: &Ticket) -> bool {
        ticket
            .0
            .is_some_and(|own| self.queue().place(own).is_none())
    }

    /// Wakes who has waited longest. False if nobody waits.
    #[inline]
    pub(in crate::runtime) fn wake_next(&self) -> bool {
        let next = self.queue().waiting.pop_front();
        next.map(|(_, waker)| waker.wake()).is_some()
    }

    /// Wakes everybody, in order.
    pub(in crate::runtime) fn wake_all(&self) {
        let all = std::mem::take(&mut self.queue().waiting);
        for (_, waker) in all {
            waker.wake();
        }
    }
}

impl WaitQueue {
    fn place(&self, own: u64) -> Option<usize> {
        // Who asks was mostly woken, and is not in here: tickets grow, so a look at the first tells.
        if self.waiting.front().is_none_or(|(first, _)| own < *first) {
            return None;
        }
        self.waiting.iter().position(|(waiting, _)| *waiting == own)
    }

    fn remove(&mut self, own: u64) -> bool {
        let place = self.place(own);
        place.and_then(|place| self.waiting.remove(place)).is_some()
    }
}

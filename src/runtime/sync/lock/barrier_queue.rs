//! The futures that have arrived at a barrier.

use std::task::Waker;

use crate::runtime::sync::{
    guarded::Guarded,
    wait_queue::{Ticket, WaitQueue, Wakers},
};

/// Counts the futures that arrive, and releases them together.
///
/// The future that completes the number is the leader: it does not wait, and wakes the others. A
/// future that has arrived and is dropped stays counted, as in async-lock.
pub(super) struct BarrierQueue {
    state: Guarded<BarrierState>,
    size: usize,
}

struct BarrierState {
    arrived: usize,
    waiting: WaitQueue,
}

/// The result of a poll.
pub(super) enum BarrierPoll {
    /// The future has arrived, as the one with this number, and waits.
    Arrived(usize),
    /// The future waits.
    Waits,
    /// The future is the last one. The others are released.
    Leads(Wakers),
    /// The barrier was opened.
    Passes,
}

impl BarrierQueue {
    pub(super) const fn new(size: usize) -> BarrierQueue {
        BarrierQueue {
            state: Guarded::new(BarrierState {
                arrived: 0,
                waiting: WaitQueue::new(),
            }),
            size,
        }
    }

    pub(super) fn poll(&self, ticket: &mut Ticket, waker: &Waker) -> BarrierPoll {
        let mut state = self.state.lock();
        if state.waiting.was_woken(ticket) {
            // Nothing to drop: the queue does not have the ticket.
            let _ = state.waiting.leave(ticket);
            return BarrierPoll::Passes;
        }
        let is_new = ticket.is_idle();
        if is_new && state.arrived + 1 >= self.size {
            state.arrived = 0;
            return BarrierPoll::Leads(state.waiting.take_all());
        }
        let old = state.waiting.enqueue(ticket, waker);
        state.arrived += usize::from(is_new);
        let arrived = state.arrived;
        drop(state);
        drop(old);
        if is_new {
            BarrierPoll::Arrived(arrived)
        } else {
            BarrierPoll::Waits
        }
    }

    /// Removes a future that is dropped.
    pub(super) fn cancel(&self, ticket: &mut Ticket) {
        if !ticket.is_idle() {
            let mut state = self.state.lock();
            let left = state.waiting.leave(ticket);
            drop(state);
            drop(left);
        }
    }
}

//! A flag and the queue of the futures that wait until it is set.

use std::task::Waker;

use crate::runtime::sync::{
    guarded::Guarded,
    wait_queue::{Ticket, WaitQueue, Wakers},
};

/// A flag. Setting it releases all waiters at once, and a waiter that was woken stays released even
/// if the flag is cleared before its next poll.
pub(super) struct Flag {
    state: Guarded<FlagState>,
}

struct FlagState {
    set: bool,
    waiting: WaitQueue,
}

impl Flag {
    pub(super) const fn new() -> Flag {
        Flag {
            state: Guarded::new(FlagState {
                set: false,
                waiting: WaitQueue::new(),
            }),
        }
    }

    pub(super) fn is_set(&self) -> bool {
        self.state.lock().set
    }

    /// Sets the flag. Returns the futures that have waited for it.
    pub(super) fn set(&self) -> Wakers {
        let mut state = self.state.lock();
        state.set = true;
        state.waiting.take_all()
    }

    pub(super) fn clear(&self) {
        self.state.lock().set = false;
    }

    /// Whether the future is released; if not, queues it.
    pub(super) fn poll(&self, ticket: &mut Ticket, waker: &Waker) -> bool {
        let mut state = self.state.lock();
        if state.set || state.waiting.was_woken(ticket) {
            let left = state.waiting.leave(ticket);
            drop(state);
            drop(left);
            return true;
        }
        let old = state.waiting.enqueue(ticket, waker);
        drop(state);
        drop(old);
        false
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

//! What the queue of a channel keeps of a future that waits.
//!
//! A waker would be cloned when its future begins to wait, called when a message arrives, and dropped:
//! three calls through a table of functions, two of which change a reference count that other threads
//! may change as well. A future that is polled with the waker of its own task needs none of that: the
//! address of the task is enough, and copying it costs nothing. Timers do the same, see
//! [`WakeTarget`](super::task_key::WakeTarget); but a channel may be used on any thread, so the number
//! of the loop belongs to the address.

use std::task::Waker;

use crate::runtime::sync::wait_queue::WakesFuture;

use super::{
    current_loop::{self, WakeResult},
    task_key::TaskKey,
    waker::{Message, send_to, thread_origin},
};

/// A future that waits.
#[derive(Debug)]
pub(in crate::runtime) enum Waiter {
    /// The future is polled with the waker of its task.
    Task { loop_id: u64, key: TaskKey },
    /// It is polled with another waker: that of a combinator, or of a foreign executor.
    Waker(Waker),
}

impl WakesFuture for Waiter {
    #[inline]
    fn of(waker: &Waker) -> Waiter {
        current_task(waker).unwrap_or_else(|| Waiter::Waker(waker.clone()))
    }

    fn is_of(&self, waker: &Waker) -> bool {
        match (self, current_task(waker)) {
            (
                Waiter::Task { loop_id, key },
                Some(Waiter::Task {
                    loop_id: id,
                    key: of,
                }),
            ) => (*loop_id, *key) == (id, of),
            (Waiter::Waker(own), _) => own.will_wake(waker),
            (Waiter::Task { .. }, _) => false,
        }
    }

    /// Wakes by the routes of [`waker`](super::waker): a task of another thread through the inbox of
    /// its loop.
    fn wake(self) {
        match self {
            Waiter::Waker(waker) => waker.wake(),
            Waiter::Task { loop_id, key } => match current_loop::wake(loop_id, key) {
                WakeResult::Done => {}
                WakeResult::Busy | WakeResult::OtherThread => {
                    send_to(loop_id, Message::WakeTask(key, thread_origin()));
                }
            },
        }
    }
}

/// The task that is being polled on this thread, if it is polled with this waker.
#[inline]
fn current_task(waker: &Waker) -> Option<Waiter> {
    current_loop::with_current(|core| {
        let key = core.sched.try_borrow().ok()?.polled_with(waker)?;
        let loop_id = core.id;
        Some(Waiter::Task { loop_id, key })
    })
    .flatten()
}

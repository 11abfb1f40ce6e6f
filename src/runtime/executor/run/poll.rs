//! Phase 3: polling one entry of the ready queue.
//!
//! 1. Take the entry. Skip it if its key is stale: the task was queued and has ended since.
//! 2. Take waker and body out of the slot, and make the task the current one. The scheduler is not
//!    borrowed from here on, because the task's code will wake, spawn and wait.
//! 3. Poll the future; or, if the task is cancelled, drop it; or call the callback.
//! 4. `Pending`: put waker and body back. Otherwise the task has ended: keep its result, wake what
//!    awaits it, and free the slot if nothing wants the result.

use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    task::{Context, Poll},
    thread,
};

use crate::{
    runtime::executor::{
        output::panic_message,
        scheduler::CurrentTask,
        task_key::{CALLBACK, TaskKey},
        task_slot::{Body, Failure, TaskWaker},
    },
    trace::{Outcome, PollOutcome, TaskId, Wait},
};

use super::EventLoop;

impl EventLoop<'_> {
    /// Polls the entry at the front of the ready queue. Returns whether the limit of events ends the
    /// run.
    #[expect(
        clippy::inline_always,
        reason = "a part of the loop: a call would save and restore the registers of each poll"
    )]
    #[inline(always)]
    pub(super) fn poll_next(&mut self) -> bool {
        let mut guard = self.core.sched.borrow_mut();
        let sched = &mut *guard;
        // 1: the entry, unless its key is stale.
        let Some(key) = sched.ready.pop() else {
            return false;
        };
        let Some(slot) = sched.slots.get_mut(key.slot as usize) else {
            drop(guard);
            return key.slot == CALLBACK && self.call_next();
        };
        if slot.task != key.task || slot.has_ended() {
            return false;
        }
        if slot.cancelled || slot.body.is_none() {
            drop(guard);
            return self.poll_special(key);
        }
        // 2: take what the poll needs. From here on a wake queues the task again.
        let Some(body) = slot.body.take() else {
            return false;
        };
        slot.queued = false;
        let waker = match slot.waker.take() {
            Some(waker) => waker,
            None => sched.new_waker(self.core.id, key, &self.core.inbox.0),
        };
        sched.current = Some(CurrentTask::new(key, &waker.waker));
        sched.recorder.poll_start(TaskId(key.task));
        self.polls_since_reactor += 1;
        drop(guard);
        // 3 and 4.
        let is_full = self.poll(key, body, waker);
        is_full && self.reach_limit()
    }

    /// Polls what most polls are not of: the main task, whose future this loop keeps, or a cancelled
    /// task.
    #[inline(never)]
    fn poll_special(&mut self, key: TaskKey) -> bool {
        let core = self.core;
        let mut guard = core.sched.borrow_mut();
        let sched = &mut *guard;
        let slot = &mut sched.slots[key.slot as usize];
        // A task that is inside of `block_on` further up the stack is polled again after that.
        // Its future is on the stack.
        if slot.body.is_none() && key != self.main_key {
            drop(guard);
            self.deferred.push(key);
            return false;
        }
        slot.queued = false;
        let (waker, body, cancelled) = (slot.waker.take(), slot.body.take(), slot.cancelled);
        let waker = waker.unwrap_or_else(|| sched.new_waker(core.id, key, &core.inbox.0));
        sched.current = Some(CurrentTask::new(key, &waker.waker));
        sched.recorder.poll_start(TaskId(key.task));
        self.polls_since_reactor += 1;
        drop(guard);
        let is_full = if cancelled {
            self.deliver_cancel(key, body, waker)
        } else {
            self.poll_main(key, waker)
        };
        is_full && self.reach_limit()
    }

    /// Ends the run because of the limit of events, unless the main task has ended.
    #[cold]
    fn reach_limit(&mut self) -> bool {
        *self.main_end.get_or_insert(Outcome::Limit) == Outcome::Limit
    }

    /// Polls a task's future. Returns whether the limit of events is reached.
    #[expect(
        clippy::inline_always,
        reason = "a part of the loop: a call would save and restore the registers of each poll"
    )]
    #[inline(always)]
    fn poll(&mut self, key: TaskKey, mut body: Body, waker: Box<TaskWaker>) -> bool {
        let polled = catch_unwind(AssertUnwindSafe(|| {
            body.as_mut().poll(&mut Context::from_waker(&waker.waker))
        }));
        if let Ok(Poll::Pending) = polled {
            return self.suspend(key, Some(body), waker);
        }
        self.end_with(key, Some(body), waker, polled)
    }

    /// The same for the main task.
    fn poll_main(&mut self, key: TaskKey, waker: Box<TaskWaker>) -> bool {
        let main = &mut self.main;
        let polled = catch_unwind(AssertUnwindSafe(|| match main {
            Some(main) => main.as_mut().poll(&mut Context::from_waker(&waker.waker)),
            None => Poll::Ready(()),
        }));
        if let Ok(Poll::Pending) = polled {
            return self.suspend(key, None, waker);
        }
        self.end_with(key, None, waker, polled)
    }

    /// Puts body and waker of a task that is pending back into its slot.
    #[expect(
        clippy::inline_always,
        reason = "a part of the loop: a call would save and restore the registers of each poll"
    )]
    #[inline(always)]
    fn suspend(&self, key: TaskKey, body: Option<Body>, waker: Box<TaskWaker>) -> bool {
        let mut sched = self.core.sched.borrow_mut();
        let sched = &mut *sched;
        let slot = &mut sched.slots[key.slot as usize];
        // Both places are empty since the poll began. An assignment would look whether there is
        // something to drop.
        mem::forget(mem::replace(&mut slot.body, body));
        mem::forget(slot.waker.replace(waker));
        let declared = sched.current.take();
        let (waits, keyed, on) = declared.map_or((0, 0, Wait::Unknown), |task| {
            (task.declared_waits, task.keyed_waits, task.declared_wait)
        });
        slot.declared_waits = waits - keyed;
        if !sched.recorder.on {
            slot.wait.0 = on;
            return false;
        }
        // A task that declared no wait in this poll waits for something unknown to the loop.
        // The wait that it declared in an earlier poll no longer holds.
        if waits == 0 && slot.wait.0 != Wait::Unknown || sched.recorder.uses.is_any() {
            sched.end_uses(key, waits > 0, &self.core.clock);
        }
        sched.recorder.suspend_poll(&self.core.clock)
    }

    /// Ends a task whose poll returned or panicked.
    fn end_with(
        &mut self,
        key: TaskKey,
        mut body: Option<Body>,
        waker: Box<TaskWaker>,
        polled: thread::Result<Poll<()>>,
    ) -> bool {
        let outcome = match polled {
            Ok(_) => PollOutcome::Ready,
            Err(payload) => {
                self.record_panic(&mut body, payload);
                PollOutcome::Panicked
            }
        };
        self.complete_task(key, body, waker, outcome)
    }

    /// The last poll of a cancelled task: drops its future instead of polling it.
    #[cold]
    fn deliver_cancel(
        &mut self,
        key: TaskKey,
        mut body: Option<Body>,
        waker: Box<TaskWaker>,
    ) -> bool {
        self.core
            .sched
            .borrow_mut()
            .recorder
            .write(|writer| writer.cancel_delivered(TaskId(key.task)));
        if self.main_key == key {
            self.main = None;
        }
        fail(&mut body, Failure::Cancelled);
        self.complete_task(key, body, waker, PollOutcome::Cancelled)
    }

    #[cold]
    fn record_panic(&mut self, body: &mut Option<Body>, payload: Box<dyn Any + Send>) {
        let message = panic_message(payload.as_ref());
        self.core
            .sched
            .borrow_mut()
            .recorder
            .write(|writer| writer.failed(&message));
        if body.is_some() {
            fail(body, Failure::Panicked(payload));
        } else {
            self.main_panic = Some(payload);
        }
    }

    /// Ends a task. The waiter for its result is woken before the last poll is recorded as ended,
    /// so that the trace names the task as the cause of that wake.
    #[inline]
    fn complete_task(
        &mut self,
        key: TaskKey,
        body: Option<Body>,
        waker: Box<TaskWaker>,
        outcome: PollOutcome,
    ) -> bool {
        let panicked = outcome == PollOutcome::Panicked;
        if self.main_key == key && self.main_end.is_none() {
            self.main_end = Some(if panicked {
                Outcome::Panicked
            } else {
                Outcome::Finished
            });
            self.wake_outer();
        }
        let mut sched = self.core.sched.borrow_mut();
        let reports_error = sched.current.is_some_and(|current| current.reports_error);
        let outcome = match outcome {
            PollOutcome::Ready if reports_error => PollOutcome::Failed,
            outcome => outcome,
        };
        sched.slots[key.slot as usize].body = body;
        let (joining, has_followers) = sched.end(key.slot);
        if joining.is_some() || has_followers {
            drop(sched);
            if let Some(joining) = joining {
                joining.wake();
            }
            if has_followers {
                self.tell_followers(key.slot, panicked);
            }
            sched = self.core.sched.borrow_mut();
        }
        // Drop the result of a detached task. Its destructor may do anything, so the scheduler must
        // not be borrowed.
        if let Some(unwanted) = sched.reclaim(key.slot) {
            drop(sched);
            drop(catch_unwind(AssertUnwindSafe(|| drop(unwanted))));
            sched = self.core.sched.borrow_mut();
        }
        sched.return_waker(waker);
        sched.unfinished -= 1;
        sched.current = None;
        sched.recorder.end_poll(outcome, &self.core.clock)
    }

    /// Calls the completion callback of a task that has ended, and sends its result to a handle on
    /// another thread.
    #[cold]
    fn tell_followers(&self, number: u32, panicked: bool) {
        let followers = self.core.sched.borrow_mut().take_followers(number);
        if let Some(on_complete) = followers.on_complete {
            on_complete(panicked);
        }
        if let Some((remote, body)) = followers.remote {
            let unwanted = remote.end(body);
            drop(catch_unwind(AssertUnwindSafe(|| drop(unwanted))));
        }
    }

    /// Calls the next callback. Returns whether the limit of events ends the run.
    #[cold]
    fn call_next(&mut self) -> bool {
        self.polls_since_reactor += 1;
        let is_full = self.run_callback();
        is_full && self.reach_limit()
    }

    /// Calls the next callback. Returns whether the limit of events is reached.
    fn run_callback(&self) -> bool {
        let Some((id, callback)) = self.core.sched.borrow_mut().callbacks.pop_front() else {
            return false;
        };
        self.core
            .sched
            .borrow_mut()
            .recorder
            .write(|writer| writer.callback_start(id));
        drop(catch_unwind(AssertUnwindSafe(callback)));
        let now = self.core.clock.now();
        let mut sched = self.core.sched.borrow_mut();
        let took = sched.recorder.stamp(now);
        sched.recorder.write(|writer| writer.callback_end(id, took));
        sched.recorder.is_full()
    }
}

/// Drops a task's future and keeps `end` as its result. A panic in a destructor is caught, so that
/// it does not end the loop.
fn fail(body: &mut Option<Body>, end: Failure) {
    if let Some(body) = body {
        drop(catch_unwind(AssertUnwindSafe(|| body.as_mut().fail(end))));
    }
}

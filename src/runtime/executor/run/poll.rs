//! Phase 3: a task's turn, and its last one.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    task::{Context, Poll},
};

use crate::{
    runtime::executor::{
        output::panic_message,
        scheduler::CurrentTask,
        task_key::{CALLBACK, TaskKey},
        task_slot::{Body, Failure, TaskWaker},
    },
    trace::{LocationId, Outcome, PollOutcome, TaskId, Wait},
};

use super::EventLoop;

impl EventLoop<'_> {
    /// Polls whatever is at the head of the ready queue.
    #[inline]
    pub(super) fn poll_next(&mut self) {
        let taken = {
            let mut sched = self.core.sched.borrow_mut();
            let sched = &mut *sched;
            let Some(TaskKey { slot, task }) = sched.ready.pop_front() else {
                return;
            };
            if slot == CALLBACK {
                None
            } else {
                let Some(task_slot) = sched.slots.get_mut(slot as usize) else {
                    return;
                };
                if task_slot.task != task || task_slot.has_ended() {
                    return;
                }
                task_slot.queued = false;
                let (waker, body, cancelled) = (
                    task_slot.waker.take(),
                    task_slot.body.take(),
                    task_slot.cancelled,
                );
                let waker = waker.unwrap_or_else(|| {
                    sched.new_waker(self.core.id, TaskKey { slot, task }, &self.core.inbox.0)
                });
                sched.current = Some(CurrentTask::new(TaskKey { slot, task }, &waker.waker));
                let task = TaskId(task);
                sched.recorder.poll_start(task);
                Some((slot, task, body, waker, cancelled))
            }
        };
        self.polls_since_reactor += 1;
        match taken {
            None => self.run_callback(),
            Some((slot, task, body, waker, true)) => self.deliver_cancel(slot, task, body, waker),
            Some((slot, task, body, waker, false)) => self.poll(slot, task, body, waker),
        }
        if self.core.sched.borrow().recorder.is_full() {
            self.main_end
                .set(Some(self.main_end.get().unwrap_or(Outcome::Limit)));
        }
    }

    #[inline]
    pub(super) fn poll(
        &mut self,
        slot: u32,
        task: TaskId,
        mut body: Option<Body>,
        waker: TaskWaker,
    ) {
        let main = &mut self.main;
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let cx = &mut Context::from_waker(&waker.waker);
            match (&mut body, main) {
                (Some(body), _) => body.as_mut().poll(cx),
                (None, Some(main)) => main.as_mut().poll(cx),
                (None, None) => Poll::Ready(()),
            }
        }));
        if let Ok(Poll::Pending) = polled {
            let now = self.core.clock.now();
            let mut sched = self.core.sched.borrow_mut();
            let sched = &mut *sched;
            let task_slot = &mut sched.slots[slot as usize];
            task_slot.body = body;
            task_slot.waker = Some(waker);
            task_slot.declared_waits = sched.current.map_or(0, |current| current.declared_waits);
            if task_slot.declared_waits == 0 && task_slot.wait.0 != Wait::Unknown {
                let nowhere = LocationId::UNKNOWN;
                task_slot.wait = (Wait::Unknown, nowhere);
                sched
                    .recorder
                    .write(|writer| writer.wait(Wait::Unknown, nowhere, false));
            }
            sched.current = None;
            sched.recorder.poll_end(PollOutcome::Pending, now);
            return;
        }
        let outcome = match polled {
            Ok(_) if self.reports_error() => PollOutcome::Failed,
            Ok(_) => PollOutcome::Ready,
            Err(payload) => {
                self.record_panic(&mut body, payload);
                PollOutcome::Panicked
            }
        };
        self.complete_task(slot, task, body, waker, outcome);
    }

    fn is_main(&self, slot: u32, task: TaskId) -> bool {
        self.main_entry == TaskKey { slot, task: task.0 }
    }

    /// Whether the task that runs said that what it gives is an error.
    #[inline]
    fn reports_error(&self) -> bool {
        let sched = self.core.sched.borrow();
        sched.current.is_some_and(|current| current.reports_error)
    }

    /// A task's last turn, if it was cancelled: its future is dropped.
    #[cold]
    pub(super) fn deliver_cancel(
        &mut self,
        slot: u32,
        task: TaskId,
        mut body: Option<Body>,
        waker: TaskWaker,
    ) {
        self.core
            .sched
            .borrow_mut()
            .recorder
            .write(|writer| writer.cancel_delivered(task));
        if self.is_main(slot, task) {
            self.main = None;
        }
        fail(&mut body, Failure::Cancelled);
        self.complete_task(slot, task, body, waker, PollOutcome::Cancelled);
    }

    #[cold]
    pub(super) fn record_panic(&self, body: &mut Option<Body>, payload: Box<dyn Any + Send>) {
        let message = panic_message(payload.as_ref());
        self.core
            .sched
            .borrow_mut()
            .recorder
            .write(|writer| writer.failed(&message));
        if body.is_some() {
            fail(body, Failure::Panicked(payload));
        } else {
            *self.main_panic.borrow_mut() = Some(payload);
        }
    }

    /// A task has ended: who waits for it is woken, in its last turn.
    #[inline]
    pub(super) fn complete_task(
        &mut self,
        slot: u32,
        task: TaskId,
        body: Option<Body>,
        waker: TaskWaker,
        outcome: PollOutcome,
    ) {
        let panicked = outcome == PollOutcome::Panicked;
        if self.is_main(slot, task) && self.main_end.get().is_none() {
            self.main_end.set(Some(if panicked {
                Outcome::Panicked
            } else {
                Outcome::Finished
            }));
        }
        let (joining, watcher) = {
            let mut sched = self.core.sched.borrow_mut();
            sched.slots[slot as usize].body = body;
            sched.end(slot)
        };
        if let Some(joining) = joining {
            joining.wake();
        }
        if let Some(watcher) = watcher {
            watcher(panicked);
        }
        // Nobody will take what a detached task returned. Dropping it may do anything, with no borrow held.
        let unwanted = self.core.sched.borrow_mut().reclaim(slot);
        if unwanted.is_some() {
            drop(catch_unwind(AssertUnwindSafe(|| drop(unwanted))));
        }
        let now = self.core.clock.now();
        let mut sched = self.core.sched.borrow_mut();
        sched.return_waker(waker);
        sched.unfinished -= 1;
        sched.current = None;
        sched.recorder.poll_end(outcome, now);
    }

    #[cold]
    pub(super) fn run_callback(&self) {
        let Some((id, callback)) = self.core.sched.borrow_mut().callbacks.pop_front() else {
            return;
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
    }
}

/// Drops a task's future. A panic in a destructor ends the destructor, not the loop.
fn fail(body: &mut Option<Body>, end: Failure) {
    if let Some(body) = body {
        drop(catch_unwind(AssertUnwindSafe(|| body.as_mut().fail(end))));
    }
}

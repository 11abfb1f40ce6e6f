//! Phase 3: a task's turn, and its last one.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    task::{Context, Poll},
};

use crate::{
    runtime::executor::{
        core::{Body, CALLBACK, Current, Entry, Failure, TaskWaker},
        output::panic_message,
    },
    trace::{LocationId, Outcome, PollOutcome, TaskId, Wait},
};

use super::Looper;

impl Looper<'_> {
    /// Polls whatever is at the head of the ready queue.
    #[inline]
    pub(super) fn poll_next(&mut self) {
        let taken = {
            let mut hot = self.core.hot.borrow_mut();
            let hot = &mut *hot;
            let Some(Entry { slot, task }) = hot.ready.pop_front() else {
                return;
            };
            if slot == CALLBACK {
                None
            } else {
                let Some(room) = hot.slots.get_mut(slot as usize) else {
                    return;
                };
                if room.task != task || room.ended {
                    return;
                }
                room.queued = false;
                let (waker, body, cancelled) =
                    (room.waker.take(), room.body.take(), room.cancelled);
                let waker = waker.unwrap_or_else(|| hot.new_waker(self.core, slot, task));
                hot.current = Some(Current::new(Entry { slot, task }, &waker.waker));
                let task = TaskId(task);
                hot.recorder.poll_start(task);
                Some((slot, task, body, waker, cancelled))
            }
        };
        self.polls_since_look += 1;
        match taken {
            None => self.call_back(),
            Some((slot, task, body, waker, true)) => self.tell_cancelled(slot, task, body, waker),
            Some((slot, task, body, waker, false)) => self.poll(slot, task, body, waker),
        }
        if self.core.hot.borrow().recorder.is_full() {
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
            let mut hot = self.core.hot.borrow_mut();
            let hot = &mut *hot;
            let room = &mut hot.slots[slot as usize];
            room.body = body;
            room.waker = Some(waker);
            room.said = hot.current.map_or(0, |current| current.said);
            if room.said == 0 && room.wait.0 != Wait::Unknown {
                let nowhere = LocationId::UNKNOWN;
                room.wait = (Wait::Unknown, nowhere);
                hot.recorder
                    .write(|writer| writer.wait(Wait::Unknown, nowhere, false));
            }
            hot.current = None;
            hot.recorder.poll_end(PollOutcome::Pending, now);
            return;
        }
        let outcome = match polled {
            Ok(_) if self.told_error() => PollOutcome::Failed,
            Ok(_) => PollOutcome::Ready,
            Err(payload) => {
                self.failed(&mut body, payload);
                PollOutcome::Panicked
            }
        };
        self.end(slot, task, body, waker, outcome);
    }

    fn is_main(&self, slot: u32, task: TaskId) -> bool {
        self.main_entry == Entry { slot, task: task.0 }
    }

    /// Whether the task that runs said that what it gives is an error.
    #[inline]
    fn told_error(&self) -> bool {
        let hot = self.core.hot.borrow();
        hot.current.is_some_and(|current| current.error)
    }

    /// A task's last turn, if it was cancelled: its future is dropped.
    #[cold]
    pub(super) fn tell_cancelled(
        &mut self,
        slot: u32,
        task: TaskId,
        mut body: Option<Body>,
        waker: TaskWaker,
    ) {
        self.core
            .hot
            .borrow_mut()
            .recorder
            .write(|writer| writer.cancel_delivered(task));
        if self.is_main(slot, task) {
            self.main = None;
        }
        fail(&mut body, Failure::Cancelled);
        self.end(slot, task, body, waker, PollOutcome::Cancelled);
    }

    #[cold]
    pub(super) fn failed(&self, body: &mut Option<Body>, payload: Box<dyn Any + Send>) {
        let message = panic_message(payload.as_ref());
        self.core
            .hot
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
    pub(super) fn end(
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
            let mut hot = self.core.hot.borrow_mut();
            hot.slots[slot as usize].body = body;
            hot.end(slot)
        };
        if let Some(joining) = joining {
            joining.wake();
        }
        if let Some(watcher) = watcher {
            watcher(panicked);
        }
        // Nobody will take what a detached task returned. Dropping it may do anything, with no borrow held.
        let unwanted = self.core.hot.borrow_mut().move_out(slot);
        if unwanted.is_some() {
            drop(catch_unwind(AssertUnwindSafe(|| drop(unwanted))));
        }
        let now = self.core.clock.now();
        let mut hot = self.core.hot.borrow_mut();
        hot.return_waker(waker);
        hot.living -= 1;
        hot.current = None;
        hot.recorder.poll_end(outcome, now);
    }

    #[cold]
    pub(super) fn call_back(&self) {
        let Some((id, callback)) = self.core.hot.borrow_mut().callbacks.pop_front() else {
            return;
        };
        self.core
            .hot
            .borrow_mut()
            .recorder
            .write(|writer| writer.callback_start(id));
        drop(catch_unwind(AssertUnwindSafe(callback)));
        let now = self.core.clock.now();
        let mut hot = self.core.hot.borrow_mut();
        let took = hot.recorder.stamp(now);
        hot.recorder.write(|writer| writer.callback_end(id, took));
    }
}

/// Drops a task's future. A panic in a destructor ends the destructor, not the loop.
fn fail(body: &mut Option<Body>, end: Failure) {
    if let Some(body) = body {
        drop(catch_unwind(AssertUnwindSafe(|| body.as_mut().fail(end))));
    }
}

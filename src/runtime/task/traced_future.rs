//! Tasks of smol's executors, as the loop records them.
//!
//! A task of an [`Executor`](crate::Executor) is kept and polled by smol. The loop itself only polls
//! the *outer* task, the one that awaits `Executor::run`; during such a poll the executor polls its
//! own tasks, the *inner* ones. A [`TracedFuture`] makes an inner task visible: it wraps the future
//! that smol gets, registers it with the loop as a task, and records each of its polls.
//!
//! # Polls inside polls
//!
//! In a trace polls never nest: only one task is being polled at a time. So the outer task's poll
//! is closed before the inner one starts, and reopened after it:
//!
//! ```text
//!   in the trace                      what happens
//!
//!   PollStart outer                   the loop polls the outer task
//!      ...                            which runs the executor
//!   PollEnd   outer, Pending   ┐
//!   Wake      inner            │      NestedPoll::begin: the executor polls an inner task
//!   PollStart inner            ┘
//!      ...                            whatever the inner task does, its waits and wakes
//!   PollEnd   inner, outcome   ┐
//!   Wake      outer            │      NestedPoll::end: back in the executor
//!   PollStart outer            ┘
//!      ...                            the rest of the outer task's poll
//!   PollEnd   outer, outcome          the loop takes its next entry
//! ```
//!
//! The two recorded polls of the outer task are one call of its `poll` function. The last `Wake` of
//! the outer task corresponds to no real wake. The trace needs the record because a task has to be
//! ready before its `PollStart`.
//!
//! The inner task's [`TracedWaker`] records a wake that happens in the timer or run phase of the
//! loop. A wake by another thread or by the reactor is passed on to smol without a record; smol
//! wakes the outer task for it, and the loop records that. The inner task's own wake is then
//! recorded late, in `NestedPoll::begin`.
//!
//! Without a loop that records, a traced future only polls the future inside of it.
//!
//! # Several threads
//!
//! A task of an executor that several threads run is registered with the loop of each thread that
//! polls it, and each of these loops is a run with a trace of its own. Where the task is not polled
//! any longer, its trace must not show it as suspended for ever: that loop gets a message when the
//! task is polled on another thread, and one when it ends there. It then records a poll of no
//! length, in which the task begins to wait for "poll on another thread", or ends.

use std::{
    any::{Any, type_name},
    future::Future,
    panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
};

use pin_project_lite::pin_project;

use crate::{
    runtime::executor::{
        core::{self, Core},
        output::panic_message,
        scheduler::{CurrentTask, Scheduler},
        task_key::TaskKey,
        task_name::TaskName,
        waker::{Message, PolledElsewhere},
    },
    trace::{LocationId, PollOutcome, TaskId, Wait, WakeEffect, Writer},
};

use super::returned_error::returned_error;

/// A task id that is assigned late: `None` until a loop that is recorded has registered the task.
/// With several such loops, it is the id in the loop that registered the task last.
#[derive(Clone, Debug, Default)]
pub(super) struct LateTaskId(Arc<AtomicU64>);

impl LateTaskId {
    /// Upper half: the lower 32 bits of the id of the loop. Lower half: the task's number plus one;
    /// 0 is "not assigned".
    fn assign(&self, loop_id: u64, task: u32) {
        let packed = loop_id << 32 | u64::from(task.wrapping_add(1));
        self.0.store(packed, Ordering::Relaxed);
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    pub(super) fn task(&self) -> Option<TaskId> {
        let number = self.0.load(Ordering::Relaxed) as u32;
        number.checked_sub(1).map(TaskId)
    }

    /// The task's number in this loop, if it is the one that registered the task last.
    pub(super) fn task_in(&self, core: &Core) -> Option<TaskId> {
        let is_of = self.0.load(Ordering::Relaxed) >> 32 == core.id & 0xffff_ffff;
        self.task().filter(|_| is_of)
    }
}

pin_project! {
    /// The future of a task of an executor. A poll is recorded by the loop that runs on the polling
    /// thread.
    pub(super) struct TracedFuture<F> {
        // `None` once the future has completed or was dropped.
        #[pin]
        future: Option<F>,
        name: &'static str,
        made: &'static Location<'static>,
        id: LateTaskId,
        // The registrations with the recorded loops that have polled the task.
        registrations: Registrations,
    }

    impl<F> PinnedDrop for TracedFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_none() {
                return;
            }
            let registrations = std::mem::take(this.registrations);
            let here = core::with_current(|core| registrations.of(core.id)).flatten();
            let loop_id = here.map(|index| registrations.0[index].loop_id);
            registrations.ended_elsewhere(loop_id, PollOutcome::Cancelled);
            let Some(registration) = here.map(|index| &registrations.0[index]) else { return };
            // A future that is dropped before it has completed is recorded as cancelled. It is
            // dropped inside of the recorded poll, so that what its destructors do is part of that
            // poll. Without a recording, or while the scheduler is borrowed, it is dropped with the
            // other fields.
            core::with_current_if(registration.loop_id, |core| {
                if core.recording.get() && core.sched.try_borrow_mut().is_ok() {
                    let poll = NestedPoll::begin(core, registration.key);
                    let cancelled = TaskId(registration.key.task);
                    write(core, |writer| writer.cancel_delivered(cancelled));
                    this.future.set(None);
                    poll.end(PollOutcome::Cancelled);
                }
            });
        }
    }
}

impl<F: Future> TracedFuture<F> {
    pub(super) fn new(
        future: F,
        made: &'static Location<'static>,
        id: LateTaskId,
    ) -> TracedFuture<F> {
        let name = type_name::<F>();
        let registration =
            core::with_current(|core| TaskRegistration::new(core, name, made, &id)).flatten();
        TracedFuture {
            future: Some(future),
            name,
            made,
            id,
            registrations: Registrations(registration.into_iter().collect()),
        }
    }
}

impl<F: Future> Future for TracedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            panic!("a future was polled after it had completed")
        };
        let recorded =
            core::with_current(|core| core.recording.get().then(|| core.clone())).flatten();
        let here = recorded.as_ref().map(|core| core.id);
        this.registrations.polled_elsewhere(here);
        let Some(core) = recorded else {
            let polled = future.poll(cx);
            if polled.is_ready() {
                this.registrations.ended_elsewhere(None, PollOutcome::Ready);
            }
            return polled;
        };
        // A `Send` task may be polled in another loop than before, where it is registered as well.
        let index = this.registrations.of(core.id).or_else(|| {
            let new = TaskRegistration::new(&core, this.name, this.made, this.id)?;
            this.registrations.0.push(new);
            Some(this.registrations.0.len() - 1)
        });
        let Some(index) = index else {
            return future.poll(cx);
        };
        let registration = &mut this.registrations.0[index];
        this.id.assign(core.id, registration.key.task);
        let waker = registration.waker(cx.waker());
        let poll = NestedPoll::begin(&core, registration.key);
        let polled = catch_unwind(AssertUnwindSafe(|| {
            future.poll(&mut Context::from_waker(&waker))
        }));
        match polled {
            Ok(Poll::Pending) => {
                poll.end(PollOutcome::Pending);
                Poll::Pending
            }
            Ok(Poll::Ready(value)) => {
                // Drop the future before the poll is recorded as ended, so that what its
                // destructors do is part of the task's last poll.
                this.future.set(None);
                let outcome = match returned_error(&value) {
                    Some(error) => {
                        write(&core, |writer| writer.failed(error));
                        PollOutcome::Failed
                    }
                    None => PollOutcome::Ready,
                };
                poll.end(outcome);
                this.registrations.ended_elsewhere(Some(core.id), outcome);
                Poll::Ready(value)
            }
            Err(payload) => {
                this.registrations
                    .ended_elsewhere(Some(core.id), PollOutcome::Panicked);
                this.registrations.0.clear();
                panicked(&core, poll, payload)
            }
        }
    }
}

#[cold]
fn panicked<T>(core: &Core, poll: NestedPoll<'_>, payload: Box<dyn Any + Send>) -> Poll<T> {
    let message = panic_message(payload.as_ref());
    write(core, |writer| writer.failed(&message));
    poll.end(PollOutcome::Panicked);
    resume_unwind(payload)
}

fn write(core: &Core, write: impl FnOnce(&mut Writer)) {
    core.sched.borrow_mut().recorder.write(write);
}

/// The registrations of an inner task: one, unless several threads run the executor.
#[derive(Default)]
struct Registrations(Vec<TaskRegistration>);

impl Registrations {
    /// The index of the registration with a loop.
    #[inline]
    fn of(&self, loop_id: u64) -> Option<usize> {
        self.0.iter().position(|known| known.loop_id == loop_id)
    }

    /// Tells all loops but the one in which the task is polled now that it is polled elsewhere.
    #[inline]
    fn polled_elsewhere(&mut self, here: Option<u64>) {
        for known in &mut self.0 {
            if here == Some(known.loop_id) {
                known.is_elsewhere = false;
            } else if !std::mem::replace(&mut known.is_elsewhere, true) {
                known.tell(None);
            }
        }
    }

    /// Tells all loops but the one in which the task ends that it has ended.
    fn ended_elsewhere(&self, here: Option<u64>, outcome: PollOutcome) {
        for known in &self.0 {
            if here != Some(known.loop_id) {
                known.tell(Some(outcome));
            }
        }
    }
}

/// An inner task's registration with a loop: its address there, and its waker.
struct TaskRegistration {
    loop_id: u64,
    key: TaskKey,
    /// Whether the loop was told that the task is polled on another thread.
    is_elsewhere: bool,
    waker: Option<(Arc<TracedWaker>, Waker)>,
}

impl TaskRegistration {
    /// Registers a task with a loop, if that loop is recorded.
    fn new(
        core: &Core,
        name: &'static str,
        made: &'static Location<'static>,
        id: &LateTaskId,
    ) -> Option<TaskRegistration> {
        if !core.recording.get() {
            return None;
        }
        let key = core.register(TaskName::Type(name), made);
        id.assign(core.id, key.task);
        Some(TaskRegistration {
            loop_id: core.id,
            key,
            is_elsewhere: false,
            waker: None,
        })
    }

    /// Tells the loop that the task was polled on this thread, or, with an outcome, that it has ended
    /// here.
    #[cold]
    fn tell(&self, outcome: Option<PollOutcome>) {
        let thread = thread::current().name().map(str::to_owned);
        let polled = PolledElsewhere {
            key: self.key,
            thread,
            outcome,
        };
        core::send_to(self.loop_id, Message::PolledElsewhere(polled));
    }

    /// Returns a waker that records each wake and passes it on to the executor's waker. The waker
    /// is kept for later polls, and replaced only when the executor passes another waker than
    /// before.
    fn waker(&mut self, executors: &Waker) -> Waker {
        if let Some((handle, waker)) = &self.waker
            && handle.executors.will_wake(executors)
        {
            return waker.clone();
        }
        let handle = Arc::new(TracedWaker {
            loop_id: self.loop_id,
            key: self.key,
            executors: executors.clone(),
        });
        let waker = Waker::from(Arc::clone(&handle));
        self.waker = Some((handle, waker.clone()));
        waker
    }
}

/// Records the wake of an inner task, and passes it on to the executor.
struct TracedWaker {
    loop_id: u64,
    key: TaskKey,
    executors: Waker,
}

impl Wake for TracedWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        core::with_current_if(self.loop_id, |core| {
            if core.accepting.get()
                && let Ok(mut sched) = core.sched.try_borrow_mut()
            {
                sched.wake_external(self.key);
            }
        });
        self.executors.wake_by_ref();
    }
}

/// A poll of an inner task inside of a poll of an outer one. See the module's documentation for the
/// events.
struct NestedPoll<'a> {
    core: &'a Core,
    inner: TaskKey,
    /// `None` if the executor is run outside of the loop's polls.
    outer: Option<CurrentTask>,
}

impl<'a> NestedPoll<'a> {
    /// Closes the outer poll and starts the inner one.
    fn begin(core: &'a Core, inner: TaskKey) -> NestedPoll<'a> {
        let mut sched = core.sched.borrow_mut();
        let outer = sched.current.take();
        if outer.is_some() {
            sched.recorder.poll_end(PollOutcome::Pending, &core.clock);
        }
        let id = TaskId(inner.task);
        sched.wake_for_poll(inner);
        sched.current = Some(CurrentTask::external(inner));
        sched.recorder.poll_start(id);
        NestedPoll { core, inner, outer }
    }

    /// Ends the inner poll and reopens the outer one.
    fn end(self, outcome: PollOutcome) {
        let mut sched = self.core.sched.borrow_mut();
        let sched = &mut *sched;
        let declared_waits = sched.current.map_or(0, |current| current.declared_waits);
        if outcome == PollOutcome::Pending && declared_waits == 0 {
            forget_wait(sched, self.inner);
        }
        sched.recorder.poll_end(outcome, &self.core.clock);
        if outcome != PollOutcome::Pending {
            sched.unregister(self.inner);
        }
        sched.current = self.outer;
        if let Some(outer) = self.outer {
            let task = outer.task();
            sched.recorder.wake(task, WakeEffect::Enqueued);
            sched.recorder.poll_start(task);
        }
    }
}

/// Clears the wait of a task that suspends without declaring one: the wait that it declared before
/// no longer holds.
fn forget_wait(sched: &mut Scheduler, key: TaskKey) {
    let unknown = (Wait::Unknown, LocationId::UNKNOWN);
    if let Some(slot) = sched.slots.get_mut(key.slot as usize)
        && slot.wait.0 != Wait::Unknown
    {
        slot.wait = unknown;
        sched
            .recorder
            .write(|writer| writer.wait(unknown.0, unknown.1, false));
    }
}

//! Tasks of an [`Executor`](crate::Executor): smol keeps and polls them, the loop only sees them do it.
//!
//! A guest is polled inside of the poll of a task of the loop, its outer, which awaits `Executor::run`. In a trace turns
//! do not lie inside each other: the outer's is over when the guest's begins, and goes on as another one after it.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use pin_project_lite::pin_project;

use crate::trace::{LocationId, PollOutcome, TaskId, Wait, WakeEffect, Writer};

use crate::runtime::executor::{
    core::{self, Core},
    output::panic_message,
    scheduler::CurrentTask,
    task_key::TaskKey,
    task_name::TaskName,
};

/// The number of a guest, once a loop has given it one.
#[derive(Clone, Debug, Default)]
pub(in crate::runtime) struct LateTaskId(Arc<AtomicU64>);

impl LateTaskId {
    pub(in crate::runtime) fn task(&self) -> Option<TaskId> {
        let task = self.0.load(Ordering::Relaxed).checked_sub(1)?;
        u32::try_from(task).ok().map(TaskId)
    }
}

pin_project! {
    /// A future whose turns are recorded by the loop in which they take place.
    pub(in crate::runtime) struct TracedFuture<F> {
        // None only while it is dropped.
        #[pin]
        future: Option<F>,
        name: &'static str,
        at: &'static Location<'static>,
        id: LateTaskId,
        registration: Option<TaskRegistration>,
    }

    impl<F> PinnedDrop for TracedFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Some(registration) = this.registration.take() else { return };
            if this.future.is_none() {
                return;
            }
            core::with_current_if(registration.loop_id, |core| {
                if core.recording.get() && core.sched.try_borrow_mut().is_ok() {
                    let poll = NestedPoll::begin(core, registration.entry);
                    let told = TaskId(registration.entry.task);
                    write(core, |writer| writer.cancel_delivered(told));
                    this.future.set(None);
                    poll.end(PollOutcome::Cancelled);
                }
            });
        }
    }
}

/// Where a loop keeps what it knows of a guest.
struct TaskRegistration {
    loop_id: u64,
    entry: TaskKey,
    waker: Option<(Arc<TracedWaker>, Waker)>,
}

impl<F: Future> TracedFuture<F> {
    pub(in crate::runtime) fn new(
        future: F,
        at: &'static Location<'static>,
        id: LateTaskId,
    ) -> TracedFuture<F> {
        let name = std::any::type_name::<F>();
        let registration =
            core::with_current(|core| TaskRegistration::new(core, name, at, &id)).flatten();
        TracedFuture {
            future: Some(future),
            name,
            at,
            id,
            registration,
        }
    }
}

impl<F: Future> Future for TracedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            panic!("a future was polled after it was done")
        };
        let recorded =
            core::with_current(|core| core.recording.get().then(|| core.clone())).flatten();
        let Some(core) = recorded else {
            return future.poll(cx);
        };
        if this
            .registration
            .as_ref()
            .is_none_or(|registration| registration.loop_id != core.id)
        {
            *this.registration = TaskRegistration::new(&core, this.name, this.at, this.id);
        }
        let Some(registration) = this.registration else {
            return future.poll(cx);
        };
        let waker = registration.waker(cx.waker());
        let poll = NestedPoll::begin(&core, registration.entry);
        let polled = catch_unwind(AssertUnwindSafe(|| {
            future.poll(&mut Context::from_waker(&waker))
        }));
        match polled {
            Ok(Poll::Pending) => poll.end(PollOutcome::Pending),
            Ok(Poll::Ready(_)) => {
                // Its destructors belong to its last poll.
                this.future.set(None);
                poll.end(PollOutcome::Ready);
            }
            Err(payload) => {
                *this.registration = None;
                return failed(&core, poll, payload);
            }
        }
        match polled {
            Ok(polled) => polled,
            Err(payload) => resume_unwind(payload),
        }
    }
}

#[cold]
fn failed<T>(core: &Core, poll: NestedPoll<'_>, payload: Box<dyn Any + Send>) -> Poll<T> {
    let message = panic_message(payload.as_ref());
    write(core, |writer| writer.failed(&message));
    poll.end(PollOutcome::Panicked);
    resume_unwind(payload)
}

fn write(core: &Core, write: impl FnOnce(&mut Writer)) {
    core.sched.borrow_mut().recorder.write(write);
}

impl TaskRegistration {
    /// Enters a guest in a loop, if that records.
    fn new(
        core: &Core,
        name: &'static str,
        at: &'static Location<'static>,
        id: &LateTaskId,
    ) -> Option<TaskRegistration> {
        if !core.recording.get() {
            return None;
        }
        let entry = core.register(TaskName::Type(name), at);
        id.0.store(u64::from(entry.task) + 1, Ordering::Relaxed);
        Some(TaskRegistration {
            loop_id: core.id,
            entry,
            waker: None,
        })
    }

    /// A waker that says so when it is used, round smol's.
    fn waker(&mut self, inner: &Waker) -> Waker {
        if let Some((handle, waker)) = &self.waker
            && handle.inner.will_wake(inner)
        {
            return waker.clone();
        }
        let handle = Arc::new(TracedWaker {
            loop_id: self.loop_id,
            entry: self.entry,
            inner: inner.clone(),
        });
        let waker = Waker::from(Arc::clone(&handle));
        self.waker = Some((handle, waker.clone()));
        waker
    }
}

struct TracedWaker {
    loop_id: u64,
    entry: TaskKey,
    inner: Waker,
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
                sched.wake_external(self.entry);
            }
        });
        self.inner.wake_by_ref();
    }
}

/// A guest's poll inside of that of its outer.
struct NestedPoll<'a> {
    core: &'a Core,
    inner: TaskKey,
    outer: Option<CurrentTask>,
}

impl<'a> NestedPoll<'a> {
    fn begin(core: &'a Core, inner: TaskKey) -> NestedPoll<'a> {
        let now = core.clock.now();
        let mut sched = core.sched.borrow_mut();
        let outer = sched.current.take();
        if outer.is_some() {
            sched.recorder.poll_end(PollOutcome::Pending, now);
        }
        if let Some(room) = sched.slot(inner)
            && !std::mem::replace(&mut room.queued, false)
        {
            // Another thread or the reactor woke it; they woke the outer, too, and that was recorded.
            sched
                .recorder
                .wake(TaskId(inner.task), WakeEffect::Enqueued);
        }
        sched.current = Some(CurrentTask::external(inner));
        sched.recorder.poll_start(TaskId(inner.task));
        NestedPoll { core, inner, outer }
    }

    fn end(self, outcome: PollOutcome) {
        let now = self.core.clock.now();
        let mut sched = self.core.sched.borrow_mut();
        let sched = &mut *sched;
        let said = sched.current.map_or(0, |current| current.declared_waits);
        if let Some(room) = sched.slots.get_mut(self.inner.slot as usize)
            && outcome == PollOutcome::Pending
            && said == 0
            && room.wait.0 != Wait::Unknown
        {
            let nowhere = LocationId::UNKNOWN;
            room.wait = (Wait::Unknown, nowhere);
            sched
                .recorder
                .write(|writer| writer.wait(Wait::Unknown, nowhere, false));
        }
        sched.recorder.poll_end(outcome, now);
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

//! The handle of a task whose future lives in the loop.

use std::{
    any::Any,
    future::Future,
    panic::{Location, resume_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::{
    runtime::executor::{
        core::{self, Core},
        task_key::{TaskKey, VACANT},
        task_slot::{Body, Failure, Job, OnComplete},
        waker::Message,
    },
    trace::{TaskId, Wait},
};

/// A place in the loop. The future and its result never leave the loop's thread; this may.
pub(super) struct LocalTask<T> {
    entry: TaskKey,
    loop_id: u64,
    pub(super) spawned: &'static Location<'static>,
    take: TakeResult<T>,
}

/// Where a task lives.
#[derive(Clone, Copy)]
pub(super) struct TaskRef(TaskKey, u64);

/// Has a task's end watched, or calls the watcher now if it has ended.
pub(super) fn watch(TaskRef(entry, loop_id): TaskRef, watcher: OnComplete) {
    let ended = core::with_current_if(loop_id, |core| {
        core.sched.borrow_mut().on_complete(entry, watcher)
    });
    if let Some(Some(watcher)) = ended {
        watcher(false);
    }
}

/// The entry of a handle that has been let go.
const RELEASED: TaskKey = TaskKey {
    slot: VACANT,
    task: VACANT,
};

impl<T> LocalTask<T> {
    pub(super) fn new(
        entry: TaskKey,
        loop_id: u64,
        spawned: &'static Location<'static>,
        take: TakeResult<T>,
    ) -> LocalTask<T> {
        LocalTask {
            entry,
            loop_id,
            spawned,
            take,
        }
    }

    pub(super) fn id(&self) -> TaskId {
        TaskId(self.entry.task)
    }

    /// Does something with the task's loop, if it is the one that runs on this thread.
    #[inline]
    fn with_loop<R>(&self, f: impl FnOnce(&Core) -> R) -> Option<R> {
        core::with_current_if(self.loop_id, |core| f(core))
    }

    /// Asks the task to end, in so many words or because the handle is `dropped`.
    pub(super) fn request_cancel(&self, dropped: bool) {
        let entry = self.entry;
        if self.with_loop(|core| core.cancel(entry, dropped)).is_none() {
            core::send_to(self.loop_id, Message::Cancel(entry, dropped));
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        let running = self.with_loop(|core| {
            core.sched
                .borrow_mut()
                .slot(self.entry)
                .is_some_and(|room| !room.has_ended())
        });
        match running {
            Some(running) => !running,
            // Another thread cannot look; a loop that is gone has ended all its tasks.
            None => !core::is_alive(self.loop_id),
        }
    }

    /// Where the task lives.
    pub(super) fn task_ref(&self) -> TaskRef {
        TaskRef(self.entry, self.loop_id)
    }

    /// What the task left, if it has ended: none if it was cancelled, or if its loop is gone.
    ///
    /// # Panics
    ///
    /// On another thread than the loop's; with the task's panic.
    #[track_caller]
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let awaited = Location::caller();
        let waits = self.with_loop(|core| {
            let mut sched = core.sched.borrow_mut();
            match sched.slot(self.entry) {
                Some(room) if !room.has_ended() => {
                    match &mut room.joining {
                        Some(waker) => waker.as_mut().clone_from(cx.waker()),
                        none => *none = Some(Box::new(cx.waker().clone())),
                    }
                    drop(sched);
                    core.wait(Wait::Join(self.id()), awaited, self.spawned);
                    true
                }
                _ => false,
            }
        });
        match waits {
            Some(true) => return Poll::Pending,
            None if core::is_alive(self.loop_id) => panic!(
                "task {} belongs to the loop of another block_on: it can only be awaited there",
                self.id()
            ),
            _ => {}
        }
        match self.release().map(self.take) {
            Some(Ok(value)) => Poll::Ready(value),
            Some(Err(Failure::Panicked(payload))) => resume_unwind(payload),
            Some(Err(Failure::Cancelled)) | None => Poll::Ready(None),
        }
    }

    /// Nobody holds the handle any more. Gives what was left in the task's room, if the task has ended.
    #[inline]
    pub(super) fn release(&mut self) -> Option<Body> {
        let entry = std::mem::replace(&mut self.entry, RELEASED);
        let left = self.with_loop(|core| core.drop_handle(entry));
        if left.is_none() && entry.slot != VACANT {
            core::send_to(self.loop_id, Message::DropHandle(entry));
        }
        left.flatten()
    }
}

impl<T> Drop for LocalTask<T> {
    fn drop(&mut self) {
        if self.entry.slot != VACANT {
            self.request_cancel(true);
            // A result that nobody took is dropped here, outside of the loop's own borrows.
            drop(self.release());
        }
    }
}

pin_project! {
    /// A task's future, then what came of it, until that is taken.
    #[project = JobProjection]
    enum TaskJob<F: Future> {
        Running { #[pin] future: F },
        Done { value: Option<F::Output> },
        Panicked { payload: Option<Box<dyn Any + Send>> },
        Cancelled,
    }
}

impl<F: Future> Job for TaskJob<F>
where
    F::Output: 'static,
{
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let JobProjection::Running { future } = self.as_mut().project() else {
            return Poll::Ready(());
        };
        future
            .poll(cx)
            .map(|value| self.set(TaskJob::Done { value: Some(value) }))
    }

    fn fail(mut self: Pin<&mut Self>, end: Failure) {
        if let JobProjection::Running { .. } = self.as_mut().project() {
            self.set(match end {
                Failure::Panicked(payload) => TaskJob::Panicked {
                    payload: Some(payload),
                },
                Failure::Cancelled => TaskJob::Cancelled,
            });
        }
    }

    fn take(self: Pin<&mut Self>, into: &mut dyn Any) -> Result<(), Failure> {
        match self.project() {
            JobProjection::Done { value } => {
                if let Some(into) = into.downcast_mut::<Option<F::Output>>() {
                    *into = value.take();
                }
                Ok(())
            }
            JobProjection::Panicked { payload } => {
                Err(payload.take().map_or(Failure::Cancelled, Failure::Panicked))
            }
            JobProjection::Running { .. } | JobProjection::Cancelled => Err(Failure::Cancelled),
        }
    }
}

/// A future in its place, as a task's body.
pub(super) fn body<F>(future: F) -> Body
where
    F: Future + 'static,
    F::Output: 'static,
{
    Box::pin(TaskJob::Running { future })
}

/// How a handle gets its task's result out of a body that was made of a future with this output.
type TakeResult<T> = fn(Body) -> Result<Option<T>, Failure>;

/// A [`TakeResult`]; the handle keeps it, for its own type need not live for ever.
pub(super) fn take_result<T: 'static>(mut body: Body) -> Result<Option<T>, Failure> {
    let mut value: Option<T> = None;
    body.as_mut().take(&mut value).map(|()| value)
}

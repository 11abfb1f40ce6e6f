//! The handle of a task whose future is kept by the loop.

use std::{
    any::Any,
    future::Future,
    panic::{Location, resume_unwind},
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, Waker},
};

use pin_project_lite::pin_project;

use crate::{
    runtime::executor::{
        core::{self, Core},
        scheduler::Scheduler,
        task_key::{TaskKey, VACANT},
        task_slot::{Body, Failure, Job, OnComplete},
        thread_bound, thread_loop,
        waker::Message,
    },
    trace::{TaskId, Wait},
};

use super::{
    group_resource::GroupResource,
    remote_handle::RemoteHandle,
    returned_error::{returned_error, text_of},
};

/// The handle of a task that is in a slot of a loop.
///
/// On the thread that runs the loop, the handle reads the slot. On any other thread it has the task
/// [exported](LocalTask::remote): from then on the result comes through a [`RemoteHandle`].
pub(super) struct LocalTask<T> {
    /// The slot is [`VACANT`] once the handle is released, and for a task that was spawned from
    /// another thread.
    key: TaskKey,
    loop_id: u64,
    /// `None` for most handles.
    rare: OnceLock<Box<RareParts>>,
    /// The call that waiting for the task is shown with: the spawn, or a `cancel`.
    pub(super) spawned: &'static Location<'static>,
    /// Whether the handle was polled before the task had ended.
    pub(super) has_waited: bool,
    take: TakeResult<T>,
}

/// What few handles have: in a box of its own, so that a program with many handles moves less.
#[derive(Default)]
struct RareParts {
    /// Set once the handle has been used on another thread than the loop's.
    remote: OnceLock<RemoteHandle>,
    /// The group of [`first_completed`](super::group::first_completed) that the task is a member of.
    group: Option<Arc<GroupResource>>,
}

/// A reference to a local task: its address without the right to its result.
#[derive(Clone, Copy)]
pub(super) struct TaskRef {
    key: TaskKey,
    loop_id: u64,
}

impl TaskRef {
    /// Calls `watcher` when the task ends, or at once if the task has ended. Only to be called on
    /// the thread of the task's loop.
    pub(super) fn watch(self, watcher: OnComplete) {
        let mut watcher = Some(watcher);
        let mut add = |core: &Core| {
            let watcher = watcher.take()?;
            core.sched.borrow_mut().on_complete(self.key, watcher)
        };
        let refused = core::with_current_if(self.loop_id, |core| add(core))
            .or_else(|| thread_loop::with_own_loop(self.loop_id, add));
        if let Some(Some(watcher)) = refused {
            watcher(false);
        }
    }
}

impl<T> LocalTask<T> {
    pub(super) fn new(
        key: TaskKey,
        loop_id: u64,
        spawned: &'static Location<'static>,
        take: TakeResult<T>,
    ) -> LocalTask<T> {
        LocalTask {
            key,
            loop_id,
            rare: OnceLock::new(),
            spawned,
            has_waited: false,
            take,
        }
    }

    /// The handle of a task of a loop on another thread.
    pub(super) fn of_remote(
        remote: RemoteHandle,
        spawned: &'static Location<'static>,
        take: TakeResult<T>,
    ) -> LocalTask<T> {
        let key = TaskKey {
            slot: VACANT,
            task: VACANT,
        };
        let mut task = LocalTask::new(key, 0, spawned, take);
        task.rare = OnceLock::from(Box::new(RareParts {
            remote: OnceLock::from(remote),
            group: None,
        }));
        task
    }

    /// The number of the task in its loop. A task that was spawned from another thread has one once
    /// its loop has seen it.
    pub(super) fn id(&self) -> Option<TaskId> {
        if self.key.task != VACANT {
            return Some(TaskId(self.key.task));
        }
        self.exported()?.id()
    }

    /// Records that the current task awaits this one, which has ended, if both are of one loop.
    #[inline]
    pub(super) fn joined(&self, core: &Core, awaited: &'static Location<'static>) {
        if core.recording.get() && self.loop_id == core.id && self.key.task != VACANT {
            core.joined(TaskId(self.key.task), awaited);
        }
    }

    /// Renames the task in the trace of its loop.
    pub(super) fn name(&self, name: &str) {
        if let Some(remote) = self.exported() {
            return remote.name(name);
        }
        let key = self.key;
        let named = self.with_loop(|core| core.name_task(TaskId(key.task), name));
        if named.is_none() {
            core::send_to(self.loop_id, Message::Name(key, name.to_owned()));
        }
    }

    /// The task as it is used on another thread than its loop's, once it is.
    #[inline]
    fn exported(&self) -> Option<&RemoteHandle> {
        self.rare.get()?.remote.get()
    }

    /// The group of [`first_completed`](super::group::first_completed) that the task is a member of.
    pub(super) fn group(&self) -> Option<&Arc<GroupResource>> {
        self.rare.get()?.group.as_ref()
    }

    /// Makes the task a member of a group.
    pub(super) fn set_group(&mut self, group: &Arc<GroupResource>) {
        self.rare.get_or_init(Box::default);
        if let Some(rare) = self.rare.get_mut() {
            rare.group = Some(Arc::clone(group));
        }
    }

    /// Whether the handle is used on another thread than the loop's.
    pub(super) fn is_remote(&self) -> bool {
        self.exported().is_some()
    }

    /// The task as it is used on another thread than its loop's.
    fn remote(&self) -> &RemoteHandle {
        self.rare
            .get_or_init(Box::default)
            .remote
            .get_or_init(|| RemoteHandle::export(self.key, self.loop_id, self.spawned))
    }

    pub(super) fn task_ref(&self) -> TaskRef {
        TaskRef {
            key: self.key,
            loop_id: self.loop_id,
        }
    }

    /// Calls `f` with the task's loop if it runs on this thread.
    #[inline]
    fn with_loop<R>(&self, f: impl FnOnce(&Core) -> R) -> Option<R> {
        core::with_current_if(self.loop_id, |core| f(core))
    }

    /// Requests the task's cancellation: explicitly, or because the handle is `dropped`.
    pub(super) fn request_cancel(&self, dropped: bool) {
        if let Some(remote) = self.exported() {
            return remote.request_cancel(dropped);
        }
        let key = self.key;
        // If the loop is not running on this thread, its inbox gets the request.
        if self.with_loop(|core| core.cancel(key, dropped)).is_none() {
            core::send_to(self.loop_id, Message::Cancel(key, dropped));
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        if let Some(remote) = self.exported() {
            return remote.is_finished();
        }
        let unfinished = self.with_loop(|core| {
            let mut sched = core.sched.borrow_mut();
            sched.slot(self.key).is_some_and(|slot| !slot.has_ended())
        });
        match unfinished {
            Some(unfinished) => !unfinished,
            None => self.remote().is_finished(),
        }
    }

    /// Ready with the task's result once the task has ended; with `None` if the task was cancelled
    /// or its loop is gone.
    ///
    /// # Panics
    ///
    /// With the task's panic, if it panicked. On any other thread than the loop's, if the future was
    /// not required to be `Send`.
    #[track_caller]
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let awaited = Location::caller();
        let polled = self.poll_undeclared(cx);
        if polled.is_pending() {
            if let Some(remote) = self.exported() {
                remote.declare_wait(awaited);
            } else {
                let join = Wait::Join(TaskId(self.key.task));
                core::with_current(|core| core.wait(join, awaited, self.spawned));
            }
        }
        polled
    }

    /// Like [`LocalTask::poll_end`], but does not declare the wait.
    pub(super) fn poll_undeclared(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if self.exported().is_some() {
            return self.poll_remote(cx);
        }
        let key = self.key;
        match self.with_loop(|core| core.take_ended(key)) {
            // The task has ended, or the handle has given its result before.
            Some(Poll::Ready(body)) => {
                self.key.slot = VACANT;
                Poll::Ready(self.result(body))
            }
            Some(Poll::Pending) => {
                self.keep_waker(cx.waker());
                self.has_waited = true;
                Poll::Pending
            }
            None if key.slot != VACANT => self.poll_remote(cx),
            None => Poll::Ready(None),
        }
    }

    /// Has the end of the task wake `waker`.
    fn keep_waker(&self, waker: &Waker) {
        self.with_loop(|core| {
            let is_known = core.sched.borrow_mut().slot(self.key).is_some_and(|slot| {
                let joining = slot.joining.as_ref();
                joining.is_some_and(|joining| joining.will_wake(waker))
            });
            if !is_known {
                // One waker is enough: a task has one handle, so at most one task awaits it. The
                // waker is cloned and the old one dropped while the scheduler is not borrowed: a
                // foreign waker may do anything.
                let waker = Box::new(waker.clone());
                let slot = |sched: &mut Scheduler| sched.slot(self.key)?.joining.replace(waker);
                let before = slot(&mut core.sched.borrow_mut());
                drop(before);
            }
        });
    }

    fn poll_remote(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let Poll::Ready(body) = self.remote().poll(cx) else {
            self.has_waited = true;
            return Poll::Pending;
        };
        self.key.slot = VACANT;
        Poll::Ready(self.result(body))
    }

    /// Takes the result out of the body of a task that has ended.
    fn result(&self, body: Option<Body>) -> Option<T> {
        match body.map(self.take) {
            Some(Ok(value)) => value,
            Some(Err(Failure::Panicked(payload))) => resume_unwind(payload),
            Some(Err(Failure::Cancelled)) | None => None,
        }
    }

    /// Tells the loop that the handle is gone. Returns the body that was left in the task's slot,
    /// if the task has ended. A loop that is not running on this thread gets a message instead, and
    /// drops the body itself.
    #[inline]
    pub(super) fn release(&mut self) -> Option<Body> {
        let key = self.key;
        self.key.slot = VACANT;
        if let Some(remote) = self.exported() {
            return remote.release();
        }
        let left = self.with_loop(|core| core.drop_handle(key));
        if left.is_none() && key.slot != VACANT {
            core::send_to(self.loop_id, Message::DropHandle(key));
        }
        left.flatten()
    }
}

impl<T> Drop for LocalTask<T> {
    #[inline]
    fn drop(&mut self) {
        // A handle that has given its result has nothing left to do here.
        if self.key.slot != VACANT || self.rare.get().is_some() {
            self.drop_unreleased();
        }
    }
}

impl<T> LocalTask<T> {
    /// Cancels the task if its result is still wanted: nothing can ask for it any longer.
    #[inline(never)]
    fn drop_unreleased(&mut self) {
        let is_wanted = match self.exported() {
            Some(remote) => remote.is_wanted(),
            None => self.key.slot != VACANT,
        };
        if is_wanted {
            let join = Wait::Join(TaskId(self.key.task));
            core::with_current_if(self.loop_id, |core| core.withdraw_wait(join));
            self.request_cancel(true);
            // A result that was not taken is dropped here, where no part of the loop is borrowed.
            drop(self.release());
        }
    }
}

pin_project! {
    /// A task's body: the future, then its result until that is taken.
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
        future.poll(cx).map(|value| {
            if let Some(error) = returned_error(&value) {
                report_error(&value, error);
            }
            self.set(TaskJob::Done { value: Some(value) });
        })
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

/// Records that the current task returns an error, of a type with this name.
#[cold]
fn report_error<T: 'static>(value: &T, name: &str) {
    core::with_current(|core| {
        if core.recording.get() {
            let text = text_of(value);
            core.report_error(text.as_deref().unwrap_or(name));
        }
    });
}

/// The body of a task whose future this is.
pub(super) fn body<F>(future: F) -> Body
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Box::pin(TaskJob::Running { future })
}

/// The body of a task whose future stays on this thread.
pub(super) fn thread_bound_body<F>(future: F) -> Body
where
    F: Future + 'static,
    F::Output: 'static,
{
    thread_bound::bind(Box::pin(TaskJob::Running { future }))
}

/// A function that takes the result out of a task's body, for a task that returns a `T`.
type TakeResult<T> = fn(Body) -> Result<Option<T>, Failure>;

/// A [`TakeResult`]. A handle has this function as a pointer, made where the task is spawned: the
/// function needs `T: 'static`, which is known there but not in the methods of the handle.
pub(super) fn take_result<T: 'static>(mut body: Body) -> Result<Option<T>, Failure> {
    let mut value: Option<T> = None;
    body.as_mut().take(&mut value).map(|()| value)
}

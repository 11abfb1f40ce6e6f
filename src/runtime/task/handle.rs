//! Spawning tasks, and their handles.

use std::{
    any::type_name,
    fmt,
    future::{Future, poll_fn},
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use crate::{
    runtime::{
        executor::{
            core,
            task_name::TaskName,
            thread_loop::{self, PrepareBackground},
        },
        io::job_times::JobTimes,
    },
    trace::TaskId,
};

use super::{
    foreign_task::ForeignTask,
    group_resource::GroupResource,
    local::{self, LocalTask, TaskRef},
    located::Located,
    remote_handle::RemoteHandle,
    traced_future::LateTaskId,
};

/// Like [`loopscope::spawn`](crate::spawn), but the background loop is not recorded if this call
/// starts it.
#[doc(hidden)]
#[track_caller]
pub fn spawn<F>(future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    spawn_preparing(None, future, |_, _| {})
}

/// Like [`spawn`], for a task with this name.
#[doc(hidden)]
#[track_caller]
pub fn spawn_named<F>(name: &str, future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    spawn_preparing(Some(name), future, |_, _| {})
}

/// Like [`spawn`], for a future that need not be `Send`, such as one with an [`Rc`](std::rc::Rc).
/// smol has no such function; its `LocalExecutor` has.
///
/// The task stays on this thread. If no loop runs on this thread, the task is first polled in the
/// thread's next [`block_on`](crate::block_on).
///
/// ```
/// use std::{cell::Cell, rc::Rc};
///
/// let count = Rc::new(Cell::new(0));
/// loopscope::block_on({
///     let count = count.clone();
///     async move { loopscope::spawn_local(async move { count.set(7) }).await }
/// });
/// assert_eq!(count.get(), 7);
/// ```
#[track_caller]
pub fn spawn_local<F>(future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_at(TaskName::Type(type_name::<F>()), Location::caller(), future)
}

/// Like [`spawn`], for a future that may return an error.
#[doc(hidden)]
#[track_caller]
pub fn try_spawn<F, T, E>(future: F) -> Task<Result<T, E>>
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: fmt::Display + Send + 'static,
{
    try_spawn_preparing(future, |_, _| {})
}

/// The implementation of [`try_spawn`], with `prepare` as in [`spawn_preparing`].
#[doc(hidden)]
#[track_caller]
pub fn try_spawn_preparing<F, T, E>(future: F, prepare: PrepareBackground) -> Task<Result<T, E>>
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: fmt::Display + Send + 'static,
{
    let name = TaskName::Type(type_name::<F>());
    let reporting = async move {
        let result = future.await;
        if let Err(error) = &result {
            core::with_current(|core| core.report_error(&error.to_string()));
        }
        result
    };
    spawn_sent(name, Location::caller(), reporting, prepare)
}

/// Spawns a task, which is named after its type if it gets no name. If the background loop is
/// started for that, calls `prepare` before, which may make that loop record.
#[doc(hidden)]
#[track_caller]
pub fn spawn_preparing<F>(
    name: Option<&str>,
    future: F,
    prepare: PrepareBackground,
) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let name = name.map_or(TaskName::Type(type_name::<F>()), TaskName::Given);
    spawn_sent(name, Location::caller(), future, prepare)
}

fn spawn_sent<F>(
    name: TaskName<'_>,
    at: &'static Location<'static>,
    future: F,
    prepare: PrepareBackground,
) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let handle = match thread_loop::spawn(name, at, local::body(future)) {
        Ok((key, loop_id)) => LocalTask::new(key, loop_id, at, local::take_result),
        Err(body) => {
            let task = thread_loop::spawn_in_background(name, at, body, prepare);
            let remote = RemoteHandle::new(task, name, at);
            LocalTask::of_remote(remote, at, local::take_result)
        }
    };
    Task {
        handle: Handle::Local(handle),
    }
}

/// Spawns a task that may not leave this thread.
pub(super) fn spawn_at<F>(
    name: TaskName<'_>,
    at: &'static Location<'static>,
    future: F,
) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let body = local::thread_bound_body(future);
    let (key, loop_id) = thread_loop::spawn_thread_bound(name, at, body);
    Task {
        handle: Handle::Local(LocalTask::new(key, loop_id, at, local::take_result)),
    }
}

/// The handle of a task. Awaiting the handle returns the task's result.
///
/// Dropping the handle cancels the task, as in smol. A handle may be sent to another thread, and be
/// awaited, cancelled, dropped or detached there, in any executor. Only a task of [`spawn_local`]
/// can be awaited on its own thread alone.
///
/// ```
/// use loopscope::{future, spawn};
///
/// loopscope::block_on(async {
///     let ready = spawn(async { 1 });
///     let pending = spawn(future::pending::<u32>()).fallible();
///     future::yield_now().await;
///     assert!(ready.is_finished() && !pending.is_finished());
///     assert_eq!(ready.cancel().await, Some(1)); // it had completed
///     assert_eq!(pending.cancel().await, None);
///     spawn(async { println!("nothing waits for this") }).detach();
/// });
/// ```
#[must_use = "a task whose handle is dropped is cancelled: await it, or detach it"]
pub struct Task<T> {
    handle: Handle<T>,
}

enum Handle<T> {
    Local(LocalTask<T>),
    Foreign(Box<ForeignTask<T>>),
}

impl<T> Task<T> {
    /// The handle of a task of one of smol's executors.
    pub(super) fn executor(
        task: async_executor::Task<T>,
        id: LateTaskId,
        made: &'static Location<'static>,
    ) -> Task<T> {
        Task {
            handle: Handle::Foreign(Box::new(ForeignTask::executor(task, id, made))),
        }
    }

    /// The handle of a job of the thread pool.
    pub(in crate::runtime) fn pool(
        task: async_executor::Task<T>,
        times: Arc<JobTimes>,
        made: &'static Location<'static>,
    ) -> Task<T> {
        Task {
            handle: Handle::Foreign(Box::new(ForeignTask::pool(task, times, made))),
        }
    }

    /// The task's number in the trace. A job of the thread pool has none, and a task of an executor
    /// has none until a loop that is recorded has seen it.
    pub fn id(&self) -> Option<TaskId> {
        match &self.handle {
            Handle::Local(local) => local.id(),
            Handle::Foreign(foreign) => foreign.id(),
        }
    }

    /// Renames the task in the trace, from now on. Does nothing for a task without an
    /// [`id`](Task::id).
    pub fn named(self, name: &str) -> Task<T> {
        match &self.handle {
            Handle::Local(local) => local.name(name),
            Handle::Foreign(foreign) => {
                if let Some(id) = foreign.id() {
                    core::with_current(|core| core.name_task(id, name));
                }
            }
        }
        self
    }

    /// Drops the handle without cancelling the task. What the task returns is lost.
    pub fn detach(self) {
        match self.handle {
            Handle::Local(mut local) => drop(local.release()),
            Handle::Foreign(foreign) => foreign.task.detach(),
        }
    }

    /// Cancels the task and waits until the cancellation is delivered. Returns the task's result if
    /// it had completed.
    #[track_caller]
    pub fn cancel(mut self) -> impl Future<Output = Option<T>> {
        self.ask_cancel();
        let called = Location::caller();
        if let Handle::Local(local) = &mut self.handle {
            // From now on the waiter is shown at this `cancel()` call, not at the spawn.
            local.spawned = called;
        }
        Located::new(async move {
            match self.handle {
                Handle::Local(mut local) => {
                    let result = poll_fn(|cx| local.poll_end(cx)).await;
                    // The task had ended before it was cancelled: its result is not lost.
                    if result.is_some() && !local.has_waited {
                        core::with_current(|core| local.joined(core, called));
                    }
                    result
                }
                Handle::Foreign(foreign) => foreign.task.cancel().await,
            }
        })
    }

    /// Requests the cancellation of the task, without waiting for it. The cancellation is delivered
    /// in the task's next poll.
    ///
    /// Does nothing for a task of an executor and for a job of the thread pool: only
    /// [`Task::cancel`] and dropping the handle cancel those.
    pub fn ask_cancel(&self) {
        if let Handle::Local(local) = &self.handle {
            local.request_cancel(false);
        }
    }

    /// Whether the task has completed, panicked or been cancelled. If the task's loop runs on another
    /// thread, this waits for its answer; while a poll there does not return, the answer is `false`
    /// after 20 ms.
    pub fn is_finished(&self) -> bool {
        match &self.handle {
            Handle::Local(local) => local.is_finished(),
            Handle::Foreign(foreign) => foreign.task.is_finished(),
        }
    }

    /// A handle that gives `None` if the task was cancelled, instead of panicking.
    pub fn fallible(self) -> FallibleTask<T> {
        FallibleTask { task: self }
    }

    /// Ready with the task's result once the task has ended; with `None` if the task was cancelled
    /// or its loop is gone.
    #[track_caller]
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        match &mut self.handle {
            Handle::Local(local) => local.poll_end(cx),
            Handle::Foreign(foreign) => foreign.poll_end(cx),
        }
    }

    /// Like [`Task::poll_end`], for an `.await` of the program. If the task ended before the first
    /// poll, the trace records that the `.await` does not suspend.
    #[track_caller]
    fn poll_awaited(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let polled = self.poll_end(cx);
        if let (Handle::Local(local), true) = (&self.handle, polled.is_ready())
            && !local.has_waited
        {
            let awaited = Location::caller();
            core::with_current(|core| local.joined(core, awaited));
        }
        polled
    }

    /// The result of a task that was taken out of a group.
    ///
    /// # Panics
    ///
    /// As an `.await` of the task would.
    pub(super) fn poll_taken(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        self.poll_end(cx).map(|value| self.expect_value(value))
    }

    /// Like [`Task::poll_taken`], for a member of a list. A wait for a task of the loop is not
    /// declared, because the wait is one for the whole list.
    pub(super) fn poll_member(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        let polled = match &mut self.handle {
            Handle::Local(local) => local.poll_undeclared(cx),
            Handle::Foreign(foreign) => foreign.poll_end(cx),
        };
        polled.map(|value| self.expect_value(value))
    }

    fn expect_value(&self, value: Option<T>) -> T {
        match (value, self.id()) {
            (Some(value), _) => value,
            (None, Some(id)) => {
                panic!("task {id} was cancelled, or awaited again after it gave its result")
            }
            (None, None) => {
                panic!("a task was cancelled, or awaited again after it gave its result")
            }
        }
    }

    /// The group of [`first_completed`](super::group::first_completed) that the task is a member of.
    pub(super) fn group(&self) -> Option<&Arc<GroupResource>> {
        match &self.handle {
            Handle::Local(local) => local.group(),
            Handle::Foreign(_) => None,
        }
    }

    /// Makes the task a member of a group. Returns `false` if the loop does not keep the task.
    pub(super) fn set_group(&mut self, group: &Arc<GroupResource>) -> bool {
        match &mut self.handle {
            Handle::Local(local) => {
                local.set_group(group);
                true
            }
            Handle::Foreign(_) => false,
        }
    }
}

impl<T: 'static> Task<T> {
    /// Calls `watcher` when the task ends, in the task's own last poll, with whether it panicked.
    /// Replaces a watcher that was set before.
    ///
    /// For a foreign task, the watcher is called when the local task that wraps it ends.
    pub(super) fn on_end(self, watcher: impl FnOnce(bool) + 'static) -> Task<T> {
        let (task, task_ref) = self.into_local();
        task_ref.watch(Box::new(watcher));
        task
    }

    /// Returns the handle of a local task, and a reference to that task. A foreign task, or one of a
    /// loop on another thread, is wrapped in a new local task that awaits it.
    fn into_local(self) -> (Task<T>, TaskRef) {
        let local = match self.handle {
            Handle::Local(local) if !local.is_remote() => local,
            handle => {
                let made = match &handle {
                    Handle::Local(local) => local.spawned,
                    Handle::Foreign(foreign) => foreign.made,
                };
                return spawn_at(TaskName::Given("join"), made, Task { handle }).into_local();
            }
        };
        let task_ref = local.task_ref();
        let handle = Handle::Local(local);
        (Task { handle }, task_ref)
    }

    /// Detaches the task, and calls `callback` with the task's result. The call is a separate entry
    /// of the ready queue. The callback is not called if the task panics or is cancelled.
    ///
    /// ```
    /// loopscope::block_on(async {
    ///     loopscope::spawn(async { 7 }).on_done(|value| assert_eq!(value, 7));
    ///     loopscope::future::yield_now().await;
    /// });
    /// ```
    pub fn on_done(self, callback: impl FnOnce(T) + 'static) {
        let (mut task, task_ref) = self.into_local();
        let call = move || {
            let cx = &mut Context::from_waker(Waker::noop());
            if let Poll::Ready(Some(value)) = task.poll_end(cx) {
                callback(value);
            }
        };
        task_ref.watch(Box::new(move |_| {
            core::current_loop().call_soon("on_done", Box::new(call));
        }));
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    /// # Panics
    ///
    /// With the task's panic, if it panicked. If the task was cancelled, or has given its result
    /// before.
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.poll_awaited(cx).map(|value| self.expect_value(value))
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

/// The handle of a task that gives `None` if the task was cancelled: [`Task::fallible`].
#[must_use = "a task whose handle is dropped is cancelled"]
#[derive(Debug)]
pub struct FallibleTask<T> {
    task: Task<T>,
}

impl<T> FallibleTask<T> {
    /// See [`Task::detach`].
    pub fn detach(self) {
        self.task.detach();
    }

    /// See [`Task::cancel`].
    #[track_caller]
    pub fn cancel(self) -> impl Future<Output = Option<T>> {
        self.task.cancel()
    }

    /// See [`Task::is_finished`].
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

impl<T> Future for FallibleTask<T> {
    type Output = Option<T>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.task.poll_awaited(cx)
    }
}

//! Tasks and their handles.

mod foreign_task;
pub mod future;
mod future_ext;
mod group;
mod local;
mod shared;
mod shared_value;
mod smol_executor;
mod timer;
mod traced_future;

use std::{
    any::type_name,
    fmt,
    future::{Future, poll_fn},
    panic::Location,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use crate::trace::TaskId;

use super::executor::{core, task_key::VACANT, task_name::TaskName, thread_loop};

use foreign_task::ForeignTask;
use local::{LocalTask, TaskRef};
use traced_future::LateTaskId;

pub use future_ext::{FutureExt, Io, Named};
pub use group::{
    AsCompleted, FirstCompleted, Gather, TaskGroup, as_completed, first_completed, gather,
    try_gather,
};
pub use shared::Shared;
pub use shared_value::SharedValue;
pub use smol_executor::{Executor, LocalExecutor};
pub use timer::{
    Elapsed, Sleep, Timeout, Timer, block_for, clock_text, now, sleep, sleep_until, timeout,
};

/// Puts a future into the loop as a task of its own. It does not run now: it waits for its turn at the end of
/// the ready queue.
///
/// Dropping the handle cancels the task; [`Task::detach`] lets it run on. The task is called after the function
/// whose future it is; [`Task::named`] gives it another name.
///
/// Where no loop runs the task waits for this thread's next [`block_on`](crate::block_on).
///
/// ```
/// let sum = loopscope::block_on(async {
///     let task = loopscope::spawn(async { 1 + 2 });
///     task.await
/// });
/// assert_eq!(sum, 3);
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_at(TaskName::Type(type_name::<F>()), Location::caller(), future)
}

/// As [`spawn`], for a task with this name.
#[track_caller]
pub fn spawn_named<F>(name: &str, future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_at(TaskName::Given(name), Location::caller(), future)
}

/// As [`spawn`], for a future that may give an error: the trace then says so, with the error's words, and the task ends
/// as a failed one. Whoever awaits it gets the error as it is; nobody else hears of it.
///
/// ```
/// let answer = loopscope::block_on(async {
///     loopscope::try_spawn(async { "42!".parse::<u8>() }).await
/// });
/// assert!(answer.is_err());
/// ```
#[track_caller]
pub fn try_spawn<F, T, E>(future: F) -> Task<Result<T, E>>
where
    F: Future<Output = Result<T, E>> + 'static,
    T: 'static,
    E: fmt::Display + 'static,
{
    let telling = async move {
        let result = future.await;
        if let Err(error) = &result {
            core::with_current(|core| core.report_error(&error.to_string()));
        }
        result
    };
    spawn_at(
        TaskName::Type(type_name::<F>()),
        Location::caller(),
        telling,
    )
}

pub(super) fn spawn_at<F>(
    name: TaskName<'_>,
    at: &'static Location<'static>,
    future: F,
) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let body = local::body(future);
    let (entry, loop_id) = thread_loop::spawn(name, at, body);
    Task {
        handle: Handle::Local(LocalTask::new(entry, loop_id, at, local::take_result)),
    }
}

/// A task's handle. Awaiting it gives what the task returns.
///
/// Dropping it cancels the task, as in smol. It may be sent to another thread, where it can be dropped, cancelled and
/// detached; a task of [`spawn`] is awaited on the thread of its loop.
#[must_use = "a task whose handle is dropped is cancelled: await it, or detach it"]
pub struct Task<T> {
    handle: Handle<T>,
}

enum Handle<T> {
    Local(LocalTask<T>),
    Foreign(Box<ForeignTask<T>>),
}

impl<T> Task<T> {
    /// A task of an executor.
    pub(super) fn executor(
        task: smol::Task<T>,
        id: LateTaskId,
        made: &'static Location<'static>,
    ) -> Task<T> {
        Task {
            handle: Handle::Foreign(Box::new(ForeignTask::executor(task, id, made))),
        }
    }

    /// Work on the pool of threads.
    pub(super) fn pool(task: smol::Task<T>, made: &'static Location<'static>) -> Task<T> {
        Task {
            handle: Handle::Foreign(Box::new(ForeignTask::pool(task, made))),
        }
    }

    /// The task's number. Work on the pool has none, and a task of an executor only once a loop has recorded it: they
    /// have the highest there is.
    pub fn id(&self) -> TaskId {
        match &self.handle {
            Handle::Local(local) => local.id(),
            Handle::Foreign(foreign) => foreign.id().unwrap_or(TaskId(VACANT)),
        }
    }

    /// Calls the task by this name from now on.
    pub fn named(self, name: &str) -> Task<T> {
        let id = self.id();
        if id.0 != VACANT {
            core::with_current(|core| {
                core.sched
                    .borrow_mut()
                    .recorder
                    .write(|writer| writer.name_task(id, name));
            });
        }
        self
    }

    /// Lets the task run on without its handle. What it returns is lost.
    pub fn detach(self) {
        match self.handle {
            Handle::Local(mut local) => drop(local.release()),
            Handle::Foreign(foreign) => foreign.task.detach(),
        }
    }

    /// Cancels the task and waits until it was told. Gives its result, if it was done before.
    #[track_caller]
    pub fn cancel(mut self) -> impl Future<Output = Option<T>> {
        self.ask_cancel();
        if let Handle::Local(local) = &mut self.handle {
            // Who waits now waits local.
            local.spawned = Location::caller();
        }
        async move {
            match self.handle {
                Handle::Local(mut local) => poll_fn(|cx| local.poll_end(cx)).await,
                Handle::Foreign(foreign) => foreign.task.cancel().await,
            }
        }
    }

    /// Asks the task to end, without waiting for it. It is told at its next turn. (A task of an executor and work on the
    /// pool are only told by [`Task::cancel`] and by dropping the handle.)
    pub fn ask_cancel(&self) {
        if let Handle::Local(local) = &self.handle {
            local.request_cancel(false);
        }
    }

    /// Whether the task has ended, in whatever way. On another thread than its loop's it has when the loop has.
    pub fn is_finished(&self) -> bool {
        match &self.handle {
            Handle::Local(local) => local.is_finished(),
            Handle::Foreign(foreign) => foreign.task.is_finished(),
        }
    }

    /// A handle whose result says whether the task was cancelled, instead of panicking.
    pub fn fallible(self) -> FallibleTask<T> {
        FallibleTask { task: self }
    }

    /// What the task left, if it has ended: none if it was cancelled, or if its loop is gone.
    #[track_caller]
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        match &mut self.handle {
            Handle::Local(local) => local.poll_end(cx),
            Handle::Foreign(foreign) => foreign.poll_end(cx),
        }
    }
}

impl<T: 'static> Task<T> {
    /// Has `watcher` called when the task ends, in the task's own last turn. Replaces one that was set before.
    ///
    /// A task that lives elsewhere is awaited by one local from now on.
    pub(super) fn on_end(self, watcher: impl FnOnce(bool) + 'static) -> Task<T> {
        let (task, task_ref) = self.into_local();
        local::watch(task_ref, Box::new(watcher));
        task
    }

    /// The task itself, if it lives in the loop, and else one that awaits it; and where it lives.
    fn into_local(self) -> (Task<T>, TaskRef) {
        let local = match self.handle {
            Handle::Local(local) => local,
            Handle::Foreign(foreign) => {
                let made = foreign.made;
                let there = Task {
                    handle: Handle::Foreign(foreign),
                };
                return spawn_at(TaskName::Given("join"), made, there).into_local();
            }
        };
        let task_ref = local.task_ref();
        let handle = Handle::Local(local);
        (Task { handle }, task_ref)
    }

    /// Lets the task run on without its handle, and has a callback called with what it returns, in a turn of its own
    /// after the task's last. It is not called if the task panics or is cancelled.
    pub fn on_done(self, callback: impl FnOnce(T) + 'static) {
        let (mut task, task_ref) = self.into_local();
        let call = move || {
            let cx = &mut Context::from_waker(Waker::noop());
            if let Poll::Ready(Some(value)) = task.poll_end(cx) {
                callback(value);
            }
        };
        let watcher = Box::new(move |_| {
            core::current_loop().call_soon("on_done", Box::new(call));
        });
        local::watch(task_ref, watcher);
    }

    /// A handle that can be cloned and awaited any number of times, and gives a clone of the result each time.
    #[track_caller]
    pub fn shared(self) -> Shared<T>
    where
        T: Clone,
    {
        Shared::new(self)
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    /// # Panics
    ///
    /// If the task panicked, with its panic; if it was cancelled.
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let id = self.id();
        self.poll_end(cx).map(|value| match value {
            Some(value) => value,
            None => panic!("task {id} was cancelled, or awaited again after it gave its result"),
        })
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("id", &self.id().0)
            .finish_non_exhaustive()
    }
}

/// A task's handle whose result is none if the task was cancelled.
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
        self.task.poll_end(cx)
    }
}

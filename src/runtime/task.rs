//! Tasks and their handles.

use std::{
    any::{Any, type_name},
    fmt,
    future::Future,
    marker::PhantomData,
    panic::{Location, resume_unwind},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use pin_project_lite::pin_project;

use crate::trace::{TaskId, Wait};

use super::{
    core::{self, Body, Core, Entry, Failure, Job, NOBODY, Name, Watcher},
    shared::Shared,
};

/// Puts a future into the loop as a task of its own. It does not run now: it waits for its turn at the end of
/// the ready queue.
///
/// Dropping the handle cancels the task; [`Task::detach`] lets it run on. The task is called after the function
/// whose future it is; [`Task::named`] gives it another name.
///
/// ```
/// let sum = loopscope::block_on(async {
///     let task = loopscope::spawn(async { 1 + 2 });
///     task.await
/// });
/// assert_eq!(sum, 3);
/// ```
///
/// # Panics
///
/// If there is no loop on this thread.
#[track_caller]
pub fn spawn<F>(future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_at(Name::Type(type_name::<F>()), Location::caller(), future)
}

/// As [`spawn`], for a task with this name.
#[track_caller]
pub fn spawn_named<F>(name: &str, future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_at(Name::Given(name), Location::caller(), future)
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
///
/// # Panics
///
/// If there is no loop on this thread.
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
            core::with(|core| core.tell_error(&error.to_string()));
        }
        result
    };
    spawn_at(Name::Type(type_name::<F>()), Location::caller(), telling)
}

pub(super) fn spawn_at<F>(
    name: Name<'_>,
    at: &'static Location<'static>,
    future: F,
) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let body = Box::pin(TaskJob::Running { future });
    let spawned = core::with(|core| (core.spawn(name, at, Some(body)), core.id));
    let Some((entry, loop_id)) = spawned else {
        panic!("there is no event loop on this thread: spawn inside of loopscope::block_on")
    };
    Task {
        entry,
        loop_id,
        spawned: at,
        result: PhantomData,
    }
}

/// `main::say_after::{{closure}}` is called `say_after`, a future of another crate by its type.
pub(super) fn short_name(type_name: &'static str) -> &'static str {
    let function = type_name.trim_end_matches("::{{closure}}");
    let function = function.split('<').next().unwrap_or(function);
    function
        .rsplit("::")
        .next()
        .filter(|name| !name.is_empty())
        .unwrap_or("task")
}

/// A task's handle. Awaiting it gives what the task returns.
///
/// Dropping it cancels the task, as in smol.
#[must_use = "a task whose handle is dropped is cancelled: await it, or detach it"]
pub struct Task<T> {
    entry: Entry,
    loop_id: u64,
    spawned: &'static Location<'static>,
    /// Not to be sent to another thread: its loop is on this one.
    result: PhantomData<Rc<T>>,
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

impl<T: 'static> Task<T> {
    /// The task's number.
    pub fn id(&self) -> TaskId {
        TaskId(self.entry.task)
    }

    /// Calls the task by this name from now on.
    pub fn named(self, name: &str) -> Task<T> {
        let id = self.id();
        core::with(|core| {
            core.hot
                .borrow_mut()
                .recorder
                .write(|writer| writer.name_task(id, name));
        });
        self
    }

    /// Lets the task run on without its handle. What it returns is lost.
    pub fn detach(mut self) {
        self.let_go();
    }

    /// Cancels the task and waits until it was told. Gives its result, if it was done before.
    #[track_caller]
    pub fn cancel(mut self) -> FallibleTask<T> {
        self.ask_cancel();
        // Who waits now waits here.
        self.spawned = Location::caller();
        self.fallible()
    }

    /// Asks the task to end, without waiting for it. It is told at its next turn.
    pub fn ask_cancel(&self) {
        self.with_loop(|core| core.cancel(self.entry, false));
    }

    /// Whether the task has ended, in whatever way.
    pub fn is_finished(&self) -> bool {
        let running = self.with_loop(|core| {
            core.hot
                .borrow_mut()
                .room(self.entry)
                .is_some_and(|room| !room.ended)
        });
        running != Some(true)
    }

    /// A handle whose result says whether the task was cancelled, instead of panicking.
    pub fn fallible(self) -> FallibleTask<T> {
        FallibleTask { task: self }
    }

    /// Has `watcher` called when the task ends, in the task's own last turn. Replaces one that was set before.
    pub(super) fn on_end(&self, watcher: impl FnOnce(bool) + 'static) {
        watch(self.entry, self.loop_id, Box::new(watcher));
    }

    /// Lets the task run on without its handle, and has a callback called with what it returns, in a turn of its own
    /// after the task's last. It is not called if the task panics or is cancelled.
    pub fn on_done(mut self, callback: impl FnOnce(T) + 'static) {
        let (entry, loop_id) = (self.entry, self.loop_id);
        let call = move || {
            let cx = &mut Context::from_waker(Waker::noop());
            if let Poll::Ready(Some(value)) = self.poll_end(cx) {
                callback(value);
            }
        };
        let watcher = Box::new(move |_| {
            core::active().call_soon("on_done", Box::new(call));
        });
        watch(entry, loop_id, watcher);
    }

    /// A handle that can be cloned and awaited any number of times, and gives a clone of the result each time.
    #[track_caller]
    pub fn shared(self) -> Shared<T>
    where
        T: Clone,
    {
        Shared::new(self)
    }

    /// What the task left, if it has ended: none if it was cancelled, or if its loop is gone.
    #[track_caller]
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let awaited = Location::caller();
        let ended = self.with_loop(|core| {
            let mut hot = core.hot.borrow_mut();
            let Some(room) = hot.room(self.entry) else {
                return true;
            };
            if !room.ended {
                match &mut room.joining {
                    Some(waker) => waker.as_mut().clone_from(cx.waker()),
                    none => *none = Some(Box::new(cx.waker().clone())),
                }
                drop(hot);
                core.wait(Wait::Join(self.id()), awaited, self.spawned);
                return false;
            }
            true
        });
        if ended == Some(false) {
            return Poll::Pending;
        }
        let body = self.let_go();
        let mut value: Option<T> = None;
        match body.map(|mut body| body.as_mut().take(&mut value)) {
            Some(Err(Failure::Panicked(payload))) => resume_unwind(payload),
            _ => Poll::Ready(value),
        }
    }
}

impl<T> Task<T> {
    /// Does something with the task's loop, if it is the one that runs on this thread.
    #[inline]
    fn with_loop<R>(&self, f: impl FnOnce(&Core) -> R) -> Option<R> {
        core::with(|core| (core.id == self.loop_id).then(|| f(core))).flatten()
    }

    /// Nobody holds the handle any more. Gives what was left in the task's room, if the task has ended.
    #[inline]
    fn let_go(&mut self) -> Option<Body> {
        let entry = std::mem::replace(&mut self.entry, GONE);
        let body = self.with_loop(|core| {
            let mut hot = core.hot.borrow_mut();
            hot.room(entry)?.held = false;
            hot.move_out(entry.slot)
        });
        body.flatten()
    }
}

/// Has a task's end watched, or calls the watcher now if it has ended.
fn watch(entry: Entry, loop_id: u64, watcher: Watcher) {
    let ended = core::with(|core| {
        (core.id == loop_id).then(|| core.hot.borrow_mut().watch(entry, watcher))
    });
    if let Some(Some(Some(watcher))) = ended {
        watcher(false);
    }
}

/// The entry of a handle that has been let go.
const GONE: Entry = Entry {
    slot: NOBODY,
    task: NOBODY,
};

impl<T: 'static> Future for Task<T> {
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

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        if self.entry.slot != NOBODY {
            self.with_loop(|core| core.cancel(self.entry, true));
            // A result that nobody took is dropped here, outside of the loop's own borrows.
            drop(self.let_go());
        }
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("id", &self.entry.task)
            .finish_non_exhaustive()
    }
}

/// A task's handle whose result is none if the task was cancelled.
#[must_use = "a task whose handle is dropped is cancelled"]
#[derive(Debug)]
pub struct FallibleTask<T> {
    task: Task<T>,
}

impl<T: 'static> FallibleTask<T> {
    /// See [`Task::detach`].
    pub fn detach(self) {
        self.task.detach();
    }

    /// See [`Task::cancel`].
    #[track_caller]
    pub fn cancel(self) -> FallibleTask<T> {
        self.task.cancel()
    }

    /// See [`Task::is_finished`].
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

impl<T: 'static> Future for FallibleTask<T> {
    type Output = Option<T>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.task.poll_end(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::short_name;

    #[test]
    fn a_task_is_called_after_its_function() {
        assert_eq!(
            short_name("main::scenarios::say_after::say_after::{{closure}}"),
            "say_after"
        );
        assert_eq!(short_name("main::run::{{closure}}::{{closure}}"), "run");
        assert_eq!(short_name("futures::Map<a::b::C, d>"), "Map");
        assert_eq!(short_name(""), "task");
    }
}

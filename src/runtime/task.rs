//! Tasks and their handles.

use std::{
    any::{Any, type_name},
    cell::RefCell,
    fmt,
    future::Future,
    panic::{Location, resume_unwind},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use crate::trace::{TaskId, Wait};

use super::core::{self, Ending, Entry};

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
    spawn_at(short_name(type_name::<F>()), Location::caller(), future)
}

/// As [`spawn`], for a task with this name.
#[track_caller]
pub fn spawn_named<F>(name: &str, future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_at(name, Location::caller(), future)
}

pub(super) fn spawn_at<F>(name: &str, at: &'static Location<'static>, future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let join = Rc::new(Join::default());
    let result = Rc::clone(&join);
    let body = Box::pin(async move {
        let value = future.await;
        result.end(End::Done(value));
    });
    let spawned = core::with(|core| {
        let entry = core.spawn(name, at, Some(body), Rc::clone(&join) as Rc<dyn Ending>);
        (entry, core.id)
    });
    let Some((entry, loop_id)) = spawned else {
        panic!("there is no event loop on this thread: spawn inside of loopscope::block_on")
    };
    Task { inner: Some(Inner { join, entry, loop_id, spawned: at }) }
}

/// `main::say_after::{{closure}}` is called `say_after`, a future of another crate by its type.
pub(super) fn short_name(type_name: &str) -> &str {
    let function = type_name.trim_end_matches("::{{closure}}");
    let function = function.split('<').next().unwrap_or(function);
    function.rsplit("::").next().filter(|name| !name.is_empty()).unwrap_or("task")
}

/// A task's handle. Awaiting it gives what the task returns.
///
/// Dropping it cancels the task, as in smol.
#[must_use = "a task whose handle is dropped is cancelled: await it, or detach it"]
pub struct Task<T> {
    /// None once it was detached or taken apart.
    inner: Option<Inner<T>>,
}

struct Inner<T> {
    join: Rc<Join<T>>,
    entry: Entry,
    loop_id: u64,
    spawned: &'static Location<'static>,
}

/// What a task leaves behind, and who waits for it.
struct Join<T> {
    state: RefCell<JoinState<T>>,
}

struct JoinState<T> {
    end: Option<End<T>>,
    ended: bool,
    waiting: Option<Waker>,
    /// Told once, when the task ends.
    watcher: Option<Watcher>,
}

/// Told whether the task panicked.
type Watcher = Box<dyn FnOnce(bool)>;

enum End<T> {
    Done(T),
    Panicked(Box<dyn Any + Send>),
    Cancelled,
}

impl<T> Default for Join<T> {
    fn default() -> Self {
        Join { state: RefCell::new(JoinState { end: None, ended: false, waiting: None, watcher: None }) }
    }
}

impl<T> Join<T> {
    fn end(&self, end: End<T>) {
        let panicked = matches!(end, End::Panicked(_));
        let (waiting, watcher) = {
            let mut state = self.state.borrow_mut();
            state.end = Some(end);
            state.ended = true;
            (state.waiting.take(), state.watcher.take())
        };
        if let Some(waker) = waiting {
            waker.wake();
        }
        if let Some(watcher) = watcher {
            watcher(panicked);
        }
    }
}

impl<T> Ending for Join<T> {
    fn panicked(&self, payload: Box<dyn Any + Send>) {
        self.end(End::Panicked(payload));
    }

    fn cancelled(&self) {
        // A task that is cancelled during its last poll has its result already.
        if !self.state.borrow().ended {
            self.end(End::Cancelled);
        }
    }
}

impl<T> Task<T> {
    fn inner(&self) -> &Inner<T> {
        match &self.inner {
            Some(inner) => inner,
            None => unreachable!("only methods that take the handle empty it"),
        }
    }

    /// The task's number.
    pub fn id(&self) -> TaskId {
        TaskId(self.inner().entry.task)
    }

    /// Calls the task by this name from now on.
    pub fn named(self, name: &str) -> Task<T> {
        let id = self.id();
        core::with(|core| core.hot.borrow_mut().recorder.write(|writer| writer.name_task(id, name)));
        self
    }

    /// Lets the task run on without its handle. What it returns is lost.
    pub fn detach(mut self) {
        self.inner = None;
    }

    /// Cancels the task and waits until it was told. Gives its result, if it was done before.
    pub async fn cancel(self) -> Option<T> {
        self.inner().ask_cancel();
        self.fallible().await
    }

    /// Asks the task to end, without waiting for it. It is told at its next turn.
    pub fn ask_cancel(&self) {
        self.inner().ask_cancel();
    }

    /// Whether the task has ended, in whatever way.
    pub fn is_finished(&self) -> bool {
        self.inner().join.state.borrow().ended
    }

    /// A handle whose result says whether the task was cancelled, instead of panicking.
    pub fn fallible(self) -> FallibleTask<T> {
        FallibleTask { task: self }
    }

    /// Has `watcher` called when the task ends, in the task's own last turn. Replaces one that was set before.
    pub(super) fn on_end(&self, watcher: impl FnOnce(bool) + 'static) {
        let join = &self.inner().join;
        if join.state.borrow().ended {
            watcher(false);
        } else {
            join.state.borrow_mut().watcher = Some(Box::new(watcher));
        }
    }

    /// What the task left, if it has ended: none if it was cancelled.
    #[track_caller]
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let inner = self.inner();
        let mut state = inner.join.state.borrow_mut();
        match state.end.take() {
            Some(End::Done(value)) => Poll::Ready(Some(value)),
            Some(End::Panicked(payload)) => {
                drop(state);
                resume_unwind(payload)
            }
            Some(End::Cancelled) => Poll::Ready(None),
            None if state.ended => panic!("a task was awaited again after it gave its result"),
            None => {
                match &mut state.waiting {
                    Some(waker) => waker.clone_from(cx.waker()),
                    none => *none = Some(cx.waker().clone()),
                }
                let awaited = Location::caller();
                let wait = Wait::Join(TaskId(inner.entry.task));
                core::with(|core| core.wait(wait, awaited, inner.spawned));
                Poll::Pending
            }
        }
    }
}

impl<T> Inner<T> {
    fn ask_cancel(&self) {
        if !self.join.state.borrow().ended {
            core::with(|core| {
                if core.id == self.loop_id {
                    core.cancel(self.entry);
                }
            });
        }
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    /// # Panics
    ///
    /// If the task panicked, with its panic; if it was cancelled.
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.poll_end(cx).map(|value| match value {
            Some(value) => value,
            None => panic!("task {} was cancelled", TaskId(self.inner().entry.task)),
        })
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            inner.ask_cancel();
        }
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("id", &self.id()).field("finished", &self.is_finished()).finish()
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
    pub async fn cancel(self) -> Option<T> {
        self.task.cancel().await
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

#[cfg(test)]
mod tests {
    use super::short_name;

    #[test]
    fn a_task_is_called_after_its_function() {
        assert_eq!(short_name("main::scenarios::say_after::say_after::{{closure}}"), "say_after");
        assert_eq!(short_name("main::run::{{closure}}::{{closure}}"), "run");
        assert_eq!(short_name("futures::Map<a::b::C, d>"), "Map");
        assert_eq!(short_name(""), "task");
    }
}

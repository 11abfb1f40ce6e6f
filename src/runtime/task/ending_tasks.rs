//! A stream of tasks, in the order in which they end: the basis of `gather`, `as_completed` and
//! groups.

use std::{
    any::{Any, type_name},
    cell::RefCell,
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    io,
    panic::Location,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use crate::{
    runtime::executor::{core, task_name::TaskName},
    trace::Wait,
};

use super::{
    group_resource::GroupResource,
    handle::{Task, spawn_at},
};

/// Tasks, in the order in which they end.
///
/// Each task has an [`on_end`](Task::on_end) callback that puts the task's index into `ended`. The
/// callback wakes the waiter once as many tasks have ended as the waiter has asked for, or if the
/// task panicked or returned an error that the waiter wants to know at once. The waiter then takes
/// the tasks out.
pub(super) struct EndingTasks<T> {
    /// By index; `None` once taken out.
    pub(super) tasks: Vec<Option<Task<T>>>,
    /// How many tasks have not been taken out.
    pub(super) left: usize,
    ended: Rc<RefCell<EndedQueue>>,
    /// The group in the trace.
    group: GroupResource,
    /// The call that waits for the tasks, for the trace.
    pub(super) made: &'static Location<'static>,
}

/// Which tasks a waiter waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitFor {
    /// The next one that ends.
    Next,
    /// All of them. The waiter is woken earlier only if one fails.
    All,
}

#[derive(Default)]
struct EndedQueue {
    /// Indices of the tasks that have ended and are not taken out.
    indices: VecDeque<usize>,
    /// How many tasks have ended.
    count: usize,
    /// The waker of the waiter, and the number of ended tasks from which on it is woken.
    waiting: Option<(Waker, usize)>,
    /// Set by a task that is about to return an error.
    failed: bool,
}

impl EndedQueue {
    /// Adds a task. Returns the waker if the waiter is to be woken now: the count is reached, or the
    /// task failed.
    fn add(&mut self, index: usize, panicked: bool) -> Option<Waker> {
        self.indices.push_back(index);
        self.count += 1;
        let failed = std::mem::take(&mut self.failed) || panicked;
        let count = self.count;
        let woken = self.waiting.take_if(|(_, from)| failed || count >= *from);
        woken.map(|(waker, _)| waker)
    }
}

impl<T: 'static> EndingTasks<T> {
    /// An empty group, which the trace calls `name`.
    pub(super) fn new(name: &'static str, made: &'static Location<'static>) -> EndingTasks<T> {
        EndingTasks {
            tasks: Vec::new(),
            left: 0,
            ended: Rc::default(),
            group: GroupResource::new(name, made),
            made,
        }
    }

    /// Spawns a task for each future. In the trace they are spawned where the public function is
    /// called.
    #[track_caller]
    pub(super) fn spawn<F>(
        name: &'static str,
        futures: impl IntoIterator<Item = F>,
    ) -> EndingTasks<T>
    where
        F: Future<Output = T> + 'static,
    {
        let (task_name, at) = (TaskName::Type(type_name::<F>()), Location::caller());
        let mut tasks = EndingTasks::new(name, at);
        for future in futures {
            tasks.push(spawn_at(task_name, at, future));
        }
        tasks
    }

    fn push(&mut self, task: Task<T>) {
        let (index, ended) = (self.tasks.len(), Rc::clone(&self.ended));
        let task = task.on_end(move |panicked| {
            let waker = ended.borrow_mut().add(index, panicked);
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        self.group.add(task.id());
        self.tasks.push(Some(task));
        self.left += 1;
    }

    /// Takes out the task that ended first, with its index.
    pub(super) fn take_ended(&mut self) -> Option<(usize, Task<T>)> {
        let index = self.ended.borrow_mut().indices.pop_front()?;
        let task = self.tasks[index].take()?;
        self.left -= 1;
        Some((index, task))
    }

    /// Registers the current task to be woken once the next task, or the last one, has ended. A task
    /// that fails wakes it at once. Declares the wait in the trace.
    pub(super) fn wait(
        &self,
        wanted: WaitFor,
        cx: &Context<'_>,
        awaited: &'static Location<'static>,
    ) {
        let (count, on) = match wanted {
            WaitFor::Next => (0, Wait::Any as fn(_) -> _),
            // Woken before the last task has ended, the waiter would only wait again.
            WaitFor::All => (self.tasks.len(), Wait::All as fn(_) -> _),
        };
        self.ended.borrow_mut().waiting = Some((cx.waker().clone(), count));
        core::with_current(|core| core.wait(on(self.group.id(core)), awaited, self.made));
    }

    /// The next task that ends: its index and its result, which is `None` if the task was
    /// cancelled.
    pub(super) async fn next(&mut self, wanted: WaitFor) -> Option<(usize, Option<T>)> {
        if self.left == 0 {
            return None;
        }
        let (index, mut task) = poll_fn(|cx| {
            if let Some(ended) = self.take_ended() {
                return Poll::Ready(ended);
            }
            // The caller is in this file: a `Located` knows where the program awaits.
            self.wait(wanted, cx, Location::caller());
            Poll::Pending
        })
        .await;
        let result = poll_fn(|cx| task.poll_end(cx)).await;
        Some((index, result))
    }

    /// The tasks that have not been taken out.
    pub(super) fn unfinished(self) -> impl Iterator<Item = Task<T>> {
        self.tasks.into_iter().flatten()
    }
}

impl<T: 'static, E: 'static> EndingTasks<Result<T, E>> {
    /// Like [`EndingTasks::spawn`], for a waiter that wants to know of an error at once.
    #[track_caller]
    pub(super) fn try_spawn<F>(
        name: &'static str,
        futures: impl IntoIterator<Item = F>,
    ) -> EndingTasks<Result<T, E>>
    where
        F: Future<Output = Result<T, E>> + 'static,
    {
        let (task_name, at) = (TaskName::Type(type_name::<F>()), Location::caller());
        let mut tasks = EndingTasks::new(name, at);
        for future in futures {
            tasks.push_fallible(task_name, at, future);
        }
        tasks
    }

    /// Spawns a task whose error wakes the waiter at once, and is recorded.
    pub(super) fn push_fallible<F>(
        &mut self,
        name: TaskName<'_>,
        at: &'static Location<'static>,
        future: F,
    ) where
        F: Future<Output = Result<T, E>> + 'static,
    {
        let ended = Rc::clone(&self.ended);
        let reporting = async move {
            let result = future.await;
            if let Err(error) = &result {
                ended.borrow_mut().failed = true;
                core::with_current(|core| core.report_error(&error_text(error)));
            }
            result
        };
        self.push(spawn_at(name, at, reporting));
    }

    /// All results in the order of the tasks, or the error of the first task that fails.
    pub(super) async fn all_or_first_error(&mut self) -> Result<Vec<T>, E> {
        let mut results: Vec<Option<T>> = self.tasks.iter().map(|_| None).collect();
        while let Some((index, result)) = self.next(WaitFor::All).await {
            results[index] = result.transpose()?;
        }
        Ok(results.into_iter().flatten().collect())
    }
}

/// What the trace says of an error. The type of the error need not be one that can be displayed; of
/// any but the most common types the trace has the name of the type.
fn error_text<E: 'static>(error: &E) -> String {
    let error: &dyn Any = error;
    if let Some(text) = error.downcast_ref::<String>() {
        text.clone()
    } else if let Some(text) = error.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(error) = error.downcast_ref::<io::Error>() {
        error.to_string()
    } else if let Some(error) = error.downcast_ref::<fmt::Error>() {
        error.to_string()
    } else if let Some(error) = error.downcast_ref::<Box<dyn std::error::Error>>() {
        error.to_string()
    } else {
        let name = type_name::<E>();
        let path = name.split('<').next().unwrap_or(name);
        path.rsplit("::").next().unwrap_or(name).to_owned()
    }
}

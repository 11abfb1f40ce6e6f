//! A stream of tasks, in the order in which they end: the basis of `gather`, `as_completed` and
//! groups.

use std::{
    any::type_name,
    cell::RefCell,
    collections::VecDeque,
    future::{Future, poll_fn},
    panic::Location,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use crate::{
    runtime::executor::{core, task_name::TaskName},
    trace::{TaskId, Wait},
};

use super::handle::{Task, spawn_at};

/// The most tasks that one wait names in the trace.
const MAX_NAMED_WAITS: usize = 16;

/// Tasks, in the order in which they end.
///
/// Each task has an [`on_end`](Task::on_end) callback that puts the task's index into `ended`. The
/// callback wakes the waiter once as many tasks have ended as the waiter has asked for, or if the
/// task panicked. The waiter then takes the tasks out.
pub(super) struct EndingTasks<T> {
    /// By index; `None` once taken out.
    pub(super) tasks: Vec<Option<Task<T>>>,
    /// How many tasks have not been taken out.
    pub(super) left: usize,
    ended: Rc<RefCell<EndedQueue>>,
    /// The call that waits for the tasks, for the trace.
    pub(super) made: &'static Location<'static>,
}

#[derive(Default)]
struct EndedQueue {
    /// Indices of the tasks that have ended and are not taken out.
    indices: VecDeque<usize>,
    /// How many tasks have ended.
    count: usize,
    /// The waker of the waiter, and the number of ended tasks from which on it is woken.
    waiting: Option<(Waker, usize)>,
}

impl EndedQueue {
    /// Adds a task. Returns the waker if the waiter is to be woken now: the count is reached, or the
    /// task panicked.
    fn add(&mut self, index: usize, panicked: bool) -> Option<Waker> {
        self.indices.push_back(index);
        self.count += 1;
        let count = self.count;
        let waiting = &mut self.waiting;
        let woken = waiting.take_if(|(_, from)| panicked || count >= *from);
        woken.map(|(waker, _)| waker)
    }
}

impl<T: 'static> EndingTasks<T> {
    pub(super) fn new(made: &'static Location<'static>) -> EndingTasks<T> {
        EndingTasks {
            tasks: Vec::new(),
            left: 0,
            ended: Rc::default(),
            made,
        }
    }

    /// Spawns a task for each future. In the trace they are spawned where the public function is
    /// called.
    #[track_caller]
    pub(super) fn spawn<F>(futures: impl IntoIterator<Item = F>) -> EndingTasks<T>
    where
        F: Future<Output = T> + 'static,
    {
        let (name, at) = (TaskName::Type(type_name::<F>()), Location::caller());
        let mut tasks = EndingTasks::new(at);
        for future in futures {
            tasks.push(spawn_at(name, at, future));
        }
        tasks
    }

    pub(super) fn push(&mut self, task: Task<T>) {
        let (index, ended) = (self.tasks.len(), Rc::clone(&self.ended));
        let task = task.on_end(move |panicked| {
            let waker = ended.borrow_mut().add(index, panicked);
            if let Some(waker) = waker {
                waker.wake();
            }
        });
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

    /// Registers the current task to be woken once `count` tasks have ended in total, or when the
    /// next one ends if that many have ended already. A task that panics wakes it at once. Declares
    /// which tasks the current task waits for.
    ///
    /// The trace shows a task with the wait that it declares last, so the first task of the group
    /// is declared last.
    pub(super) fn wait(&self, count: usize, cx: &Context<'_>, awaited: &'static Location<'static>) {
        self.ended.borrow_mut().waiting = Some((cx.waker().clone(), count));
        let left = self.tasks.iter().flatten();
        let left = left.filter(|task| !task.is_finished());
        let named: Vec<TaskId> = left.filter_map(Task::id).take(MAX_NAMED_WAITS).collect();
        core::with_current(|core| {
            for &task in named.iter().rev() {
                core.wait(Wait::Join(task), awaited, self.made);
            }
        });
    }

    /// The next task that ends: its index and its result, which is `None` if the task was
    /// cancelled.
    pub(super) async fn next(&mut self) -> Option<(usize, Option<T>)> {
        if self.left == 0 {
            return None;
        }
        let (index, task) = poll_fn(|cx| {
            if let Some(ended) = self.take_ended() {
                return Poll::Ready(ended);
            }
            self.wait(0, cx, self.made);
            Poll::Pending
        })
        .await;
        Some((index, task.fallible().await))
    }

    /// The tasks that have not been taken out.
    pub(super) fn unfinished(self) -> impl Iterator<Item = Task<T>> {
        self.tasks.into_iter().flatten()
    }
}

impl<T: 'static, E: 'static> EndingTasks<Result<T, E>> {
    /// All results in the order of the tasks, or the error of the first task that fails.
    pub(super) async fn all_or_first_error(&mut self) -> Result<Vec<T>, E> {
        let mut results: Vec<Option<T>> = self.tasks.iter().map(|_| None).collect();
        while let Some((index, result)) = self.next().await {
            results[index] = result.transpose()?;
        }
        Ok(results.into_iter().flatten().collect())
    }
}

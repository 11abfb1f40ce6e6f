//! Several tasks at once: all of them, one after the other as they end, or all or none.

use std::{
    cell::RefCell,
    collections::VecDeque,
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use smol::stream::Stream;

use crate::trace::{TaskId, Wait};

use super::{Task, spawn_at};
use crate::runtime::executor::{core, task_name::TaskName};

/// The most tasks that a wait for several names one by one.
const NAMED: usize = 16;

/// Tasks in the order in which they end.
#[derive(Default)]
struct EndedTasks {
    /// Their indices.
    queue: VecDeque<usize>,
    count: usize,
    /// Whom to wake, and from which count on.
    waiting: Option<(Waker, usize)>,
}

type SharedEndedTasks = Rc<RefCell<EndedTasks>>;

fn watch<T: 'static>(task: Task<T>, index: usize, shared: &SharedEndedTasks) -> Task<T> {
    let shared = Rc::clone(shared);
    task.on_end(move |panicked| {
        let waker = {
            let mut ended = shared.borrow_mut();
            ended.queue.push_back(index);
            ended.count += 1;
            let count = ended.count;
            ended
                .waiting
                .take_if(|(_, from)| panicked || count >= *from)
        };
        if let Some((waker, _)) = waker {
            waker.wake();
        }
    })
}

/// Says that the running task waits for those that have not ended, the first of them last: that is the one it is shown with.
fn wait_for<T: 'static>(
    tasks: &[Option<Task<T>>],
    awaited: &'static Location<'static>,
    made: &'static Location<'static>,
) {
    let left = tasks.iter().flatten().filter(|task| !task.is_finished());
    let named: Vec<TaskId> = left.map(Task::id).take(NAMED).collect();
    core::with_current(|core| {
        for &task in named.iter().rev() {
            core.wait(Wait::Join(task), awaited, made);
        }
    });
}

#[track_caller]
fn spawn_all<F>(
    futures: impl IntoIterator<Item = F>,
    shared: &SharedEndedTasks,
) -> Vec<Option<Task<F::Output>>>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let (name, at) = (
        TaskName::Type(std::any::type_name::<F>()),
        Location::caller(),
    );
    let spawned = futures.into_iter().enumerate().map(|(index, future)| {
        let task = spawn_at(name, at, future);
        Some(watch(task, index, shared))
    });
    spawned.collect()
}

/// Spawns a task for each future and waits for all. The results are in the order of the futures.
///
/// If one panics, so does the waiting task, at once; the others are then cancelled.
#[track_caller]
pub fn gather<F>(futures: impl IntoIterator<Item = F>) -> Gather<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let shared = SharedEndedTasks::default();
    let tasks = spawn_all(futures, &shared);
    let results = tasks.iter().map(|_| None).collect();
    Gather {
        tasks,
        results,
        shared,
        made: Location::caller(),
    }
}

/// The future of [`gather`].
#[must_use = "a future does nothing until it is awaited, and its tasks are cancelled when it is dropped"]
pub struct Gather<T> {
    tasks: Vec<Option<Task<T>>>,
    results: Vec<Option<T>>,
    shared: SharedEndedTasks,
    made: &'static Location<'static>,
}

impl<T> Unpin for Gather<T> {}

impl<T: 'static> Future for Gather<T> {
    type Output = Vec<T>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Vec<T>> {
        let this = &mut *self;
        loop {
            let Some(index) = this.shared.borrow_mut().queue.pop_front() else {
                break;
            };
            if let Some(mut task) = this.tasks[index].take()
                && let Poll::Ready(value) = Pin::new(&mut task).poll(cx)
            {
                this.results[index] = Some(value);
            }
        }
        if this.tasks.iter().all(Option::is_none) {
            return Poll::Ready(this.results.iter_mut().filter_map(Option::take).collect());
        }
        this.shared.borrow_mut().waiting = Some((cx.waker().clone(), this.tasks.len()));
        wait_for(&this.tasks, Location::caller(), this.made);
        Poll::Pending
    }
}

impl<T> fmt::Debug for Gather<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather")
            .field("tasks", &self.tasks.len())
            .finish_non_exhaustive()
    }
}

/// Spawns a task for each future and waits for all, or until one returns an error.
///
/// Then this is that error, and the others run on, with nobody to take what they return.
#[track_caller]
pub fn try_gather<F, T, E>(
    futures: impl IntoIterator<Item = F>,
) -> impl Future<Output = Result<Vec<T>, E>>
where
    F: Future<Output = Result<T, E>> + 'static,
    T: 'static,
    E: 'static,
{
    let shared = SharedEndedTasks::default();
    let tasks = spawn_all(futures, &shared);
    let mut ended = AsCompletedIndexed {
        left: tasks.len(),
        tasks,
        shared,
        made: Location::caller(),
    };
    async move {
        let results = ended.all_or_first_error().await;
        ended.tasks.into_iter().flatten().for_each(Task::detach);
        results
    }
}

/// Spawns a task for each future and gives the results as the tasks end.
#[track_caller]
pub fn as_completed<F>(futures: impl IntoIterator<Item = F>) -> AsCompleted<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let shared = SharedEndedTasks::default();
    let tasks = spawn_all(futures, &shared);
    AsCompleted {
        left: tasks.len(),
        tasks,
        shared,
        made: Location::caller(),
    }
}

/// The stream of [`as_completed`].
#[must_use = "a stream does nothing until it is asked, and its tasks are cancelled when it is dropped"]
pub struct AsCompleted<T> {
    tasks: Vec<Option<Task<T>>>,
    left: usize,
    shared: SharedEndedTasks,
    made: &'static Location<'static>,
}

impl<T> Unpin for AsCompleted<T> {}

impl<T: 'static> AsCompleted<T> {
    /// The next result; none when all have been given.
    #[expect(
        clippy::should_implement_trait,
        reason = "the name that `StreamExt` gives it"
    )]
    #[track_caller]
    pub fn next(&mut self) -> NextCompleted<'_, T> {
        self.made = Location::caller();
        NextCompleted { stream: self }
    }

    #[track_caller]
    fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let ended = self.shared.borrow_mut().queue.pop_front();
        if let Some(mut task) = ended.and_then(|index| self.tasks[index].take())
            && let Poll::Ready(value) = Pin::new(&mut task).poll(cx)
        {
            self.left -= 1;
            return Poll::Ready(Some(value));
        }
        let mut shared = self.shared.borrow_mut();
        shared.waiting = Some((cx.waker().clone(), 0));
        drop(shared);
        wait_for(&self.tasks, Location::caller(), self.made);
        Poll::Pending
    }
}

impl<T: 'static> Stream for AsCompleted<T> {
    type Item = T;

    #[track_caller]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_ended(cx)
    }
}

impl<T> fmt::Debug for AsCompleted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// The future of [`AsCompleted::next`].
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct NextCompleted<'a, T> {
    stream: &'a mut AsCompleted<T>,
}

impl<T: 'static> Future for NextCompleted<'_, T> {
    type Output = Option<T>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.stream.poll_ended(cx)
    }
}

/// Tasks that belong together: if one fails, the others are cancelled.
pub struct TaskGroup<T, E> {
    tasks: Vec<Task<Result<T, E>>>,
    shared: SharedEndedTasks,
}

impl<T: 'static, E: 'static> Default for TaskGroup<T, E> {
    fn default() -> Self {
        TaskGroup::new()
    }
}

impl<T: 'static, E: 'static> TaskGroup<T, E> {
    /// An empty group.
    pub fn new() -> TaskGroup<T, E> {
        TaskGroup {
            tasks: Vec::new(),
            shared: SharedEndedTasks::default(),
        }
    }

    /// Spawns a task of the group.
    #[track_caller]
    pub fn spawn<F>(&mut self, future: F)
    where
        F: Future<Output = Result<T, E>> + 'static,
    {
        let task = spawn_at(
            TaskName::Type(std::any::type_name::<F>()),
            Location::caller(),
            future,
        );
        let task = watch(task, self.tasks.len(), &self.shared);
        self.tasks.push(task);
    }

    /// Waits for all. If one fails, the others are cancelled and waited for; then this is its error.
    #[track_caller]
    pub fn join(self) -> impl Future<Output = Result<Vec<T>, E>> {
        let made = Location::caller();
        let left = self.tasks.len();
        let tasks: Vec<_> = self.tasks.into_iter().map(Some).collect();
        let mut ended = AsCompletedIndexed {
            tasks,
            left,
            shared: self.shared,
            made,
        };
        async move {
            let results = ended.all_or_first_error().await;
            if results.is_err() {
                ended.tasks.iter().flatten().for_each(Task::ask_cancel);
                while ended.next().await.is_some() {}
            }
            results
        }
    }
}

impl<T, E> fmt::Debug for TaskGroup<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup")
            .field("tasks", &self.tasks.len())
            .finish_non_exhaustive()
    }
}

/// As [`AsCompleted`], with the index of each task, and none for the result of one that was cancelled.
struct AsCompletedIndexed<T> {
    tasks: Vec<Option<Task<T>>>,
    left: usize,
    shared: SharedEndedTasks,
    made: &'static Location<'static>,
}

impl<T: 'static> AsCompletedIndexed<T> {
    async fn next(&mut self) -> Option<(usize, Option<T>)> {
        if self.left == 0 {
            return None;
        }
        let index = std::future::poll_fn(|cx| {
            let mut shared = self.shared.borrow_mut();
            if let Some(index) = shared.queue.pop_front() {
                return Poll::Ready(index);
            }
            shared.waiting = Some((cx.waker().clone(), 0));
            drop(shared);
            wait_for(&self.tasks, self.made, self.made);
            Poll::Pending
        })
        .await;
        self.left -= 1;
        let task = self.tasks[index].take()?;
        Some((index, task.fallible().await))
    }
}

impl<T: 'static, E: 'static> AsCompletedIndexed<Result<T, E>> {
    /// All results in the order of the tasks, or the first error that there is.
    async fn all_or_first_error(&mut self) -> Result<Vec<T>, E> {
        let mut results: Vec<Option<T>> = self.tasks.iter().map(|_| None).collect();
        while let Some((index, result)) = self.next().await {
            results[index] = result.transpose()?;
        }
        Ok(results.into_iter().flatten().collect())
    }
}

/// Waits until one of the tasks has ended, takes it out, and gives its result; none if there are no tasks.
///
/// The others run on. Of several that have ended, it is the one that stands first in the list.
///
/// ```
/// use loopscope::{first_completed, spawn};
///
/// loopscope::block_on(async {
///     let mut tasks = vec![spawn(async { 1 }), spawn(async { 2 })];
///     assert_eq!(first_completed(&mut tasks).await, Some(1));
///     assert_eq!(first_completed(&mut tasks).await, Some(2));
///     assert_eq!(first_completed(&mut tasks).await, None);
/// });
/// ```
pub fn first_completed<T: 'static>(tasks: &mut Vec<Task<T>>) -> FirstCompleted<'_, T> {
    FirstCompleted { tasks }
}

/// The future of [`first_completed`].
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct FirstCompleted<'a, T> {
    tasks: &'a mut Vec<Task<T>>,
}

impl<T: 'static> Future for FirstCompleted<'_, T> {
    type Output = Option<T>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        if this.tasks.is_empty() {
            return Poll::Ready(None);
        }
        if let Some(index) = this.tasks.iter().position(Task::is_finished) {
            let mut task = this.tasks.remove(index);
            return Pin::new(&mut task).poll(cx).map(Some);
        }
        // None has: asking each leaves word with it. The first in the list is asked last: it is the one that is shown.
        for index in (0..this.tasks.len()).rev() {
            // Work on the pool may be done by now.
            if let Poll::Ready(value) = Pin::new(&mut this.tasks[index]).poll(cx) {
                drop(this.tasks.remove(index));
                return Poll::Ready(Some(value));
            }
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        runtime::{Builder, now, sleep, spawn},
        trace::ClockKind,
    };

    #[test]
    fn tasks_come_out_as_they_end() {
        let run = Builder::new().clock(ClockKind::Virtual).run(async {
            let mut tasks: Vec<_> = [3, 1, 2]
                .map(|seconds| {
                    spawn(async move {
                        sleep(Duration::from_secs(seconds)).await;
                        seconds
                    })
                })
                .into();
            let mut ended = Vec::new();
            while let Some(seconds) = first_completed(&mut tasks).await {
                ended.push((seconds, now().seconds()));
            }
            ended
        });
        assert_eq!(run.value, Some(vec![(1, 1.0), (2, 2.0), (3, 3.0)]));
    }
}

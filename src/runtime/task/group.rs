//! Several tasks at once: wait for all, take them as they complete, or cancel all when one fails.
//!
//! Everything here but [`first_completed`] is built on one stream, [`EndingTasks`]: the tasks of a
//! group in the order in which they end.

use std::{
    any::type_name,
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_lite::stream::Stream;

use crate::{
    runtime::executor::{core, task_name::TaskName},
    trace::{ResourceId, Wait},
};

use super::{
    ending_tasks::{EndingTasks, WaitFor},
    group_resource::GroupResource,
    handle::Task,
    located::Located,
};

/// Spawns a task for each future and waits for all of them. The results are in the order of the
/// futures.
///
/// If one of the tasks panics, the waiting task panics at once, and the others are cancelled.
///
/// ```
/// let squares = loopscope::block_on(loopscope::gather((1..4).map(|n| async move { n * n })));
/// assert_eq!(squares, [1, 4, 9]);
/// ```
#[track_caller]
pub fn gather<F>(futures: impl IntoIterator<Item = F>) -> Gather<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let tasks = EndingTasks::spawn("gather", futures);
    let results = tasks.tasks.iter().map(|_| None).collect();
    Gather { tasks, results }
}

/// Spawns a task for each future and waits for all of them, or until one returns an error.
///
/// The error is returned at once. The other tasks keep running, detached: what they return is lost.
/// In the trace, a task that returns an error is shown as failed.
///
/// ```
/// let parsed = |text: &'static str| async move { text.parse::<u8>() };
/// loopscope::block_on(async {
///     assert_eq!(loopscope::try_gather(["1", "2"].map(parsed)).await, Ok(vec![1, 2]));
///     assert!(loopscope::try_gather(["1", "two"].map(parsed)).await.is_err());
/// });
/// ```
#[track_caller]
pub fn try_gather<F, T, E>(
    futures: impl IntoIterator<Item = F>,
) -> impl Future<Output = Result<Vec<T>, E>>
where
    F: Future<Output = Result<T, E>> + 'static,
    T: 'static,
    E: 'static,
{
    let mut tasks = EndingTasks::try_spawn("try_gather", futures);
    Located::new(async move {
        let results = tasks.all_or_first_error().await;
        tasks.unfinished().for_each(Task::detach);
        results
    })
}

/// Spawns a task for each future and gives the results as the tasks complete.
///
/// ```
/// use loopscope::{as_completed, sleep};
/// use std::time::Duration;
///
/// let sleeper = |millis| async move {
///     sleep(Duration::from_millis(millis)).await;
///     millis
/// };
/// loopscope::block_on(async {
///     let mut results = as_completed([20, 10].map(sleeper));
///     assert_eq!(results.next().await, Some(10));
///     assert_eq!(results.next().await, Some(20));
///     assert_eq!(results.next().await, None);
/// });
/// ```
#[track_caller]
pub fn as_completed<F>(futures: impl IntoIterator<Item = F>) -> AsCompleted<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    AsCompleted {
        tasks: EndingTasks::spawn("as_completed", futures),
    }
}

/// The future of [`gather`].
#[must_use = "a future does nothing until it is awaited, and its tasks are cancelled when it is dropped"]
pub struct Gather<T> {
    tasks: EndingTasks<T>,
    results: Vec<Option<T>>,
}

impl<T> Unpin for Gather<T> {}

impl<T: 'static> Future for Gather<T> {
    type Output = Vec<T>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Vec<T>> {
        let this = &mut *self;
        while let Some((index, mut task)) = this.tasks.take_ended() {
            if let Poll::Ready(value) = task.poll_taken(cx) {
                this.results[index] = Some(value);
            }
        }
        if this.tasks.left == 0 {
            return Poll::Ready(this.results.iter_mut().filter_map(Option::take).collect());
        }
        this.tasks.wait(WaitFor::All, cx, Location::caller());
        Poll::Pending
    }
}

impl<T> fmt::Debug for Gather<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather")
            .field("tasks", &self.results.len())
            .finish_non_exhaustive()
    }
}

/// The stream of [`as_completed`].
#[must_use = "a stream does nothing until it is polled, and its tasks are cancelled when it is dropped"]
pub struct AsCompleted<T> {
    tasks: EndingTasks<T>,
}

impl<T> Unpin for AsCompleted<T> {}

impl<T: 'static> AsCompleted<T> {
    /// The next result; `None` once all results have been returned.
    #[expect(
        clippy::should_implement_trait,
        reason = "the name that `StreamExt` gives it"
    )]
    #[track_caller]
    pub fn next(&mut self) -> NextCompleted<'_, T> {
        self.tasks.made = Location::caller();
        NextCompleted { stream: self }
    }

    #[track_caller]
    fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if self.tasks.left == 0 {
            return Poll::Ready(None);
        }
        if let Some((_, mut task)) = self.tasks.take_ended() {
            return task.poll_taken(cx).map(Some);
        }
        self.tasks.wait(WaitFor::Next, cx, Location::caller());
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
            .field("left", &self.tasks.left)
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

/// Tasks that belong together: if one fails, the others are cancelled (`asyncio.TaskGroup`).
///
/// ```
/// use loopscope::{TaskGroup, future};
///
/// loopscope::block_on(async {
///     let mut group = TaskGroup::new();
///     group.spawn(async { Ok(1) });
///     group.spawn(async { Err("no") });
///     group.spawn(future::pending()); // cancelled when the other fails
///     assert_eq!(group.join().await, Err("no"));
/// });
/// ```
pub struct TaskGroup<T, E> {
    tasks: EndingTasks<Result<T, E>>,
}

impl<T: 'static, E: 'static> Default for TaskGroup<T, E> {
    #[track_caller]
    fn default() -> Self {
        TaskGroup::new()
    }
}

impl<T: 'static, E: 'static> TaskGroup<T, E> {
    /// An empty group.
    #[track_caller]
    pub fn new() -> TaskGroup<T, E> {
        TaskGroup {
            tasks: EndingTasks::new("TaskGroup", Location::caller()),
        }
    }

    /// Spawns a task of the group.
    #[track_caller]
    pub fn spawn<F>(&mut self, future: F)
    where
        F: Future<Output = Result<T, E>> + 'static,
    {
        let name = TaskName::Type(type_name::<F>());
        self.tasks.push_fallible(name, Location::caller(), future);
    }

    /// Waits for all tasks. If one fails, the others are cancelled, and the error is returned once
    /// they have ended.
    #[track_caller]
    pub fn join(mut self) -> impl Future<Output = Result<Vec<T>, E>> {
        self.tasks.made = Location::caller();
        Located::new(async move {
            let results = self.tasks.all_or_first_error().await;
            if results.is_err() {
                self.tasks.tasks.iter().flatten().for_each(Task::ask_cancel);
                while self.tasks.next(WaitFor::All).await.is_some() {}
            }
            results
        })
    }
}

impl<T, E> fmt::Debug for TaskGroup<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup")
            .field("tasks", &self.tasks.tasks.len())
            .finish_non_exhaustive()
    }
}

/// Waits until one of the tasks has ended, removes it from the list, and returns its result; `None`
/// if the list is empty.
///
/// The other tasks keep running. If several have ended, the first of them in the list is taken.
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
#[track_caller]
pub fn first_completed<T: 'static>(tasks: &mut Vec<Task<T>>) -> FirstCompleted<'_, T> {
    FirstCompleted {
        tasks,
        made: Location::caller(),
    }
}

/// The future of [`first_completed`].
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct FirstCompleted<'a, T> {
    tasks: &'a mut Vec<Task<T>>,
    made: &'static Location<'static>,
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
            return task.poll_taken(cx).map(Some);
        }
        for index in 0..this.tasks.len() {
            // Registers the current waker with the task. A job of the thread pool may have completed
            // since the check.
            if let Poll::Ready(value) = this.tasks[index].poll_member(cx) {
                drop(this.tasks.remove(index));
                return Poll::Ready(Some(value));
            }
        }
        wait_for_list(this.tasks, this.made, Location::caller());
        Poll::Pending
    }
}

/// Declares that the current task waits for the first of these tasks to end.
///
/// A program calls `first_completed` with one list again and again. Each call removes a task, and the
/// rest are members of the same group as before: so a handle keeps its group. The group is used again
/// unless a handle outside of the list has it, too.
fn wait_for_list<T>(
    tasks: &mut [Task<T>],
    made: &'static Location<'static>,
    awaited: &'static Location<'static>,
) {
    // Each task keeps a clone of the waker, for which one wait is declared.
    let wakers = tasks.len();
    if core::with_current(|core| core.recording.get()) != Some(true) {
        core::with_current(|core| {
            core.wait(Wait::Any(ResourceId(0)), awaited, made);
            core.count_wakers(wakers);
        });
        return;
    }
    let known = tasks.iter().find_map(Task::group).cloned();
    let group = known.filter(|group| {
        let members = tasks.iter().filter_map(Task::group);
        let members = members.filter(|it| Arc::ptr_eq(it, group)).count();
        // One more is `known` itself.
        Arc::strong_count(group) == members + 1
    });
    let group = group.unwrap_or_else(|| Arc::new(GroupResource::new("first_completed", made)));
    for task in tasks {
        if task.group().is_none_or(|it| !Arc::ptr_eq(it, &group)) && task.set_group(&group) {
            group.add(task.id());
        }
    }
    core::with_current(|core| {
        core.wait(Wait::Any(group.id(core)), awaited, made);
        core.count_wakers(wakers);
    });
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

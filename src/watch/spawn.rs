//! `spawn`, as programs call it: the background loop is watched, too.

use std::{fmt, future::Future};

use crate::runtime::{Task, spawn_preparing, try_spawn_preparing};

use super::loops::prepare_background;

/// Puts a future into the loop as a task of its own. The task is first polled in the next tick:
/// spawning queues it at the end of the ready queue.
///
/// Dropping the handle cancels the task; [`Task::detach`] lets it run without its handle. The task
/// is named after the async function that made its future; [`Task::named`] gives it another name.
///
/// If no loop runs on this thread, the task runs on the background loop, which has a thread of its
/// own, as in smol. A task that is unfinished when `block_on` returns continues on such a thread,
/// too.
///
/// ```
/// let sum = loopscope::block_on(async {
///     let task = loopscope::spawn(async { 1 + 2 });
///     task.await
/// });
/// assert_eq!(sum, 3);
///
/// let task = loopscope::spawn(async { 7 }); // runs at once, on the background loop
/// assert_eq!(loopscope::block_on(task), 7);
/// ```
#[inline]
#[track_caller]
pub fn spawn<F>(future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    spawn_preparing(None, future, prepare_background)
}

/// Like [`spawn`], for a task with this name.
///
/// ```
/// loopscope::block_on(async {
///     let task = loopscope::spawn_named("seven", async { 7 });
///     assert_eq!(task.id().map(|id| id.0), Some(1)); // task 0 is the one of `block_on`
///     assert_eq!(task.await, 7);
/// });
/// ```
#[inline]
#[track_caller]
pub fn spawn_named<F>(name: &str, future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    spawn_preparing(Some(name), future, prepare_background)
}

/// Like [`spawn`], for a future that may return an error. An error is recorded in the trace, with
/// its text, and the task is shown as failed. The program gets the error from the handle,
/// unchanged.
///
/// ```
/// let answer = loopscope::block_on(async {
///     loopscope::try_spawn(async { "42!".parse::<u8>() }).await
/// });
/// assert!(answer.is_err());
/// ```
#[inline]
#[track_caller]
pub fn try_spawn<F, T, E>(future: F) -> Task<Result<T, E>>
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: fmt::Display + Send + 'static,
{
    try_spawn_preparing(future, prepare_background)
}

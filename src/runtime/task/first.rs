//! Whichever task ends first.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::Task;

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

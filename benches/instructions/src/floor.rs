//! The least that a loop can do: a queue of tasks, one indirect call for each poll, no wakers.

use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

/// Yields once. Nothing is woken: the loop below queues each task that is pending.
pub(crate) struct Yield(pub(crate) bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// Polls the tasks in turn until all have completed.
pub(crate) fn run(mut tasks: VecDeque<Pin<Box<dyn Future<Output = ()>>>>) {
    let cx = &mut Context::from_waker(Waker::noop());
    while let Some(mut task) = tasks.pop_front() {
        if task.as_mut().poll(cx).is_pending() {
            tasks.push_back(task);
        }
    }
}

//! One task's result for several waiters.

use std::{
    cell::RefCell,
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use crate::{
    runtime::{
        executor::core,
        sync::wait_queue::{LocalWaiters, Ticket},
    },
    trace::{TaskId, Wait},
};

use super::handle::Task;

/// A handle that can be cloned and that keeps the task's result: [`Task::shared`].
///
/// The task is cancelled when the last clone is dropped.
///
/// ```
/// let task = loopscope::block_on(async {
///     let task = loopscope::spawn(async { "bar" }).shared();
///     (task.clone().await, task.await)
/// });
/// assert_eq!(task, ("bar", "bar"));
/// ```
#[must_use = "a task whose handle is dropped is cancelled"]
pub struct Shared<T> {
    inner: Rc<SharedTask<T>>,
    ticket: Ticket,
    /// Whether this clone was polled before the task had ended.
    has_waited: bool,
    made: &'static Location<'static>,
}

struct SharedTask<T> {
    id: Option<TaskId>,
    state: RefCell<SharedState<T>>,
    /// The clones that wait for the task. A task's slot has space for one waker only.
    waiting: Rc<LocalWaiters>,
}

enum SharedState<T> {
    Running(Task<T>),
    Done(T),
}

impl<T: 'static> Task<T> {
    /// A handle that can be cloned and awaited any number of times. Each `await` returns a clone of
    /// the result.
    #[track_caller]
    pub fn shared(self) -> Shared<T>
    where
        T: Clone,
    {
        Shared::new(self)
    }
}

impl<T: Clone + 'static> Shared<T> {
    #[track_caller]
    pub(in crate::runtime) fn new(task: Task<T>) -> Shared<T> {
        let waiting = Rc::new(LocalWaiters::default());
        let task = task.on_end({
            let waiting = Rc::clone(&waiting);
            move |_| waiting.wake_all()
        });
        Shared {
            inner: Rc::new(SharedTask {
                id: task.id(),
                state: RefCell::new(SharedState::Running(task)),
                waiting,
            }),
            ticket: Ticket::default(),
            has_waited: false,
            made: Location::caller(),
        }
    }
}

impl<T: Clone + 'static> Future for Shared<T> {
    type Output = T;

    /// # Panics
    ///
    /// If the task panicked or was cancelled.
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let (this, awaited) = (&mut *self, Location::caller());
        let mut state = this.inner.state.borrow_mut();
        if let SharedState::Running(task) = &mut *state {
            if !task.is_finished() {
                this.has_waited = true;
                this.inner.waiting.enqueue(&mut this.ticket, cx.waker());
                if let Some(id) = task.id() {
                    core::with_current(|core| core.wait(Wait::Join(id), awaited, this.made));
                }
                return Poll::Pending;
            }
            match task.poll_taken(cx) {
                Poll::Ready(value) => *state = SharedState::Done(value),
                Poll::Pending => return Poll::Pending,
            }
        }
        match &*state {
            SharedState::Done(value) => {
                if let (false, Some(id)) = (this.has_waited, this.inner.id) {
                    core::with_current(|core| core.joined(id, awaited));
                }
                Poll::Ready(value.clone())
            }
            SharedState::Running(_) => Poll::Pending,
        }
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared {
            inner: Rc::clone(&self.inner),
            ticket: Ticket::default(),
            has_waited: false,
            made: self.made,
        }
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        self.inner.waiting.leave(&mut self.ticket);
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = matches!(
            self.inner.state.try_borrow().as_deref(),
            Ok(SharedState::Done(_))
        );
        f.debug_struct("Shared")
            .field("done", &done)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, time::Duration};

    use super::*;
    use crate::{
        runtime::{Builder, now, sleep, spawn_local, timeout},
        trace::ClockKind,
    };

    #[test]
    fn a_shared_task_runs_once_and_gives_all_clones_its_result() {
        let run = Builder::new().clock(ClockKind::Virtual).run(async {
            let polls = Rc::new(Cell::new(0));
            let task = spawn_local({
                let polls = Rc::clone(&polls);
                async move {
                    polls.set(polls.get() + 1);
                    sleep(Duration::from_secs(3)).await;
                    "bar"
                }
            })
            .shared();
            // A clone that stops waiting must not take the wake of the others with it.
            let others = [task.clone(), task.clone()].map(spawn_local);
            assert!(timeout(Duration::from_secs(1), task.clone()).await.is_err());
            for other in others {
                assert_eq!(other.await, "bar");
            }
            assert_eq!(task.await, "bar");
            (polls.get(), now().seconds())
        });
        assert_eq!(run.value, Some((1, 3.0)));
    }
}

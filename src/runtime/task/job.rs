//! A task's future, then what came of it.

use std::{
    any::Any,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::runtime::executor::core::{Body, Failure, Job};

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

/// A future in its place, as a task's body.
pub(super) fn body<F>(future: F) -> Body
where
    F: Future + 'static,
    F::Output: 'static,
{
    Box::pin(TaskJob::Running { future })
}

/// How a handle gets its task's result out of a body that was made of a future with this output.
pub(super) type Take<T> = fn(Body) -> Result<Option<T>, Failure>;

/// A [`Take`]; the handle keeps it, for its own type need not live for ever.
pub(super) fn take<T: 'static>(mut body: Body) -> Result<Option<T>, Failure> {
    let mut value: Option<T> = None;
    body.as_mut().take(&mut value).map(|()| value)
}

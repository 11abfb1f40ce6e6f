//! Time limits.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use super::{Sleep, sleep};

/// Gives a future so long, and drops it when the time is up.
///
/// A future that is done at its deadline is done.
#[track_caller]
pub fn timeout<F: Future>(duration: Duration, future: F) -> Timeout<F> {
    Timeout {
        future: Some(Box::pin(future)),
        sleep: sleep(duration.max(Duration::from_nanos(1))),
    }
}

/// The future of [`timeout`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Timeout<F> {
    /// None once it has come to its end.
    future: Option<Pin<Box<F>>>,
    sleep: Sleep,
}

impl<F> fmt::Debug for Timeout<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout")
            .field("sleep", &self.sleep)
            .finish_non_exhaustive()
    }
}

/// The time was up before the future was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time limit has passed")]
pub struct Elapsed;

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The timer speaks first, so that what the future waits for is what the task says last.
        let elapsed = Pin::new(&mut self.sleep).poll(cx).is_ready();
        if let Some(future) = &mut self.future
            && let Poll::Ready(value) = future.as_mut().poll(cx)
        {
            self.future = None;
            return Poll::Ready(Ok(value));
        }
        if elapsed {
            self.future = None;
            return Poll::Ready(Err(Elapsed));
        }
        Poll::Pending
    }
}

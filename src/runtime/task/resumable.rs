//! Functions that the program resumes itself, in the trace.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use futures_lite::stream::Stream;
use pin_project_lite::pin_project;

use crate::{
    runtime::executor::resource::Resource,
    trace::{ResourceKind, ResourceOp},
};

/// Shows in the trace when something is resumed and when it stops: an iterator, a stream, or a future
/// that the program polls by hand.
///
/// * An iterator or a stream is resumed when it is asked for a value, and yields the value.
/// * A future is resumed by each poll, and yields when it is pending.
///
/// ```
/// use loopscope::resumable;
///
/// let sum = loopscope::block_on(async { resumable("numbers", 1..4).sum::<u32>() });
/// assert_eq!(sum, 6);
/// ```
#[track_caller]
pub fn resumable<T>(name: &str, inner: T) -> Resumable<T> {
    let resource = Resource::named(ResourceKind::Generator, 0, Location::caller(), name);
    Resumable {
        inner,
        resumptions: Resumptions {
            resource,
            resumed: 0,
            is_running: false,
        },
    }
}

pin_project! {
    /// The iterator, stream or future of [`resumable`].
    #[must_use = "it does nothing until it is resumed"]
    pub struct Resumable<T> {
        #[pin]
        inner: T,
        resumptions: Resumptions,
    }
}

struct Resumptions {
    resource: Resource,
    /// How often it was resumed.
    resumed: usize,
    /// Whether it was resumed and has not stopped since.
    is_running: bool,
}

impl Resumptions {
    fn resume(&mut self) {
        if !self.is_running {
            self.is_running = true;
            self.resumed += 1;
            self.resource.used(ResourceOp::Resumed, self.resumed);
        }
    }

    fn stop(&mut self, ended: bool) {
        self.is_running = false;
        if ended {
            self.resource.used(ResourceOp::Closed, 0);
        } else {
            self.resource.used(ResourceOp::Yielded, self.resumed);
        }
    }
}

impl<T: Iterator> Iterator for Resumable<T> {
    type Item = T::Item;

    fn next(&mut self) -> Option<T::Item> {
        self.resumptions.resume();
        let next = self.inner.next();
        self.resumptions.stop(next.is_none());
        next
    }
}

impl<T: Future> Future for Resumable<T> {
    type Output = T::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T::Output> {
        let this = self.project();
        this.resumptions.resume();
        let polled = this.inner.poll(cx);
        this.resumptions.stop(polled.is_ready());
        polled
    }
}

impl<T: Stream> Stream for Resumable<T> {
    type Item = T::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T::Item>> {
        let this = self.project();
        this.resumptions.resume();
        let polled = this.inner.poll_next(cx);
        if let Poll::Ready(next) = &polled {
            this.resumptions.stop(next.is_none());
        }
        polled
    }
}

impl<T> fmt::Debug for Resumable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resumable")
            .field("resumed", &self.resumptions.resumed)
            .finish_non_exhaustive()
    }
}

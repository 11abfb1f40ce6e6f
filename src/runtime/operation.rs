//! Operations on things outside of the loop: that they go on, that they are over.

use std::{
    future::Future,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use crate::trace::{Verb, Wait};

use super::{core, foreign::InFlight, resource::Resource};

/// An operation that takes a future of its own.
pub(super) struct Operation<'a, F> {
    future: Pin<Box<F>>,
    resource: &'a Resource,
    in_flight: InFlight,
    made: &'static Location<'static>,
}

impl<'a, F: Future> Operation<'a, F> {
    pub(super) fn new(
        resource: &'a Resource,
        future: F,
        made: &'static Location<'static>,
    ) -> Operation<'a, F> {
        Operation {
            future: Box::pin(future),
            resource,
            in_flight: InFlight::default(),
            made,
        }
    }

    /// It is a reading.
    pub(super) fn reading(mut self) -> Self {
        self.in_flight = InFlight::reading();
        self
    }

    /// It is a writing.
    pub(super) fn writing(mut self) -> Self {
        self.in_flight = InFlight::writing();
        self
    }
}

impl<F: Future> Future for Operation<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let polled = this.future.as_mut().poll(cx);
        follow(polled, &this.in_flight, this.resource, this.made)
    }
}

impl<F> Drop for Operation<'_, F> {
    fn drop(&mut self) {
        self.in_flight.end(self.resource, Verb::Abandoned);
    }
}

/// Says that an operation goes on, or that it is over.
#[inline]
pub(super) fn follow<T>(
    polled: Poll<T>,
    in_flight: &InFlight,
    resource: &Resource,
    at: &'static Location<'static>,
) -> Poll<T> {
    if polled.is_pending() {
        core::with(|core| in_flight.begin(core, resource));
        resource.wait_made(Wait::Operation, at, at);
    } else {
        in_flight.end(resource, Verb::Ended);
    }
    polled
}

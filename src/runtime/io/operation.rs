//! Operations on things outside of the loop: that they go on, that they are over.

use std::{
    future::Future,
    io,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use crate::trace::{ResourceOp, Wait};

use crate::runtime::{
    executor::{core, resource::Resource},
    io::in_flight::InFlight,
};

/// An operation that takes a future of its own.
pub(in crate::runtime) struct Operation<'a, F> {
    future: Pin<Box<F>>,
    resource: &'a Resource,
    in_flight: InFlight,
    made: &'static Location<'static>,
}

impl<'a, F: Future> Operation<'a, F> {
    pub(in crate::runtime) fn new(
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

    /// It is a reading, or a writing, if that is what comes of it.
    pub(in crate::runtime) fn to(mut self, op: ResourceOp) -> Self {
        self.in_flight = match op {
            ResourceOp::Read => InFlight::reading(),
            ResourceOp::Wrote => InFlight::writing(),
            _ => InFlight::default(),
        };
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
        self.in_flight.end(self.resource, ResourceOp::Abandoned);
    }
}

/// Follows an operation to its end, and says how many bytes came in or went out.
pub(in crate::runtime) async fn counted<R>(
    resource: &Resource,
    operation: impl Future<Output = io::Result<R>>,
    made: &'static Location<'static>,
    op: ResourceOp,
    bytes: fn(&R) -> usize,
) -> io::Result<R> {
    let done = Operation::new(resource, operation, made).to(op).await?;
    resource.used(op, bytes(&done));
    Ok(done)
}

/// Says that an operation goes on, or that it is over.
#[inline]
pub(in crate::runtime) fn follow<T>(
    polled: Poll<T>,
    in_flight: &InFlight,
    resource: &Resource,
    at: &'static Location<'static>,
) -> Poll<T> {
    if polled.is_pending() {
        core::with_current(|core| in_flight.begin(core, resource));
        resource.wait_made(Wait::Operation, at, at);
    } else {
        in_flight.end(resource, ResourceOp::Ended);
    }
    polled
}

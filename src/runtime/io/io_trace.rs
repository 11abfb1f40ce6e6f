//! Records what an I/O object does.

use std::{
    future::Future,
    io,
    panic::Location,
    sync::Arc,
    task::{Poll, ready},
};

use crate::{
    runtime::executor::resource::Resource,
    trace::{OperationKind, ResourceKind, ResourceOp},
};

use super::in_flight::{InFlight, Operation};

/// What the trace needs to know of an I/O object: its resource and its operations in flight.
///
/// Reads and writes are in flight independently of each other. The thread pool does one thing at a
/// time for an [`Unblock`](super::Unblock), so a [`ResourceKind::Pool`] uses `reading` for every
/// operation.
pub(super) struct IoTrace {
    resource: Arc<Resource>,
    reading: InFlight,
    writing: InFlight,
    /// The call site of the pending read or write; if that is unknown, the place where the object
    /// was made.
    asked_at: &'static Location<'static>,
}

impl IoTrace {
    pub(super) fn new(resource: Arc<Resource>) -> IoTrace {
        let reading = if resource.kind() == ResourceKind::Pool {
            OperationKind::Other
        } else {
            OperationKind::Read
        };
        IoTrace {
            reading: InFlight::new(reading),
            writing: InFlight::new(OperationKind::Write),
            asked_at: resource.made(),
            resource,
        }
    }

    /// The trace of a clone: the same resource, with operations of its own.
    pub(super) fn share(&self) -> IoTrace {
        IoTrace::new(Arc::clone(&self.resource))
    }

    /// Notes where the next operation is asked for. The methods of `AsyncRead` and `AsyncWrite` do
    /// not pass a call site on, so the methods of the public types call this first.
    pub(super) fn ask_at(&mut self, at: &'static Location<'static>) {
        self.asked_at = at;
    }

    pub(super) fn resource(&self) -> &Resource {
        &self.resource
    }

    pub(super) fn made(&self) -> &'static Location<'static> {
        self.resource.made()
    }

    pub(super) fn used(&self, op: ResourceOp, value: usize) {
        self.resource.used(op, value);
    }

    fn is_pool(&self) -> bool {
        self.resource.kind() == ResourceKind::Pool
    }

    fn in_flight(&self, kind: OperationKind) -> &InFlight {
        if kind == OperationKind::Write && !self.is_pool() {
            &self.writing
        } else {
            &self.reading
        }
    }

    /// Records the result of a poll of an operation that is asked for at `at`.
    #[inline]
    pub(super) fn follow<T>(
        &self,
        polled: Poll<T>,
        kind: OperationKind,
        at: &'static Location<'static>,
    ) -> Poll<T> {
        self.in_flight(kind).follow(polled, &self.resource, at)
    }

    /// Like [`IoTrace::follow`], for operations that are recorded for the thread pool only, such as
    /// a flush.
    #[inline]
    pub(super) fn follow_in_pool<T>(&self, polled: Poll<T>) -> Poll<T> {
        if self.is_pool() {
            self.follow(polled, OperationKind::Other, self.asked_at)
        } else {
            polled
        }
    }

    /// Records the result of a poll of a read or a write, and the bytes that were moved.
    #[inline]
    pub(super) fn follow_bytes(
        &self,
        polled: Poll<io::Result<usize>>,
        kind: OperationKind,
    ) -> Poll<io::Result<usize>> {
        let bytes = ready!(self.follow(polled, kind, self.asked_at))?;
        if !self.is_pool() {
            self.used(bytes_op(kind), bytes);
        }
        Poll::Ready(Ok(bytes))
    }

    /// Like [`IoTrace::follow_bytes`]. Forgets the noted call site once the operation has ended, also
    /// with an error: the next operation may come through `AsyncRead` or `AsyncWrite`, from an
    /// unknown call site.
    #[inline]
    pub(super) fn follow_asked(
        &mut self,
        polled: Poll<io::Result<usize>>,
        kind: OperationKind,
    ) -> Poll<io::Result<usize>> {
        let result = ready!(self.follow_bytes(polled, kind));
        self.asked_at = self.made();
        Poll::Ready(result)
    }

    /// A future that is an operation on this object.
    pub(super) fn operation<F: Future>(
        &self,
        kind: OperationKind,
        future: F,
        made: &'static Location<'static>,
    ) -> Operation<'_, F> {
        Operation::new(&self.resource, kind, future, made)
    }

    /// Awaits a read or a write, and records the bytes that it moved.
    pub(super) async fn transfer<R>(
        &self,
        kind: OperationKind,
        future: impl Future<Output = io::Result<R>>,
        made: &'static Location<'static>,
        bytes: fn(&R) -> usize,
    ) -> io::Result<R> {
        let done = self.operation(kind, future, made).await?;
        self.used(bytes_op(kind), bytes(&done));
        Ok(done)
    }

    /// Records how the operations in flight end.
    pub(super) fn end(&self, op: ResourceOp) {
        self.reading.end(&self.resource, op);
        self.writing.end(&self.resource, op);
    }
}

fn bytes_op(kind: OperationKind) -> ResourceOp {
    match kind {
        OperationKind::Write => ResourceOp::Wrote,
        OperationKind::Read | OperationKind::Other => ResourceOp::Read,
    }
}

impl Drop for IoTrace {
    fn drop(&mut self) {
        self.end(ResourceOp::Abandoned);
        let is_last = Arc::strong_count(&self.resource) == 1;
        if self.resource.kind() == ResourceKind::Listener && is_last {
            self.used(ResourceOp::Closed, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_operation_forgets_its_call_site() {
        let resource = Resource::new(ResourceKind::Stream, 0, Location::caller());
        let mut io = IoTrace::new(Arc::new(resource));
        io.ask_at(Location::caller());
        let failed = Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        assert!(io.follow_asked(failed, OperationKind::Read).is_ready());
        assert_eq!(io.asked_at, io.made());
    }
}

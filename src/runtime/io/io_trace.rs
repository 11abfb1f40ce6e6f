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
            resource,
        }
    }

    /// The trace of a clone: the same resource, with operations of its own.
    pub(super) fn share(&self) -> IoTrace {
        IoTrace::new(Arc::clone(&self.resource))
    }

    pub(super) fn resource(&self) -> &Resource {
        &self.resource
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

    /// Records the result of a poll of an operation that is polled at `awaited`.
    #[inline]
    pub(super) fn follow<T>(
        &self,
        polled: Poll<T>,
        kind: OperationKind,
        awaited: &'static Location<'static>,
    ) -> Poll<T> {
        let (resource, made) = (&self.resource, self.resource.made());
        self.in_flight(kind).follow(polled, resource, awaited, made)
    }

    /// Like [`IoTrace::follow`], for operations that are recorded for the thread pool only, such as
    /// a flush.
    #[inline]
    pub(super) fn follow_in_pool<T>(&self, polled: Poll<T>) -> Poll<T> {
        if self.is_pool() {
            self.follow(polled, OperationKind::Other, Location::caller())
        } else {
            polled
        }
    }

    /// Records the result of a poll of a read or a write, and the bytes that were moved. `moved`
    /// returns them, given their number; for several buffers, those of the first.
    #[inline]
    pub(super) fn follow_bytes<'a>(
        &self,
        polled: Poll<io::Result<usize>>,
        kind: OperationKind,
        moved: impl FnOnce(usize) -> &'a [u8],
    ) -> Poll<io::Result<usize>> {
        // The traits `AsyncRead` and `AsyncWrite` do not pass on who polls, so the location is one of
        // this file, which is in no program.
        let count = ready!(self.follow(polled, kind, Location::caller()))
            .inspect_err(|_| self.used(ResourceOp::Failed, 0))?;
        if !self.is_pool() {
            self.moved(kind, count, moved(count));
        }
        Poll::Ready(Ok(count))
    }

    /// Records that bytes were read or written.
    pub(super) fn moved(&self, kind: OperationKind, count: usize, bytes: &[u8]) {
        self.used(bytes_op(kind), count);
        self.resource.passed(bytes);
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

    /// Awaits that a packet is sent, and records its bytes.
    pub(super) async fn sent(
        &self,
        sending: impl Future<Output = io::Result<usize>>,
        made: &'static Location<'static>,
        bytes: &[u8],
    ) -> io::Result<usize> {
        let count = self.operation(OperationKind::Write, sending, made).await?;
        self.moved(OperationKind::Write, count, bytes);
        Ok(count)
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

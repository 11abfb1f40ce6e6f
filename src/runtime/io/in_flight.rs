//! Operations that complete outside of the loop: I/O, and work on the thread pool.
//!
//! An operation is *in flight* from the first poll that finds it pending until it completes or is
//! abandoned. The loop counts the operations in flight, because a virtual clock must not jump while
//! one of them can still wake a task. The trace records the beginning and the end of each
//! operation.

use std::{
    future::Future,
    panic::Location,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll},
};

use crate::{
    runtime::executor::{
        core::{self, Core},
        resource::Resource,
        waker::{EndedOperation, Message},
    },
    trace::{OperationKind, ResourceKind, ResourceOp, Wait},
};

/// Whether an operation of one kind is in flight, and in which loop.
#[derive(Debug, Default)]
pub(in crate::runtime) struct InFlight {
    /// The id of the loop that counts the operation; 0 while none is in flight.
    loop_id: AtomicU64,
    kind: OperationKind,
}

impl InFlight {
    pub(in crate::runtime) fn new(kind: OperationKind) -> InFlight {
        InFlight {
            loop_id: AtomicU64::new(0),
            kind,
        }
    }

    /// Records the beginning of a pending operation, unless it has begun before.
    #[inline]
    pub(in crate::runtime) fn begin(&self, core: &Core, resource: &Resource) {
        if self.loop_id.load(Ordering::Relaxed) == 0 {
            self.loop_id.store(core.id, Ordering::Relaxed);
            core.begin_operation();
            self.record(core, resource, ResourceOp::Begun);
        }
    }

    /// Records the end of the operation; `op` says how it ended. Does nothing if no operation has
    /// begun. If the loop that counts the operation does not run on this thread, the loop gets a
    /// message.
    #[inline]
    pub(in crate::runtime) fn end(&self, resource: &Resource, op: ResourceOp) {
        let loop_id = self.loop_id.load(Ordering::Relaxed);
        if loop_id != 0 {
            self.loop_id.store(0, Ordering::Relaxed);
            core::with_current_if(loop_id, |core| {
                core.end_operation();
                self.record(core, resource, op);
                if op == ResourceOp::Abandoned {
                    resource.withdraw(Wait::Operation);
                }
            })
            .unwrap_or_else(|| self.end_remotely(loop_id, resource, op));
        }
    }

    #[cold]
    fn end_remotely(&self, loop_id: u64, resource: &Resource, op: ResourceOp) {
        let ended = EndedOperation {
            resource: resource.id_in(loop_id),
            op,
            kind: self.kind,
        };
        core::send_to(loop_id, Message::EndOperation(ended));
    }

    fn record(&self, core: &Core, resource: &Resource, op: ResourceOp) {
        resource.used_in(core, op, self.kind.value() as usize);
    }

    /// Records the result of a poll of the operation: the current task waits for it, or the operation
    /// has ended. `awaited` is where the operation is polled, `made` the call that made it, or, if
    /// that is unknown, where the resource was made.
    #[inline]
    pub(in crate::runtime) fn follow<T>(
        &self,
        polled: Poll<T>,
        resource: &Resource,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) -> Poll<T> {
        if polled.is_pending() {
            core::with_current(|core| self.begin(core, resource));
            resource.wait_made(Wait::Operation, awaited, made);
            if resource.kind() != ResourceKind::Pool {
                core::with_current(|core| core.waits_for_socket());
            }
        } else {
            self.end(resource, ResourceOp::Ended);
        }
        polled
    }
}

/// A future that is one operation on a resource. If the future is dropped before it completes, the
/// operation is recorded as abandoned.
pub(in crate::runtime) struct Operation<'a, F> {
    future: Pin<Box<F>>,
    resource: &'a Resource,
    in_flight: InFlight,
    made: &'static Location<'static>,
}

impl<'a, F: Future> Operation<'a, F> {
    pub(in crate::runtime) fn new(
        resource: &'a Resource,
        kind: OperationKind,
        future: F,
        made: &'static Location<'static>,
    ) -> Operation<'a, F> {
        Operation {
            future: Box::pin(future),
            resource,
            in_flight: InFlight::new(kind),
            made,
        }
    }
}

impl<F: Future> Future for Operation<'_, F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let (this, awaited) = (&mut *self, Location::caller());
        let polled = this.future.as_mut().poll(cx);
        this.in_flight
            .follow(polled, this.resource, awaited, this.made)
    }
}

impl<F> Drop for Operation<'_, F> {
    fn drop(&mut self) {
        self.in_flight.end(self.resource, ResourceOp::Abandoned);
    }
}

//! Which tasks may use a [`RwLock`], and the recording of that. Nothing here depends on the value.
//!
//! [`RwLock`]: super::RwLock

use std::{
    fmt,
    panic::Location,
    task::{Context, Poll},
};

use crate::{
    runtime::executor::resource::Resource,
    trace::{ResourceOp, Wait},
};

use super::rw_queue::{ALL, RwChanged, RwMode, RwQueue, RwTicket};

/// The queue of a lock, and what records its changes.
pub struct RwAdmission {
    queue: RwQueue,
    resource: Resource,
}

impl RwAdmission {
    pub(super) const fn new(resource: Resource) -> RwAdmission {
        RwAdmission {
            queue: RwQueue::new(),
            resource,
        }
    }

    pub(super) fn try_acquire(&self, mode: RwMode) -> bool {
        let left = self.queue.try_acquire(mode);
        let is_free = usize::from(left.is_some());
        self.resource.used(ResourceOp::Tried, is_free);
        left.inspect(|left| self.resource.used(ResourceOp::Acquired, *left))
            .is_some()
    }

    /// Is ready once a future is admitted. Before that, the future waits in the queue.
    #[track_caller]
    pub(super) fn poll(
        &self,
        mode: RwMode,
        ticket: &mut RwTicket,
        cx: &Context<'_>,
        created: &'static Location<'static>,
    ) -> Poll<()> {
        if let Some(left) = self.queue.poll(mode, ticket, cx.waker()) {
            self.resource.used(ResourceOp::Acquired, left);
            return Poll::Ready(());
        }
        let at = Location::caller();
        self.resource.wait_made(Wait::Acquire, at, created);
        Poll::Pending
    }

    /// A future that waits is dropped.
    pub(super) fn cancel(&self, mode: RwMode, ticket: &mut RwTicket) {
        if !ticket.is_idle() {
            self.resource.withdraw(Wait::Acquire);
        }
        if let Some(changed) = self.queue.cancel(mode, ticket) {
            changed.wake();
        }
    }

    /// A guard is dropped. Wakes what can enter now.
    pub(super) fn release(&self, mode: RwMode) {
        let changed = self.queue.release(mode);
        self.resource.used(ResourceOp::Released, changed.left);
        changed.wake();
    }

    /// A guard becomes one that allows less. The result is to be woken when the new guard exists.
    pub(super) fn downgrade(&self, from: RwMode, to: RwMode) -> RwChanged {
        let changed = self.queue.downgrade(from, to);
        self.resource.used(ResourceOp::Released, changed.left);
        self.resource.used(ResourceOp::Acquired, changed.left);
        changed
    }

    /// Makes the upgradable guard the writer, if there is no other reader.
    pub(super) fn try_upgrade(&self) -> bool {
        let is_writer = self.queue.try_upgrade();
        if is_writer {
            self.resource.used(ResourceOp::Released, ALL);
            self.resource.used(ResourceOp::Acquired, 0);
        }
        is_writer
    }

    /// Makes the upgradable guard the pending writer, and the writer if there is no other reader.
    pub(super) fn upgrade(&self, ticket: &mut RwTicket, cx: &Context<'_>) -> bool {
        let (left, is_writer) = self.queue.upgrade(ticket, cx.waker());
        self.resource.used(ResourceOp::Released, left);
        if is_writer {
            self.resource.used(ResourceOp::Acquired, 0);
        }
        is_writer
    }
}

impl fmt::Debug for RwAdmission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwAdmission").finish_non_exhaustive()
    }
}

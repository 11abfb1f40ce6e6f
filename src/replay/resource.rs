//! A resource at a position: what its uses have made of it.

use crate::trace::{LocationId, OperationKind, ResourceKind, ResourceOp, TaskId, TextId};

/// A resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceState {
    /// What it is.
    pub kind: ResourceKind,
    /// What it is called.
    pub name: TextId,
    /// Where it was made.
    pub at: LocationId,
    /// Capacity or permits; 0 for no limit.
    pub limit: u32,
    /// A channel's length, a semaphore's free permits, whether an event is set, what a shared value is.
    pub value: u32,
    /// The highest value so far.
    pub peak: u32,
    /// The task that holds it, or used it last; who wrote a shared value last.
    pub user: Option<TaskId>,
    /// Operations that have begun and not ended.
    pub in_flight: u32,
    /// How many of them are readings, and how many writings.
    pub ways: [u32; 2],
    /// Whether it was closed.
    pub closed: bool,
    /// Bytes that came in.
    pub read: u64,
    /// Bytes that went out.
    pub wrote: u64,
}

impl ResourceState {
    pub(super) fn new(
        kind: ResourceKind,
        name: TextId,
        at: LocationId,
        limit: u32,
    ) -> ResourceState {
        let value = if matches!(kind, ResourceKind::Lock | ResourceKind::Semaphore) {
            limit
        } else {
            0
        };
        ResourceState {
            kind,
            name,
            at,
            limit,
            value,
            peak: 0,
            user: None,
            in_flight: 0,
            ways: [0; 2],
            closed: false,
            read: 0,
            wrote: 0,
        }
    }

    pub(super) fn apply(&mut self, op: ResourceOp, value: u32, user: Option<TaskId>) {
        match op {
            ResourceOp::Sent | ResourceOp::Received | ResourceOp::Loaded => self.value = value,
            ResourceOp::Acquired | ResourceOp::Stored => {
                self.value = value;
                self.user = user;
            }
            ResourceOp::Released => {
                self.value = value;
                if self.kind == ResourceKind::Lock {
                    self.user = None;
                }
            }
            ResourceOp::Set => self.value = 1,
            ResourceOp::Cleared => self.value = 0,
            ResourceOp::Closed => self.closed = true,
            ResourceOp::Begun => {
                self.in_flight += 1;
                self.user = user;
                if let Some(count) = self.direction(value) {
                    *count += 1;
                }
            }
            ResourceOp::Ended | ResourceOp::Abandoned => {
                self.in_flight = self.in_flight.saturating_sub(1);
                if let Some(count) = self.direction(value) {
                    *count = count.saturating_sub(1);
                }
            }
            ResourceOp::Read => self.read += u64::from(value),
            ResourceOp::Wrote => self.wrote += u64::from(value),
            ResourceOp::Accepted | ResourceOp::Connected => {}
        }
        self.peak = self.peak.max(self.value);
    }

    /// The count of the pending reads or writes, whichever an operation with this value is.
    fn direction(&mut self, value: u32) -> Option<&mut u32> {
        let [reads, writes] = &mut self.ways;
        match OperationKind::from_value(value) {
            OperationKind::Read => Some(reads),
            OperationKind::Write => Some(writes),
            OperationKind::Other => None,
        }
    }
}

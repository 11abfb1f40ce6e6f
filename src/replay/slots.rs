//! What a [`State`](super::State) contains besides tasks: timers and resources, in a
//! [`SlotTable`](super::slot_table::SlotTable) each, and waiting callbacks.

use crate::trace::{
    CallbackId, LocationId, Moment, Position, ResourceKind, ResourceOp, TaskId, TextId,
};

use super::groups::GroupId;

/// A timer in the timer queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerState {
    /// When it is due.
    pub deadline: Moment,
    /// The task that set it; `None` if no task did.
    pub task: Option<TaskId>,
    /// When it was set.
    pub set_at: Moment,
    /// The position after the event that set it. Among equal deadlines the lower one fires first.
    pub set: Position,
}

/// A callback in the ready queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingCallback {
    /// Its number.
    pub callback: CallbackId,
    /// Its name.
    pub name: TextId,
    /// The position after the event that scheduled it.
    pub scheduled: Position,
}

/// A resource: what the operations on it have made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceState {
    /// What it is.
    pub kind: ResourceKind,
    /// Its name.
    pub name: TextId,
    /// Where it was created.
    pub at: LocationId,
    /// Capacity or permits; 0 for no limit.
    pub limit: u32,
    /// A channel's length, a semaphore's free permits, 1 for an event or future that is set and for a
    /// scope or generator that a task is in, the number in a shared value.
    pub value: u32,
    /// The highest value so far.
    pub peak: u32,
    /// The task that holds a lock or used the resource last; the last writer of a shared value; the
    /// task that entered a scope or resumed a generator last.
    pub user: Option<TaskId>,
    /// How many operations have begun and not ended.
    pub in_flight: u32,
    /// How many of these are reads, and how many are writes.
    pub in_flight_by_direction: [u32; 2],
    /// Whether it was closed.
    pub closed: bool,
    /// How many bytes were read from it.
    pub read: u64,
    /// How many bytes were written to it.
    pub wrote: u64,
    /// The number of a group of tasks.
    pub(super) group: Option<GroupId>,
}

impl ResourceState {
    pub(super) fn new(
        kind: ResourceKind,
        name: TextId,
        at: LocationId,
        limit: u32,
    ) -> ResourceState {
        let all_free = matches!(
            kind,
            ResourceKind::Lock | ResourceKind::Semaphore | ResourceKind::RwLock
        );
        ResourceState {
            kind,
            name,
            at,
            limit,
            value: if all_free { limit } else { 0 },
            peak: 0,
            user: None,
            in_flight: 0,
            in_flight_by_direction: [0; 2],
            closed: false,
            read: 0,
            wrote: 0,
            group: None,
        }
    }

    /// Applies an operation of `user`, which is the task that is being polled.
    pub(crate) fn apply(&mut self, op: ResourceOp, value: u32, user: Option<TaskId>) {
        match op {
            ResourceOp::Sent | ResourceOp::Received | ResourceOp::Loaded | ResourceOp::Buffered => {
                self.value = value;
            }
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
            ResourceOp::Set | ResourceOp::Entered if self.kind == ResourceKind::Barrier => {
                self.value = value;
            }
            ResourceOp::Set | ResourceOp::SetError => self.value = 1,
            // A scope has the value 1 while a task is in it. A generator has the value 1 while it
            // runs.
            ResourceOp::Entered | ResourceOp::Resumed => {
                self.value = 1;
                self.user = user;
            }
            ResourceOp::Cleared | ResourceOp::Left | ResourceOp::Yielded => self.value = 0,
            ResourceOp::Closed => {
                self.closed = true;
                if self.kind == ResourceKind::Generator {
                    self.value = 0;
                }
            }
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
            ResourceOp::Accepted
            | ResourceOp::Connected
            | ResourceOp::Tried
            | ResourceOp::Failed
            | ResourceOp::Started
            | ResourceOp::Ran => {}
        }
        self.peak = self.peak.max(self.value);
    }

    /// The count of operations in one direction: `value` is 1 for a read and 2 for a write, see
    /// [`ResourceOp::Begun`].
    fn direction(&mut self, value: u32) -> Option<&mut u32> {
        self.in_flight_by_direction
            .get_mut(value.checked_sub(1)? as usize)
    }
}

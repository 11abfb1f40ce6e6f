//! Facts about the run as a whole that no single state contains: the accesses to shared values, and
//! the timers that fired late.

use std::collections::HashMap;

use crate::trace::{
    Moment, Position, ResourceEvent, ResourceId, ResourceKind, ResourceOp, Span, TaskId, TextId,
};

use super::{State, TimerState};

/// A timer that fires at least this late is listed. On a real clock every timer is some
/// microseconds late.
const LATE: Span = Span(1_000_000);

/// The most values, or accesses to one, that a search goes through.
const SEARCHED: usize = 4096;

/// The accesses to shared values and the late timers of a run.
#[derive(Clone, Debug, Default)]
pub struct History {
    values: Vec<ValueHistory>,
    /// The index in `values` of the last value in each slot.
    last: HashMap<ResourceId, usize>,
    /// How many accesses there are.
    accesses: usize,
    late: Vec<LateTimer>,
}

/// A shared value, with everything that was done to it.
#[derive(Clone, Debug)]
pub struct ValueHistory {
    /// Its name.
    pub name: TextId,
    resource: ResourceId,
    /// The position after the event that created it.
    pub made: Position,
    /// All reads and writes, in their order.
    pub accesses: Vec<Access>,
}

/// A read or write of a shared value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The position after the event.
    pub position: Position,
    /// When it happened.
    pub at: Moment,
    /// How many polls had ended before it.
    pub polls: u64,
    /// The task that did it; `None` for a callback.
    pub task: Option<TaskId>,
    /// Whether it was a write.
    pub stored: bool,
    /// The number that was read or written.
    pub value: u32,
}

/// A timer that fired late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateTimer {
    /// The task that had set it; `None` if no task did.
    pub task: Option<TaskId>,
    /// When it was due.
    pub due: Moment,
    /// When it fired.
    pub at: Moment,
    /// The position after the event.
    pub fired: Position,
}

impl History {
    /// The shared values, in the order of their creation.
    pub fn values(&self) -> &[ValueHistory] {
        &self.values
    }

    /// The timers that fired late, in the order in which they fired.
    pub fn late(&self) -> &[LateTimer] {
        &self.late
    }

    /// The shared value that has this slot at a position.
    pub fn value(&self, resource: ResourceId, position: Position) -> Option<&ValueHistory> {
        let before = self.values.iter().rev().take(SEARCHED);
        before
            .filter(|value| value.made <= position)
            .find(|value| value.resource == resource)
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        // A list that grows has up to twice the length that it needs.
        self.values.len() * size_of::<(ValueHistory, ResourceId, usize)>() * 2
            + self.accesses * size_of::<Access>() * 2
            + self.late.capacity() * size_of::<LateTimer>()
    }

    /// Enters a timer that an event has fired, which was just applied to `state`.
    pub(super) fn index_fired(&mut self, timer: TimerState, state: &State) {
        let at = state.now();
        if at.since(timer.deadline) >= LATE {
            self.late.push(LateTimer {
                task: timer.task,
                due: timer.deadline,
                at,
                fired: state.position,
            });
        }
    }

    /// Enters an event that was just applied to `state`.
    #[inline]
    pub(super) fn index_resource_event(&mut self, event: &ResourceEvent, state: &State) {
        match *event {
            ResourceEvent::Created {
                resource,
                kind: ResourceKind::Value,
                name,
                ..
            } => {
                self.last.insert(resource, self.values.len());
                self.values.push(ValueHistory {
                    name,
                    resource,
                    made: state.position,
                    accesses: Vec::new(),
                });
            }
            ResourceEvent::Op {
                resource,
                op: op @ (ResourceOp::Loaded | ResourceOp::Stored),
                value,
            } => {
                let last = self.last.get(&resource);
                if let Some(used) = last.and_then(|last| self.values.get_mut(*last)) {
                    self.accesses += 1;
                    used.accesses.push(Access {
                        position: state.position,
                        at: state.now(),
                        polls: state.cursor.polls,
                        task: state.running.task(),
                        stored: op == ResourceOp::Stored,
                        value,
                    });
                }
            }
            ResourceEvent::Created { .. }
            | ResourceEvent::Op { .. }
            | ResourceEvent::Member { .. }
            | ResourceEvent::Bytes { .. }
            | ResourceEvent::Dropped { .. } => {}
        }
    }
}

impl ValueHistory {
    /// The last write of another task before a position, if `task` has accessed the value earlier
    /// but not since: a write of `task` would be based on an outdated number.
    pub fn missed(&self, task: TaskId, position: Position) -> Option<&Access> {
        let end = self
            .accesses
            .partition_point(|access| access.position <= position);
        let mut written = None;
        for access in self.accesses[..end].iter().rev().take(SEARCHED) {
            if access.task == Some(task) {
                return written;
            }
            if access.stored {
                written = written.or(Some(access));
            }
        }
        None
    }
}

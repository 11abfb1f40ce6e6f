//! What only the run as a whole can tell of: who read and wrote a shared value, and which timers fired late.

use crate::trace::{
    Event, Moment, Position, ResourceEvent, ResourceId, ResourceKind, ResourceOp, TaskId, TextId,
    TimerEvent,
};

use super::{Running, State, TimerState};

/// From when on a timer is late: on a real clock every one is, by some microseconds.
const LATE: u64 = 1_000_000;

/// How many readings and writings are looked through for the last of a task.
const MANY: usize = 4096;

/// What only the run as a whole can tell of.
#[derive(Debug, Default)]
pub struct History {
    values: Vec<ValueHistory>,
    late: Vec<LateTimer>,
}

/// A shared value, from its start to its end.
#[derive(Clone, Debug)]
pub struct ValueHistory {
    /// What it is called.
    pub name: TextId,
    resource: ResourceId,
    /// The event that made it is the one before this position.
    pub made: Position,
    /// Every reading and writing, in their order.
    pub accesses: Vec<Access>,
}

/// A shared value was read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The event is the one before this position.
    pub position: Position,
    /// When.
    pub at: Moment,
    /// How many polls had ended before.
    pub polls: u32,
    /// By which task; none for a callback.
    pub task: Option<TaskId>,
    /// Written, not read.
    pub stored: bool,
    /// What it was, or became.
    pub value: u32,
}

/// A timer that fired later than it was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateTimer {
    /// The task that had set it.
    pub task: TaskId,
    /// When it was due.
    pub due: Moment,
    /// When it fired.
    pub at: Moment,
    /// The event that fired it is the one before this position.
    pub fired: Position,
}

impl History {
    /// The shared values, in the order in which they were made.
    pub fn values(&self) -> &[ValueHistory] {
        &self.values
    }

    /// The timers that fired late, in the order in which they fired.
    pub fn late(&self) -> &[LateTimer] {
        &self.late
    }

    /// The shared value in a slot at a position.
    pub fn value(&self, resource: ResourceId, position: Position) -> Option<&ValueHistory> {
        let before = self.values.iter().rev().take(MANY);
        before
            .filter(|value| value.made <= position)
            .find(|value| value.resource == resource)
    }

    /// Enters an event that was just applied; `timer` is the one that it fires.
    pub(super) fn index_event(&mut self, event: &Event, state: &State, timer: Option<TimerState>) {
        let (position, at) = (state.position, state.now());
        match *event {
            Event::Timer(TimerEvent::Fired { .. }) => {
                if let Some(timer) = timer.filter(|timer| at.since(timer.deadline) >= LATE) {
                    self.late.push(LateTimer {
                        task: timer.task,
                        due: timer.deadline,
                        at,
                        fired: position,
                    });
                }
            }
            Event::Resource(ResourceEvent::Created {
                resource,
                kind: ResourceKind::Value,
                name,
                ..
            }) => self.values.push(ValueHistory {
                name,
                resource,
                made: position,
                accesses: Vec::new(),
            }),
            Event::Resource(ResourceEvent::Op {
                resource,
                op: op @ (ResourceOp::Loaded | ResourceOp::Stored),
                value,
            }) => {
                let mut values = self.values.iter_mut().rev().take(MANY);
                if let Some(used) = values.find(|used| used.resource == resource) {
                    used.accesses.push(Access {
                        position,
                        at,
                        polls: state.cursor.polls,
                        task: match state.running {
                            Running::Task(task) => Some(task),
                            Running::Nothing | Running::Callback(..) => None,
                        },
                        stored: op == ResourceOp::Stored,
                        value,
                    });
                }
            }
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        }
    }
}

impl ValueHistory {
    /// What others wrote last before a position, if `task` does not know of it: it read or wrote the value before
    /// that, and did not look again.
    pub fn missed(&self, task: TaskId, position: Position) -> Option<&Access> {
        let end = self
            .accesses
            .partition_point(|access| access.position <= position);
        let mut written = None;
        for access in self.accesses[..end].iter().rev().take(MANY) {
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

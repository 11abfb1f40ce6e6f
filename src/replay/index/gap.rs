//! Stretches of a trace whose events are missing, and what stands in their place.

use crate::trace::{Definition, Moment, Position};

use super::{BLOCK, Index, TaskPhase, enter_lane};

/// A stretch of the run whose events are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The event that stands for it is the one before this position.
    pub position: Position,
    /// How many events are missing.
    pub events: u32,
    /// When the last event before it was.
    pub from: Moment,
    /// When it was over.
    pub to: Moment,
}

impl Index {
    /// The stretches whose events are missing, in their order.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    pub(super) fn index_gap(&mut self, events: u32) {
        let (position, now) = (self.head.position, self.head.now());
        self.gaps.push(Gap {
            position,
            events,
            from: now,
            to: now,
        });
        let block = (position.0 - 1) / BLOCK;
        for (task, row) in self.head.tasks.unfinished() {
            enter_lane(&mut self.lanes, task.index(), block, row.phase, 0);
        }
    }

    pub(super) fn apply_definition(&mut self, definition: Definition<'_>) {
        self.tables.define(definition);
        self.head.apply_definition(&definition);
        match definition {
            Definition::Tasks { count, .. } => {
                let (position, now) = (self.head.position, self.head.now());
                self.tables.add_unseen_tasks(definition, position, now);
                let last = self.head.tasks.len();
                // They are there with the event that comes next.
                let block = position.0 / BLOCK;
                for task in last - count as usize..last {
                    enter_lane(&mut self.lanes, task, block, TaskPhase::UNKNOWN, 0);
                }
            }
            Definition::Resume(_) => {
                if let Some(gap) = self.gaps.last_mut() {
                    gap.to = self.head.cursor.now;
                }
            }
            Definition::Text(_)
            | Definition::Location(..)
            | Definition::Name(..)
            | Definition::Wakes(_) => {}
        }
    }
}

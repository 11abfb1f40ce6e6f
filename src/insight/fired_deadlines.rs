//! Since when a task that has slept is ready: since the deadline of its timer, also if the loop was
//! held and fires the timer late.

use crate::replay::State;
use crate::trace::{Moment, TaskId, TimerId};

use super::id_map::IdMap;

/// The most tasks of which a deadline is remembered.
const MOST: usize = 1 << 20;

/// The deadline of the first timer that has fired for each task since its last poll.
#[derive(Debug, Default)]
pub(super) struct FiredDeadlines(IdMap<TaskId, Moment>);

impl FiredDeadlines {
    /// A timer fires.
    pub(super) fn fired(&mut self, state: &State, timer: TimerId) {
        if let Some(fired) = state.timer(timer).filter(|_| self.0.len() < MOST) {
            let due = self.0.entry(fired.task).or_insert(fired.deadline);
            *due = (*due).min(fired.deadline);
        }
    }

    /// A poll of a task begins. Returns the deadline of the timer that has woken the task.
    pub(super) fn take(&mut self, task: TaskId) -> Option<Moment> {
        self.0.remove(&task)
    }

    /// Events are missing, among them the polls of tasks for which a timer has fired.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

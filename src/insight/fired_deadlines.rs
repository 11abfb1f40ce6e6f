//! Since when a task that has slept is ready: since the deadline of its timer, also if the loop was
//! held and fires the timer late.
//!
//! That a timer is a task's does not mean that the task waits for it: `call_later` of asyncio sets a
//! timer that calls a function. So a deadline counts once its timer has woken the task.

use crate::replay::State;
use crate::trace::{Moment, TaskId, TimerId};

use super::id_map::IdMap;

/// The most tasks, and the most timers, of which a deadline is remembered.
const MOST: usize = 1 << 20;

/// The earliest deadline by which each task was woken since its last poll.
#[derive(Debug, Default)]
pub(super) struct FiredDeadlines {
    /// The deadline of each timer when it last fired.
    fired: IdMap<TimerId, Moment>,
    due: IdMap<TaskId, Moment>,
}

impl FiredDeadlines {
    /// A timer fires.
    pub(super) fn fired(&mut self, state: &State, timer: TimerId) {
        if let Some(fired) = state.timer(timer).filter(|_| self.fired.len() < MOST) {
            self.fired.insert(timer, fired.deadline);
        }
    }

    /// A timer wakes a task. Returns its deadline; `None` if that is in a gap.
    pub(super) fn woken(&mut self, task: TaskId, timer: TimerId) -> Option<Moment> {
        let deadline = *self.fired.get(&timer)?;
        if self.due.len() < MOST {
            let due = self.due.entry(task).or_insert(deadline);
            *due = (*due).min(deadline);
        }
        Some(deadline)
    }

    /// A poll of a task begins. Returns the deadline of the timer that has woken the task.
    pub(super) fn take(&mut self, task: TaskId) -> Option<Moment> {
        self.due.remove(&task)
    }

    /// Events are missing, among them the polls of tasks for which a timer has fired.
    pub(super) fn clear(&mut self) {
        self.fired.clear();
        self.due.clear();
    }
}

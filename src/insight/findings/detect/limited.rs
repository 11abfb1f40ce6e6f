//! Waits with a limit that are declared in one poll: `or(work, timer)`.
//!
//! A state keeps the last wait that a task has declared, which is then that for the timer. The one
//! before is kept here, as long as the task declares no other wait.

use crate::insight::id_map::IdMap;

use crate::replay::{EventStep, State, TaskState};
use crate::trace::{LocationId, Position, TaskId, TimerId, Wait, WokenBy};

/// The most tasks whose waits are kept.
const KEPT: usize = 16_384;

/// What tasks wait for beside their limits.
#[derive(Debug, Default)]
pub(in crate::insight::findings) struct LimitedWaits {
    waits: IdMap<TaskId, LimitedWait>,
}

/// What a task waits for beside a limit.
#[derive(Clone, Copy, Debug)]
pub(in crate::insight::findings) struct LimitedWait {
    /// The wait for the timer that limits it.
    timer: Wait,
    pub(in crate::insight::findings) on: Wait,
    pub(in crate::insight::findings) at: LocationId,
    pub(in crate::insight::findings) at_creation: bool,
}

impl LimitedWaits {
    /// A task declares a wait; with `also`, in addition to another one of the same poll.
    #[inline]
    pub(in crate::insight::findings) fn declares(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        on: Wait,
        also: bool,
    ) {
        if !also {
            self.ended(task);
        } else if let Some(row) = step.before.tasks.get(task) {
            self.adds(task, row, on);
        }
    }

    fn adds(&mut self, task: TaskId, row: &TaskState, on: Wait) {
        let is_first = row.also == 0 && !matches!(row.wait, Wait::Unknown | Wait::Yield);
        if is_first && matches!(on, Wait::Timer(_)) && self.waits.len() < KEPT {
            let limited = LimitedWait {
                timer: on,
                on: row.wait,
                at: row.wait_at,
                at_creation: row.wait_at_creation(),
            };
            self.waits.insert(task, limited);
        } else {
            self.ended(task);
        }
    }

    /// A task has ended.
    #[inline]
    pub(in crate::insight::findings) fn ended(&mut self, task: TaskId) {
        if !self.waits.is_empty() {
            self.waits.remove(&task);
        }
    }

    /// What a suspended task waits for beside its limit, if that is its last declared wait and nothing may
    /// end the other one.
    pub(in crate::insight::findings) fn of(
        &self,
        state: &State,
        task: TaskId,
    ) -> Option<&LimitedWait> {
        self.beside(state, task)
            .filter(|limited| may_be_limited(limited.on))
    }

    /// What a suspended task waits for beside its limit, if that is its last declared wait.
    fn beside(&self, state: &State, task: TaskId) -> Option<&LimitedWait> {
        let limited = self.waits.get(&task)?;
        let row = state.tasks.get(task)?;
        let is_limit = row.also == 1 && row.wait == limited.timer && !row.is_being_cancelled();
        (is_limit && !row.status().ended() && !row.phase.queued()).then_some(limited)
    }

    /// The wait of a task beside its limit, if that is its last declared wait and something else than the
    /// limit has woken the task.
    #[inline]
    pub(in crate::insight::findings) fn ended_wait(
        &self,
        state: &State,
        task: TaskId,
    ) -> Option<&LimitedWait> {
        if self.waits.is_empty() {
            return None;
        }
        let limited = self.waits.get(&task)?;
        let row = state.tasks.get(task)?;
        let by_limit =
            matches!(row.woken_by, WokenBy::Timer(timer) if limited.timer == Wait::Timer(timer));
        let is_limit = row.also == 1 && row.wait == limited.timer && !by_limit;
        is_limit.then_some(limited)
    }

    /// What a suspended task waits for beside this limit, if that is its last declared wait.
    pub(in crate::insight::findings) fn beside_timer(
        &self,
        state: &State,
        task: TaskId,
        timer: TimerId,
    ) -> Option<&LimitedWait> {
        self.beside(state, task)
            .filter(|limited| limited.timer == Wait::Timer(timer))
    }

    /// The position after the event that set the limit of a task.
    pub(in crate::insight::findings) fn set(
        &self,
        state: &State,
        task: TaskId,
    ) -> Option<Position> {
        let Wait::Timer(timer) = self.of(state, task)?.timer else {
            return None;
        };
        state.timer(timer).map(|timer| timer.set)
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.waits.clear();
    }
}

/// Whether a wait may be one that nothing ends.
fn may_be_limited(wait: Wait) -> bool {
    match wait {
        Wait::Send(_) | Wait::Receive(_) | Wait::Acquire(_) | Wait::Join(_) | Wait::All(_) => true,
        Wait::Unknown | Wait::Yield | Wait::Timer(_) | Wait::Operation(_) | Wait::Any(_) => false,
    }
}

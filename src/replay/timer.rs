//! The timer queue at a position.

use crate::trace::{Moment, Position, TaskId, TimerId};

use super::State;

/// A timer in the timer queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerState {
    /// When it is due.
    pub deadline: Moment,
    /// The task that set it.
    pub task: TaskId,
    /// When it was set.
    pub set_at: Moment,
    /// The event that set it is the one before this position. Among equal deadlines, the lower fires first.
    pub set: Position,
}

impl State {
    /// The timer queue, in the order in which it will fire: by deadline, then by age.
    pub fn timer_queue(&self) -> Vec<(TimerId, TimerState)> {
        self.next_timers(usize::MAX)
    }

    /// The first so many timers of the queue, in their order: for a picture that shows no more.
    pub fn next_timers(&self, most: usize) -> Vec<(TimerId, TimerState)> {
        let slots = self.timers.iter().zip(0..);
        let mut queue: Vec<_> = slots
            .filter_map(|(timer, slot)| Some((TimerId(slot), (*timer)?)))
            .collect();
        let order = |(_, timer): &(TimerId, TimerState)| (timer.deadline, timer.set);
        if most < queue.len() {
            queue.select_nth_unstable_by_key(most, order);
            queue.truncate(most);
        }
        queue.sort_by_key(order);
        queue
    }
}

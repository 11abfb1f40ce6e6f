//! The task that was ready or due for the longest time while the loop was held.
//!
//! It is asked for at the end of each long poll. A walk over all tasks for each poll would take quadratic
//! time, so a task is entered into a heap when it becomes ready. An entry that is no longer valid is
//! discarded when it is at the top, or when the heap has doubled.
//!
//! A task that was due is known only later, once its timer has woken it: a timer may also call a
//! function, and wake no task. So the last holds are kept.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use crate::replay::{PhaseChange, State, Status};
use crate::trace::{Event, Moment, Span, TaskId};

/// How many holds are kept. A timer that is due fires in the next tick or the one after it.
const MOST_HOLDS: usize = 64;

/// A poll or callback that held the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HoldSpan {
    /// The task that was polled; `None` for a callback.
    pub(super) by: Option<TaskId>,
    pub(super) from: Moment,
    pub(super) to: Moment,
}

impl HoldSpan {
    /// The part of the hold from a moment on.
    pub(super) fn after(&self, since: Moment) -> Span {
        self.to.since(since.max(self.from))
    }
}

/// The tasks that are ready, each with its time, and the last holds.
#[derive(Debug, Default)]
pub(super) struct LongestDelay {
    ready: BinaryHeap<Reverse<(Moment, TaskId)>>,
    /// How many entries were left when the invalid ones were last discarded.
    kept: usize,
    holds: VecDeque<HoldSpan>,
}

fn is_ready(state: &State, since: Moment, task: TaskId) -> bool {
    let row = state.tasks.get(task);
    row.is_some_and(|row| row.status() == Status::Ready && row.since == since)
}

impl LongestDelay {
    /// Enters what an event has made ready. `state` is the one after the event.
    pub(super) fn enter(&mut self, state: &State, event: &Event) {
        if let Event::Task(event) = event
            && let Some((task, PhaseChange::Enqueue | PhaseChange::EndPoll(_))) =
                PhaseChange::of(event)
        {
            self.enter_task(state, task);
        }
    }

    fn enter_task(&mut self, state: &State, task: TaskId) {
        /// Fewer entries than this are not worth a look.
        const FEW: usize = 1024;
        let row = state.tasks.get(task);
        let Some(row) = row.filter(|row| row.status() == Status::Ready) else {
            return;
        };
        if self.ready.len() >= FEW + 2 * self.kept {
            self.ready
                .retain(|Reverse((since, task))| is_ready(state, *since, *task));
            self.kept = self.ready.len();
        }
        self.ready.push(Reverse((row.since, task)));
    }

    /// A hold ends. Returns the task that was ready for the longest part of it, and the length of that
    /// part.
    pub(super) fn hold(&mut self, state: &State, hold: HoldSpan) -> Option<(TaskId, Span)> {
        if self.holds.len() >= MOST_HOLDS {
            self.holds.pop_front();
        }
        self.holds.push_back(hold);
        while let Some(Reverse((since, task))) = self.ready.peek().copied() {
            if is_ready(state, since, task) {
                return Some((task, hold.after(since)));
            }
            self.ready.pop();
        }
        None
    }

    /// The hold of which the longest part lies behind a deadline; of several, the first.
    pub(super) fn hold_after(&self, deadline: Moment) -> Option<HoldSpan> {
        let holds = self.holds.iter().rev().copied();
        holds.max_by_key(|hold| hold.after(deadline))
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        replay::Replay,
        trace::{LocationId, Log, PollOutcome, Position, WakeEffect, Writer},
    };

    use super::*;

    #[test]
    fn entries_that_are_no_longer_valid_are_discarded() {
        let mut writer = Writer::new();
        let name = writer.intern("task");
        for _ in 0..3 {
            writer.spawn(name, LocationId::UNKNOWN, false);
        }
        for _ in 0..100 {
            writer.poll_start(TaskId(1));
            writer.poll_end(PollOutcome::Pending, 10);
            writer.wake(TaskId(1), WakeEffect::Enqueued);
        }
        let bytes = writer.take();
        let replay = Replay::new(Log {
            bytes,
            ..Log::default()
        });
        let mut longest = LongestDelay::default();
        let states: Vec<State> = (1..=replay.end().0)
            .map(|at| replay.state_at(Position(at)))
            .collect();
        for state in states.iter().cycle().take(states.len() * 100) {
            longest.enter_task(state, TaskId(1));
        }
        let state = replay.state_at(replay.end());
        assert!(longest.ready.len() < 2048);
        let hold = HoldSpan {
            by: None,
            from: Moment(900),
            to: Moment(2000),
        };
        assert_eq!(longest.hold(&state, hold), Some((TaskId(1), Span(1000))));
        longest.enter_task(&state, TaskId(2));
        assert_eq!(longest.hold(&state, hold), Some((TaskId(2), Span(1100))));
    }

    #[test]
    fn the_hold_that_a_deadline_was_in_for_longest_is_found() {
        let mut longest = LongestDelay::default();
        let state = State::new();
        let hold = |from: u64, to: u64| HoldSpan {
            by: None,
            from: Moment(from),
            to: Moment(to),
        };
        for (from, to) in [(100, 200), (200, 450), (450, 500)] {
            longest.hold(&state, hold(from, to));
        }
        assert_eq!(longest.hold_after(Moment(50)), Some(hold(200, 450)));
        assert_eq!(longest.hold_after(Moment(440)), Some(hold(450, 500)));
        for from in 0..1000 {
            longest.hold(&state, hold(from, from + 1));
        }
        assert_eq!(longest.holds.len(), MOST_HOLDS);
    }
}

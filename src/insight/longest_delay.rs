//! The task that has been ready or due for the longest time.
//!
//! It is asked for at the end of each long poll. A walk over all tasks for each poll would take quadratic
//! time, so tasks and timers are entered into heaps when they become ready and when they are set. An entry that is
//! no longer valid is discarded when it is at the top, or when a heap has doubled.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::replay::{PhaseChange, State, Status};
use crate::trace::{Event, Moment, Span, TaskId, TimerEvent, TimerId};

/// Entries by time, the earliest at the top.
#[derive(Debug)]
struct Earliest<K> {
    entries: BinaryHeap<Reverse<(Moment, K)>>,
    /// How many entries were left when the invalid ones were last discarded.
    kept: usize,
}

impl<K: Ord> Default for Earliest<K> {
    fn default() -> Earliest<K> {
        Earliest {
            entries: BinaryHeap::new(),
            kept: 0,
        }
    }
}

impl<K: Ord + Copy> Earliest<K> {
    fn enter(&mut self, at: Moment, key: K, is_valid: impl Fn(Moment, K) -> bool) {
        /// Fewer entries than this are not worth a look.
        const FEW: usize = 1024;
        if self.entries.len() >= FEW + 2 * self.kept {
            self.entries
                .retain(|Reverse((at, key))| is_valid(*at, *key));
            self.kept = self.entries.len();
        }
        self.entries.push(Reverse((at, key)));
    }

    /// The earliest entry.
    fn first(&mut self, is_valid: impl Fn(Moment, K) -> bool) -> Option<(Moment, K)> {
        while let Some(Reverse((at, key))) = self.entries.peek() {
            if is_valid(*at, *key) {
                return Some((*at, *key));
            }
            self.entries.pop();
        }
        None
    }
}

/// The tasks that are ready and the timers that are set, each with its time.
#[derive(Debug, Default)]
pub(super) struct LongestDelay {
    ready: Earliest<TaskId>,
    timers: Earliest<TimerId>,
}

fn is_ready(state: &State) -> impl Fn(Moment, TaskId) -> bool {
    |since, task| {
        let row = state.tasks.get(task);
        row.is_some_and(|row| row.status() == Status::Ready && row.since == since)
    }
}

fn is_set(state: &State) -> impl Fn(Moment, TimerId) -> bool {
    |deadline, timer| {
        let timer = state.timer(timer);
        timer.is_some_and(|timer| timer.deadline == deadline)
    }
}

impl LongestDelay {
    /// Enters what an event has made ready, or the timer that it has set. `state` is the one after the event.
    pub(super) fn enter(&mut self, state: &State, event: &Event) {
        if let Event::Task(event) = event
            && let Some((task, PhaseChange::Enqueue | PhaseChange::EndPoll(_))) =
                PhaseChange::of(event)
        {
            self.enter_task(state, task);
        } else if let Event::Timer(TimerEvent::Set { timer, .. }) = *event
            && let Some(set) = state.timer(timer)
        {
            self.timers.enter(set.deadline, timer, is_set(state));
        }
    }

    fn enter_task(&mut self, state: &State, task: TaskId) {
        if let Some(row) = state.tasks.get(task)
            && row.status() == Status::Ready
        {
            self.ready.enter(row.since, task, is_ready(state));
        }
    }

    /// The task that was due or ready for the longest part of a hold, and the length of that part. It
    /// can be the task that held the loop: a time limit of its own was due.
    pub(super) fn in_hold(
        &mut self,
        state: &State,
        from: Moment,
        to: Moment,
    ) -> Option<(TaskId, Span)> {
        let due = self.timers.first(is_set(state));
        let due = due.filter(|(deadline, _)| *deadline <= to);
        let due = due.and_then(|(deadline, timer)| Some((deadline, state.timer(timer)?.task)));
        let ready = self.ready.first(is_ready(state));
        let first = due.into_iter().chain(ready).min_by_key(|(since, _)| *since);
        first.map(|(since, task)| (task, to.since(since.max(from))))
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
        assert!(longest.ready.entries.len() < 2048);
        let (from, to) = (Moment(900), Moment(2000));
        assert_eq!(
            longest.in_hold(&state, from, to),
            Some((TaskId(1), Span(1000)))
        );
        longest.enter_task(&state, TaskId(2));
        assert_eq!(
            longest.in_hold(&state, from, to),
            Some((TaskId(2), Span(1100)))
        );
    }
}

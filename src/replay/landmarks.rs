//! Positions that a user goes to: polls, ticks, moments, landmarks.
//!
//! A search by poll, tick or time looks at the bookmarks first, which are sorted by all three, and
//! then decodes at most two blocks of events.

use crate::trace::{CallbackEvent, Cursor, Event, LoopEvent, Moment, Position, TaskEvent, TaskId};

use super::{Replay, TickPhase, lanes::BLOCK};

/// A poll that has not begun, and the tasks among which the loop chooses for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextPoll {
    /// Its number in the run, from 1.
    pub number: u64,
    /// The position before it.
    pub before: Position,
    /// The tasks that the current tick has still to poll, in the order of the ready queue. Callbacks
    /// are left out.
    pub ready: Vec<TaskId>,
}

impl Replay {
    /// The last position at or before `here` with an event for which `found` holds, of those that
    /// change the phase of a task: its spawn, its wakes, its waits, and its polls. Its lane says in
    /// which blocks there are any, so no other block is read.
    pub(crate) fn last_of_task(
        &self,
        task: TaskId,
        here: Position,
        found: &dyn Fn(&Event) -> bool,
    ) -> Option<Position> {
        let lane = self.index.lanes.of(task);
        let last = here.0.checked_sub(1)? / BLOCK;
        let entries = lane.partition_point(|entry| u64::from(entry.block()) <= last);
        let mut blocks = lane[..entries].iter().rev().map(|entry| entry.block());
        blocks.find_map(|block| self.last_in_block(block.into(), here, found))
    }

    /// The last position at or before `here` with an event of a block for which `found` holds.
    pub(crate) fn last_in_block(
        &self,
        block: u64,
        here: Position,
        found: &dyn Fn(&Event) -> bool,
    ) -> Option<Position> {
        let from = Position(block * BLOCK);
        let until = Position(from.0.saturating_add(BLOCK)).min(here);
        let events = self.events_from(from);
        let events = events.take_while(|(position, _, _)| *position <= until);
        let hit = events.filter(|(_, event, _)| found(event)).last();
        hit.map(|(position, _, _)| position)
    }

    /// The position after the current poll, or after the next one; the end if there is none.
    pub fn next_poll(&self) -> Position {
        self.poll_end(self.state.cursor.polls + 1)
    }

    /// The position after the poll before the current or last one.
    pub fn previous_poll(&self) -> Position {
        self.boundary_before(self.state.cursor.polls, |n| self.poll_end(n))
    }

    /// The position at the end of the current tick, or of the next one; the end if there is none.
    pub fn next_tick(&self) -> Position {
        let ended = self.ticks_ended();
        self.tick_end(ended + 1)
    }

    /// The position at the end of the tick before the current or last one.
    pub fn previous_tick(&self) -> Position {
        self.boundary_before(self.ticks_ended(), |n| self.tick_end(n))
    }

    /// The position after the first event of tick `tick`, counted from 1.
    pub fn tick_start(&self, tick: u64) -> Position {
        if tick == 0 {
            return Position(0);
        }
        self.first_position(
            |cursor| cursor.ticks >= tick,
            |cursor, _| cursor.ticks >= tick,
        )
    }

    /// The last position at or before a moment.
    pub fn at_moment(&self, moment: Moment) -> Position {
        let after = self.first_position(
            |cursor| cursor.now > moment,
            |cursor, _| cursor.now > moment,
        );
        // With no later event, the last event belongs to the moment as well.
        if after == self.end() && self.index.head.now() <= moment {
            return after;
        }
        Position(after.0.saturating_sub(1))
    }

    /// The last position at which at most `polls` polls have ended.
    pub fn at_polls(&self, polls: u64) -> Position {
        let more = |cursor: &Cursor| cursor.polls > polls;
        let after = self.first_position(more, |cursor, _| more(cursor));
        if after == self.end() && !more(&self.index.head.cursor) {
            return after;
        }
        Position(after.0.saturating_sub(1))
    }

    /// The next position after a line of output, a spawn or a failure; the end if there is none.
    pub fn next_landmark(&self) -> Position {
        let here = self.position();
        let output = self
            .index
            .outputs()
            .partition_point(|line| line.position <= here);
        let spawn = self
            .tables()
            .tasks()
            .partition_point(|task| task.spawned <= here);
        let error = self.index.errors().partition_point(|error| *error <= here);
        let candidates = [
            self.index.outputs().get(output).map(|line| line.position),
            self.tables().tasks().get(spawn).map(|task| task.spawned),
            self.index.errors().get(error).copied(),
        ];
        candidates.into_iter().flatten().min().unwrap_or(self.end())
    }

    /// The previous position after a line of output, a spawn or a failure; the start if there is
    /// none.
    pub fn previous_landmark(&self) -> Position {
        let here = self.position();
        let output = self
            .index
            .outputs()
            .partition_point(|line| line.position < here);
        let spawn = self
            .tables()
            .tasks()
            .partition_point(|task| task.spawned < here);
        let error = self.index.errors().partition_point(|error| *error < here);
        let candidates = [
            output
                .checked_sub(1)
                .map(|at| self.index.outputs()[at].position),
            spawn
                .checked_sub(1)
                .map(|at| self.tables().tasks()[at].spawned),
            error.checked_sub(1).map(|at| self.index.errors()[at]),
        ];
        candidates.into_iter().flatten().max().unwrap_or_default()
    }

    /// The first poll that begins at this position or later; `None` once the main task has
    /// ended, because the polls after that only cancel the other tasks.
    pub fn upcoming_poll(&self) -> Option<NextPoll> {
        let before = self.before_next_poll()?;
        let state = self.state_at(before);
        let main = state.tasks.get(TaskId(0))?;
        if main.phase.ended() {
            return None;
        }
        let list_taken = self.list_taken(state.tick(), before);
        let ready = state.ready().into_iter();
        Some(NextPoll {
            number: state.cursor.polls + 1,
            before,
            ready: ready
                .filter(|(_, row)| row.woken() <= list_taken)
                .map(|(task, _)| task)
                .collect(),
        })
    }

    /// The poll that follows the last event of a live run that is paused, with the tasks that can be
    /// polled then. Between two ticks these are all tasks that are ready by now.
    pub fn newest_choice(&self) -> Option<NextPoll> {
        let before = self.end();
        let state = self.state_at(before);
        let list_taken = match state.phase {
            TickPhase::Run => self.list_taken(state.tick(), before),
            TickPhase::Between | TickPhase::Wait | TickPhase::Parked | TickPhase::Timers => before,
        };
        let ready = state.ready().into_iter();
        let open = u64::from(state.running.task().is_some());
        Some(NextPoll {
            number: state.cursor.polls + 1 + open,
            before,
            ready: ready
                .filter(|(_, row)| row.woken() <= list_taken)
                .map(|(task, _)| task)
                .collect(),
        })
        .filter(|poll| !poll.ready.is_empty())
    }

    fn before_next_poll(&self) -> Option<Position> {
        for (after, event, _) in self.events_from(self.position()) {
            let starts = matches!(
                event,
                Event::Task(TaskEvent::PollStart { .. })
                    | Event::Callback(CallbackEvent::Start { .. })
            );
            if starts {
                return Some(Position(after.0 - 1));
            }
            if matches!(event, Event::Loop(LoopEvent::End { .. })) {
                return None;
            }
        }
        None
    }

    /// The position at which a tick took its list of what to run: the last such position before
    /// `before`. A task that was woken later waits for the next tick.
    fn list_taken(&self, tick: u64, before: Position) -> Position {
        let start = self.tick_start(tick);
        self.events_from(start)
            .take_while(|(after, _, _)| *after <= before)
            .filter(|(_, event, _)| matches!(event, Event::Loop(LoopEvent::RunPhase { .. })))
            .last()
            .map_or(start, |(after, _, _)| after)
    }

    fn ticks_ended(&self) -> u64 {
        let inside = self.state.phase != TickPhase::Between && self.state.outcome.is_none();
        self.state.cursor.ticks - u64::from(inside && self.state.cursor.ticks > 0)
    }

    /// The last boundary before this position. At most `count` boundaries lie at or before it.
    fn boundary_before(&self, count: u64, boundary: impl Fn(u64) -> Position) -> Position {
        let here = boundary(count);
        if here < self.position() || count == 0 {
            here
        } else {
            boundary(count - 1)
        }
    }

    /// The position after poll `number`, counted from 1.
    pub(crate) fn poll_end(&self, number: u64) -> Position {
        if number == 0 {
            return Position(0);
        }
        self.first_position(
            |cursor| cursor.polls >= number,
            |cursor, _| cursor.polls >= number,
        )
    }

    /// The position after tick `number`, counted from 1.
    pub(crate) fn tick_end(&self, number: u64) -> Position {
        if number == 0 {
            return Position(0);
        }
        self.first_position(
            |cursor| cursor.ticks > number,
            |cursor, event| {
                cursor.ticks > number
                    || (cursor.ticks == number && *event == Event::Loop(LoopEvent::TickEnd))
            },
        )
    }

    /// The position after the first event for which `found` returns true; the end if no event
    /// matches.
    ///
    /// 1. `past` tells from a cursor alone whether the event was before it. Once `past` is true, it
    ///    is true for all later cursors, so a binary search finds the first bookmark with `past`.
    /// 2. The search for the event begins one block earlier than that bookmark requires, because
    ///    `past` may hold only one event later: a cursor shows the end of a tick only when the
    ///    next tick starts.
    /// 3. From there, events are decoded until `found` matches.
    fn first_position(
        &self,
        past: impl Fn(&Cursor) -> bool,
        found: impl Fn(&Cursor, &Event) -> bool,
    ) -> Position {
        let bookmarks = &self.index.bookmarks;
        let block = bookmarks
            .partition_point(|cursor| !past(cursor))
            .saturating_sub(2);
        let Some(mut cursor) = bookmarks.get(block).copied() else {
            return self.end();
        };
        let mut at = block as u64 * BLOCK;
        while at < self.end().0 {
            let Some(event) = self.next_event(&mut cursor) else {
                break;
            };
            at += 1;
            if found(&cursor, &event) {
                return Position(at);
            }
        }
        self.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{LocationId, Log, PollOutcome, Writer};

    #[test]
    fn the_last_poll_of_a_task_is_found_by_its_lane() {
        let mut writer = Writer::new();
        let name = writer.text("task");
        for number in 0..200 {
            writer.spawn(name, LocationId::UNKNOWN, number > 0);
        }
        let mut random = 7_u32;
        for _ in 0..4_000 {
            random = random.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            writer.poll_start(TaskId((random >> 16) % 150));
            writer.poll_end(PollOutcome::Pending, 0);
        }
        let replay = Replay::new(Log {
            bytes: writer.take(),
            ..Log::default()
        });
        assert!(replay.end().0 > 4 * BLOCK);
        for here in (0..=replay.end().0).step_by(97).map(Position) {
            for task in [3, 77, 149, 180].map(TaskId) {
                let is_start = |event: &Event| *event == Event::Task(TaskEvent::PollStart { task });
                let events = replay.events_from(Position(0));
                let before = events.take_while(|(position, ..)| *position <= here);
                let last = before.filter(|(_, event, _)| is_start(event)).last();
                let found = replay.last_of_task(task, here, &is_start);
                assert_eq!(
                    found,
                    last.map(|(position, ..)| position),
                    "{here:?} {task}"
                );
            }
        }
    }
}

//! A trace with a place in it, and the ways to move that place.

use crate::trace::{Cursor, Event, Log, LoopEvent, Moment, Position, Tables};

use super::{BLOCK, Index, State, TickPhase};

/// A trace, and the state of the loop at one position of it.
#[derive(Debug, Default)]
pub struct Replay {
    pub(super) log: Log,
    pub(super) index: Index,
    /// About how many bytes it may take.
    pub(super) limit: Option<usize>,
    state: State,
    /// A state not far before the current one. Where many tasks live, keyframes lie far apart, and what is looked at
    /// most is one step back.
    recent: State,
}

/// How far before the current position the near state is taken, and twice this is how far behind it may fall.
const RECENT: u32 = 4 * BLOCK;

impl Replay {
    /// A replay of a trace, at its start.
    pub fn new(log: Log) -> Replay {
        let mut index = Index::default();
        index.extend(&log.bytes);
        Replay {
            log,
            index,
            limit: None,
            state: State::new(),
            recent: State::new(),
        }
    }

    /// Adds what a live run has written since.
    pub fn append(&mut self, bytes: &[u8]) {
        self.log.bytes.extend_from_slice(bytes);
        self.index.extend(&self.log.bytes);
    }

    /// The trace.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// What is known of the whole trace.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Names, texts, locations.
    pub fn tables(&self) -> &Tables {
        &self.index.tables
    }

    /// The loop at the current position.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Where we are.
    pub fn position(&self) -> Position {
        self.state.position
    }

    /// The position after the last event.
    pub fn end(&self) -> Position {
        self.index.len()
    }

    /// Whether bytes were left over that make no sense.
    pub fn is_damaged(&self) -> bool {
        self.index.head.cursor.offset != self.log.bytes.len()
    }

    /// Goes to a position; beyond the end is the end.
    pub fn seek(&mut self, position: Position) {
        let position = position.min(self.end());
        let before = self.nearest_state(position);
        let jump = match before {
            Some(before) => position < self.state.position || before.position > self.state.position,
            None => position < self.state.position,
        };
        if jump {
            self.state = before.cloned().unwrap_or_default();
        }
        self.step_to(Position(position.0.saturating_sub(RECENT)));
        let ahead = self.recent.position > self.state.position;
        let behind = self.state.position.0.saturating_sub(self.recent.position.0) > 2 * RECENT;
        // A keyframe that is as near does as well.
        let keyframe = self.index.keyframe(self.state.position);
        let lonely = keyframe
            .is_none_or(|keyframe| self.state.position.0 - keyframe.position.0 > 2 * RECENT);
        if lonely && (ahead || behind) {
            self.recent.clone_from(&self.state);
        }
        self.step_to(position);
    }

    fn step_to(&mut self, position: Position) {
        while self.state.position < position {
            if self.state.step(&self.log.bytes).is_none() {
                break;
            }
        }
    }

    /// The nearest state that is kept, at or before a position.
    fn nearest_state(&self, position: Position) -> Option<&State> {
        let recent = Some(&self.recent).filter(|recent| recent.position <= position);
        let here = Some(&self.state).filter(|here| here.position <= position);
        let keyframe = self.index.keyframe(position);
        recent
            .into_iter()
            .chain(here)
            .chain(keyframe)
            .max_by_key(|state| state.position)
    }

    /// The state at another position, without going there.
    pub fn state_at(&self, position: Position) -> State {
        let position = position.min(self.end());
        let mut state = self.nearest_state(position).cloned().unwrap_or_default();
        while state.position < position {
            if state.step(&self.log.bytes).is_none() {
                break;
            }
        }
        state
    }

    /// The event that leads to a position: number `position`, counted from 1. None at the start.
    pub fn event_before(&self, position: Position) -> Option<Event> {
        let number = position.0.checked_sub(1)?;
        self.events_from(Position(number))
            .next()
            .map(|(_, event, _)| event)
    }

    /// The events from a position on, each with the position and the cursor after it.
    pub fn events_from(
        &self,
        position: Position,
    ) -> impl Iterator<Item = (Position, Event, Cursor)> {
        let block = position.0 / BLOCK;
        let mut cursor = self
            .index
            .bookmarks
            .get(block as usize)
            .copied()
            .unwrap_or(Cursor::START);
        let mut at = if self.index.bookmarks.is_empty() {
            0
        } else {
            block * BLOCK
        };
        let end = self.end().0;
        while at < position.0.min(end) && cursor.next_event(&self.log.bytes).is_some() {
            at += 1;
        }
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let event = cursor.next_event(&self.log.bytes)?;
            at += 1;
            Some((Position(at), event, cursor))
        })
    }

    // ---- positions of interest

    /// The position after the poll that runs or comes next; the end if there is none.
    pub fn next_poll(&self) -> Position {
        self.poll_end(self.state.cursor.polls + 1)
    }

    /// The position after the poll before the one we are in or behind.
    pub fn previous_poll(&self) -> Position {
        self.boundary_before(self.state.cursor.polls, |n| self.poll_end(n))
    }

    /// The position at the end of the tick that runs or comes next; the end if there is none.
    pub fn next_tick(&self) -> Position {
        let ended = self.ticks_ended();
        self.tick_end(ended + 1)
    }

    /// The position at the end of the tick before the one we are in or behind.
    pub fn previous_tick(&self) -> Position {
        self.boundary_before(self.ticks_ended(), |n| self.tick_end(n))
    }

    /// The position at which tick `tick` (from 1) begins: after its first event.
    pub fn tick_start(&self, tick: u32) -> Position {
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
        // `first_position` gives the end when there is none later; then the last event itself belongs to the moment.
        if after == self.end() && self.index.head.now() <= moment {
            return after;
        }
        Position(after.0.saturating_sub(1))
    }

    /// The last position at which so many polls, or fewer, are over.
    pub fn at_polls(&self, polls: u64) -> Position {
        let more = |cursor: &Cursor| u64::from(cursor.polls) > polls;
        let after = self.first_position(more, |cursor, _| more(cursor));
        if after == self.end() && !more(&self.index.head.cursor) {
            return after;
        }
        Position(after.0.saturating_sub(1))
    }

    /// What is known at a position without the tasks: the time, how many polls and ticks there were.
    pub fn cursor_at(&self, position: Position) -> Cursor {
        let position = position.min(self.end());
        let block = position.0 / BLOCK;
        let Some(mut cursor) = self.index.bookmarks.get(block as usize).copied() else {
            return self.index.head.cursor;
        };
        for _ in block * BLOCK..position.0 {
            if cursor.next_event(&self.log.bytes).is_none() {
                break;
            }
        }
        cursor
    }

    /// The next position after a line of output, a spawn, an error; the end if there is none.
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

    /// The previous position after a line of output, a spawn, an error; the start if there is none.
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

    fn ticks_ended(&self) -> u32 {
        let inside = self.state.phase != TickPhase::Between && self.state.outcome.is_none();
        self.state.cursor.ticks - u32::from(inside && self.state.cursor.ticks > 0)
    }

    /// The boundary before this position, when `count` of them are at or before it.
    fn boundary_before(&self, count: u32, boundary: impl Fn(u32) -> Position) -> Position {
        let here = boundary(count);
        if here < self.position() || count == 0 {
            here
        } else {
            boundary(count - 1)
        }
    }

    /// The position after poll number `number`, from 1.
    fn poll_end(&self, number: u32) -> Position {
        if number == 0 {
            return Position(0);
        }
        self.first_position(
            |cursor| cursor.polls >= number,
            |cursor, _| cursor.polls >= number,
        )
    }

    /// The position after tick number `number`, from 1.
    fn tick_end(&self, number: u32) -> Position {
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

    /// The first position after whose event `found` holds; the end if there is none. `past` is a bookmark's
    /// version of it: once true it stays true. It may come true with the event after the one that is looked for (only
    /// the start of the next tick tells a cursor that the one before is over), so the search begins a block early.
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
        #[expect(
            clippy::cast_possible_truncation,
            reason = "there are fewer blocks than events"
        )]
        let mut at = block as u32 * BLOCK;
        while at < self.end().0 {
            let Some(event) = cursor.next_event(&self.log.bytes) else {
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

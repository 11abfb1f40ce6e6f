//! A trace with a position in it.
//!
//! There are no inverse events. Going back means copying an earlier state and applying the events
//! from there, so an earlier state must be near. [`Replay::seek`] has three to
//! choose from: the current one (forward only), a keyframe of the [`Index`], and the *recent*
//! state, a copy that is kept a few thousand events behind the current position. Where many tasks
//! are unfinished, keyframes lie far apart, and most seeks are one step back: the recent state
//! serves these.

use std::sync::Arc;

use crate::trace::{Cursor, Event, Log, Meta, Position, RingLog, Tables, to_usize};

use super::{Index, State, lanes::BLOCK};

/// A trace, and the state of the loop at one position of it.
#[derive(Debug, Default)]
pub struct Replay {
    /// Shared with the copies that [`Replay::share`] has made, as is the index.
    pub(super) log: Arc<Log>,
    pub(super) index: Arc<Index>,
    pub(super) state: State,
    /// A copy of the state a little before the current position.
    recent: State,
    /// About how many bytes the replay may take; `None` for no limit.
    limit: Option<usize>,
    /// See [`Replay::is_from_file`].
    started: bool,
}

/// How far before the target of a seek the recent state is taken. It is taken again when it is more
/// than twice as far behind.
const RECENT: u64 = 4 * BLOCK;

impl Replay {
    /// Opens a trace at its start.
    pub fn new(log: Log) -> Replay {
        let mut index = Index::default();
        index.extend(&log.bytes);
        Replay {
            log: Arc::new(log),
            index: Arc::new(index),
            limit: None,
            state: State::new(),
            recent: State::new(),
            started: false,
        }
    }

    /// The same trace at the same position, for another thread. Trace and index are not copied, until
    /// one of the two replays appends or discards records.
    #[must_use]
    pub fn share(&self) -> Replay {
        Replay {
            log: Arc::clone(&self.log),
            index: Arc::clone(&self.index),
            state: self.state.clone(),
            recent: State::new(),
            limit: self.limit,
            started: self.started,
        }
    }

    /// Whether both have the same trace: what is computed from all of it is equal as well.
    pub fn has_trace_of(&self, other: &Replay) -> bool {
        Arc::ptr_eq(&self.log, &other.log) || self.log == other.log
    }

    /// The empty trace of a run that this program starts, as the user has asked for it.
    pub fn of_started_run(meta: Meta) -> Replay {
        Replay {
            started: true,
            ..Replay::new(Log {
                bytes: Vec::new(),
                meta,
            })
        }
    }

    /// Whether all tasks are polled in the order of the ready queue, as far as the trace has been read.
    /// The tasks of an `Executor` are not: a task of the loop polls them, in the executor's order.
    pub fn has_one_order(&self) -> bool {
        !self.index.head().has_inner_polls
    }

    /// Whether the description of the run, `log().meta`, was read and not asked for. The author of
    /// a file chooses the scenario, the variant and the parameters in it, so a program must not
    /// carry out what they say. This is the case unless the run was begun by [`Replay::of_started_run`].
    pub fn is_from_file(&self) -> bool {
        !self.started
    }

    /// Notes that the parameters of a started run come from a file.
    pub fn mark_from_file(&mut self) {
        self.started = false;
    }

    /// A trace without records, which [`Replay::append`] adds. When the trace and everything that
    /// is computed from it take more than about `budget` bytes, the rest is left out, and
    /// [`Replay::is_full`] says so.
    pub fn within(budget: usize, meta: Meta) -> Replay {
        Replay {
            log: Arc::new(Log {
                meta,
                ..Log::default()
            }),
            index: Arc::new(Index::within(budget)),
            ..Replay::default()
        }
    }

    /// Opens a trace at its start, as far as it fits into a budget: see [`Replay::within`].
    pub fn new_within(budget: usize, log: Log) -> Replay {
        let mut replay = Replay::within(budget, log.meta);
        replay.push(|to| *to = log.bytes);
        replay
    }

    /// Lets `push` append records, and reads them. Drops those behind the last one that the budget
    /// allows.
    fn push(&mut self, push: impl FnOnce(&mut Vec<u8>)) {
        let (log, index) = (Arc::make_mut(&mut self.log), Arc::make_mut(&mut self.index));
        push(&mut log.bytes);
        index.extend(&log.bytes);
        if index.is_full() {
            log.bytes.truncate(index.head.cursor.offset);
        }
    }

    /// Appends nothing from now on, as if the budget were exceeded.
    pub fn fill(&mut self) {
        Arc::make_mut(&mut self.index).fill();
    }

    /// Whether the trace is longer than its budget allows, so that its end is left out.
    pub fn is_full(&self) -> bool {
        self.index.is_full()
    }

    /// Appends the records that a live run has written since, or that were read from a file.
    pub fn append(&mut self, bytes: &[u8]) {
        if self.is_full() {
            return;
        }
        self.push(|to| to.extend_from_slice(bytes));
    }

    /// The trace.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The index of the whole trace.
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

    /// The current position.
    pub fn position(&self) -> Position {
        self.state.position
    }

    /// The position after the last event.
    pub fn end(&self) -> Position {
        self.index.len()
    }

    /// Whether the trace ends in bytes that cannot be decoded.
    pub fn is_damaged(&self) -> bool {
        self.index.head.cursor.offset != self.log.bytes.len()
    }

    /// Goes to a position; past the end, to the end.
    pub fn seek(&mut self, position: Position) {
        let position = position.min(self.end());
        let nearest = self.nearest_state(position);
        let jump = position < self.state.position
            || nearest.is_some_and(|nearest| nearest.cursor.offset > self.state.cursor.offset);
        if jump {
            self.state = nearest.cloned().unwrap_or_default();
        }
        self.step_to(Position(position.0.saturating_sub(RECENT)));
        self.keep_recent();
        self.step_to(position);
    }

    /// Copies the current state to the recent one, unless that or a keyframe is near enough.
    fn keep_recent(&mut self) {
        let here = self.state.position;
        if self.index.skips.contains(&self.state) {
            return;
        }
        let ahead = self.recent.position > here;
        let behind = here.0.saturating_sub(self.recent.position.0) > 2 * RECENT;
        let keyframe = self.index.keyframe(here);
        let no_keyframe = keyframe.is_none_or(|keyframe| here.0 - keyframe.position.0 > 2 * RECENT);
        if no_keyframe && (ahead || behind) {
            self.recent.clone_from(&self.state);
        }
    }

    fn step_to(&mut self, position: Position) {
        while self.state.position < position {
            if self.state.step(&self.log.bytes).is_none() {
                break;
            }
        }
    }

    /// The nearest state at or before a position, of those that are kept. It may contain definitions
    /// that follow its last event.
    fn nearest_state(&self, position: Position) -> Option<&State> {
        let recent = Some(&self.recent).filter(|recent| recent.position <= position);
        let here = Some(&self.state).filter(|here| here.position <= position);
        let keyframe = self.index.keyframe(position);
        let all = [
            recent,
            here,
            keyframe,
            self.index.skips.state_before(position),
        ];
        all.into_iter()
            .flatten()
            .max_by_key(|state| state.cursor.offset)
    }

    /// The state at another position. The current position stays.
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

    /// The event before a position: event `position`, counted from 1; `None` at the start.
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
        let (Position(mut at), mut cursor) = self.index.decode_from(position);
        let end = self.end().0;
        while at < position.0.min(end) && self.next_event(&mut cursor).is_some() {
            at += 1;
        }
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let event = self.next_event(&mut cursor)?;
            at += 1;
            Some((Position(at), event, cursor))
        })
    }

    /// Reads the event after a cursor of this trace, as [`Cursor::next_event`] does, without decoding
    /// more than a few of the definitions before it.
    #[inline]
    pub fn next_event(&self, cursor: &mut Cursor) -> Option<Event> {
        let bytes = &self.log.bytes;
        loop {
            if let Some(event) = cursor.next_frequent(bytes) {
                return Some(event);
            }
            if let Some(event) = cursor.next_rare(bytes) {
                return Some(event);
            }
            if !self.index.skips.skip(cursor) {
                cursor.next_definition(bytes)?;
            }
        }
    }

    /// Applies the next event to a state of this trace, as [`State::step`] does, without decoding
    /// more than a few of the definitions before it.
    pub(crate) fn step(&self, state: &mut State) -> Option<Event> {
        if let Some(behind) = self.index.skips.state_behind(state) {
            state.clone_from(behind);
        }
        state.step(&self.log.bytes)
    }

    /// The cursor at a position: loop time and the numbers of polls and ticks, without the cost of
    /// a [`State`].
    pub fn cursor_at(&self, position: Position) -> Cursor {
        let position = position.min(self.end());
        let Some(bookmark) = self.index.bookmarks.get(to_usize(position.0 / BLOCK)) else {
            return self.index.head.cursor;
        };
        // The definitions that follow the position are not part of the answer, as those behind a gap
        // change the time.
        let before = Position(position.0.saturating_sub(1));
        let (from, mut cursor) = if position.0.is_multiple_of(BLOCK) {
            (position, *bookmark)
        } else {
            self.index.decode_from(before)
        };
        for _ in from.0..position.0 {
            if self.next_event(&mut cursor).is_none() {
                break;
            }
        }
        cursor
    }

    /// Sets about how many bytes [`Replay::trim`] lets the trace and its index take.
    pub fn limit(&mut self, bytes: usize) {
        self.limit = Some(bytes);
    }

    /// Discards the oldest events if there is a limit and it is exceeded. A [gap](Event::Gap) takes
    /// their place at the start of the trace.
    ///
    /// Returns by how much all positions are lower afterwards. Positions in the discarded part map
    /// to the gap.
    ///
    /// 1. Trace and index must shrink to half the limit, so that it does not happen again soon. The
    ///    index is in proportion to the records, so the same share of the records is kept.
    /// 2. The cut is at the first bookmark after that point: only there is a cursor known.
    /// 3. A [`RingLog`] makes a trace of the kept records that begins with a gap and with the
    ///    definitions that they refer to.
    /// 4. The index is built anew, and the position is restored.
    pub fn trim(&mut self) -> u64 {
        let taken = self.log.bytes.len() + self.index.bytes();
        let Some(limit) = self.limit.filter(|limit| taken > *limit) else {
            return 0;
        };
        let keep = u128::from(self.log.bytes.len() as u64) * (limit as u128 / 2) / taken as u128;
        let keep = usize::try_from(keep).unwrap_or(0);
        let from = self.log.bytes.len().saturating_sub(keep);
        let bookmarks = &self.index.bookmarks;
        let block = bookmarks.partition_point(|cursor| cursor.offset < from);
        let Some(cut) = bookmarks.get(block).filter(|_| block > 0) else {
            return 0;
        };
        let (discarded, kept) = self.log.bytes.split_at(cut.offset);
        let mut ring = RingLog::new(0);
        ring.discard(discarded);
        ring.push(kept);
        let log = Log {
            bytes: ring.into_records(),
            meta: self.log.meta.clone(),
        };
        let here = self.position();
        *self = Replay::new(log);
        self.limit = Some(limit);
        // The gap is an event itself.
        let lower = block as u64 * BLOCK - 1;
        self.seek(Position(here.0.saturating_sub(lower).max(1)));
        lower
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{LocationId, Writer};

    #[test]
    fn a_reader_of_events_skips_thousands_of_definitions() {
        let mut writer = Writer::new();
        writer.tick_start();
        let name = writer.text("task");
        for number in 0..50_000 {
            writer.text(&number.to_string());
        }
        for number in 0..5_000 {
            writer.spawn(name, LocationId::UNKNOWN, number > 0);
            if number == 2_000 {
                for number in 0..50_000 {
                    writer.text(&number.to_string());
                }
            }
        }
        let replay = Replay::new(Log {
            bytes: writer.take(),
            ..Log::default()
        });
        assert_eq!(replay.end(), Position(5_001));
        // Each place is compared with a walk from the start.
        let mut cursor = Cursor::START;
        for position in 0..replay.end().0 {
            assert_eq!(replay.cursor_at(Position(position)), cursor, "{position}");
            let event = cursor.next_event(&replay.log.bytes);
            let next = replay.events_from(Position(position)).next();
            assert_eq!(
                next,
                event.map(|event| (Position(position + 1), event, cursor))
            );
            let (from, start) = replay.index.decode_from(Position(position));
            let behind = start.offset - Cursor::START.offset;
            assert!(from <= Position(position) && position - from.0 <= BLOCK);
            assert!(position < 1 || from.0 > 0 && behind > 100_000, "{position}");
        }
    }
}

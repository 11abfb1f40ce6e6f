//! The index of a trace: built once, while the trace comes in, so that any position of it can be
//! reached quickly.
//!
//! [`Index::extend`] decodes each event exactly once, applies it to [`Index::head`], and keeps five
//! things along the way:
//!
//! * A **bookmark** every [`BLOCK`] events: the cursor. To find an event by its time, its poll or
//!   its tick, a binary search finds the bookmark, and at most two blocks are decoded.
//! * A **skip** of definitions, if many of them follow each other: see [`DefinitionSkips`]. A block has
//!   a fixed number of events, but any number of definitions.
//! * A **keyframe** now and then: a copy of the whole [`State`]. A seek starts from the nearest one
//!   before its target. A keyframe is due when [`KEYFRAME_EVENTS`] have passed since the last one,
//!   and when it takes no more than [`KEYFRAME_BYTES_PER_EVENT`] for each event since then. So the
//!   memory for keyframes is proportional to the trace, however many tasks are unfinished; with
//!   many tasks they lie farther apart. When all of them take more than [`KEYFRAME_BYTES`], every
//!   second one is discarded, and twice as many events have to pass from then on.
//! * **Lanes**: for each task and each block in which its phase changed, its phase at the end of
//!   the block and whether it was polled in it. The timeline paints most blocks from these entries,
//!   without decoding them.
//! * **Side tables** of what a person jumps to or looks up: names, lines of output, failures, gaps,
//!   accesses to shared values, late timers.
//!
//! # The budget
//!
//! A file can unpack to 255 times its size, and each of its records can make a task. So the index of
//! a file has a budget: about how much memory the records and everything that is computed from them
//! may take. It is compared at each bookmark, and within many definitions in a row. An index that
//! exceeds it is *full*: it reads no further, and the events behind are left out.

use crate::trace::{
    Cursor, Definition, Event, LoopEvent, Moment, Outcome, PollOutcome, Position, Tables,
    TaskEvent, TaskId, TextId, TimerEvent, to_usize,
};

use super::{
    History, State, TaskPhase, TimerState,
    definition_skips::DefinitionSkips,
    lanes::{BLOCK, Lanes, RAN, block_number},
    long_texts::LongTexts,
    task_phase::PhaseChange,
};

/// The fewest events from one keyframe to the next.
const KEYFRAME_EVENTS: u64 = 8 * BLOCK;

/// A keyframe may take this many bytes for each event since the one before.
const KEYFRAME_BYTES_PER_EVENT: usize = 3;

/// All keyframes together may take this many bytes, or a quarter of what the records take.
const KEYFRAME_BYTES: usize = 48 << 20;

/// How many states exist beside the keyframes: the head, the one at the position, the recent one, that
/// of the reader of findings, that of the reader of the critical path, and the copy from which a picture
/// tells what runs next.
const STATES: usize = 6;

/// What a reader that goes through the whole trace may take beside the budget, if the budget is used up.
const READER: usize = 72 << 20;

/// The index of a trace. It grows with the trace: [`Index::extend`] continues where it stopped.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Names, texts, locations.
    pub(super) tables: Tables,
    /// The state after the last event.
    pub(super) head: State,
    /// The cursor before event 0, [`BLOCK`], 2 × `BLOCK` …
    pub(super) bookmarks: Vec<Cursor>,
    /// The ways around many definitions.
    pub(super) skips: DefinitionSkips,
    /// Copies of the state, by position.
    keyframes: Vec<State>,
    keyframe_bytes: usize,
    /// How often every second keyframe was discarded.
    thinned: u32,
    /// About how many bytes the trace and everything computed from it may take; `None` for no limit.
    budget: Option<usize>,
    is_full: bool,
    /// What long texts cost.
    long_texts: LongTexts,
    /// What each task did in each block.
    pub(super) lanes: Lanes,
    outputs: Vec<OutputLine>,
    errors: Vec<Position>,
    history: History,
    gaps: Vec<Gap>,
}

/// A line of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputLine {
    /// The position after the event that wrote it.
    pub position: Position,
    /// When it was written.
    pub at: Moment,
    /// The task that wrote it; `None` for a callback or the loop itself.
    pub task: Option<TaskId>,
    /// The line.
    pub text: TextId,
}

/// A stretch of the run whose events are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The position after the event that stands for the gap.
    pub position: Position,
    /// How many events are missing.
    pub events: u64,
    /// The time of the last event before the gap.
    pub from: Moment,
    /// The time at its end.
    pub to: Moment,
}

impl Index {
    /// An index that takes at most about this many bytes, those of the records included.
    pub(super) fn within(budget: usize) -> Index {
        Index {
            budget: Some(budget),
            ..Index::default()
        }
    }

    /// Reads no further, as if the budget were exceeded.
    pub(super) fn fill(&mut self) {
        self.is_full = true;
    }

    /// Whether the budget was exceeded, so that the rest of the trace is left out.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Reads on to the end of `bytes`, which must begin with the bytes read so far. Stops before a
    /// record that cannot be decoded, and when the budget is exceeded.
    ///
    /// Returns how many events are indexed now.
    pub fn extend(&mut self, bytes: &[u8]) -> Position {
        loop {
            if self.head.position.0.is_multiple_of(BLOCK) {
                self.add_bookmark();
                if self.is_full {
                    break;
                }
            }
            let cursor = &mut self.head.cursor;
            if let Some(event) = cursor.next_frequent(bytes) {
                self.apply(&event);
            } else if let Some(event) = &cursor.next_rare(bytes) {
                self.apply_rare(event);
                if self.is_full {
                    break;
                }
            } else if let Some(definition) = cursor.next_definition(bytes) {
                self.apply_definition(definition);
                let head = &self.head;
                if self.skips.note(head.position, &head.cursor) {
                    self.skips.keep_state(head, bytes);
                    // Many definitions may follow each other without an event, and so without a bookmark.
                    if self.skips.is_at_skip() && self.exceeds_budget() {
                        self.is_full = true;
                        break;
                    }
                }
            } else {
                break;
            }
        }
        self.lanes.write();
        self.head.position
    }

    #[inline]
    fn apply(&mut self, event: &Event) {
        self.head.apply(event);
        self.index_event(event);
        if let Event::Resource(event) = event {
            self.history.index_resource_event(event, &self.head);
        }
    }

    /// Like [`Index::apply`]; a timer is looked up first, because firing removes it.
    fn apply_rare(&mut self, event: &Event) {
        let fired = self.fired_by(event);
        if let Event::Gap { events } = *event {
            let known: Vec<TaskId> = self.head.tasks.known().collect();
            self.head.apply(event);
            self.index_gap(events, &known);
            return;
        }
        self.apply(event);
        if let Some(timer) = fired {
            self.history.index_fired(timer, &self.head);
        }
        self.long_texts.enter(event, &self.tables);
        // A few of them may take more than the events between two bookmarks.
        let cost = self.long_texts.cost();
        self.is_full = self.budget.is_some_and(|budget| cost > budget);
    }

    fn fired_by(&self, event: &Event) -> Option<TimerState> {
        if let Event::Timer(TimerEvent::Fired { timer }) = *event {
            return self.head.timer(timer).copied();
        }
        None
    }

    fn apply_definition(&mut self, definition: Definition<'_>) {
        self.long_texts.define(&definition);
        self.tables.define(definition);
        self.head.apply_definition(&definition);
        match definition {
            Definition::Tasks { count, .. } => {
                let (position, now) = (self.head.position, self.head.now());
                self.tables.add_unseen_tasks(definition, position, now);
                let end = self.head.tasks.len();
                // They exist from the next event on, so they belong to its block.
                let block = block_number(position.0);
                self.lanes.declare(end - count as usize..end, block);
            }
            Definition::Resume(_) => {
                if let Some(gap) = self.gaps.last_mut() {
                    gap.to = self.head.cursor.now;
                }
            }
            Definition::Text(_)
            | Definition::Location(..)
            | Definition::Frame { .. }
            | Definition::PollSample { .. }
            | Definition::Name(..)
            | Definition::Wakes(_) => {}
        }
    }

    /// The nearest place from which the events after a position can be decoded: a position at or before
    /// it, and a cursor there, which may be behind the definitions that follow the position.
    pub(super) fn decode_from(&self, position: Position) -> (Position, Cursor) {
        let block = position.0 / BLOCK;
        let bookmark = self.bookmarks.get(to_usize(block));
        let bookmark = bookmark.map(|cursor| (Position(block * BLOCK), *cursor));
        let start = (Position(0), Cursor::START);
        // Of two at one position, the skip is farther.
        let all = bookmark.into_iter().chain(self.skips.cursor(position));
        all.max_by_key(|(at, _)| *at).unwrap_or(start)
    }

    /// Adds a bookmark before the next event, and a keyframe if one is due.
    fn add_bookmark(&mut self) {
        let position = self.head.position.0;
        if self.bookmarks.len() as u64 * BLOCK != position {
            return;
        }
        self.bookmarks.push(self.head.cursor);
        if self.exceeds_budget() {
            self.is_full = true;
            return;
        }
        let fewest = KEYFRAME_EVENTS << self.thinned;
        let due = self.keyframes.last().is_none_or(|last| {
            let events = to_usize(position - last.position.0);
            events >= to_usize(fewest) && events * KEYFRAME_BYTES_PER_EVENT >= self.head.weight()
        });
        if due {
            self.keyframe_bytes += self.head.weight();
            self.keyframes.push(self.head.clone());
            self.thin_keyframes();
        }
    }

    /// Discards every second keyframe if all of them take too much memory.
    fn thin_keyframes(&mut self) {
        if self.keyframe_bytes <= KEYFRAME_BYTES.max(self.head.cursor.offset / 4) {
            return;
        }
        let mut stays = false;
        self.keyframes.retain(|_| {
            stays = !stays;
            stays
        });
        self.keyframe_bytes = self.keyframes.iter().map(State::weight).sum();
        // A single large state is no reason to keep fewer of the smaller ones that may follow.
        if self.keyframes.len() > 1 {
            self.thinned = (self.thinned + 1).min(32);
        }
    }

    /// About how many bytes a reader may take that goes through the whole trace and keeps something of
    /// each event: what the trace leaves of its budget, and some more.
    pub(crate) fn room_for_a_reader(&self) -> usize {
        self.budget.map_or(usize::MAX, |budget| {
            budget.saturating_add(READER).saturating_sub(self.memory())
        })
    }

    fn exceeds_budget(&self) -> bool {
        self.budget.is_some_and(|budget| self.memory() > budget)
    }

    /// About how many bytes the records take, with everything that is computed from them.
    fn memory(&self) -> usize {
        self.head.cursor.offset
            + self.bytes()
            + self.tables.bytes()
            + self.history.bytes()
            + self.long_texts.cost()
            + STATES * self.head.weight()
            + self.head.tasks.shared_weight()
            + self.outputs.capacity() * size_of::<OutputLine>()
            + self.errors.capacity() * size_of::<Position>()
            + self.gaps.capacity() * size_of::<Gap>()
    }

    /// Enters an event that was just applied into the lanes and side tables.
    #[inline]
    fn index_event(&mut self, event: &Event) {
        match *event {
            Event::Task(ref task_event) => {
                if let Some((task, change)) = PhaseChange::of(task_event) {
                    self.index_lane(task, change);
                }
                match task_event {
                    TaskEvent::Spawn { .. } => {
                        self.tables.note(event, self.head.position, self.head.now());
                    }
                    TaskEvent::PollEnd {
                        outcome: PollOutcome::Panicked | PollOutcome::Failed,
                        ..
                    } => self.errors.push(self.head.position),
                    TaskEvent::PollEnd {
                        outcome: PollOutcome::Pending | PollOutcome::Ready | PollOutcome::Cancelled,
                        ..
                    }
                    | TaskEvent::Wake { .. }
                    | TaskEvent::PollStart { .. }
                    | TaskEvent::Wait { .. }
                    | TaskEvent::Joined { .. }
                    | TaskEvent::Failed { .. }
                    | TaskEvent::CancelRequested { .. }
                    | TaskEvent::CancelDelivered { .. } => {}
                }
            }
            Event::Loop(LoopEvent::End { outcome }) => match outcome {
                Outcome::Deadlock | Outcome::Stalled | Outcome::Panicked => {
                    self.errors.push(self.head.position);
                }
                Outcome::Finished | Outcome::Stopped | Outcome::Limit => {}
            },
            Event::Output { text, .. } => self.outputs.push(OutputLine {
                position: self.head.position,
                at: self.head.now(),
                task: self.head.running.task(),
                text,
            }),
            // `Index::index_gap` enters a gap.
            Event::Gap { .. }
            | Event::Loop(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_) => {}
        }
    }

    #[inline]
    fn index_lane(&mut self, task: TaskId, change: PhaseChange) {
        let before = self.head.position.0 - 1;
        let block = block_number(before);
        let phase = match self.head.tasks.get(task) {
            Some(row) => row.phase,
            None => return,
        };
        let ran = match change {
            PhaseChange::StartPoll => RAN,
            // A poll that began in an earlier block ran in this one too, if it took any time of it.
            PhaseChange::EndPoll(_) if self.head.now() > self.block_start() => RAN,
            PhaseChange::EndPoll(_) | PhaseChange::Enqueue | PhaseChange::Wait(_) => 0,
        };
        self.lanes.enter(task.index(), block, phase, ran);
    }

    /// Enters a gap that was just applied. It has changed the tasks in `known`; all other tasks had
    /// ended, or were unknown before.
    fn index_gap(&mut self, events: u64, known: &[TaskId]) {
        let (position, now) = (self.head.position, self.head.now());
        self.gaps.push(Gap {
            position,
            events,
            from: now,
            to: now,
        });
        let block = block_number(position.0 - 1);
        for task in known {
            self.lanes.enter(task.index(), block, TaskPhase::UNKNOWN, 0);
        }
    }

    /// The time at which the current block begins.
    #[inline]
    fn block_start(&self) -> Moment {
        self.bookmarks
            .last()
            .map_or(Moment::START, |cursor| cursor.now)
    }

    /// How many events there are.
    pub fn len(&self) -> Position {
        self.head.position
    }

    /// Whether there are no events.
    pub fn is_empty(&self) -> bool {
        self.head.position.0 == 0
    }

    /// The state after the last event.
    pub fn head(&self) -> &State {
        &self.head
    }

    /// Names, texts and locations.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// All lines of output, in their order.
    pub fn outputs(&self) -> &[OutputLine] {
        &self.outputs
    }

    /// The accesses to shared values and the late timers.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The positions after a failure: of a task, or of the run.
    pub fn errors(&self) -> &[Position] {
        &self.errors
    }

    /// The gaps, in their order.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// The last keyframe at or before a position.
    pub(super) fn keyframe(&self, position: Position) -> Option<&State> {
        let after = self
            .keyframes
            .partition_point(|state| state.position <= position);
        self.keyframes.get(after.checked_sub(1)?)
    }

    /// How many bytes the bookmarks, keyframes, skips and lanes take.
    pub fn bytes(&self) -> usize {
        self.keyframe_bytes
            + self.skips.bytes()
            + self.bookmarks.capacity() * size_of::<Cursor>()
            + self.lanes.bytes()
    }
}

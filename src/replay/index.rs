//! What is worked out once, as a trace comes in, so that any place of it can be reached quickly.

mod gap;

use crate::trace::{
    Cursor, Event, LoopEvent, Moment, Outcome, PollOutcome, Position, Tables, TaskEvent, TaskId,
    TextId, TimerEvent,
};

use super::{
    History, Running, State, TaskPhase,
    task_phase::{BITS, affected_task},
};

pub use gap::Gap;

/// Events from one bookmark to the next.
pub const BLOCK: u32 = 1024;

/// The fewest events from one keyframe to the next.
const KEYFRAME: u32 = 8 * BLOCK;

/// A keyframe may take this many bytes for each event since the one before.
const KEYFRAME_BYTES_PER_EVENT: usize = 3;

/// The way into a trace. It grows with it: [`Index::extend`] goes on where it stopped.
#[derive(Debug, Default)]
pub struct Index {
    /// Names, texts, locations.
    pub tables: Tables,
    /// The state after the last event.
    pub(super) head: State,
    /// The cursor before event 0, [`BLOCK`], 2 × `BLOCK` …
    pub(super) bookmarks: Vec<Cursor>,
    /// Copies of the state, by position.
    pub(super) keyframes: Vec<State>,
    /// By task: for each block in which something happened to it, what.
    pub(super) lanes: Vec<Vec<LaneEntry>>,
    outputs: Vec<OutputLine>,
    errors: Vec<Position>,
    history: History,
    gaps: Vec<Gap>,
    keyframe_bytes: usize,
}

/// A line of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputLine {
    /// The event that wrote it is the one before this position.
    pub position: Position,
    /// When.
    pub at: Moment,
    /// Which task; none for a callback or the loop itself.
    pub task: Option<TaskId>,
    /// The line.
    pub text: TextId,
}

/// What happened to a task in a block, in four bytes: the block, its lane at the end of the block, whether it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LaneEntry(u32);

const RAN: u32 = 1 << 6;
const PHASE: u32 = BITS as u32;

impl LaneEntry {
    fn new(block: u32, phase: TaskPhase) -> LaneEntry {
        LaneEntry(block << 8 | u32::from(phase.bits()))
    }

    pub(super) fn block(self) -> u32 {
        self.0 >> 8
    }

    pub(super) fn ran(self) -> bool {
        self.0 & RAN != 0
    }

    /// The lane after the block.
    pub(super) fn phase(self) -> TaskPhase {
        TaskPhase::from_bits((self.0 & PHASE) as u8)
    }
}

impl Index {
    /// Reads on to the end of `bytes`, which must begin with what was read before. Stops where they make no sense.
    ///
    /// Returns how many events it now knows.
    pub fn extend(&mut self, bytes: &[u8]) -> Position {
        loop {
            if self.head.position.0.is_multiple_of(BLOCK) {
                self.add_bookmark();
            }
            let cursor = &mut self.head.cursor;
            if let Some(event) = cursor.next_frequent(bytes) {
                self.apply(&event);
            } else if let Some(event) = &cursor.next_rare(bytes) {
                self.apply_rare(event);
            } else if let Some(definition) = cursor.next_definition(bytes) {
                self.apply_definition(definition);
            } else {
                return self.head.position;
            }
        }
    }

    #[inline]
    fn apply(&mut self, event: &Event) {
        self.head.apply(event);
        self.index_event(event);
    }

    /// The same for an event that may be part of the history: where a timer fires, its deadline is known only before.
    fn apply_rare(&mut self, event: &Event) {
        let timer = match *event {
            Event::Timer(TimerEvent::Fired { timer }) => {
                self.head.timers.get(timer.index()).copied().flatten()
            }
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => None,
        };
        self.apply(event);
        self.history.index_event(event, &self.head, timer);
    }

    /// A bookmark, and a keyframe if it is time for one, before the event that comes next.
    fn add_bookmark(&mut self) {
        let position = self.head.position.0;
        if self.bookmarks.len() * BLOCK as usize != position as usize {
            return;
        }
        self.bookmarks.push(self.head.cursor);
        let last = self.keyframes.last().map(|state| state.position.0);
        let due = match last {
            None => true,
            Some(last) => {
                let events = (position - last) as usize;
                events >= KEYFRAME as usize
                    && events * KEYFRAME_BYTES_PER_EVENT >= self.head.weight()
            }
        };
        if due {
            self.keyframe_bytes += self.head.weight();
            self.keyframes.push(self.head.clone());
        }
    }

    /// Enters an event that was just applied.
    #[inline]
    fn index_event(&mut self, event: &Event) {
        if let Some(task) = affected_task(event) {
            self.index_lane(task, event);
        }
        let (position, now) = (self.head.position, self.head.now());
        match *event {
            Event::Task(TaskEvent::Spawn { .. }) => self.tables.note(event, position, now),
            Event::Output { text } => {
                let task = match self.head.running {
                    Running::Task(task) => Some(task),
                    Running::Nothing | Running::Callback(..) => None,
                };
                self.outputs.push(OutputLine {
                    position,
                    at: now,
                    task,
                    text,
                });
            }
            Event::Task(TaskEvent::PollEnd {
                outcome: PollOutcome::Panicked | PollOutcome::Failed,
                ..
            })
            | Event::Loop(LoopEvent::End {
                outcome: Outcome::Deadlock | Outcome::Stalled | Outcome::Panicked,
            }) => {
                self.errors.push(position);
            }
            Event::Gap { events } => self.index_gap(events),
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_) => {}
        }
    }

    #[inline]
    fn index_lane(&mut self, task: u32, event: &Event) {
        let block = (self.head.position.0 - 1) / BLOCK;
        let phase = match self.head.tasks.get(TaskId(task)) {
            Some(row) => row.phase,
            None => return,
        };
        let ran = match event {
            Event::Task(TaskEvent::PollStart { .. }) => RAN,
            // A poll that began in a block before ran in this one, too, if it ended later than where this one begins.
            Event::Task(TaskEvent::PollEnd { .. }) if self.head.now() > self.block_start(block) => {
                RAN
            }
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => 0,
        };
        enter_lane(&mut self.lanes, task as usize, block, phase, ran);
    }

    /// When a block begins.
    fn block_start(&self, block: u32) -> Moment {
        self.bookmarks
            .get(block as usize)
            .map_or(Moment::START, |cursor| cursor.now)
    }

    /// How many events there are.
    pub fn len(&self) -> Position {
        self.head.position
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.head.position.0 == 0
    }

    /// The state after the last event.
    pub fn head(&self) -> &State {
        &self.head
    }

    /// All lines of output, in their order.
    pub fn outputs(&self) -> &[OutputLine] {
        &self.outputs
    }

    /// What only the run as a whole can tell of.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The positions after a failure.
    pub fn errors(&self) -> &[Position] {
        &self.errors
    }

    /// The keyframe nearest to a position, from before.
    pub(super) fn keyframe(&self, position: Position) -> Option<&State> {
        let after = self
            .keyframes
            .partition_point(|state| state.position <= position);
        self.keyframes.get(after.checked_sub(1)?)
    }

    /// A task's lane before a block.
    pub(super) fn phase_before(&self, task: TaskId, block: u32) -> (usize, TaskPhase) {
        let Some(entries) = self.lanes.get(task.index()) else {
            return (0, TaskPhase::ABSENT);
        };
        let next = entries.partition_point(|entry| entry.block() < block);
        (
            next,
            next.checked_sub(1)
                .map_or(TaskPhase::ABSENT, |last| entries[last].phase()),
        )
    }

    /// How many bytes bookmarks, keyframes and lanes take.
    pub fn bytes(&self) -> usize {
        let lanes: usize = self
            .lanes
            .iter()
            .map(|entries| entries.capacity() * size_of::<LaneEntry>())
            .sum();
        self.keyframe_bytes
            + self.bookmarks.capacity() * size_of::<Cursor>()
            + lanes
            + self.lanes.capacity() * size_of::<Vec<LaneEntry>>()
    }
}

/// Enters what a task's lane is after an event in a block, and whether it ran.
#[inline]
fn enter_lane(
    lanes: &mut Vec<Vec<LaneEntry>>,
    task: usize,
    block: u32,
    phase: TaskPhase,
    ran: u32,
) {
    if task >= lanes.len() {
        lanes.resize_with(task + 1, Vec::new);
    }
    let entries = &mut lanes[task];
    match entries.last_mut() {
        Some(last) if last.block() == block => {
            last.0 = (last.0 & !PHASE) | u32::from(phase.bits()) | ran;
        }
        _ => entries.push(LaneEntry(LaneEntry::new(block, phase).0 | ran)),
    }
}

//! Going through a trace event by event, with the state before each.
//!
//! Whatever reads a stretch of a trace (the narration, the summary, a search, an export) needs the
//! same four things of an event: the loop before it, the event, and the position and time after it.
//! [`Steps`] provides them, so that no reader keeps a second, smaller state of its own.
//!
//! The two searches are built on it. They stop after a given number of events, because a search
//! through a long trace takes longer than the screen may be held up.

use std::ops::Range;

use crate::trace::{Cursor, Event, Meta, Moment, Position, Tables, TaskEvent, TaskId};

use super::{History, Replay, State, lanes::BLOCK};

/// One event, between the state before it and the time after it.
#[derive(Clone, Copy, Debug)]
pub struct EventStep<'a> {
    /// The trace that the event is part of.
    pub replay: &'a Replay,
    /// The loop before the event.
    pub before: &'a State,
    /// The event.
    pub event: Event,
    /// The cursor after the event.
    pub after: Cursor,
}

impl<'a> EventStep<'a> {
    /// The step that follows a state of this replay; `None` at the end of the trace.
    pub fn after(replay: &'a Replay, before: &'a State) -> Option<EventStep<'a>> {
        let mut after = before.cursor;
        let event = replay.next_event(&mut after)?;
        Some(EventStep {
            replay,
            before,
            event,
            after,
        })
    }

    /// The position after the event.
    pub fn position(&self) -> Position {
        Position(self.before.position.0 + 1)
    }

    /// Loop time after the event.
    pub fn at(&self) -> Moment {
        self.after.now
    }

    /// What the recording says about itself.
    pub fn meta(&self) -> &'a Meta {
        &self.replay.log().meta
    }

    /// The names, texts and locations of the trace.
    pub fn tables(&self) -> &'a Tables {
        self.replay.tables()
    }

    /// The accesses to shared values and the late timers of the whole run.
    pub fn history(&self) -> &'a History {
        self.replay.index().history()
    }

    /// Whether a task is polled after this event and before a later tick begins. The tasks of an
    /// executor, and the task that runs the executor, are polled by rules that are not those of the
    /// loop.
    ///
    /// The lane of the task says in which blocks it is polled, so at most two blocks are read: the
    /// rest of the current one, and the next one in which the task is polled, if the tick has not
    /// begun by then.
    pub(crate) fn is_polled_before(&self, task: TaskId, tick: u64) -> bool {
        let index = self.replay.index();
        let here = self.position().0;
        let lane = index.lanes.of(task);
        let first = lane.partition_point(|entry| u64::from(entry.block()) < here / BLOCK);
        let later = lane.iter().skip(first).take(LANE_SEARCHED);
        for entry in later.filter(|entry| entry.ran()).take(2) {
            let block = u64::from(entry.block());
            let found = if block == here / BLOCK {
                self.polled_in_block(here, self.after, task, tick)
            } else {
                match index.bookmarks.get(entry.block() as usize) {
                    Some(start) if start.ticks() < tick => {
                        self.polled_in_block(block * BLOCK, *start, task, tick)
                    }
                    Some(_) | None => Some(false),
                }
            };
            if let Some(is_polled) = found {
                return is_polled;
            }
        }
        false
    }

    /// Whether a task is polled between a position and the end of its block, before a tick begins.
    /// `None` if the block contains neither.
    fn polled_in_block(
        &self,
        from: u64,
        mut cursor: Cursor,
        task: TaskId,
        tick: u64,
    ) -> Option<bool> {
        for _ in from..(from / BLOCK + 1) * BLOCK {
            let event = self.replay.next_event(&mut cursor)?;
            if event == Event::Task(TaskEvent::PollStart { task }) {
                return Some(true);
            }
            if cursor.ticks() >= tick {
                return Some(false);
            }
        }
        None
    }
}

/// The most entries of a lane that are searched for a poll.
const LANE_SEARCHED: usize = 64;

/// The steps of a stretch of a trace, made by [`Replay::steps`].
///
/// It lends each step: all steps share one state, which moves forward from event to event. So it
/// cannot be an `Iterator`; it is read with `while let Some(step) = steps.next_step()`.
#[derive(Clone, Debug)]
pub struct Steps<'a> {
    replay: &'a Replay,
    state: State,
    /// The step that was handed out last, which `state` does not contain yet.
    pending: Option<PendingStep>,
    /// The position after the last step.
    until: Position,
}

#[derive(Clone, Copy, Debug)]
struct PendingStep {
    event: Event,
    after: Cursor,
    /// Whether the event's record follows the state's cursor with no definition between. Then the
    /// state can take the decoded event; otherwise it has to read the definitions as well.
    is_next_record: bool,
}

impl Replay {
    /// The steps from one position to another.
    pub fn steps(&self, range: Range<Position>) -> Steps<'_> {
        Steps {
            replay: self,
            state: self.state_at(range.start),
            pending: None,
            until: range.end,
        }
    }

    /// All steps that follow a state of this replay, for a reader that keeps the state from one
    /// call to the next.
    pub fn steps_after(&self, state: State) -> Steps<'_> {
        Steps {
            replay: self,
            state,
            pending: None,
            until: self.end(),
        }
    }
}

impl Replay {
    /// Hands each step from a state of this replay to a position, at most to the end of the trace, to
    /// `see`, and returns the state after the last.
    ///
    /// It does what [`Steps`] does in less time: no step is kept from one call to the next, so an
    /// event is applied to the state out of registers.
    #[inline]
    pub fn each_step(
        &self,
        mut state: State,
        until: Position,
        mut see: impl FnMut(&EventStep<'_>),
    ) -> State {
        let bytes = &self.log().bytes;
        while state.position < until {
            // The event and the cursor are taken back out of the step. If they were kept beside it, each
            // would be written to memory field by field and then copied as a whole, and the copy would
            // wait for all of these writes.
            let mut after = state.cursor;
            if let Some(event) = after.next_frequent(bytes) {
                let step = EventStep {
                    replay: self,
                    before: &state,
                    event,
                    after,
                };
                see(&step);
                let EventStep { event, after, .. } = step;
                state.cursor = after;
                state.apply(&event);
                continue;
            }
            // A cursor of its own: the first one stays in registers.
            let mut after = state.cursor;
            let rare = after.next_rare(bytes);
            let is_next_record = rare.is_some();
            let Some(event) = rare.or_else(|| self.next_event(&mut after)) else {
                break;
            };
            see(&EventStep {
                replay: self,
                before: &state,
                event,
                after,
            });
            if is_next_record {
                state.cursor = after;
                state.apply_rare(&event);
            } else {
                // The state has to read the definitions before the event as well.
                self.step(&mut state);
            }
        }
        state
    }
}

impl Steps<'_> {
    /// Moves on by one event; `None` at the end of the stretch.
    #[inline]
    pub fn next_step(&mut self) -> Option<EventStep<'_>> {
        self.apply_pending();
        if self.state.position >= self.until {
            return None;
        }
        let bytes = &self.replay.log().bytes;
        let mut after = self.state.cursor;
        let frequent = after.next_frequent(bytes);
        let is_next_record = frequent.is_some();
        let event = match frequent {
            Some(event) => event,
            None => self.replay.next_event(&mut after)?,
        };
        self.pending = Some(PendingStep {
            event,
            after,
            is_next_record,
        });
        Some(EventStep {
            replay: self.replay,
            before: &self.state,
            event,
            after,
        })
    }

    /// The state after the step that was handed out last.
    pub fn state(&mut self) -> &State {
        self.apply_pending();
        &self.state
    }

    /// The state after the step that was handed out last, when no more steps are wanted.
    pub fn into_state(mut self) -> State {
        self.apply_pending();
        self.state
    }

    #[inline]
    fn apply_pending(&mut self) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        if pending.is_next_record {
            self.state.cursor = pending.after;
            self.state.apply(&pending.event);
        } else {
            self.replay.step(&mut self.state);
        }
    }
}

/// The result of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanResult {
    /// The event was found; this is the position after it.
    At(Position),
    /// There is no such event.
    NotFound,
    /// As many events as were allowed have been examined. The search can continue from here.
    Paused(Position),
}

/// How many events are folded at once by a search backwards.
const CHUNK: u64 = 8 * BLOCK;

/// Whether an event is the one that is looked for.
pub type Predicate<'a> = &'a mut dyn FnMut(&EventStep<'_>) -> bool;

impl Replay {
    /// Searches forward from `from` for the first event that is wanted, among at most `most`
    /// events.
    pub fn scan_forward(&self, from: Position, most: u64, wanted: Predicate<'_>) -> ScanResult {
        let until = Position(from.0.saturating_add(most));
        let mut steps = self.steps(from..until);
        while let Some(step) = steps.next_step() {
            if wanted(&step) {
                return ScanResult::At(step.position());
            }
        }
        let reached = steps.state().position;
        if reached < until {
            ScanResult::NotFound
        } else {
            ScanResult::Paused(reached)
        }
    }

    /// Searches backward for the last event that is wanted, among about `most` events. Its position
    /// is before `from`.
    ///
    /// A state can only be folded forward. So the trace is examined in chunks, the last one first,
    /// and each chunk from its start to its end.
    pub fn scan_back(&self, from: Position, most: u64, wanted: Predicate<'_>) -> ScanResult {
        let mut until = from.min(Position(self.end().0.saturating_add(1)));
        let lowest = from.0.saturating_sub(most);
        while until.0 > 1 {
            if until.0 <= lowest {
                return ScanResult::Paused(until);
            }
            // The steps to the positions before `until`, from the start of their chunk.
            let start = Position((until.0 - 2) / CHUNK * CHUNK);
            let mut last = None;
            let mut steps = self.steps(start..Position(until.0 - 1));
            while let Some(step) = steps.next_step() {
                if wanted(&step) {
                    last = Some(step.position());
                }
            }
            if let Some(position) = last {
                return ScanResult::At(position);
            }
            until = Position(start.0 + 1);
        }
        ScanResult::NotFound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{LocationId, Log, LoopEvent, PollOutcome, Writer};

    /// A trace in which a few of many tasks are polled in each tick.
    fn replay() -> Replay {
        let mut writer = Writer::new();
        let name = writer.text("task");
        for number in 0..200 {
            writer.spawn(name, LocationId::UNKNOWN, number > 0);
        }
        let mut random = 7_u32;
        for _ in 0..40 {
            writer.tick_start();
            for _ in 0..60 {
                random = random.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                writer.poll_start(TaskId((random >> 16) % 150));
                writer.poll_end(PollOutcome::Pending, 0);
            }
            writer.tick_end();
        }
        Replay::new(Log {
            bytes: writer.take(),
            ..Log::default()
        })
    }

    /// The same by a search through all events.
    fn is_polled_before(replay: &Replay, from: Position, task: TaskId, tick: u64) -> bool {
        let mut now = replay.cursor_at(from).ticks();
        for (_, event, _) in replay.events_from(from) {
            now += u64::from(event == Event::Loop(LoopEvent::TickStart));
            if event == Event::Task(TaskEvent::PollStart { task }) {
                return now < tick;
            }
        }
        false
    }

    #[test]
    fn a_later_poll_is_found_by_the_lane_of_its_task() {
        let replay = replay();
        let mut steps = replay.steps(Position(0)..replay.end());
        assert!(replay.end().0 > 4 * BLOCK);
        let mut polled = 0;
        while let Some(step) = steps.next_step() {
            let here = step.position();
            if here.0 % 3 != 0 {
                continue;
            }
            for (task, later) in [(3, 1), (77, 2), (149, 9), (180, 40), (5, 25)] {
                let (task, tick) = (TaskId(task), step.after.ticks() + later);
                let found = step.is_polled_before(task, tick);
                assert_eq!(
                    found,
                    is_polled_before(&replay, here, task, tick),
                    "{here:?}"
                );
                polled += u64::from(found);
            }
        }
        assert!(polled > 50);
    }
}

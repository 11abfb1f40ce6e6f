//! Going through a trace event by event, with the state before each.
//!
//! Whatever reads a stretch of a trace (the narration, the summary, a search, an export) needs the
//! same four things of an event: the loop before it, the event, and the position and time after it.
//! [`Steps`] provides them, so that no reader keeps a second, smaller state of its own.
//!
//! The two searches are built on it. They stop after a given number of events, because a search
//! through a long trace takes longer than the screen may be held up.

use std::ops::Range;

use crate::trace::{Cursor, Event, Meta, Moment, Position, Tables};

use super::{History, Replay, State, index::BLOCK};

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
        let event = after.next_event(&replay.log().bytes)?;
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
}

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
            let mut after = state.cursor;
            if let Some(event) = after.next_frequent(bytes) {
                see(&EventStep {
                    replay: self,
                    before: &state,
                    event,
                    after,
                });
                state.cursor = after;
                state.apply(&event);
                continue;
            }
            let Some(event) = after.next_event(bytes) else {
                break;
            };
            see(&EventStep {
                replay: self,
                before: &state,
                event,
                after,
            });
            // The state has to read the definitions before the event as well.
            state.step(bytes);
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
            None => after.next_event(bytes)?,
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
            self.state.step(&self.replay.log().bytes);
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

//! Looking for an event that somebody describes, forward and back, so much of the trace at a time.
//!
//! A description may ask for the state before the event, so the trace is folded on the way. That takes a few
//! nanoseconds an event; whoever must not be held up says how many events are enough for once.

use crate::trace::{Event, Moment, Position};

use super::{BLOCK, Replay, State};

/// What came of looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanResult {
    /// The position after the event.
    At(Position),
    /// There is none.
    NotFound,
    /// As many events as were allowed have been looked at; go on from here.
    Paused(Position),
}

/// Events from one fold to the next on the way back.
const CHUNK: u32 = 8 * BLOCK;

/// A description: the state before the event, the event, the moment after it.
pub type Predicate<'a> = &'a mut dyn FnMut(&State, &Event, Moment) -> bool;

impl Replay {
    /// The first event after `from` that is wanted, among at most `most`.
    pub fn scan_forward(&self, from: Position, most: u32, wanted: Predicate<'_>) -> ScanResult {
        let mut state = if from == self.position() {
            self.state().clone()
        } else {
            self.state_at(from)
        };
        let last = from.0.saturating_add(most);
        while state.position.0 < last {
            let mut cursor = state.cursor;
            let Some(event) = cursor.next_event(&self.log().bytes) else {
                return ScanResult::NotFound;
            };
            if wanted(&state, &event, cursor.now) {
                return ScanResult::At(Position(state.position.0 + 1));
            }
            state.cursor = cursor;
            state.apply(&event);
        }
        ScanResult::Paused(state.position)
    }

    /// The last event that is wanted and whose position is before `from`, among about `most`.
    pub fn scan_back(&self, from: Position, most: u32, wanted: Predicate<'_>) -> ScanResult {
        let mut until = from.min(Position(self.end().0.saturating_add(1)));
        let lowest = from.0.saturating_sub(most);
        while until.0 > 1 {
            if until.0 <= lowest {
                return ScanResult::Paused(until);
            }
            // The events that lead to the positions before `until`, from the border of a chunk on.
            let start = Position((until.0 - 2) / CHUNK * CHUNK);
            let mut last = None;
            let mut state = self.state_at(start);
            while state.position.0 + 1 < until.0 {
                let mut cursor = state.cursor;
                let Some(event) = cursor.next_event(&self.log().bytes) else {
                    break;
                };
                if wanted(&state, &event, cursor.now) {
                    last = Some(Position(state.position.0 + 1));
                }
                state.cursor = cursor;
                state.apply(&event);
            }
            if let Some(position) = last {
                return ScanResult::At(position);
            }
            until = Position(start.0 + 1);
        }
        ScanResult::NotFound
    }
}

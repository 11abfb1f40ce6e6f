//! Looking for an event that somebody describes, forward and back, so much of the trace at a time.
//!
//! A description may ask for the state before the event, so the trace is folded on the way. That takes a few
//! nanoseconds an event; whoever must not be held up says how many events are enough for once.

use crate::trace::Position;

use super::{BLOCK, EventStep, Replay};

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

/// Whether an event is the one that is looked for.
pub type Predicate<'a> = &'a mut dyn FnMut(&EventStep<'_>) -> bool;

impl Replay {
    /// The first event after `from` that is wanted, among at most `most`.
    pub fn scan_forward(&self, from: Position, most: u32, wanted: Predicate<'_>) -> ScanResult {
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

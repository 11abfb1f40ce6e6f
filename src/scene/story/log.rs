//! The log above the story: the events before it, one sentence each.

use crate::insight::{Language, headline};
use crate::replay::Replay;
use crate::trace::{Moment, Position};

use super::super::news::Detail;

/// A line of the log above the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogLine {
    /// A tick begins: its number and its time.
    Tick(u32, Moment),
    /// An event in one sentence, with the position after it.
    Event(Position, String),
}

/// The last events before a position, at most `most` of them, oldest first.
pub fn log_before(
    replay: &Replay,
    before: Position,
    most: usize,
    detail: Detail,
    language: Language,
) -> Vec<LogLine> {
    // About half of the events carry news.
    let reach = u32::try_from(most.saturating_mul(4)).unwrap_or(u32::MAX);
    let start = Position(before.0.saturating_sub(reach));
    let events = replay.events_from(start);
    let positions: Vec<Position> = events
        .take_while(|(after, _, _)| *after <= before)
        .filter(|(_, event, _)| detail.tells(event))
        .map(|(after, _, _)| after)
        .collect();
    let first = positions.len().saturating_sub(most);
    let Some(first) = positions.get(first) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let mut tick = None;
    let mut steps = replay.steps(Position(first.0 - 1)..before);
    while let Some(step) = steps.next_step() {
        if !detail.tells(&step.event) {
            continue;
        }
        let ticks = step.after.ticks;
        if tick != Some(ticks) && ticks > 0 && step.before.outcome.is_none() {
            lines.push(LogLine::Tick(ticks, step.at()));
        }
        tick = Some(ticks);
        lines.push(LogLine::Event(step.position(), headline(&step, language)));
    }
    lines
}

//! The log above the story: the events before it, one sentence each.

use crate::insight::{Language, headline};
use crate::replay::{EventStep, Replay};
use crate::trace::{Moment, Position};

use super::super::news::Detail;

/// A line of the log above the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogLine {
    /// A tick begins: its number and its time.
    Tick(u64, Moment),
    /// An event in one sentence, with the position after it.
    Event(Position, String),
}

/// Hears the events before a story, and puts those that are told into words.
pub(super) struct LogTeller {
    pub(super) lines: Vec<LogLine>,
    detail: Detail,
    language: Language,
    /// The tick of the last line.
    tick: Option<u64>,
}

impl LogTeller {
    pub(super) fn new(detail: Detail, language: Language) -> LogTeller {
        LogTeller {
            lines: Vec::new(),
            detail,
            language,
            tick: None,
        }
    }

    /// The position from which on at most `most` events are told until `before`. The search is
    /// limited to four times as many events: about half of the events carry news.
    pub(super) fn start(&self, replay: &Replay, before: Position, most: usize) -> Position {
        let reach = most.saturating_mul(4) as u64;
        let events = replay.events_from(Position(before.0.saturating_sub(reach)));
        let told: Vec<Position> = events
            .take_while(|(after, _, _)| *after <= before)
            .filter(|(_, event, _)| self.detail.tells(event))
            .map(|(after, _, _)| after)
            .collect();
        let first = told.get(told.len().saturating_sub(most));
        first.map_or(before, |first| Position(first.0.saturating_sub(1)))
    }

    pub(super) fn hear(&mut self, step: &EventStep<'_>) {
        if !self.detail.tells(&step.event) {
            return;
        }
        let tick = step.after.ticks;
        if self.tick != Some(tick) && tick > 0 && step.before.outcome.is_none() {
            self.lines.push(LogLine::Tick(tick, step.at()));
        }
        self.tick = Some(tick);
        let text = headline(step, self.language);
        self.lines.push(LogLine::Event(step.position(), text));
    }
}

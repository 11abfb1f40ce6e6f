//! Finding an event by its words.
//!
//! An event is found by what is told of it (panel 5) and by its short form in chains of causes. Both are made on the
//! way, so a long trace takes longer than a frame: each frame looks at a slice of it, and the keys work meanwhile.

use crate::{
    insight::{event_words, headline},
    replay::{EventStep, Replay, ScanResult},
    trace::Position,
};

/// How many events a frame looks at.
const SLICE: u32 = 20_000;

/// What is looked for, and how far that has come.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    text: String,
    forward: bool,
    /// Where it began: it goes once round.
    from: Position,
    /// What has been looked at so far lies between there and here.
    at: Position,
    /// It has passed an end of the trace.
    wrapped: bool,
    pub(crate) state: SearchState,
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SearchState {
    /// Not at its end: another frame is wanted.
    Looking,
    /// Found there.
    Found(Position),
    /// The text is nowhere in the trace.
    Nowhere,
    /// The person stopped it.
    Stopped,
}

impl Search {
    pub(crate) fn new(text: &str, from: Position, forward: bool) -> Search {
        Search {
            text: text.to_lowercase(),
            forward,
            from,
            at: from,
            wrapped: false,
            state: SearchState::Looking,
        }
    }

    /// The same again from elsewhere.
    pub(crate) fn again(&self, from: Position, forward: bool) -> Search {
        Search::new(&self.text, from, forward)
    }

    pub(crate) fn is_looking(&self) -> bool {
        self.state == SearchState::Looking
    }

    /// Looks at the next slice.
    pub(crate) fn go_on(&mut self, replay: &Replay) {
        if !self.is_looking() {
            return;
        }
        let text = &self.text;
        let fits = &mut |step: &EventStep<'_>| fits(text, step);
        let found = if self.forward {
            replay.scan_forward(self.at, SLICE, fits)
        } else {
            replay.scan_back(self.at, SLICE, fits)
        };
        match found {
            ScanResult::At(position) if self.wrapped && self.is_round(position) => {
                self.state = if position == self.from {
                    SearchState::Found(position)
                } else {
                    SearchState::Nowhere
                };
            }
            ScanResult::At(position) => self.state = SearchState::Found(position),
            ScanResult::Paused(position) if self.wrapped && self.is_round(position) => {
                self.state = SearchState::Nowhere;
            }
            ScanResult::Paused(position) => self.at = position,
            ScanResult::NotFound if self.wrapped => self.state = SearchState::Nowhere,
            ScanResult::NotFound => {
                self.wrapped = true;
                self.at = if self.forward {
                    Position(0)
                } else {
                    Position(replay.end().0.saturating_add(1))
                };
            }
        }
    }

    /// Whether a position on the second way lies at or behind where the first began.
    fn is_round(&self, position: Position) -> bool {
        if self.forward {
            position >= self.from
        } else {
            position <= self.from
        }
    }

    /// How it stands, for the status line.
    pub(crate) fn words(&self, replay: &Replay) -> String {
        let text = &self.text;
        match self.state {
            SearchState::Looking => format!(
                "looking for `{text}`: at event {} of {}; Esc stops",
                self.at.0,
                replay.end().0
            ),
            SearchState::Found(position) => {
                let way = match (self.wrapped, self.forward) {
                    (false, _) => "",
                    (true, true) => " (from the start again)",
                    (true, false) => " (from the end again)",
                };
                format!(
                    "`{text}` found at event {}{way}: Ctrl+n next, Ctrl+p previous",
                    position.0
                )
            }
            SearchState::Nowhere => format!("`{text}` is nowhere in this run"),
            SearchState::Stopped => format!("stopped looking for `{text}` at event {}", self.at.0),
        }
    }
}

fn fits(text: &str, step: &EventStep<'_>) -> bool {
    let holds = |words: &str| words.to_lowercase().contains(text);
    if holds(&event_words(step.tables(), &step.event)) {
        return true;
    }
    holds(&headline(step))
}

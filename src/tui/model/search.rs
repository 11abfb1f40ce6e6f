//! Search for an event by its words.
//!
//! A search compares the text with two texts of each event that has a sentence: its headline (panel 5) and its short
//! form in chains of causes. Both are composed during the search, so searching a long trace takes
//! longer than a frame. Each frame therefore searches one slice, and the keys work meanwhile.
//!
//! A search goes from the position at which it began to the end of the trace, continues at the
//! start, and ends where it began. A backward search does the same in the other direction.

use crate::{
    insight::{Language, event_words, headline},
    replay::{EventStep, Replay, ScanResult},
    scene::news::Detail,
    trace::Position,
};

/// How many events a frame searches.
const SLICE: u64 = 20_000;

/// A search: its text, direction and progress.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    text: String,
    forward: bool,
    /// The position at which it began.
    from: Position,
    /// The position that it has reached.
    at: Position,
    /// Whether the search has passed one end of the trace and continued at the other.
    wrapped: bool,
    /// Which events were searched last.
    detail: Detail,
    pub(crate) state: SearchState,
}

/// The state of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SearchState {
    /// The search needs more frames.
    Looking,
    /// An event matches. Holds the position after it.
    Found(Position),
    /// No event of the trace contains the text.
    NotFound,
    /// The user stopped the search. Its text is kept: `/` with an empty text repeats it.
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
            detail: Detail::News,
            state: SearchState::Looking,
        }
    }

    /// The same search from another position.
    pub(crate) fn again(&self, from: Position, forward: bool) -> Search {
        Search::new(&self.text, from, forward)
    }

    pub(crate) fn is_looking(&self) -> bool {
        self.state == SearchState::Looking
    }

    /// Whether the keys of the steps by event repeat this search: it looks, or it has a result.
    pub(crate) fn repeats(&self) -> bool {
        match self.state {
            SearchState::Looking | SearchState::Found(_) => true,
            SearchState::NotFound | SearchState::Stopped => false,
        }
    }

    /// Searches the next slice.
    ///
    /// * A hit ends the search. After wrapping, only hits up to and at the position at which the
    ///   search began count, because all other events have been compared before.
    /// * A slice without a hit moves `at`. If the search has wrapped and is back at the position at
    ///   which it began, no event matches.
    /// * At the end of the trace the search wraps. At the second end, no event matches.
    pub(crate) fn search_slice(&mut self, replay: &Replay, detail: Detail, language: Language) {
        if !self.is_looking() {
            return;
        }
        self.detail = detail;
        let text = &self.text;
        let fits =
            &mut |step: &EventStep<'_>| detail.tells(&step.event) && fits(text, step, language);
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
                    SearchState::NotFound
                };
            }
            ScanResult::At(position) => self.state = SearchState::Found(position),
            ScanResult::Paused(position) if self.wrapped && self.is_round(position) => {
                self.state = SearchState::NotFound;
            }
            ScanResult::Paused(position) => self.at = position,
            ScanResult::NotFound if self.wrapped => self.state = SearchState::NotFound,
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

    /// Whether a search that has wrapped has come back to where it began.
    fn is_round(&self, position: Position) -> bool {
        if self.forward {
            position >= self.from
        } else {
            position <= self.from
        }
    }

    /// The state in words, for the status line.
    pub(crate) fn words(&self, replay: &Replay) -> String {
        let text = &self.text;
        match self.state {
            SearchState::Looking => format!(
                "searching for `{text}`: event {} of {}; Esc stops",
                self.at.0,
                replay.end().0
            ),
            SearchState::Found(position) => {
                let way = match (self.wrapped, self.forward) {
                    (false, _) => "",
                    (true, true) => " (continued from the start)",
                    (true, false) => " (continued from the end)",
                };
                format!(
                    "`{text}` found at event {}{way}: n next, N previous, Esc ends the search",
                    position.0
                )
            }
            SearchState::NotFound => match self.detail {
                Detail::News => format!("not found in this run: `{text}` (A: among all events)"),
                Detail::AllEvents => format!("not found in this run: `{text}`"),
            },
            SearchState::Stopped => {
                format!("stopped the search for `{text}` at event {}", self.at.0)
            }
        }
    }
}

fn fits(text: &str, step: &EventStep<'_>, language: Language) -> bool {
    let holds = |words: &str| words.to_lowercase().contains(text);
    if holds(&event_words(step, language)) {
        return true;
    }
    holds(&headline(step, language))
}

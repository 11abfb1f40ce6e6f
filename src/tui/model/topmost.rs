//! What `q` and Esc close: the topmost thing on the screen.
//!
//! An open overlay handles both keys itself. Under the overlays, at most one thing is topmost. From
//! top to bottom the order is:
//!
//! 1. a search, which `n` and `N` repeat;
//! 2. a finding, through whose evidence `n` and `N` go;
//! 3. predict mode;
//! 4. a panel that fills the screen;
//! 5. the tour or a lesson, under which the start screen lies;
//! 6. a comparison, under which the active run lies;
//! 7. in the list of scenarios: the filter, and then the list itself if it covers a run.
//!
//! With none of these, `q` quits and Esc does nothing.

use super::{Model, Screen, search::Search};

/// The topmost thing that `q` and Esc close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topmost {
    /// A search that is under way, or that `n` and `N` repeat.
    Search,
    /// A finding whose evidence `n` and `N` go through.
    Finding,
    /// Predict mode.
    Quiz,
    /// A panel that fills the screen.
    Maximised,
    /// The tour or a lesson.
    Guide,
    /// Two runs side by side.
    Comparison,
    /// The filter of the list of scenarios.
    ScenarioFilter,
    /// The list of scenarios, over a run.
    ScenarioList,
}

impl Model {
    /// The topmost thing that is open, without the overlays.
    pub(crate) fn topmost(&self) -> Option<Topmost> {
        match self.screen {
            Screen::Picker if !self.picker.filter.is_empty() => Some(Topmost::ScenarioFilter),
            Screen::Picker if !self.panes.is_empty() => Some(Topmost::ScenarioList),
            Screen::Main | Screen::Compare if self.is_searching() => Some(Topmost::Search),
            Screen::Main | Screen::Compare if self.has_open_finding() => Some(Topmost::Finding),
            Screen::Main if self.quiz.is_some() => Some(Topmost::Quiz),
            Screen::Main if self.maximised => Some(Topmost::Maximised),
            Screen::Main | Screen::Compare if self.guide.is_some() => Some(Topmost::Guide),
            Screen::Compare => Some(Topmost::Comparison),
            Screen::Picker | Screen::Main => None,
        }
    }

    /// Whether `n` and `N` go through the evidence of a finding instead of stepping.
    pub(crate) fn has_open_finding(&self) -> bool {
        self.pane().is_some_and(|pane| pane.findings.open.is_some())
    }

    /// Whether `n` and `N` repeat a search instead of stepping.
    pub(crate) fn is_searching(&self) -> bool {
        self.search.as_ref().is_some_and(Search::repeats)
    }
}

//! How loops come into the list of loops, and change places with the one on the screen.

use crate::scene::summary_line;

use super::{Model, loop_list::LoopList, run_pane::RunPane};

/// A row of the list of loops.
#[derive(Debug)]
pub(crate) struct LoopRow<'a> {
    pub(crate) name: &'a str,
    pub(crate) pane: &'a RunPane,
    /// Its index among the loops that are not on the screen; `None` if it is shown.
    pub(crate) hidden: Option<usize>,
}

impl Model {
    /// Adds a loop that has started. If it is the second one of its program, `first` says which pane
    /// shows the first one, and its name. Returns the index of the new loop among those that are not
    /// on the screen, or `None` if its program is not on the screen.
    pub(crate) fn add_loop(
        &mut self,
        (name, is_main): (String, bool),
        mut pane: RunPane,
        first: (usize, String),
    ) -> Option<usize> {
        let loops = &mut self.loops;
        if loops.names.is_empty() {
            self.panes.get_mut(first.0)?.loop_number = Some(0);
            loops.names.push(first.1);
        }
        // The loop of the main thread is the first in the list, whenever it starts.
        let number = if is_main { 0 } else { loops.names.len() };
        if is_main {
            let others = self.panes.iter_mut().chain(&mut loops.hidden);
            others.for_each(|pane| pane.loop_number = pane.loop_number.map(|number| number + 1));
        }
        pane.loop_number = Some(number);
        loops.names.insert(number, name);
        loops.hidden.push(pane);
        Some(loops.hidden.len() - 1)
    }

    /// Forgets the loops if no run on the screen is one of them any longer. Returns whether there
    /// were any.
    pub(crate) fn forget_loops(&mut self) -> bool {
        let is_shown = self.panes.iter().any(|pane| pane.loop_number.is_some());
        let forgets = !is_shown && self.loops.count() > 0;
        if forgets {
            self.loops = LoopList::default();
        }
        forgets
    }

    /// Exchanges the active run and a loop that is not on the screen. Returns whether there is such a
    /// loop.
    pub(crate) fn exchange_loop(&mut self, hidden: usize) -> bool {
        let shown = self.panes.get_mut(self.active);
        match (shown, self.loops.hidden.get_mut(hidden)) {
            (Some(shown), Some(hidden)) if shown.loop_number.is_some() => {
                std::mem::swap(shown, hidden);
                true
            }
            _ => false,
        }
    }

    /// The loop in a pane as the header names it: `loop 1 of 4: main`. `None` if its program has one
    /// loop.
    pub(crate) fn loop_title(&self, pane: &RunPane) -> Option<String> {
        let number = pane.loop_number?;
        let (at, of) = (number + 1, self.loops.count());
        Some(format!("loop {at} of {of}: {}", self.loops.name(number)))
    }

    /// The rows of the list of loops, in the order of their numbers.
    pub(crate) fn loop_rows(&self) -> Vec<LoopRow<'_>> {
        let shown = self.panes.iter().map(|pane| (pane, None));
        let hidden = self.loops.hidden.iter().zip((0..).map(Some));
        let mut all: Vec<_> = shown
            .chain(hidden)
            .filter_map(|(pane, hidden)| Some((pane.loop_number?, pane, hidden)))
            .collect();
        all.sort_by_key(|(number, _, _)| *number);
        let row = |(number, pane, hidden)| LoopRow {
            name: self.loops.name(number),
            pane,
            hidden,
        };
        all.into_iter().map(row).collect()
    }

    /// The row of a loop that a user names by its number, from 1, or by its name.
    pub(crate) fn loop_named(&self, text: &str) -> Option<usize> {
        let rows = self.loop_rows();
        let number = text.parse::<usize>().ok();
        let by_number = number.and_then(|number| number.checked_sub(1));
        by_number
            .filter(|row| *row < rows.len())
            .or_else(|| rows.iter().position(|row| row.name == text))
    }
}

impl LoopRow<'_> {
    /// What the loop does: `runs`, `paused`, or how it ended.
    pub(crate) fn state(&self) -> &'static str {
        let pane = self.pane;
        if pane.is_paused_live() {
            "paused"
        } else if pane.is_live() {
            "runs"
        } else {
            summary_line::ending_word(pane.replay.index().head().outcome)
        }
    }
}

//! The work that the shell does beside the screen: what was asked for, and what is still awaited.

use crate::{insight::Language, replay::Replay};

use crate::tui::work::{self, SHORT, Work, WorkKind, WorkResult};

/// What is worked on beside the screen.
#[derive(Debug, Default)]
pub(crate) struct WorkList {
    /// Whether a shell works. If not, everything is found out at once.
    pub(crate) has_shell: bool,
    /// The number of the last work.
    last: u64,
    /// What the shell is to begin.
    asked: Vec<Work>,
    /// What the shell is to begin once fewer threads work.
    delayed: Vec<Work>,
    /// What is awaited, with its number.
    awaited: Vec<(u64, WorkKind)>,
    /// How many threads work, also on what is no longer awaited.
    threads: usize,
}

/// The most threads that work at once.
const MOST_THREADS: usize = 3;

impl WorkList {
    /// Works on two runs, or asks the shell to: then there is no result yet. If [`MOST_THREADS`] work
    /// already, also on what is no longer awaited, the shell begins when one of them has ended.
    pub(crate) fn ask(
        &mut self,
        kind: WorkKind,
        runs: [&Replay; 2],
        language: Language,
    ) -> Option<WorkResult> {
        let [a, b] = runs.map(|run| run.end().0);
        if !self.has_shell || a.saturating_add(b) <= SHORT {
            return Some(work::result(kind, runs, language));
        }
        self.last += 1;
        self.delayed
            .push(Work::new(self.last, kind, runs, language));
        self.awaited.push((self.last, kind));
        self.begin_delayed();
        None
    }

    /// Asks the shell to begin what was delayed, as far as threads are free.
    fn begin_delayed(&mut self) {
        let free = MOST_THREADS.saturating_sub(self.threads);
        let begun = free.min(self.delayed.len());
        self.asked.extend(self.delayed.drain(..begun));
        self.threads += begun;
    }

    /// What the shell is to begin; it sends a result of each. Each work is returned once.
    pub(crate) fn take_asked(&mut self) -> Vec<Work> {
        std::mem::take(&mut self.asked)
    }

    /// Takes the work of this number off the list. `None` if it is no longer wanted.
    pub(crate) fn done(&mut self, number: u64) -> Option<WorkKind> {
        self.threads = self.threads.saturating_sub(1);
        self.begin_delayed();
        let at = self.awaited.iter().position(|(it, _)| *it == number)?;
        Some(self.awaited.remove(at).1)
    }

    /// Awaits nothing any longer, because the runs have changed.
    pub(crate) fn forget(&mut self) {
        self.threads -= self.asked.len();
        self.asked.clear();
        self.delayed.clear();
        self.awaited.clear();
    }

    /// Whether a comparison is awaited.
    pub(crate) fn compares(&self) -> bool {
        let mut kinds = self.awaited.iter();
        kinds.any(|(_, kind)| *kind == WorkKind::Comparison)
    }

    /// Whether a difference is awaited.
    pub(crate) fn looks_for_difference(&self) -> bool {
        self.awaited.iter().any(is_difference)
    }

    /// Whether no further thread is started, because [`MOST_THREADS`] work already.
    pub(crate) fn is_busy(&self) -> bool {
        self.threads >= MOST_THREADS
    }

    /// Awaits no difference any longer. Returns whether one was awaited.
    pub(crate) fn cancel_difference(&mut self) -> bool {
        let before = self.awaited.len();
        self.awaited.retain(|work| !is_difference(work));
        let awaited = &self.awaited;
        self.delayed
            .retain(|work| awaited.iter().any(|(number, _)| *number == work.number()));
        self.awaited.len() < before
    }
}

fn is_difference((_, kind): &(u64, WorkKind)) -> bool {
    matches!(kind, WorkKind::Difference { .. })
}

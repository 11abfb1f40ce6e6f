//! What can be started from the screen of a Python program: branches of its run, and scenarios.

use std::io;

use loopscope::{
    insight::Language,
    tui::{CatalogueEntry, LaunchError, Launcher, Progress, RunRequest, Session},
};

use crate::screen::Catalogue;

use super::listener::Listener;

/// Starts branches of a run beside it, and the scenarios of the catalogue.
#[derive(Debug)]
pub(super) struct PythonLauncher {
    pub(super) scenarios: Catalogue,
    pub(super) listener: Listener,
}

impl PythonLauncher {
    fn is_of_program(&self, what: &RunRequest) -> bool {
        let meta = self.listener.meta();
        what.scenario == meta.scenario && what.variant == meta.variant && what.params == meta.params
    }
}

impl Launcher for PythonLauncher {
    fn catalogue(&self) -> Vec<CatalogueEntry> {
        self.scenarios.catalogue()
    }

    fn start(&mut self, what: &RunRequest) -> Result<Session, LaunchError> {
        if !self.is_of_program(what) {
            return self.scenarios.start(what);
        }
        let listener = &self.listener;
        listener.snapshots().branch(listener.meta(), &what.schedule)
    }

    fn check(&self, what: &RunRequest) -> Result<(), LaunchError> {
        self.scenarios.check(what)
    }

    fn remember(&mut self, language: Language) -> io::Result<()> {
        self.scenarios.remember(language)
    }

    fn keep_progress(&mut self, progress: &Progress) {
        self.scenarios.keep_progress(progress);
    }
}

//! A loop of the program, as the screen sees it.

use std::path::PathBuf;

use loopscope::{
    runtime::LiveTrace,
    trace::Log,
    tui::{self, Control, RecordError, SourceStatus},
    watch::record_live,
};

use super::commands::Commands;

/// The state of a loop whose records go into `live`.
pub(super) fn status_of(live: &LiveTrace, ended: bool) -> SourceStatus {
    SourceStatus {
        ended,
        paused: live.is_paused(),
        chooses: true,
        live: true,
        now: live.parked_now().filter(|_| !ended),
        ..SourceStatus::default()
    }
}

/// Another loop of the program, of a thread or of a child process, or a branch of the run.
#[derive(Debug)]
pub(super) struct LoopSource {
    live: LiveTrace,
    commands: Commands,
    name: String,
    /// It is a snapshot that goes on. It ends with its connection.
    is_branch: bool,
}

impl LoopSource {
    pub(super) fn new(
        live: LiveTrace,
        commands: Commands,
        name: String,
        is_branch: bool,
    ) -> LoopSource {
        LoopSource {
            live,
            commands,
            name,
            is_branch,
        }
    }
}

impl tui::TraceSource for LoopSource {
    fn take(&mut self) -> Vec<u8> {
        self.live.take()
    }

    fn control(&mut self, control: Control) {
        if control == Control::Stop && self.is_branch {
            self.commands.close();
        } else {
            self.commands.control(control);
        }
    }

    fn status(&self) -> SourceStatus {
        status_of(&self.live, self.live.is_drained())
    }

    fn record(&mut self, log: &Log) -> Result<PathBuf, RecordError> {
        record_live(&self.live, log)
    }

    fn loop_name(&self) -> String {
        self.name.clone()
    }
}

impl Drop for LoopSource {
    fn drop(&mut self) {
        if self.is_branch {
            self.commands.close();
        }
    }
}

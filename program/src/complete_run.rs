//! A run that is complete.

use std::time::Duration;

use loopscope::{insight::Hang, replay::Replay};

/// A run that is complete: a recorded file, a scenario, or a script with its loops.
#[derive(Debug)]
pub(crate) struct CompleteRun {
    /// The run; of a script, that of its first loop.
    pub(crate) replay: Replay,
    /// The loops of other threads and of child processes of a script, with their names.
    pub(crate) others: Vec<(String, Replay)>,
    /// Why the run was stopped, if its loop hung, and how long that had waited then.
    pub(crate) hang: Option<(Hang, Duration)>,
}

impl From<Replay> for CompleteRun {
    fn from(replay: Replay) -> CompleteRun {
        CompleteRun {
            replay,
            others: Vec::new(),
            hang: None,
        }
    }
}

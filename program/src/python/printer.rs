//! Prints a run while it lasts, as lines or as JSON.

use loopscope::{
    replay::Replay,
    runtime::LiveTrace,
    scene::{json, plain::LogWriter},
    trace::{Log, Meta},
};

use crate::{
    args::DisplayArgs,
    output::{Exit, StandardOutput},
};

/// An empty replay of a run, which keeps at most this many bytes.
pub(super) fn empty_replay(meta: Meta, max_memory: Option<usize>) -> Replay {
    let mut replay = Replay::new(Log {
        bytes: Vec::new(),
        meta,
    });
    if let Some(bytes) = max_memory {
        replay.limit(bytes);
    }
    replay
}

/// Prints a run while it lasts.
pub(super) struct Printer {
    replay: Replay,
    log: LogWriter,
    out: StandardOutput,
    as_json: bool,
}

impl Printer {
    pub(super) fn new(replay: Replay, as_json: bool, display: &DisplayArgs) -> Printer {
        let language = display.language().for_run(&replay);
        Printer {
            log: LogWriter::new(language),
            out: StandardOutput::new(),
            replay,
            as_json,
        }
    }

    /// Prints what has arrived.
    pub(super) fn print(&mut self, live: &LiveTrace) {
        let bytes = live.take();
        if bytes.is_empty() {
            return;
        }
        self.replay.append(&bytes);
        if !self.as_json {
            self.out.write(|out| self.log.append(&self.replay, out));
        }
        let by = self.replay.trim();
        self.log.shift_positions(&self.replay, by);
    }

    /// Prints the end of the run, or the whole run as JSON.
    pub(super) fn finish(mut self, live: &LiveTrace) -> Exit {
        self.replay.append(&live.take());
        let (replay, log) = (&self.replay, &mut self.log);
        let as_json = self.as_json;
        self.out.write(|out| {
            if as_json {
                return json::write_run(replay, out);
            }
            log.append(replay, out)?;
            log.finish(replay, out)
        });
        self.out.end()
    }
}

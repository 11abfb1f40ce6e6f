//! Prints a run while it lasts, as lines or as JSON.

use std::io::Write as _;

use loopscope::{
    insight::Language,
    replay::Replay,
    runtime::LiveTrace,
    scene::{
        json,
        plain::{LogWriter, write_log},
    },
    trace::{Log, Meta},
    tui::{LoopSession, TraceSource},
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

/// Prints a run while it lasts, and then the runs of the program's other loops.
pub(super) struct Printer {
    replay: Replay,
    /// The other loops, in the order in which they started, each with its source.
    others: Vec<(Replay, Box<dyn TraceSource>)>,
    language: Language,
    log: LogWriter,
    out: StandardOutput,
    as_json: bool,
}

impl Printer {
    pub(super) fn new(replay: Replay, as_json: bool, display: &DisplayArgs) -> Printer {
        let language = display.language().for_run(&replay);
        Printer {
            others: Vec::new(),
            language,
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

    /// Keeps what has arrived of other loops. They are printed after the first one, because the lines
    /// of two loops cannot be told apart. Of each at most `max_memory` bytes are kept.
    pub(super) fn keep(&mut self, started: Vec<LoopSession>, max_memory: Option<usize>) {
        for LoopSession { name, session, .. } in started {
            let Some(source) = session.source else {
                continue;
            };
            let mut meta = self.replay.log().meta.clone();
            meta.scenario = format!("{} ({name})", meta.scenario);
            self.others.push((empty_replay(meta, max_memory), source));
        }
        for (replay, source) in &mut self.others {
            let bytes = source.take();
            if !bytes.is_empty() {
                replay.append(&bytes);
                replay.trim();
            }
        }
    }

    /// Prints the end of the run, or the whole run as JSON; then each other loop, with a heading of its
    /// own.
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
        let language = self.language;
        for (replay, _) in &self.others {
            self.out.write(|out| {
                if as_json {
                    return json::write_run(replay, out);
                }
                writeln!(out)?;
                write_log(replay, language, out)
            });
        }
        self.out.end()
    }
}

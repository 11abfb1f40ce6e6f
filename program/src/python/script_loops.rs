//! What is recorded of the loops of a script: of its first one, and of those of its other threads and of its
//! child processes.

use loopscope::{
    insight::Hang,
    replay::Replay,
    runtime::LiveTrace,
    trace::Meta,
    tui::{LoopSession, TraceSource},
};

use crate::hang_watch::hang_of_all;

use super::{listener::Listener, printer::empty_replay};

/// The loops of a script.
pub(super) struct ScriptLoops {
    first: Replay,
    others: Vec<OtherLoop>,
}

/// A loop that began later than the first one, beside it.
struct OtherLoop {
    name: String,
    replay: Replay,
    source: Box<dyn TraceSource>,
}

impl ScriptLoops {
    /// Nothing is recorded yet of a run with this head.
    pub(super) fn new(meta: Meta) -> ScriptLoops {
        ScriptLoops {
            first: empty_replay(meta, None),
            others: Vec::new(),
        }
    }

    /// Adds what has been recorded since the last call.
    pub(super) fn take(&mut self, live: &LiveTrace, listener: &Listener) {
        self.first.append(&live.take());
        for LoopSession { name, session, .. } in listener.new_loops() {
            if let Some(source) = session.source {
                let replay = empty_replay(self.first.log().meta.clone(), None);
                self.others.push(OtherLoop {
                    name,
                    replay,
                    source,
                });
            }
        }
        for other in &mut self.others {
            other.replay.append(&other.source.take());
        }
    }

    fn all(&self) -> impl Iterator<Item = &Replay> {
        let others = self.others.iter().map(|other| &other.replay);
        std::iter::once(&self.first).chain(others)
    }

    pub(super) fn first(&self) -> &Replay {
        &self.first
    }

    /// How many bytes are recorded.
    pub(super) fn length(&self) -> u64 {
        self.all()
            .map(|replay| replay.log().bytes.len() as u64)
            .sum()
    }

    /// Whether a loop has not ended.
    pub(super) fn is_in_loop(&self) -> bool {
        self.all()
            .any(|replay| replay.index().head().outcome.is_none())
    }

    /// Why the script hangs, if each of its loops that has not ended hangs.
    pub(super) fn hang(&self) -> Option<Hang> {
        hang_of_all(self.all())
    }

    /// The first loop, and the others with their names.
    pub(super) fn into_replays(self) -> (Replay, Vec<(String, Replay)>) {
        let others = self.others.into_iter();
        let others = others.map(|other| (other.name, other.replay));
        (self.first, others.collect())
    }
}

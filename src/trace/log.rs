//! A trace as a whole: its records and the description of its run.

use super::Schedule;

/// A trace: its records, and the run that they are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// The records, as [`Writer`](super::Writer) writes and [`Cursor`](super::Cursor) reads them.
    pub bytes: Vec<u8>,
    /// The description of the run.
    pub meta: Meta,
}

/// The description of a run, known before it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// The name of the scenario or program.
    pub scenario: String,
    /// The variant of the scenario; empty if it has none.
    pub variant: String,
    /// The variant in a few words.
    pub title: String,
    /// The parameters of the run, with their values.
    pub params: Vec<(String, String)>,
    /// The clock of the run.
    pub clock: ClockKind,
    /// The seed of the run's random numbers.
    pub seed: u64,
    /// The source files that locations point into: name and content.
    pub sources: Vec<(String, String)>,
    /// The polls at which another task than the first of the ready queue was chosen.
    pub schedule: Schedule,
    /// Which entries of the ready queue a tick polls.
    pub tick_policy: TickPolicy,
    /// The aspects that the recording lacks; empty for a recording by this library.
    pub unknown: Vec<Aspect>,
}

/// The most bytes of a source file, and the most lines. A longer one is left out: it is not written
/// by hand, and each look at one of its lines would take long.
const MOST_SOURCE: (usize, usize) = (1 << 20, 1 << 16);

/// The most source files, and the most parameters.
pub(super) const MOST_PAIRS: usize = 1 << 10;

/// The most bytes of a name or title. Each picture and each log begins with them.
const MOST_NAME: usize = 1 << 10;

impl Meta {
    /// Limits what a file says of its run: long names are cut, and what is too long or too
    /// many is left out.
    pub(crate) fn limit(&mut self) {
        for name in [&mut self.scenario, &mut self.variant, &mut self.title] {
            if name.len() > MOST_NAME {
                name.truncate(name.floor_char_boundary(MOST_NAME));
                name.push('…');
            }
        }
        self.params
            .retain(|(name, value)| name.len() + value.len() <= MOST_NAME);
        self.params.truncate(MOST_PAIRS);
        let (bytes, lines) = MOST_SOURCE;
        self.sources.retain(|(_, text)| {
            text.len() <= bytes && text.bytes().filter(|byte| *byte == b'\n').count() <= lines
        });
        self.sources.truncate(MOST_PAIRS);
    }

    /// Whether the recording has an aspect of the run.
    pub fn has(&self, aspect: Aspect) -> bool {
        !self.unknown.contains(&aspect)
    }
}

/// An aspect of a run that a recording by another program may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Aspect {
    /// The order of the ready queue, and the ticks of the loop.
    Queues,
    /// The timer queue.
    Timers,
    /// What a task waits for.
    Waits,
    /// When a task becomes ready, and what woke it.
    Wakes,
}

/// Which entries of the ready queue a tick polls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TickPolicy {
    /// The entries that are in the queue when the run phase begins. A task that is woken meanwhile
    /// is polled in the next tick, after its timers and I/O.
    #[default]
    Snapshot,
    /// All entries until the queue is empty, including tasks that are woken meanwhile, like the
    /// microtasks of JavaScript. Each round over the queue is a run phase of its own in the same
    /// tick.
    Drain,
}

/// The kind of clock that a loop has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum ClockKind {
    /// A simulated clock: it stops while tasks are polled, and jumps to the next deadline when no
    /// task is ready.
    #[default]
    Virtual,
    /// The clock of the computer.
    Real,
}

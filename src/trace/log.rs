//! The bytes of a trace with what is known of the run as a whole.

use super::Schedule;

/// A trace: its bytes, and what run it is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// The records, see [`encoding`](super::encoding).
    pub bytes: Vec<u8>,
    /// What run it is of.
    pub meta: Meta,
}

/// What is known of a run before it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// The scenario or program.
    pub scenario: String,
    /// Its variant; empty if it has none.
    pub variant: String,
    /// What the variant is about, in a few words.
    pub title: String,
    /// The parameters that were in force, with their values.
    pub params: Vec<(String, String)>,
    /// The clock it ran on.
    pub clock: ClockKind,
    /// The seed of its random numbers.
    pub seed: u64,
    /// The source files that the trace points into: name and text.
    pub sources: Vec<(String, String)>,
    /// Where it left the order of its ready queue, and for whom.
    pub schedule: Schedule,
    /// What a tick runs.
    pub tick_policy: TickPolicy,
    /// What the recording says nothing of; empty for a run of this program's own.
    pub unknown: Vec<Aspect>,
}

impl Meta {
    /// Whether the recording tells of this part of a run.
    pub fn has(&self, part: Aspect) -> bool {
        !self.unknown.contains(&part)
    }
}

/// A part of a run that a recording from elsewhere may say nothing of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// The ready queue in its order, and the ticks of the loop.
    Queues,
    /// The timer queue.
    Timers,
    /// What a task waits for.
    Waits,
    /// When a task becomes ready, and by whom.
    Wakes,
}

/// What a tick runs of the ready queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TickPolicy {
    /// What is in it when the run phase begins. What is woken meanwhile waits for the next tick, behind timers and I/O.
    #[default]
    Snapshot,
    /// All of it until it is empty, what is woken meanwhile included, as JavaScript runs its microtasks. Each round of
    /// the queue is a run phase of its own, in the same tick.
    Drain,
}

/// A clock that jumps, or one that runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockKind {
    /// Stands still while tasks run and jumps to the next deadline when nothing is ready.
    #[default]
    Virtual,
    /// The computer's.
    Real,
}

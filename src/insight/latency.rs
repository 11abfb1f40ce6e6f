//! Ready-to-run and run times: how long tasks were in the ready queue before each poll, and how long
//! each poll was.
//!
//! ```text
//!   read       events ──> times          histogram   durations ──> p50, p95, p99, max
//!   groups     times by task and place   report      what is shown
//! ```
//!
//! * The **ready-to-run** time of a poll is that from the wake, or the spawn, to the start of the poll.
//!   A poll's events carry the time of its start, so a task that is woken by a poll counts as ready
//!   from the start of that poll. A task that wakes itself is ready from the end of its poll. A task
//!   that sleeps is ready from its deadline, also if the loop is held and fires the timer late.
//! * The **run** time is the duration of the poll.
//!
//! Each poll belongs to its task, to the place at which the task was spawned, and to the await from
//! which it continues. What lies in a gap, or is not recorded, is not counted; [`LeftOut`] says how
//! much that is.

mod groups;
mod histogram;
mod read;
mod report;

pub use histogram::{Histogram, Quantiles};
pub use report::{
    LatencyBy, LatencyGroup, LatencyGroups, LatencyKey, LatencyReport, LeftOut, TimeStats,
    WorstTime,
};

use crate::replay::{Replay, State};
use crate::trace::Position;

use read::LatencyFold;

/// The ready-to-run and run times of a run.
pub fn latency(replay: &Replay) -> LatencyReport {
    let mut reader = LatencyReader::new();
    reader.feed_some(replay, u64::MAX);
    reader.report()
}

/// Reads the times of a run, a stretch of its events at a time.
#[derive(Debug, Default)]
pub struct LatencyReader {
    state: State,
    fold: LatencyFold,
}

impl LatencyReader {
    /// Begins at the start of a run.
    pub fn new() -> LatencyReader {
        LatencyReader::default()
    }

    /// Reads at most this many events. Returns whether the end of the trace is reached.
    pub fn feed_some(&mut self, replay: &Replay, events: u64) -> bool {
        let state = std::mem::take(&mut self.state);
        let until = Position(state.position.0.saturating_add(events));
        let fold = &mut self.fold;
        self.state = replay.each_step(state, until.min(replay.end()), |step| fold.read(step));
        self.state.position >= replay.end()
    }

    /// The position up to which the trace was read.
    pub fn position(&self) -> Position {
        self.state.position
    }

    /// The times of what was read.
    pub fn report(&self) -> LatencyReport {
        self.fold.report(&self.state)
    }
}

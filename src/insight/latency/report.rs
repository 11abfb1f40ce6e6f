//! What was found of the times of a run.

use crate::trace::{LocationId, Position, Span, TaskId};

use super::histogram::{Histogram, Quantiles};

/// What times are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LatencyKey {
    /// All times of a task.
    Task(TaskId),
    /// All times of the main task, where tasks are grouped by the place of their spawn: no task has
    /// spawned it.
    Main,
    /// The times of the first poll of the main task.
    MainFirstPoll,
    /// All times of the tasks that were spawned at a place.
    Spawn(LocationId),
    /// The times of the first poll of the tasks that were spawned at a place.
    FirstPoll(LocationId),
    /// The times of the polls that continue from an await.
    Await(LocationId),
}

impl LatencyKey {
    /// A number that no other key of the same list has.
    pub(super) fn number(self) -> usize {
        // The unknown place has the lowest number instead of the highest.
        let place = |at: LocationId| match at {
            LocationId::UNKNOWN => 0,
            at => at.index() + 1,
        };
        match self {
            LatencyKey::Task(task) => task.index(),
            LatencyKey::Main | LatencyKey::MainFirstPoll => 0,
            LatencyKey::Spawn(at) => place(at) + 1,
            LatencyKey::FirstPoll(at) => 2 * place(at) + 1,
            LatencyKey::Await(at) => 2 * place(at) + 2,
        }
    }
}

/// What the times of a report are grouped by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LatencyBy {
    /// One group for each task.
    #[default]
    Task,
    /// One group for each place at which tasks are spawned.
    Spawn,
    /// One group for each await; first polls are grouped by the place of the spawn.
    Await,
}

impl LatencyBy {
    /// All, in the order in which they are shown.
    pub const ALL: [LatencyBy; 3] = [LatencyBy::Task, LatencyBy::Spawn, LatencyBy::Await];
}

/// The time from becoming ready to the start of the poll, or the duration of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorstTime {
    /// How long.
    pub span: Span,
    /// The task; `None` for a callback.
    pub task: Option<TaskId>,
    /// The await from which the poll continues; of a first poll, the spawn.
    pub at: LocationId,
    /// The position after the start of the poll.
    pub position: Position,
}

/// Durations in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeStats {
    /// The quantiles.
    pub quantiles: Quantiles,
    /// The longest duration; `None` if there is no duration.
    pub worst: Option<WorstTime>,
}

/// The times of a task or a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LatencyGroup {
    /// The task or place.
    pub key: LatencyKey,
    /// The times from becoming ready to the start of the poll.
    pub ready: TimeStats,
    /// The durations of polls.
    pub polls: TimeStats,
}

/// The groups of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LatencyGroups {
    /// The groups, those with the longest times first: at most 1,000.
    pub groups: Vec<LatencyGroup>,
    /// How many others there are, and their times together. The key is one of theirs.
    pub others: Option<(u64, LatencyGroup)>,
}

/// What is not among the times of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// How many gaps the trace has.
    pub gaps: u64,
    /// How many events are missing in them.
    pub missing_events: u64,
    /// How many polls have their start or their end in a gap.
    pub polls_in_gaps: u64,
    /// How many polls of tasks that became ready in a gap, so their time in the ready queue is not
    /// known.
    pub ready_in_gaps: u64,
    /// How many polls began without a recorded wake, so their time in the ready queue is not known.
    pub without_wake: u64,
}

/// The ready-to-run and run times of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LatencyReport {
    /// The times of all tasks from becoming ready to the start of the poll.
    pub ready: TimeStats,
    /// The durations of all polls of tasks.
    pub polls: TimeStats,
    /// The durations of all runs of callbacks.
    pub callbacks: TimeStats,
    /// The same as histograms: ready-to-run times, and polls.
    pub histograms: [Histogram; 2],
    /// By task.
    pub by_task: LatencyGroups,
    /// By the place of the spawn.
    pub by_spawn: LatencyGroups,
    /// By await.
    pub by_await: LatencyGroups,
    /// The ten longest times from ready to the start of the poll, the longest first.
    pub worst_ready: Vec<WorstTime>,
    /// The ten longest polls of tasks, the longest first.
    pub worst_polls: Vec<WorstTime>,
    /// The poll that has not ended at the end of what was read, with its length until then. It is not
    /// among the other times.
    pub unended: Option<WorstTime>,
    /// What is not known.
    pub left_out: LeftOut,
}

impl LatencyReport {
    /// The groups of a kind.
    pub fn by(&self, by: LatencyBy) -> &LatencyGroups {
        match by {
            LatencyBy::Task => &self.by_task,
            LatencyBy::Spawn => &self.by_spawn,
            LatencyBy::Await => &self.by_await,
        }
    }
}

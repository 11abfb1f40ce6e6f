//! What a task waits for.

use crate::replay::{State, Status, TaskState};
use crate::trace::{LocationId, Moment, Span, TaskId, Wait};

/// What a task waits for, or what it waited for in its last poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitFact {
    /// The task.
    pub task: TaskId,
    /// What it waits for: of several declared waits, the last.
    pub on: Wait,
    /// Whether it waits for one thing, for all of several or for the first of several.
    pub mode: WaitMode,
    /// The location of the `.await`, or, with `at_creation`, where the awaited object was created.
    pub at: LocationId,
    /// Whether the location is that of the creation.
    pub at_creation: bool,
    /// Since when it waits.
    pub since: Moment,
    /// By how much the deadline of the timer has passed, if it waits for a timer.
    pub overdue: Span,
}

/// How many things a task waits for, and how many of them it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitMode {
    /// One thing.
    One,
    /// All tasks of a group.
    All {
        /// How many tasks the group has.
        total: u32,
        /// How many of them have ended.
        ended: u32,
    },
    /// The first task of a group to end, of those that have not ended.
    Any {
        /// How many tasks the group has.
        total: u32,
        /// How many of them have ended.
        ended: u32,
    },
    /// The first of several waits of different kinds, as in a `select` or a time limit. The trace
    /// contains only the last of them for certain.
    First {
        /// How many waits were declared in addition to the last one.
        more: u32,
    },
}

impl WaitMode {
    /// The same wait after one more task of the group has ended.
    #[must_use]
    pub fn with_one_more(self) -> WaitMode {
        match self {
            WaitMode::All { total, ended } => WaitMode::All {
                total,
                ended: (ended + 1).min(total),
            },
            WaitMode::Any { total, ended } => WaitMode::Any {
                total,
                ended: (ended + 1).min(total),
            },
            WaitMode::One | WaitMode::First { .. } => self,
        }
    }
}

impl WaitFact {
    /// Whether the end of `task` can end this wait, or bring it nearer to its end.
    pub fn awaits_end_of(&self, state: &State, task: TaskId) -> bool {
        match self.on {
            Wait::Join(joined) => joined == task,
            Wait::All(group) | Wait::Any(group) => state.is_member(group, task),
            Wait::Unknown
            | Wait::Yield
            | Wait::Timer(_)
            | Wait::Send(_)
            | Wait::Receive(_)
            | Wait::Acquire(_)
            | Wait::Operation(_) => false,
        }
    }
}

/// What a task waits for; `None` if it does not wait, or if that is not recorded.
///
/// During a poll, and between a wake and the next poll, this is what the task waited for last.
pub fn waiting_for(state: &State, task: TaskId) -> Option<WaitFact> {
    let row = state.tasks.get(task)?;
    if row.status().ended() || row.polls() == 0 || row.phase.wait_is_unknown() {
        return None;
    }
    let waits = matches!(row.status(), Status::Timer | Status::Pending);
    let overdue = match row.wait {
        Wait::Timer(timer) if waits => state
            .timer(timer)
            .map_or(Span::ZERO, |timer| state.now().since(timer.deadline)),
        Wait::Timer(_)
        | Wait::Unknown
        | Wait::Yield
        | Wait::Join(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::Acquire(_)
        | Wait::Operation(_)
        | Wait::All(_)
        | Wait::Any(_) => Span::ZERO,
    };
    Some(WaitFact {
        task,
        on: row.wait,
        mode: mode(state, row),
        at: row.wait_at,
        at_creation: row.wait_at_creation(),
        since: row.since,
        overdue,
    })
}

fn mode(state: &State, row: &TaskState) -> WaitMode {
    let progress = |group| {
        let progress = state.group(group).unwrap_or_default();
        (progress.total, progress.ended)
    };
    match (row.wait, row.also) {
        (_, more @ 1..) => WaitMode::First { more: more.into() },
        (Wait::All(group), 0) => {
            let (total, ended) = progress(group);
            WaitMode::All { total, ended }
        }
        (Wait::Any(group), 0) => {
            let (total, ended) = progress(group);
            WaitMode::Any { total, ended }
        }
        (
            Wait::Unknown
            | Wait::Yield
            | Wait::Timer(_)
            | Wait::Join(_)
            | Wait::Send(_)
            | Wait::Receive(_)
            | Wait::Acquire(_)
            | Wait::Operation(_),
            0,
        ) => WaitMode::One,
    }
}

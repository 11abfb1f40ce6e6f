//! Whether a run that has not ended hangs.

use crate::replay::{Replay, State, Status, TaskState, TickPhase};
use crate::trace::{ResourceKind, Span, TaskId};

use super::{
    report::FindingsReport,
    rule::{Rule, Severity},
};

/// Why a run that has not ended is taken to hang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hang {
    /// The trace proves that no task can run again.
    Proven,
    /// The loop waits without a deadline, and for no I/O. Another thread, a signal or a child process
    /// could still wake a task.
    Idle,
}

impl Hang {
    /// Whether a run hangs at the end of what is recorded of it. `report` is what is wrong up to there.
    pub fn of(replay: &Replay, report: &FindingsReport) -> Option<Hang> {
        if !is_idle(replay.index().head()) {
            return None;
        }
        let mut findings = report.all();
        let is_proven = findings
            .any(|finding| is_about_a_hang(finding.rule) && finding.severity == Severity::Error);
        Some(if is_proven { Hang::Proven } else { Hang::Idle })
    }
}

/// Whether the loop waits without a deadline, for nothing outside of the program.
fn is_idle(state: &State) -> bool {
    state.outcome.is_none() && state.phase == TickPhase::Parked && waits_for_itself(state)
}

/// Whether all tasks wait, and none of them for a timer or for I/O.
pub(super) fn waits_for_itself(state: &State) -> bool {
    let mut unfinished = state.tasks.unfinished();
    state.timers.is_empty()
        && waits_for_nothing_outside(state)
        && unfinished.all(|(_, row)| row.status() == Status::Pending)
}

/// Whether no callback is ready, and nothing outside of the program is waited for.
pub(super) fn waits_for_nothing_outside(state: &State) -> bool {
    let mut resources = state.resources.values();
    let waits_outside = resources.any(|resource| {
        let is_outside = matches!(
            resource.kind,
            ResourceKind::Listener | ResourceKind::Stream | ResourceKind::Child
        );
        is_outside || resource.in_flight > 0
    });
    state.callbacks.is_empty() && !waits_outside
}

/// How long cancelled tasks may clean up after main has ended.
const CLEAN_UP: Span = Span(5_000_000_000);

/// Whether the main task has ended long ago, and a task that was cancelled still runs. The loop waits for
/// it, and perhaps for ever.
pub fn ignores_cancellation(state: &State) -> bool {
    let main = state.tasks.get(TaskId(0));
    let ended = main.filter(|row| row.status().ended());
    let is_long_ago = |row: &TaskState| state.now().since(row.since) >= CLEAN_UP;
    state.outcome.is_none()
        && ended.is_some_and(is_long_ago)
        && state
            .tasks
            .unfinished()
            .any(|(_, row)| row.cancel_requested())
}

fn is_about_a_hang(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::SelfDeadlock
            | Rule::JoinCycle
            | Rule::LockOrder
            | Rule::ChanDeadlock
            | Rule::SenderAlive
            | Rule::LostWakeup
            | Rule::Deadlock
            | Rule::Stalled
    )
}

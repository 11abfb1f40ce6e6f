//! Notes on what happens late or not at all because the loop was blocked, and on timers and results
//! that nothing waits for.

use crate::replay::Status;
use crate::trace::{Span, TaskId, TimerId, Wait};

use super::{
    super::{lesson::rule, words::seconds},
    Note, SEARCHED, Told, note,
};

/// A delay of at least this length gets a note. A real clock is never exact.
const LATE: Span = Span(20_000_000);

/// A task was in the ready queue while time passed, because another task was blocking the loop.
pub(super) fn poll_start(step: &Told<'_>, task: TaskId) -> Option<Note> {
    let row = step.before.tasks.get(task)?;
    let waited = step.before.now().since(row.since);
    if row.status() != Status::Ready || waited < LATE {
        return None;
    }
    note(
        format!(
            "It was ready at {} and is polled {} s later: other tasks were blocking the loop.",
            row.since,
            seconds(waited)
        ),
        "ready is not running",
    )
}

pub(super) fn fired(step: &Told<'_>, timer: TimerId) -> Option<Note> {
    let timer = step.before.timer(timer)?;
    let due = timer.deadline;
    let late = step.at().since(due);
    if late >= LATE {
        return note(
            format!(
                "Due at {due}, it fires {} s late: a timer cannot interrupt a running task.",
                seconds(late)
            ),
            rule::SLEEP_MINIMUM,
        );
    }
    let mut others = step.before.timers.iter().take(SEARCHED).flatten();
    if !others.any(|other| other.deadline == due && other.set > timer.set) {
        return None;
    }
    note(
        format!(
            "Other timers are due at {due} too: they fire in the order in which they were set."
        ),
        "equal deadlines: first set, first fired",
    )
}

/// A timer is removed before it fired. Either its future was dropped, or it was already due and the
/// task that was to be limited by it completed without ever yielding.
pub(super) fn cancelled(step: &Told<'_>, timer: TimerId) -> Option<Note> {
    let timer = step.before.timer(timer);
    match timer.filter(|timer| step.at().since(timer.deadline) >= LATE) {
        Some(timer) => note(
            format!(
                "It was due at {}, {} s ago: work that never yielded ran past it.",
                timer.deadline,
                seconds(step.at().since(timer.deadline))
            ),
            rule::TIME_LIMIT,
        ),
        None => note(
            "Nothing waits for this timer now: its future was dropped.".to_owned(),
            rule::SELECT_LOSER,
        ),
    }
}

/// A task worked without yielding. If a timer was due meanwhile, the note names its task.
pub(super) fn blocked(step: &Told<'_>, by: Span) -> Option<Note> {
    let by = seconds(by);
    let timers = step.before.timers.iter().take(SEARCHED).flatten();
    let overdue = timers
        .filter(|timer| timer.deadline <= step.at())
        .min_by_key(|timer| (timer.deadline, timer.set));
    match overdue {
        Some(timer) => note(
            format!(
                "The loop was blocked for {by} s: {}, due at {}, could not run.",
                step.label(timer.task),
                timer.deadline
            ),
            rule::ONLY_AWAIT,
        ),
        None => note(
            format!("For {by} s no other task could run: only one can run at a time."),
            rule::NOT_PARALLEL,
        ),
    }
}

/// A task completes while its parent waits for several tasks and is not woken: the parent gets this
/// result together with the last one.
pub(super) fn result_kept(step: &Told<'_>, task: TaskId) -> Option<Note> {
    let parent = step.tables().task(task)?.parent?;
    let row = step.before.tasks.get(parent)?;
    let waits_for_all = matches!(row.wait, Wait::Join(_)) && row.also > 0;
    if !waits_for_all || row.phase.queued() || row.status() != Status::Pending {
        return None;
    }
    note(
        format!(
            "Its result is kept: {} is waiting for all of them.",
            step.label(parent)
        ),
        rule::GATHER_WAITS,
    )
}

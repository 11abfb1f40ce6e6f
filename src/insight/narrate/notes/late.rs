//! Notes on what comes late, or was in nobody's way any more.

use crate::replay::Status;
use crate::trace::{Span, TaskId, TimerId, Wait};

use super::{
    super::{super::words::seconds, EventStep, Note},
    MANY, note,
};

/// From when on something is late: a real clock is never exact, 20 ms on it are worth a word.
const LATE: Span = Span(20_000_000);

/// It stood in the ready queue while time went by: somebody held the loop.
pub(super) fn late_turn(step: &EventStep<'_>, task: TaskId) -> Option<Note> {
    let row = step.before.tasks.get(task)?;
    let waited = step.before.now().since(row.since);
    if row.status() != Status::Ready || waited < LATE {
        return None;
    }
    note(
        format!(
            "It was ready at {} and got its turn {} s later: others held the loop.",
            row.since,
            seconds(waited)
        ),
        "ready is not running",
    )
}

pub(super) fn fired(step: &EventStep<'_>, timer: TimerId) -> Option<Note> {
    let state = step.before.timer(timer).copied()?;
    let late = step.at().since(state.deadline);
    if late >= LATE {
        return note(
            format!(
                "It was due at {} and fires {} s late: the loop was held, and no timer breaks in.",
                state.deadline,
                seconds(late)
            ),
            "a sleep is at least, never at most",
        );
    }
    let equal = step
        .before
        .timers
        .iter()
        .take(MANY)
        .flatten()
        .any(|other| other.deadline == state.deadline && other.set > state.set);
    if !equal {
        return None;
    }
    note(
        format!(
            "Others are due at {}, too: they fire in the order in which they were set.",
            state.deadline
        ),
        "equal deadlines: first set, first fired",
    )
}

/// A timer is taken out before it fired: who set it was done, was dropped, or ran right through it.
pub(super) fn given_up(step: &EventStep<'_>, timer: TimerId) -> Option<Note> {
    let timer = step.before.timer(timer).copied();
    match timer.filter(|timer| step.at().since(timer.deadline) >= LATE) {
        Some(timer) => note(
            format!(
                "It was due at {}, {} s ago: work that never gave way ran right through it.",
                timer.deadline,
                seconds(step.at().since(timer.deadline))
            ),
            "a time limit cannot break in",
        ),
        None => note(
            "Whoever set it no longer waits for it: it was dropped, with all it had begun."
                .to_owned(),
            "who loses a race is dropped",
        ),
    }
}

/// A task worked without giving way: what should have happened meanwhile did not.
pub(super) fn held(step: &EventStep<'_>, by: Span) -> Option<Note> {
    let overdue = step
        .before
        .timers
        .iter()
        .take(MANY)
        .flatten()
        .filter(|timer| timer.deadline <= step.at())
        .min_by_key(|timer| (timer.deadline, timer.set));
    match overdue {
        Some(timer) => note(
            format!(
                "The loop stood still for {} s: {}, due at {}, could not run.",
                seconds(by),
                step.label(timer.task),
                timer.deadline
            ),
            "only an await gives way",
        ),
        None => note(
            format!(
                "For {} s nobody else could run: there is one slot.",
                seconds(by)
            ),
            "async does not run work in parallel",
        ),
    }
}

/// A task is done, and who spawned it waits for others as well, and was not woken: its result comes with the last.
pub(super) fn kept_back(step: &EventStep<'_>, task: TaskId) -> Option<Note> {
    let parent = step.tables().task(task)?.parent?;
    let row = step.before.tasks.get(parent)?;
    let waits_for_all = matches!(row.wait, Wait::Join(_)) && row.also > 0;
    if !waits_for_all || row.phase.queued() || row.status() != Status::Pending {
        return None;
    }
    note(
        format!(
            "Its result lies there: {} waits for all, and runs when the last is done.",
            step.label(parent)
        ),
        "gather waits for all, and keeps their order",
    )
}

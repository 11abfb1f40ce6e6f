//! Notes on what happens late or not at all because the loop was blocked, and on timers and results
//! that nothing waits for.

use crate::replay::Running;
use crate::trace::{ClockKind, LocationId, Span, TaskId, TimerId};

use super::{
    super::{
        facts::{DelayKind, HoldFact, WaitMode, hold_at_least, late_at_least, waiting_for},
        language::Language,
        lesson::rule,
        words::duration,
    },
    NAME, Note, SEARCHED, Told, fit, note,
};

/// A delay of at least this length gets a note. A real clock is never exact.
const LATE: Span = Span(10_000_000);

/// A task was in the ready queue while time passed, because another task was blocking the loop.
pub(super) fn poll_start(step: &Told<'_>) -> Option<Note> {
    const RULE: &str = "ready is not running";
    if step.has_explained(RULE) {
        return None;
    }
    let late = late_at_least(step, LATE)?;
    let DelayKind::ReadySince(ready) = late.kind else {
        return None;
    };
    let by = duration(late.by);
    let cause = match &late.held {
        Some(held) => format!(": {}", held_words(step, held)),
        None => String::new(),
    };
    note(
        format!("It was ready at {ready} and is polled {by} later{cause}."),
        RULE,
    )
}

/// What held the loop: `#2 work held the loop from 0.000 to 1.000`.
fn held_words(step: &Told<'_>, held: &HoldFact) -> String {
    let who = match held.by {
        Running::Task(task) => step.label(task),
        Running::Callback(..) => "a callback".to_owned(),
        Running::Nothing => "the loop itself".to_owned(),
    };
    format!("{who} held the loop from {} to {}", held.from, held.to)
}

pub(super) fn fired(step: &Told<'_>, timer: TimerId) -> Option<Note> {
    let timer = step.before.timer(timer)?;
    let due = timer.deadline;
    if step.at().since(due) >= LATE && step.has_explained(rule::SLEEP_MINIMUM) {
        return None;
    }
    if let Some(late) = late_at_least(step, LATE) {
        let by = duration(late.by);
        let text = match &late.held {
            Some(held) => format!(
                "Due at {due}, it fires {by} late: {}. A timer cannot interrupt a running task.",
                held_words(step, held)
            ),
            None => format!("Due at {due}, it fires {by} late."),
        };
        return note(text, rule::SLEEP_MINIMUM);
    }
    let later = step.before.timers.values().take(SEARCHED);
    let same = later
        .filter(|other| other.deadline == due && other.set > timer.set)
        .count();
    let others = match same {
        0 => return None,
        1 => "Another timer is".to_owned(),
        more => format!("{more} other timers are"),
    };
    note(
        format!("{others} due at {due} too: they fire in the order in which they were set."),
        "equal deadlines: first set, first fired",
    )
}

/// A timer is removed before it fired.
///
/// * It was due already, and the task that it was to limit has worked past it: the limit came too
///   late.
/// * The task has waited for it together with something else that came first: a race, which the
///   timer has lost.
/// * The task is cancelled, or drops the timer in the poll in which it set it: no note.
pub(super) fn cancelled(step: &Told<'_>, timer: TimerId) -> Option<Note> {
    let timer = step.before.timer(timer)?;
    let owner = step.before.running.task()?;
    let row = step.before.tasks.get(owner)?;
    if Some(owner) != timer.task || row.cancel_requested() {
        return None;
    }
    let overdue = step.at().since(timer.deadline);
    if overdue >= LATE {
        return note(
            format!(
                "It was due at {}, {} ago: work that never yielded ran past it.",
                timer.deadline,
                duration(overdue)
            ),
            rule::TIME_LIMIT,
        );
    }
    // Set before the wake that led to this poll: the task has waited for it.
    if timer.set >= row.woken() {
        return None;
    }
    note(
        format!(
            "Something else came first. Nothing waits for this timer now: {}.",
            step.choose("its future was dropped", "its wait was cancelled")
        ),
        rule::SELECT_LOSER,
    )
}

/// A poll has held the loop, and another task was delayed by that.
pub(super) fn blocked(step: &Told<'_>) -> Option<Note> {
    let held = hold_at_least(step, LATE)?;
    let delayed = || held.delayed.iter().filter(|delay| delay.by >= LATE);
    let length = duration(held.length());
    let (at, unknown) = blocking_line(step);
    for delay in delayed() {
        if let DelayKind::Due(due) = delay.kind {
            let label = step.label(delay.task);
            return note(
                format!(
                    "The loop was blocked for {length}{at}: {label}, due at {due}, could not \
                     run.{unknown}"
                ),
                rule::ONLY_AWAIT,
            );
        }
    }
    let first = delayed().next()?;
    let label = step.label(first.task);
    let more = match delayed().count() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    note(
        format!(
            "For {length}{at}, {label}{more} could not run: only one task can run at a \
             time.{unknown}"
        ),
        rule::NOT_PARALLEL,
    )
}

/// The line at which the thread of the loop was while a poll lasted long, as a part of a sentence;
/// and a sentence about a line that is not recorded.
///
/// Only a recording of a Python program looks at the thread, and only from 20 ms on.
fn blocking_line(step: &Told<'_>) -> (String, &'static str) {
    let sample = step.tables().poll_sample(step.before.cursor.polls());
    let at = sample.map_or(LocationId::UNKNOWN, |sample| sample.at);
    let Some(location) = step.tables().location(at) else {
        let is_python = step.language == Language::Python && step.meta().clock == ClockKind::Real;
        let unknown = if is_python {
            " The line is not recorded."
        } else {
            ""
        };
        return (String::new(), unknown);
    };
    let file = fit(step.tables().text(location.file), NAME);
    let place = format!("{file}:{}", location.line);
    let text = step.quote(at).and_then(|quote| quote.text);
    let words = text.map_or_else(
        || format!(" at {place}"),
        |text| format!(" at `{text}` ({place})"),
    );
    (words, "")
}

/// A task completes while its parent waits for all tasks of a group, of which some are unfinished:
/// the parent gets this result together with the last one.
pub(super) fn result_kept(step: &Told<'_>, task: TaskId) -> Option<Note> {
    let parent = step.tables().task(task)?.parent?;
    let wait = waiting_for(step.before, parent)?;
    let WaitMode::All { total, ended } = wait.mode else {
        return None;
    };
    let done = ended + 1;
    if !wait.awaits_end_of(step.before, task) || done >= total {
        return None;
    }
    note(
        format!(
            "Its result is kept: {} is waiting for all {total} of them, and {done} {} ended.",
            step.label(parent),
            if done == 1 { "has" } else { "have" }
        ),
        rule::GATHER_WAITS,
    )
}

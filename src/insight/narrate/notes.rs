//! Notes: where many people expect something else, what happens instead, and the rule.
//!
//! A note stands at the event at which the belief fails, and nowhere else. A rule that has a
//! [`Lesson`](super::super::lesson::Lesson) is written here in the same words: so the note finds its lesson.

mod late;
mod thing;

use crate::replay::{EventStep, Running, State, Status, TickPhase};
use crate::trace::{
    Advance, Aspect, Event, LocationId, LoopEvent, Outcome, PollOutcome, ResourceEvent,
    ResourceKind, Span, TaskEvent, TaskId, TickPolicy, TimerEvent, Wait, WakeEffect, WokenBy,
};

use super::{super::lesson::Lesson, Note};
use late::{fired, given_up, held, kept_back, late_turn};
use thing::{another_semaphore, never_polled, used};

/// How many timers are looked through for one that is overdue.
const MANY: usize = 4096;

/// A turn that takes longer, on a real clock, is worth a word: nobody else can run meanwhile.
const LONG: Span = Span(100_000_000);

/// A turn that takes less did nothing but look.
const BRIEF: Span = Span(1_000_000);

pub(super) fn note_for(step: &EventStep<'_>) -> Option<Note> {
    // The rules are those of this program's loop; another one may go by others.
    if !step.meta().has(Aspect::Queues) {
        return None;
    }
    match step.event {
        Event::Task(TaskEvent::Spawn {
            task,
            parent: Some(parent),
            ..
        }) => note(
            format!(
                "{} does NOT start now: {} runs on; its first turn is in tick {}.",
                step.label(task),
                step.label(parent),
                step.tick_of_turn()
            ),
            "spawn puts in line, it starts nothing",
        ),
        Event::Task(TaskEvent::Wake { task, by, effect }) => wake(step, task, by, effect),
        Event::Task(TaskEvent::PollStart { task }) => late_turn(step, task),
        Event::Task(TaskEvent::Wait { task, on, at, .. }) => wait(step, task, on, at),
        Event::Task(TaskEvent::PollEnd { took, .. }) if took >= LONG => held(step, took),
        Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => poll_end(step, task, outcome),
        Event::Loop(LoopEvent::Advance {
            by,
            why: Advance::Worked,
        }) => held(step, by),
        Event::Task(TaskEvent::CancelRequested {
            task,
            dropped: true,
        }) => let_go(step, task),
        Event::Task(TaskEvent::CancelRequested { task, .. }) => note(
            format!(
                "{} has NOT ended yet: it runs once more to be told, and may clean up first.",
                step.label(task)
            ),
            "cancel asked is not cancel delivered",
        ),
        Event::Task(TaskEvent::CancelDelivered { task })
            if turns_before(step.before, task) == 0 =>
        {
            note(
                format!(
                    "{} never had a turn: not one line of it ran.",
                    step.label(task)
                ),
                "what is never polled never runs",
            )
        }
        Event::Timer(TimerEvent::Fired { timer }) => fired(step, timer),
        Event::Timer(TimerEvent::Cancelled { timer }) => given_up(step, timer),
        Event::Resource(ResourceEvent::Created {
            kind: ResourceKind::Semaphore,
            at,
            ..
        }) => another_semaphore(step, at),
        Event::Resource(ResourceEvent::Dropped { resource }) => never_polled(step, resource),
        Event::Resource(ResourceEvent::Op {
            resource,
            op,
            value,
        }) => used(step, resource, op, value),
        Event::Loop(LoopEvent::End {
            outcome: Outcome::Finished,
        }) => survivors(step, TaskId(0)),
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => None,
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every caller is asked for an option"
)]
fn note(text: String, rule: &'static str) -> Option<Note> {
    let lesson = Lesson::with_rule(rule).map(|lesson| lesson.number);
    Some(Note { text, rule, lesson })
}

/// The turns that a task has had, without the one that is going on.
fn turns_before(state: &State, task: TaskId) -> u32 {
    let now = u32::from(state.running == Running::Task(task));
    state
        .tasks
        .get(task)
        .map_or(0, |row| row.polls.saturating_sub(now))
}

fn living(state: &State) -> u32 {
    let ended = state.ended;
    u32::try_from(state.tasks.len()).map_or(u32::MAX, |tasks| tasks.saturating_sub(ended))
}

fn wake(step: &EventStep<'_>, task: TaskId, by: WokenBy, effect: WakeEffect) -> Option<Note> {
    let label = step.label(task);
    match effect {
        WakeEffect::Redundant => note(
            format!("{label} will not run twice: it stands in READY once."),
            "two wakes, one poll",
        ),
        WakeEffect::TooLate => note(
            format!("Nothing happens: {label} is not put into READY."),
            "an ended task cannot be woken",
        ),
        WakeEffect::Enqueued
            if step.before.phase == TickPhase::Run
                && by != WokenBy::Task(task)
                && step.meta().tick_policy == TickPolicy::Snapshot =>
        {
            let tick = step.before.tick();
            note(
                format!(
                    "{label} does NOT run now. Tick {tick} took its list before this wake; it runs in tick {}.",
                    tick + 1
                ),
                "a tick runs a snapshot",
            )
        }
        WakeEffect::Enqueued => None,
    }
}

/// Nobody holds the task any more, and it has not ended.
fn let_go(step: &EventStep<'_>, task: TaskId) -> Option<Note> {
    note(
        format!(
            "{} does NOT run on: to drop this handle is to cancel.",
            step.label(task)
        ),
        "the kind of handle says what its drop does",
    )
}

fn wait(step: &EventStep<'_>, task: TaskId, on: Wait, at: LocationId) -> Option<Note> {
    match on {
        Wait::Acquire(resource) => {
            let lock = step.before.resource(resource)?;
            if lock.kind != ResourceKind::Lock || lock.user != Some(task) {
                return None;
            }
            note(
                format!(
                    "{} itself holds it, and can never give it back from here.",
                    step.label(task)
                ),
                "a lock cannot be taken twice",
            )
        }
        Wait::Join(joined) => {
            let spawned = step.tables().task(joined)?;
            let spawned_at = step.tables().location(spawned.at)?;
            let here = step.tables().location(at)?;
            let mine = spawned.parent == Some(task);
            // Where the place of the `.await` is not known, that of the spawn stands for it: then this says nothing.
            let one_line = (spawned_at.file, spawned_at.line) == (here.file, here.line);
            let one_statement = one_line && here.column > spawned_at.column;
            let cancelled = step.before.tasks.get(joined)?.cancel_requested;
            if !mine || !one_statement || cancelled || has_twin(step, joined) {
                return None;
            }
            note(
                format!(
                    "Spawned and awaited in one statement: {} does nothing beside it.",
                    step.label(task)
                ),
                "spawn first, await later",
            )
        }
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::Operation(_) => None,
    }
}

/// Whether another task that was spawned at the same place by the same task has not ended: they were spawned
/// together, as `gather` does, and do wait beside each other.
fn has_twin(step: &EventStep<'_>, task: TaskId) -> bool {
    let Some(spawned) = step.tables().task(task) else {
        return false;
    };
    let mut living = step.before.tasks.unfinished().take(MANY);
    living.any(|(other, _)| {
        let info = step.tables().task(other).filter(|_| other != task);
        info.is_some_and(|info| (info.parent, info.at) == (spawned.parent, spawned.at))
    })
}

fn poll_end(step: &EventStep<'_>, task: TaskId, outcome: PollOutcome) -> Option<Note> {
    let row = step.before.tasks.get(task)?;
    match outcome {
        PollOutcome::Pending if row.wait == Wait::Yield && row.phase.queued() => {
            // Who worked in this turn gives way out of politeness, and does not poll.
            let asks = step.at().since(row.since) < BRIEF;
            if row.polls < 10 || !row.polls.is_multiple_of(10) || !asks {
                return None;
            }
            note(
                format!(
                    "That was its turn number {}: to ask again and again costs turns.",
                    row.polls
                ),
                "wait for a wake, do not poll",
            )
        }
        PollOutcome::Pending if matches!(row.wait, Wait::Timer(_)) && !row.phase.queued() => {
            if living(step.before) > 1 {
                return None;
            }
            note(
                "Nothing else was spawned, so nothing happens meanwhile: the waits add up."
                    .to_owned(),
                "await waits here, spawn hands over",
            )
        }
        PollOutcome::Ready if task == TaskId(0) => survivors(step, task),
        PollOutcome::Ready => kept_back(step, task),
        PollOutcome::Panicked | PollOutcome::Failed
            if task != TaskId(0) && !awaited(step, task) =>
        {
            note(
                "Nobody awaits it: the error stays unseen, and the others run on.".to_owned(),
                "an error is seen where it is awaited",
            )
        }
        PollOutcome::Panicked | PollOutcome::Failed if task != TaskId(0) => note(
            "Its siblings run on: the failure goes to who awaits it, to nobody else.".to_owned(),
            "one failure stops nobody else",
        ),
        PollOutcome::Pending
        | PollOutcome::Panicked
        | PollOutcome::Cancelled
        | PollOutcome::Failed => None,
    }
}

/// Whether somebody waits for the end of this task.
fn awaited(step: &EventStep<'_>, task: TaskId) -> bool {
    step.before
        .tasks
        .unfinished()
        .take(MANY)
        .any(|(_, row)| row.wait == Wait::Join(task) && row.status() != Status::Running)
}

/// The main task is done, others are not.
fn survivors(step: &EventStep<'_>, main: TaskId) -> Option<Note> {
    let running = u32::from(step.before.running == Running::Task(main));
    let left = living(step.before).saturating_sub(running);
    let text = match left {
        0 => return None,
        1 => "One task has not ended: it is dropped where it stands.".to_owned(),
        left => format!("{left} tasks have not ended: they are dropped where they stand."),
    };
    note(text, "when main ends, all ends")
}

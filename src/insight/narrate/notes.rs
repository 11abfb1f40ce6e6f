//! Notes correct common misconceptions: what happens instead of what many people expect, and the
//! rule behind it.
//!
//! A note is attached to the event at which the misconception fails, and to no other. An event has
//! at most one note, chosen by its cause: what a cancellation brings about gets no note about a
//! race. A rule with a [`Lesson`](super::super::Lesson) is the constant that the lesson uses, too: a
//! note finds its lesson by this constant.

use crate::replay::{EventStep, Running, State, Status};
use crate::trace::{
    Advance, Aspect, ClockKind, Event, LocationId, LoopEvent, Outcome, PollOutcome, Position,
    ResourceKind, Span, TaskEvent, TaskId, TimerEvent, Wait, WakeEffect, WokenBy,
};

use super::{
    super::{
        facts::{in_series, tick_of_poll, waiting_for, woken_by},
        language::Language,
        lesson::rule,
        words::duration,
    },
    Note, SEARCHED, Told, lateness, note, resource_notes,
};

/// A shorter poll did no work: it only checked whether the task can continue.
const BRIEF: Span = Span(1_000_000);

/// After this many yields in a row, a note says that the task asks again and again.
const YIELDS: u64 = 10;

/// How many events are searched for these yields.
const YIELDS_IN: u64 = 1024;

const MAIN: TaskId = TaskId(0);

pub(super) fn note_for(step: &Told<'_>) -> Option<Note> {
    // The rules are those of this program's own loop. An imported recording is of another loop.
    if !step.meta().has(Aspect::Queues) {
        return None;
    }
    match step.event {
        Event::Task(event) => of_task(step, event),
        Event::Timer(TimerEvent::Fired { timer }) => lateness::fired(step, timer),
        Event::Timer(TimerEvent::Cancelled { timer }) => lateness::cancelled(step, timer),
        Event::Resource(event) => resource_notes::of_resource(step, event),
        Event::Loop(LoopEvent::Advance {
            why: Advance::Worked,
            ..
        }) => lateness::blocked(step),
        Event::Loop(LoopEvent::End {
            outcome: Outcome::Finished,
        }) => survivors(step, MAIN),
        Event::Timer(TimerEvent::Set { .. })
        | Event::Loop(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => None,
    }
}

fn of_task(step: &Told<'_>, event: TaskEvent) -> Option<Note> {
    match event {
        TaskEvent::Spawn {
            task,
            parent: Some(parent),
            ..
        } => {
            let tick = tick_of_poll(step);
            if step.is_polled_before(task, tick) {
                return None;
            }
            note(
                format!(
                    "{} does NOT start now: {} keeps running; poll 1 is in tick {tick} at the earliest.",
                    step.label(task),
                    step.label(parent),
                ),
                rule::SPAWN_QUEUES,
            )
        }
        TaskEvent::Spawn { parent: None, .. }
        | TaskEvent::Joined { .. }
        | TaskEvent::Failed { .. } => None,
        TaskEvent::Wake { .. } => wake(step),
        TaskEvent::PollStart { .. } => lateness::poll_start(step),
        TaskEvent::Wait { task, on, at, .. } => wait(step, task, on, at),
        TaskEvent::PollEnd { task, outcome, .. } => {
            // On the virtual clock, work has an event of its own, which has the note.
            let is_real = step.meta().clock == ClockKind::Real;
            let blocked = || is_real.then(|| lateness::blocked(step)).flatten();
            match outcome {
                PollOutcome::Panicked | PollOutcome::Failed => {
                    poll_end(step, task, outcome).or_else(blocked)
                }
                PollOutcome::Pending | PollOutcome::Ready | PollOutcome::Cancelled => {
                    blocked().or_else(|| poll_end(step, task, outcome))
                }
            }
        }
        TaskEvent::CancelRequested { task, dropped } => cancel_requested(step, task, dropped),
        TaskEvent::CancelDelivered { task } => {
            let never_polled = polls_before(step.before, task) == Some(0);
            let text = format!(
                "{} was never polled: not one line of it ran.",
                step.label(task)
            );
            never_polled
                .then(|| note(text, rule::NEVER_POLLED))
                .flatten()
        }
    }
}

/// How often a task was polled, without the current poll; `None` if a gap hides some of its polls.
fn polls_before(state: &State, task: TaskId) -> Option<u64> {
    let current = u64::from(state.running.task() == Some(task));
    let row = state.tasks.get(task);
    row.map_or(Some(0), |row| {
        Some(row.known_polls()?.saturating_sub(current))
    })
}

fn wake(step: &Told<'_>) -> Option<Note> {
    let wake = woken_by(step)?;
    let label = step.label(wake.woken);
    match wake.effect {
        WakeEffect::Redundant => note(
            format!("{label} will not run twice: it is in READY only once."),
            "two wakes, one poll",
        ),
        WakeEffect::TooLate => note(
            format!("Nothing happens: {label} does not join READY."),
            "an ended task cannot be woken",
        ),
        WakeEffect::Enqueued => {
            let next = wake.polled_in?;
            let tick = step.before.tick();
            let text = format!(
                "{label} does NOT run now. Tick {tick} took its list before this wake; it runs in tick {next}."
            );
            let holds = wake.missed_list && wake.by != WokenBy::Task(wake.woken);
            (holds && !step.is_polled_before(wake.woken, next))
                .then(|| note(text, rule::SNAPSHOT))
                .flatten()
        }
    }
}

/// A task requests the cancellation of another one. A cancellation at the end of the main task gets
/// no note, because the end itself has one.
fn cancel_requested(step: &Told<'_>, task: TaskId, dropped: bool) -> Option<Note> {
    let label = step.label(task);
    if step.before.running == Running::Nothing {
        return None;
    }
    if dropped && step.language == Language::Rust {
        return note(
            format!("{label} does NOT keep running: dropping this handle cancels it."),
            rule::HANDLE_TYPE,
        );
    }
    note(
        format!("{label} has NOT ended yet: it gets one more poll to clean up."),
        rule::CANCEL_REQUEST,
    )
}

fn wait(step: &Told<'_>, task: TaskId, on: Wait, at: LocationId) -> Option<Note> {
    match on {
        Wait::Acquire(resource) => {
            let lock = step.before.resource(resource)?;
            if lock.kind != ResourceKind::Lock || lock.user != Some(task) {
                return None;
            }
            let label = step.label(task);
            note(
                format!("{label} itself holds it, and can never release it from here."),
                rule::LOCK_TWICE,
            )
        }
        Wait::Join(joined) => join(step, task, joined, at),
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::Operation(_)
        | Wait::All(_)
        | Wait::Any(_) => None,
    }
}

/// A task awaits another one in the statement that spawned it.
fn join(step: &Told<'_>, task: TaskId, joined: TaskId, at: LocationId) -> Option<Note> {
    let spawned = step.tables().task(joined)?;
    let spawned_at = step.tables().location(spawned.at)?;
    let here = step.tables().location(at)?;
    let is_child = spawned.parent == Some(task);
    // Where the location of the `.await` is unknown, the trace has that of the spawn in its place.
    // Then the two columns are equal.
    let same_line = (spawned_at.file, spawned_at.line) == (here.file, here.line);
    let same_statement = same_line && here.column > spawned_at.column;
    let cancelled = step.before.tasks.get(joined)?.cancel_requested();
    if !is_child || !same_statement || cancelled || has_sibling(step, joined) {
        return None;
    }
    let label = step.label(task);
    let text = format!(
        "{} and awaited in one statement: {label} does nothing beside it.",
        step.choose("Spawned", "Created")
    );
    note(text, rule::SPAWN_FIRST)
}

/// Whether an unfinished task was spawned at the same location by the same parent. Then the two
/// were spawned together, as `gather` does, and their waits overlap.
fn has_sibling(step: &Told<'_>, task: TaskId) -> bool {
    let Some(spawned) = step.tables().task(task) else {
        return false;
    };
    let mut others = step.before.tasks.unfinished().take(SEARCHED);
    others.any(|(other, _)| {
        let info = step.tables().task(other).filter(|_| other != task);
        info.is_some_and(|info| (info.parent, info.at) == (spawned.parent, spawned.at))
    })
}

fn poll_end(step: &Told<'_>, task: TaskId, outcome: PollOutcome) -> Option<Note> {
    match outcome {
        PollOutcome::Pending => busy_polling(step, task).or_else(|| in_series_note(step)),
        PollOutcome::Ready if task == MAIN => survivors(step, task),
        PollOutcome::Ready => lateness::result_kept(step, task),
        PollOutcome::Panicked | PollOutcome::Failed if task == MAIN => None,
        PollOutcome::Panicked | PollOutcome::Failed => failed(step, task),
        PollOutcome::Cancelled => None,
    }
}

/// A task that has yielded ten times in a row asks again and again, instead of waiting for a wake.
/// A task that worked in this poll yields to be fair to others.
fn busy_polling(step: &Told<'_>, task: TaskId) -> Option<Note> {
    let row = step.before.tasks.get(task)?;
    let yields = row.wait == Wait::Yield && row.phase.queued();
    let asks = step.at().since(row.since) < BRIEF;
    let polls = row.known_polls()?;
    let is_due = polls >= YIELDS && polls.is_multiple_of(YIELDS);
    if !yields || !asks || !is_due || !yielded_in_a_row(step, task) {
        return None;
    }
    note(
        format!("That was poll {polls}: asking again and again costs polls."),
        rule::DO_NOT_POLL,
    )
}

/// Whether the last ten wakes of a task were its own.
fn yielded_in_a_row(step: &EventStep<'_>, task: TaskId) -> bool {
    let here = step.before.position;
    let from = Position(here.0.saturating_sub(YIELDS_IN));
    let mut own = 0;
    for (position, event, _) in step.replay.events_from(from) {
        if position > here {
            break;
        }
        if let Event::Task(TaskEvent::Wake {
            task: woken,
            by,
            effect: WakeEffect::Enqueued,
        }) = event
            && woken == task
        {
            own = if by == WokenBy::Task(task) {
                own + 1
            } else {
                0
            };
        }
    }
    own >= YIELDS
}

/// Two sleeps of the only task, one after the other.
fn in_series_note(step: &Told<'_>) -> Option<Note> {
    let series = in_series(step).filter(|series| series.first.min(series.second) >= BRIEF)?;
    let sum = Span(series.first.0 + series.second.0);
    let spawned = step.choose("Nothing else was spawned", "No other task was created");
    note(
        format!(
            "{spawned}, so nothing happens meanwhile: the waits add up, {} + {} = {}.",
            series.first,
            series.second,
            duration(sum)
        ),
        rule::AWAIT_WAITS,
    )
}

/// A task has failed. Only a task that awaits it sees the failure.
fn failed(step: &Told<'_>, task: TaskId) -> Option<Note> {
    let Some(awaiting) = awaiting(step, task) else {
        return note(
            format!(
                "No task awaits it now: the {} stays unseen until one does, and the others keep running.",
                step.choose("error", "exception")
            ),
            rule::ERROR_SEEN,
        );
    };
    let failure = step.choose("failure", "exception");
    let text = match siblings_run_on(step, task, awaiting) {
        Some(false) => return None,
        Some(true) => {
            format!("Its siblings keep running: only the task that awaits it sees the {failure}.")
        }
        None => {
            let label = step.label(awaiting);
            format!("Only {label}, which awaits it, sees the {failure}.")
        }
    };
    note(text, rule::ONE_FAILURE)
}

/// Whether the siblings of a failed task keep running: the task that awaits it does not cancel them
/// in the poll in which it sees the failure. `None` if there are no siblings, or if the trace does
/// not contain that poll yet.
fn siblings_run_on(step: &EventStep<'_>, failed: TaskId, awaiting: TaskId) -> Option<bool> {
    let parent = step.tables().task(failed)?.parent?;
    let is_sibling = |task: TaskId| {
        let info = step.tables().task(task).filter(|_| task != failed);
        info.is_some_and(|info| info.parent == Some(parent))
    };
    let mut others = step.before.tasks.unfinished().take(SEARCHED);
    if !others.any(|(other, _)| is_sibling(other)) {
        return None;
    }
    let ahead = step.replay.events_from(step.position()).take(SEARCHED);
    for (_, event, _) in ahead {
        match event {
            Event::Task(TaskEvent::CancelRequested { task, .. }) if is_sibling(task) => {
                return Some(false);
            }
            Event::Task(TaskEvent::PollEnd { task, .. }) if task == awaiting => return Some(true),
            Event::Task(_)
            | Event::Loop(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        }
    }
    None
}

/// A task that waits for the end of this one.
fn awaiting(step: &Told<'_>, task: TaskId) -> Option<TaskId> {
    let mut others = step.before.tasks.unfinished().take(SEARCHED);
    let found = others.find(|(other, row)| {
        row.status() != Status::Running
            && waiting_for(step.before, *other)
                .is_some_and(|wait| wait.awaits_end_of(step.before, task))
    });
    found.map(|(other, _)| other)
}

/// The main task has completed, others have not.
fn survivors(step: &Told<'_>, main: TaskId) -> Option<Note> {
    let current = usize::from(step.before.running.task() == Some(main));
    let verb = step.choose("dropped", "cancelled");
    let text = match step.before.unfinished().saturating_sub(current) {
        0 => return None,
        1 => format!("One task has not ended: it is {verb} mid-way."),
        left => format!("{left} tasks have not ended: they are {verb} mid-way."),
    };
    note(text, rule::MAIN_ENDS)
}

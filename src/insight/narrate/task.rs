//! What moved, for the events that are about a task or its timer.

use crate::replay::{EventStep, Status, TaskPhase};
use crate::trace::{
    Aspect, Event, PollOutcome, TaskEvent, TaskId, TimerEvent, TimerId, Wait, WakeEffect, WokenBy,
};

use super::super::{
    source::quote,
    width::{columns, fit},
    words::{queue_name, seconds, wait_on, waker_words},
};

pub(super) fn what(step: &EventStep<'_>) -> String {
    let label = |task| step.label(task);
    match step.event {
        Event::Task(TaskEvent::Spawn {
            task,
            parent: Some(parent),
            ..
        }) => {
            format!(
                "{} spawns {}: it is put at the end of READY.",
                label(parent),
                label(task)
            )
        }
        Event::Task(TaskEvent::Spawn { task, .. }) if !step.meta().has(Aspect::Queues) => {
            format!("{} is spawned.", label(task))
        }
        Event::Task(TaskEvent::Spawn { task, .. }) => {
            format!("{} is the first task: it is put into READY.", label(task))
        }
        Event::Task(TaskEvent::Wake { task, by, effect }) => wake(step, task, by, effect),
        Event::Task(TaskEvent::PollStart { task }) => {
            let turn = step.before.tasks.get(task).map_or(1, |row| row.polls + 1);
            format!(
                "{} moves from {} to RUNNING: its turn number {turn}.",
                label(task),
                queue_name(step.status(task))
            )
        }
        Event::Task(TaskEvent::Wait { task, on, at, also }) => {
            let stands = quote(step.meta(), step.tables(), at)
                .map_or_else(String::new, |quote| format!(" at {}", quote.words()));
            let on = wait_on(step.tables(), step.before, on);
            let verb = if also { "also waits" } else { "has to wait" };
            format!("{} {verb}{stands}: {on}.", label(task))
        }
        Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => poll_end(step, task, outcome),
        Event::Task(TaskEvent::Failed { task, message }) => {
            format!(
                "{} fails: \"{}\".",
                label(task),
                fit(step.tables().text(message), 44)
            )
        }
        Event::Task(TaskEvent::CancelRequested {
            task,
            dropped: true,
        }) => format!("{} drops the handle of {}.", step.actor(), label(task)),
        Event::Task(TaskEvent::CancelRequested { task, .. }) => {
            format!("{} asks {} to end.", step.actor(), label(task))
        }
        Event::Task(TaskEvent::CancelDelivered { task }) => {
            format!("{} is told to end: its future is dropped.", label(task))
        }
        Event::Timer(TimerEvent::Set { task, deadline, .. }) => format!(
            "{} sets a timer: due {deadline}, in {} s.",
            label(task),
            seconds(deadline.since(step.before.now()))
        ),
        Event::Timer(TimerEvent::Fired { timer }) => format!("{} fires.", timer_words(step, timer)),
        Event::Timer(TimerEvent::Cancelled { timer }) => {
            format!(
                "{} is taken out of TIMERS before it fires.",
                timer_words(step, timer)
            )
        }
        Event::Loop(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => String::new(),
    }
}

fn timer_words(step: &EventStep<'_>, timer: TimerId) -> String {
    match step.before.timer(timer).copied() {
        Some(timer) => format!(
            "The timer of {}, due {},",
            step.label(timer.task),
            timer.deadline
        ),
        None => "A timer".to_owned(),
    }
}

/// Who is woken by whom, and from where to where that moves it.
fn wake(step: &EventStep<'_>, task: TaskId, by: WokenBy, effect: WakeEffect) -> String {
    let woken = step.label(task);
    let who = waker_words(step.tables(), by);
    match effect {
        WakeEffect::Redundant => {
            return format!("{who} wakes {woken} again: it is in READY already, once.");
        }
        WakeEffect::TooLate => return format!("{who} wakes {woken}, which has ended before."),
        WakeEffect::Enqueued => {}
    }
    let from = step.status(task);
    if from == Status::Running {
        return if by == WokenBy::Task(task) {
            format!("{woken} wakes itself: it will be READY again after this turn.")
        } else {
            format!("{who} wakes {woken} while it runs: READY again after this turn.")
        };
    }
    let moves = format!("{woken} moves from {} to READY", queue_name(from));
    let told = step
        .before
        .tasks
        .get(task)
        .is_some_and(|row| row.cancel_requested);
    if told && matches!(by, WokenBy::Io | WokenBy::Loop) {
        return format!("{moves}, to be told to end.");
    }
    match (by, step.before.tasks.get(task).map(|row| row.wait)) {
        (_, Some(Wait::Join(ended))) if finishes(step, ended, by) => {
            format!("{} finished, so {moves}.", step.label(ended))
        }
        (WokenBy::Timer(_), _) => format!("Its timer fired, so {moves}."),
        (WokenBy::Io, _) => format!("I/O is ready, so {moves}."),
        _ => format!("{who} wakes {woken}: from {} to READY.", queue_name(from)),
    }
}

/// Whether a wake of a task that joins another comes from that other's end: from its last turn, or right after it.
pub(super) fn finishes(step: &EventStep<'_>, joined: TaskId, by: WokenBy) -> bool {
    by == WokenBy::Task(joined) || step.status(joined).ended()
}

fn poll_end(step: &EventStep<'_>, task: TaskId, outcome: PollOutcome) -> String {
    let label = step.label(task);
    let row = step.before.tasks.get(task);
    let to = match outcome {
        PollOutcome::Ready => return format!("{label} is done: it moves from RUNNING to DONE."),
        PollOutcome::Panicked | PollOutcome::Failed => Status::Failed,
        PollOutcome::Cancelled => Status::Cancelled,
        PollOutcome::Pending => {
            let mut phase = row.map_or(TaskPhase::ABSENT, |row| row.phase);
            phase.end_poll(outcome);
            phase.status()
        }
    };
    match (to, row) {
        (Status::Timer | Status::Pending, Some(row)) => {
            let moves = format!("{label} gives way: RUNNING -> {}", queue_name(to));
            let room = super::WHAT.saturating_sub(columns(&moves) + " ().".len());
            let wait = match row.wait {
                Wait::Unknown if !step.meta().has(Aspect::Waits) => "not recorded".to_owned(),
                on @ (Wait::Unknown
                | Wait::Yield
                | Wait::Timer(_)
                | Wait::Join(_)
                | Wait::Send(_)
                | Wait::Receive(_)
                | Wait::Acquire(_)
                | Wait::Operation(_)) => wait_on(step.tables(), step.before, on),
            };
            format!("{moves} ({}).", fit(&wait, room))
        }
        _ => format!("{label} moves from RUNNING to {}.", queue_name(to)),
    }
}

//! What happened to a task, and between which queues it moved.

use crate::replay::{Running, Status, TaskPhase, TaskState};
use crate::trace::{
    Aspect, Event, LocationId, PollOutcome, ResourceId, ResourceKind, TaskEvent, TaskId, Wait,
    WakeEffect, WokenBy,
};

use super::{
    super::{
        facts::{WaitMode, WakeFact, WakeReason, waiting_for, woken_by},
        language::{Language, is_of_python},
        words::{
            capital, failure_words, fit, in_parentheses, name_in, ordinal, queue_name, tidy,
            woken_by_words,
        },
    },
    Told, io, resources,
};

/// The most columns of the message of a failure.
const MESSAGE: usize = 96;

pub(super) fn of_task(step: &Told<'_>, event: TaskEvent) -> String {
    let label = |task| step.label(task);
    match event {
        TaskEvent::Spawn { task, parent, .. } => spawned(step, task, parent),
        TaskEvent::Wake { .. } => {
            woken_by(step).map_or_else(String::new, |wake| wake_words(step, &wake))
        }
        TaskEvent::PollStart { task } => {
            let row = step.before.tasks.get(task);
            let poll = match row.map_or(Some(0), TaskState::known_polls) {
                Some(before) => format!(": poll {}", before + 1),
                None => String::new(),
            };
            format!(
                "{} moves from {} to RUNNING{poll}.",
                label(task),
                queue_name(step.status(task))
            )
        }
        TaskEvent::Wait {
            task, on, at, also, ..
        } => declared_wait(step, task, on, at, also),
        // An adapter does not see who asks, nor for what.
        TaskEvent::Joined { task, joined, at } if at == LocationId::UNKNOWN => format!(
            "{} asks for the result of {}, which has ended, or cancels it.",
            label(task),
            label(joined)
        ),
        TaskEvent::Joined { task, joined, .. } => format!(
            "{} awaits {}, which has already ended: it continues at once.",
            label(task),
            label(joined)
        ),
        TaskEvent::PollEnd { task, outcome, .. } => poll_end(step, task, outcome),
        TaskEvent::Failed { task, message } => {
            let message = tidy(failure_words(step.tables().text(message), step.language));
            let fails = step.choose("fails with", "raises");
            format!("{} {fails} {}.", label(task), quoted_message(&message))
        }
        // A twin cancels explicitly what a drop cancels in Rust.
        TaskEvent::CancelRequested {
            task,
            dropped: true,
        } if step.language == Language::Rust => {
            format!("{} drops the handle of {}.", step.actor(), label(task))
        }
        TaskEvent::CancelRequested {
            task,
            dropped: true,
        } if is_of_python(step.tables(), task) => {
            format!(
                "{} is destroyed while it is pending: nothing refers to it.",
                label(task)
            )
        }
        TaskEvent::CancelRequested { task, .. } => {
            format!(
                "{} requests that {} be cancelled.",
                step.actor(),
                label(task)
            )
        }
        TaskEvent::CancelDelivered { task } => format!(
            "{} is cancelled: {}.",
            label(task),
            step.choose(
                "its future is dropped",
                "CancelledError is raised in its coroutine"
            )
        ),
    }
}

fn spawned(step: &Told<'_>, task: TaskId, parent: Option<TaskId>) -> String {
    let label = |task| step.label(task);
    let by = |parent: String| {
        format!(
            "{parent} {} {}: it {}.",
            step.choose("spawns", "creates task"),
            label(task),
            if step.replay.has_one_order() {
                "joins the back of READY"
            } else {
                "becomes READY"
            }
        )
    };
    match parent {
        Some(parent) => by(label(parent)),
        None if matches!(step.before.running, Running::Callback(..)) => by(step.actor()),
        None if !step.meta().has(Aspect::Queues) => {
            format!("{} is {}.", label(task), step.choose("spawned", "created"))
        }
        None if step.before.running.task().is_some() => format!(
            "{} is the main task of another loop, which runs inside of this poll.",
            label(task)
        ),
        None if task == TaskId(0) => {
            format!("{} is the first task: it goes into READY.", label(task))
        }
        None => format!(
            "{} is {} outside of all tasks: it goes into READY.",
            label(task),
            step.choose("spawned", "created")
        ),
    }
}

fn declared_wait(step: &Told<'_>, task: TaskId, on: Wait, at: LocationId, also: bool) -> String {
    let label = step.label(task);
    let at = step
        .quote(at)
        .map_or_else(String::new, |quote| format!(" at {}", quote.words()));
    let on = step.wait_on(on);
    if also {
        format!("{label} also waits{at}: {on}. The first of its waits to end wakes it.")
    } else {
        format!("{label} has to wait{at}: {on}.")
    }
}

/// Who woke whom, why, and between which queues that moves the woken task.
fn wake_words(step: &Told<'_>, wake: &WakeFact) -> String {
    let woken = step.label(wake.woken);
    let waker = waker_words(step, wake);
    let is_itself = wake.by == WokenBy::Task(wake.woken);
    match wake.effect {
        WakeEffect::Redundant => {
            let whom = if is_itself { "itself" } else { &woken };
            return format!("{waker} wakes {whom} again: it is already in READY, once.");
        }
        WakeEffect::TooLate => return format!("{waker} wakes {woken}, which has already ended."),
        WakeEffect::Enqueued => {}
    }
    if wake.from == Status::Running {
        return if is_itself {
            format!("{woken} wakes itself: it will be READY again after this poll.")
        } else {
            format!("{waker} wakes {woken} while it runs: READY again after this poll.")
        };
    }
    let from = queue_name(wake.from);
    let moves = format!("{woken} moves from {from} to READY");
    match wake.cause {
        WakeReason::Cancellation => format!("{moves}, to be cancelled."),
        WakeReason::Ended {
            task,
            outcome,
            mode,
        } => ended_words(step, wake, task, outcome, mode),
        WakeReason::Timer { .. } => format!("Its timer fired, so {moves}."),
        WakeReason::Io(Some(resource)) => {
            let ready = io::readiness(step, resource);
            format!("{}, so {moves}.", capital(&ready))
        }
        WakeReason::Io(None) => format!("I/O is ready, so {moves}."),
        WakeReason::Operation { .. }
        | WakeReason::Itself
        | WakeReason::Thread
        | WakeReason::Unknown => match waited_for(step, wake.woken) {
            Some(what) => {
                format!("{waker} wakes {woken}, which was waiting for {what}: {from} -> READY.")
            }
            None => format!("{waker} wakes {woken}: from {from} to READY."),
        },
    }
}

/// The waker as the subject of a sentence. The threads of the I/O reactor are told apart from
/// threads that work for the program: what they wake waits for a socket.
fn waker_words(step: &Told<'_>, wake: &WakeFact) -> String {
    let wait = step.before.tasks.get(wake.woken).map(|row| row.wait);
    if let (WokenBy::Thread(_), Some(Wait::Operation(id))) = (wake.by, wait)
        && io::is_socket(step, id)
    {
        return "The I/O poller".to_owned();
    }
    match (wake.by, step.before.running) {
        // The state knows the name of the callback that runs.
        (WokenBy::Callback(_), Running::Callback(..)) => step.actor(),
        (by, _) => woken_by_words(step.tables(), by),
    }
}

/// What the woken task was waiting for, without what the resource holds now.
fn waited_for(step: &Told<'_>, task: TaskId) -> Option<String> {
    let wait = waiting_for(step.before, task)?;
    let name = |id: ResourceId| step.resource_label(id);
    let exists = |id: ResourceId| step.before.resource(id).is_some();
    match wait.on {
        Wait::Send(id) if exists(id) => Some(format!("room in {}", name(id))),
        Wait::Receive(id) if exists(id) => Some(format!("an item in {}", name(id))),
        Wait::Acquire(id) if exists(id) => Some(resources::awaited(step, id)),
        Wait::Operation(id) if exists(id) => Some(io::operation_awaited(step, id)),
        Wait::Join(other) if other != task => Some(format!("the end of {}", step.label(other))),
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Join(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::Acquire(_)
        | Wait::Operation(_)
        | Wait::All(_)
        | Wait::Any(_) => None,
    }
}

/// The name of a group whose other members are cancelled when one fails.
const TASK_GROUP: &str = "TaskGroup";

/// A wake by the end of a task: `#3 deposit finished: it was the last of 3 that …`.
fn ended_words(
    step: &Told<'_>,
    wake: &WakeFact,
    task: TaskId,
    outcome: PollOutcome,
    mode: WaitMode,
) -> String {
    let (label, woken) = (step.label(task), step.label(wake.woken));
    let ended = match outcome {
        PollOutcome::Ready | PollOutcome::Pending => "finished",
        PollOutcome::Panicked | PollOutcome::Failed => step.choose("failed", "raised an exception"),
        PollOutcome::Cancelled => "was cancelled",
    };
    let group = group_name(step, wake.woken);
    let what = |total: u32| match &group {
        Some(name) => format!("{total} that `{name}` waits for"),
        None => format!("{total} that {woken} waits for"),
    };
    let becomes = format!("so {woken} becomes READY");
    match mode {
        WaitMode::All { total, ended: done } if done >= total && total > 1 => {
            format!(
                "{label} {ended}: it was the last of {}, {becomes}.",
                what(total)
            )
        }
        WaitMode::All { total, ended: done } if total > done => {
            // A task group does wait for the others, but cancels them first.
            let rest = match (group, total - done) {
                (Some(name), _) if name == TASK_GROUP => {
                    format!("`{name}` cancels the others when one fails")
                }
                (group, left) => {
                    let who = group.map_or_else(|| woken.clone(), |name| format!("`{name}`"));
                    let left = if left == 1 {
                        "one".to_owned()
                    } else {
                        left.to_string()
                    };
                    format!("{who} does not wait for the other {left}")
                }
            };
            format!("{label} {ended}, {becomes}: {rest}.")
        }
        WaitMode::Any { total, ended: 1 } if total > 1 => {
            format!(
                "{label} {ended}: it is the first of {}, {becomes}.",
                what(total)
            )
        }
        WaitMode::Any { total, ended: done } if total > 1 => {
            format!(
                "{label} {ended}: it is the {} of {}, {becomes}.",
                ordinal(done),
                what(total)
            )
        }
        WaitMode::All { .. } | WaitMode::Any { .. } | WaitMode::One | WaitMode::First { .. } => {
            let from = queue_name(wake.from);
            format!("{label} {ended}, so {woken} moves from {from} to READY.")
        }
    }
}

/// The name of the group that a task waits for: `gather`.
fn group_name(step: &Told<'_>, task: TaskId) -> Option<String> {
    let (Wait::All(group) | Wait::Any(group)) = step.before.tasks.get(task)?.wait else {
        return None;
    };
    let name = step.tables().text(step.before.resource(group)?.name);
    let name = name_in(ResourceKind::Group, name, step.language);
    (!name.is_empty() && name != "group").then(|| fit(name, 24))
}

/// The message of a failure: a sentence in quotation marks, an exception such as `ValueError('B')` as
/// it is. The place of a panic follows the quotation.
fn quoted_message(message: &str) -> String {
    let is_place = |(_, place): &(&str, &str)| place.contains(".rs:");
    let place = message.rsplit_once(" (").filter(is_place);
    let (reason, place) = match place {
        Some((reason, place)) => (reason, format!(" ({place}")),
        None => (message, String::new()),
    };
    let name = reason.split(['(', ':']).next().unwrap_or_default();
    let reason = fit(reason, MESSAGE);
    if name.contains(' ') {
        format!("\"{reason}\"{place}")
    } else {
        format!("{reason}{place}")
    }
}

fn poll_end(step: &Told<'_>, task: TaskId, outcome: PollOutcome) -> String {
    let label = step.label(task);
    let row = step.before.tasks.get(task);
    let to = match outcome {
        // The wake of the task that awaits it has already told that it finished.
        PollOutcome::Ready if !woke_its_parent(step, task) => {
            return format!("{label} completes: it moves from RUNNING to DONE.");
        }
        PollOutcome::Ready => Status::Done,
        PollOutcome::Panicked | PollOutcome::Failed => Status::Failed,
        PollOutcome::Cancelled => Status::Cancelled,
        PollOutcome::Pending => {
            let mut phase = row.map_or(TaskPhase::ABSENT, |row| row.phase);
            phase.end_poll(outcome);
            phase.status()
        }
    };
    let Some(row) = row else {
        return format!("{label} moves from RUNNING to {}.", queue_name(to));
    };
    match to {
        Status::Timer | Status::Pending => {
            let wait = in_parentheses(&step.wait_words(row));
            format!("{label} suspends: RUNNING -> {} ({wait}).", queue_name(to))
        }
        Status::Ready if row.wait == Wait::Yield && row.woken_by == WokenBy::Task(task) => {
            format!("{label} yields: RUNNING -> READY.")
        }
        Status::Ready
        | Status::Running
        | Status::Unknown
        | Status::Absent
        | Status::Done
        | Status::Failed
        | Status::Cancelled => format!("{label} moves from RUNNING to {}.", queue_name(to)),
    }
}

/// Whether the end of a task has just woken its parent. The sentence about the wake then contains
/// the end.
fn woke_its_parent(step: &Told<'_>, task: TaskId) -> bool {
    let parent = step.tables().task(task).and_then(|info| info.parent);
    let Some(row) = parent.and_then(|parent| step.before.tasks.get(parent)) else {
        return false;
    };
    let awaits = parent
        .and_then(|parent| waiting_for(step.before, parent))
        .is_some_and(|wait| wait.awaits_end_of(step.before, task));
    awaits && row.phase.queued() && row.woken_by == WokenBy::Task(task)
}

/// Whether the event before this step is the start of the running task's poll.
pub(super) fn begins_poll(step: &Told<'_>, task: TaskId) -> bool {
    let previous = step.replay.event_before(step.before.position);
    previous == Some(Event::Task(TaskEvent::PollStart { task }))
}

//! Events in a few words, as the chain of causes, the search and the tests list them.

use crate::replay::{EventStep, Running};
use crate::trace::{
    Advance, CallbackEvent, CallbackId, Event, LoopEvent, PollOutcome, ResourceEvent, ResourceId,
    ResourceKind, ResourceOp, TaskEvent, TaskId, TimerEvent, TimerId, WakeEffect, WokenBy,
};

use super::language::{Language, Phrase, is_of_python};
use super::terms;
use super::words::{
    failure_words, missing_words, named_kind, named_resource, op_words, outcome_words, seconds,
    task_label, timer_owner, wait_on, woken_by_words,
};

/// The kind of an event in a word or two. A breakpoint is set on all events of one kind.
pub fn event_kind(event: &Event) -> Phrase {
    match event {
        Event::Task(TaskEvent::Spawn { .. }) => Phrase::new("spawn", "new task"),
        Event::Task(TaskEvent::Joined { .. }) => {
            Phrase::new("join of an ended task", "await of an ended task")
        }
        Event::Task(TaskEvent::Failed { .. }) => Phrase::new("failure", "exception"),
        Event::Task(
            TaskEvent::Wake { .. }
            | TaskEvent::PollStart { .. }
            | TaskEvent::Wait { .. }
            | TaskEvent::PollEnd { .. }
            | TaskEvent::CancelRequested { .. }
            | TaskEvent::CancelDelivered { .. },
        )
        | Event::Loop(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => Phrase::same(common_kind(event)),
    }
}

/// The kind of an event that both languages call the same; for the other kinds, in Rust's words.
fn common_kind(event: &Event) -> &'static str {
    match event {
        Event::Loop(event) => match event {
            LoopEvent::TickStart => "start of a tick",
            LoopEvent::Park { .. } => "park",
            LoopEvent::Advance { .. } => "clock moves",
            LoopEvent::TimerPhase { .. } => "timer phase",
            LoopEvent::RunPhase { .. } => "run phase",
            LoopEvent::TickEnd => "end of a tick",
            LoopEvent::End { .. } => "end of the run",
        },
        Event::Task(event) => match event {
            TaskEvent::Spawn { .. } => "spawn",
            TaskEvent::Wake {
                effect: WakeEffect::Enqueued,
                ..
            } => "wake",
            TaskEvent::Wake {
                effect: WakeEffect::Redundant | WakeEffect::TooLate,
                ..
            } => "wake without effect",
            TaskEvent::PollStart { .. } => "poll",
            TaskEvent::Wait { .. } => "wait",
            TaskEvent::Joined { .. } => "join of an ended task",
            TaskEvent::PollEnd { .. } => "end of a poll",
            TaskEvent::Failed { .. } => "failure",
            TaskEvent::CancelRequested { .. } => "cancel requested",
            TaskEvent::CancelDelivered { .. } => "cancel delivered",
        },
        Event::Timer(event) => match event {
            TimerEvent::Set { .. } => "timer set",
            TimerEvent::Fired { .. } => "timer fires",
            TimerEvent::Cancelled { .. } => "timer cancelled",
        },
        Event::Resource(event) => match event {
            ResourceEvent::Created { .. } => "new resource",
            ResourceEvent::Op { .. } => "use of a resource",
            ResourceEvent::Member { .. } => "member of a group",
            ResourceEvent::Bytes { .. } => "bytes",
            ResourceEvent::Dropped { .. } => "resource dropped",
        },
        Event::Callback(event) => match event {
            CallbackEvent::Scheduled { .. } => "callback scheduled",
            CallbackEvent::Start { .. } => "callback",
            CallbackEvent::End { .. } => "end of a callback",
        },
        Event::Output { .. } => "output",
        Event::Gap { .. } => "gap",
    }
}

/// An event in a few words: `#1 hello wakes #0 main`.
pub fn event_words(step: &EventStep<'_>, language: Language) -> String {
    let tables = step.tables();
    match step.event {
        Event::Loop(event) => of_loop(event, language),
        Event::Task(event) => of_task(step, event, language),
        Event::Timer(event) => match event {
            TimerEvent::Set { task, deadline, .. } => {
                let setter = match (task, step.before.running) {
                    (Some(task), _) => task_label(tables, task),
                    (None, Running::Callback(callback, _)) => callback_of(step, callback),
                    (None, Running::Task(_) | Running::Nothing) => "the program".to_owned(),
                };
                format!("{setter} sets a timer due {deadline}")
            }
            TimerEvent::Fired { timer } => format!("{} fires", timer_of(step, timer)),
            TimerEvent::Cancelled { timer } => {
                format!("{} is cancelled", timer_of(step, timer))
            }
        },
        Event::Resource(event) => of_resource(step, event, language),
        Event::Callback(event) => match event {
            CallbackEvent::Scheduled { name, .. } => {
                format!("schedules callback {}", tables.text(name))
            }
            CallbackEvent::Start { callback } => format!("{} starts", callback_of(step, callback)),
            CallbackEvent::End { callback, .. } => format!("{} ends", callback_of(step, callback)),
        },
        Event::Output { text, .. } => format!("prints \"{}\"", tables.text(text)),
        Event::Gap { events } => missing_words(events),
    }
}

/// A timer by the task that waits for it: `the timer of #3 sleeper`.
fn timer_of(step: &EventStep<'_>, timer: TimerId) -> String {
    match step.before.timer(timer) {
        Some(timer) => format!("the timer of {}", timer_owner(step.tables(), timer)),
        None => format!("timer {}", timer.0),
    }
}

/// A callback by its name: the one that runs, or one that is in the ready queue.
fn callback_of(step: &EventStep<'_>, callback: CallbackId) -> String {
    let waiting = &step.before.callbacks;
    let name = match step.before.running {
        Running::Callback(id, name) if id == callback => Some(name),
        Running::Callback(..) | Running::Task(_) | Running::Nothing => {
            waiting.get(&callback).map(|waiting| waiting.name)
        }
    };
    match name {
        Some(name) => format!("callback {}", step.tables().text(name)),
        None => format!("callback {}", callback.0),
    }
}

fn of_resource(step: &EventStep<'_>, event: ResourceEvent, language: Language) -> String {
    let tables = step.tables();
    let named = |id: ResourceId| named_resource(tables, step.before.resource(id), id, language);
    let actor = match step.before.running {
        Running::Task(task) => format!("{} ", task_label(tables, task)),
        Running::Callback(..) | Running::Nothing => String::new(),
    };
    match event {
        ResourceEvent::Created { kind, name, .. } => {
            format!("new {}", named_kind(kind, tables.text(name), language))
        }
        ResourceEvent::Op {
            resource,
            op,
            value,
        } => {
            let kind = step.before.resource(resource).map(|resource| resource.kind);
            let verb = op_words(op, language);
            let count = count_words(kind, op, value);
            format!("{actor}{verb} {}{count}", named(resource))
        }
        ResourceEvent::Member { resource, task } => {
            format!("{} joins {}", task_label(tables, task), named(resource))
        }
        ResourceEvent::Bytes { resource, text } => {
            format!("\"{}\" on {}", tables.text(text), named(resource))
        }
        ResourceEvent::Dropped { resource } => match language {
            Language::Rust => format!("{actor}drops {}", named(resource)),
            Language::Python => format!("{} is no longer used", named(resource)),
        },
    }
}

/// What an operation leaves in a channel or a semaphore, or how many bytes it transfers. The number
/// of any other operation tells a reader nothing.
fn count_words(kind: Option<ResourceKind>, op: ResourceOp, value: u32) -> String {
    match (kind, op) {
        (Some(ResourceKind::Channel), ResourceOp::Sent | ResourceOp::Received) => {
            format!(" (now {value} in it)")
        }
        (Some(ResourceKind::Semaphore), ResourceOp::Acquired | ResourceOp::Released) => {
            format!(" (now {value} free)")
        }
        (_, ResourceOp::Read | ResourceOp::Wrote) => format!(" ({value} bytes)"),
        (_, _) => String::new(),
    }
}

fn of_loop(event: LoopEvent, language: Language) -> String {
    match event {
        LoopEvent::TickStart => "tick starts".to_owned(),
        LoopEvent::Park { until: Some(until) } => format!("parks until {until}"),
        LoopEvent::Park { until: None } => "parks".to_owned(),
        LoopEvent::Advance { by, why } => match (seconds(by), why) {
            (by, Advance::Waited) => format!("waited {by} s"),
            (by, Advance::Jumped) => format!("clock jumps {by} s"),
            (by, Advance::Worked) => format!("runs {by} s without yielding"),
            (by, Advance::Passed) => format!("{by} s pass"),
        },
        LoopEvent::TimerPhase { due } => format!("{due} due"),
        LoopEvent::RunPhase { ready } => format!("runs {ready}"),
        LoopEvent::TickEnd => "tick ends".to_owned(),
        LoopEvent::End { outcome } => outcome_words(outcome, language).to_owned(),
    }
}

fn poll_outcome(outcome: PollOutcome, language: Language) -> &'static str {
    match outcome {
        PollOutcome::Pending => "suspends",
        PollOutcome::Ready => "completes",
        PollOutcome::Panicked => terms::PANICS.text(language),
        PollOutcome::Failed => terms::RETURNS_ERROR.text(language),
        PollOutcome::Cancelled => "is cancelled",
    }
}

fn of_task(step: &EventStep<'_>, event: TaskEvent, language: Language) -> String {
    let tables = step.tables();
    let label = |task: TaskId| task_label(tables, task);
    match event {
        TaskEvent::Spawn { task, parent, .. } => match parent {
            Some(parent) => format!(
                "{} {} {}",
                label(parent),
                terms::SPAWNS.text(language),
                label(task)
            ),
            None => format!("{} is {}", label(task), terms::SPAWNED.text(language)),
        },
        TaskEvent::Wake { task, by, effect } => {
            let wakes = if by == WokenBy::Task(task) {
                format!("{} wakes itself", label(task))
            } else {
                let by = match by {
                    WokenBy::Callback(callback) => callback_of(step, callback),
                    WokenBy::Task(_)
                    | WokenBy::Timer(_)
                    | WokenBy::Io
                    | WokenBy::Thread(_)
                    | WokenBy::Loop
                    | WokenBy::Unknown => woken_by_words(tables, by),
                };
                format!("{by} wakes {}", label(task))
            };
            match effect {
                WakeEffect::Enqueued => wakes,
                WakeEffect::Redundant => format!("{wakes} (already ready)"),
                WakeEffect::TooLate => format!("{wakes} (already ended)"),
            }
        }
        TaskEvent::PollStart { task } => format!("poll {}", label(task)),
        TaskEvent::Wait { task, on, .. } => {
            let words = wait_on(tables, step.before, on, language);
            format!("{} waits: {words}", label(task))
        }
        TaskEvent::Joined { task, joined, .. } => {
            format!("{} awaits {}, which has ended", label(task), label(joined))
        }
        TaskEvent::PollEnd { task, outcome, .. } => {
            format!("{} {}", label(task), poll_outcome(outcome, language))
        }
        TaskEvent::Failed { task, message } => {
            let message = failure_words(tables.text(message), language);
            let fails = language.choose("fails", "raises an exception");
            format!("{} {fails}: {message}", label(task))
        }
        TaskEvent::CancelRequested {
            task,
            dropped: true,
        } if language == Language::Rust => format!("the handle of {} is dropped", label(task)),
        TaskEvent::CancelRequested {
            task,
            dropped: true,
        } if is_of_python(tables, task) => {
            format!("{} is destroyed while it is pending", label(task))
        }
        TaskEvent::CancelRequested { task, .. } => {
            format!("the cancellation of {} is requested", label(task))
        }
        TaskEvent::CancelDelivered { task } => {
            format!(
                "{} is cancelled: {}",
                label(task),
                terms::FUTURE_DROPPED.text(language)
            )
        }
    }
}

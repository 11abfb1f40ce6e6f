//! Events in a few words, without the state around them.

use crate::replay::State;
use crate::trace::{
    Advance, CallbackEvent, Event, LoopEvent, PollOutcome, ResourceEvent, Tables, TaskEvent,
    TimerEvent, Wait, WakeEffect, WokenBy,
};

use super::language::Language;
use super::terms;
use super::words::{
    failure_words, missing_words, op_words, outcome_words, resource_kind_word, seconds, task_label,
    wait_on, woken_by_words,
};

/// The kind of an event in a word or two. A breakpoint is set on all events of one kind.
pub fn event_kind(event: &Event) -> &'static str {
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
pub fn event_words(tables: &Tables, event: &Event, language: Language) -> String {
    match *event {
        Event::Loop(event) => of_loop(event, language),
        Event::Task(event) => of_task(tables, event, language),
        Event::Timer(event) => match event {
            TimerEvent::Set { task, deadline, .. } => {
                format!("{} sets a timer due {deadline}", task_label(tables, task))
            }
            TimerEvent::Fired { timer } => format!("timer {} fires", timer.0),
            TimerEvent::Cancelled { timer } => format!("timer {} is cancelled", timer.0),
        },
        Event::Resource(event) => match event {
            ResourceEvent::Created { kind, name, .. } => {
                format!(
                    "new {} {}",
                    resource_kind_word(kind, language),
                    tables.text(name)
                )
            }
            ResourceEvent::Op {
                resource,
                op,
                value,
            } => format!(
                "{} resource {} ({value})",
                op_words(op, language),
                resource.0
            ),
            ResourceEvent::Member { resource, task } => {
                format!("{} joins group {}", task_label(tables, task), resource.0)
            }
            ResourceEvent::Bytes { resource, text } => {
                format!("\"{}\" on resource {}", tables.text(text), resource.0)
            }
            ResourceEvent::Dropped { resource } => match language {
                Language::Rust => format!("drops resource {}", resource.0),
                Language::Python => format!("resource {} is no longer used", resource.0),
            },
        },
        Event::Callback(event) => match event {
            CallbackEvent::Scheduled { name, .. } => {
                format!("schedules callback {}", tables.text(name))
            }
            CallbackEvent::Start { callback } => format!("callback {} starts", callback.0),
            CallbackEvent::End { callback, .. } => format!("callback {} ends", callback.0),
        },
        Event::Output { text, .. } => format!("prints \"{}\"", tables.text(text)),
        Event::Gap { events } => missing_words(events),
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

fn of_task(tables: &Tables, event: TaskEvent, language: Language) -> String {
    let label = |task| task_label(tables, task);
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
                format!("{} wakes {}", woken_by_words(tables, by), label(task))
            };
            match effect {
                WakeEffect::Enqueued => wakes,
                WakeEffect::Redundant => format!("{wakes} (already ready)"),
                WakeEffect::TooLate => format!("{wakes} (already ended)"),
            }
        }
        TaskEvent::PollStart { task } => format!("poll {}", label(task)),
        TaskEvent::Wait { task, on, .. } => {
            format!("{} waits: {}", label(task), wait(tables, on, language))
        }
        TaskEvent::Joined { task, joined, .. } => {
            format!("{} awaits {}, which has ended", label(task), label(joined))
        }
        TaskEvent::PollEnd { task, outcome, .. } => {
            let how = match outcome {
                PollOutcome::Pending => "suspends",
                PollOutcome::Ready => "completes",
                PollOutcome::Panicked => terms::PANICS.text(language),
                PollOutcome::Failed => terms::RETURNS_ERROR.text(language),
                PollOutcome::Cancelled => "is cancelled",
            };
            format!("{} {how}", label(task))
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

/// A wait without the state around it: a resource has only its number.
fn wait(tables: &Tables, on: Wait, language: Language) -> String {
    wait_on(tables, &State::default(), on, language)
}

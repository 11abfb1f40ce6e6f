//! Why: the cause of an event in words of the program, mostly the line on which a task stands or was made.

use crate::replay::{EventStep, State, Status, TaskState};
use crate::trace::{
    Advance, Aspect, Event, LoopEvent, Outcome, PollOutcome, Position, Span, TaskEvent, TaskId,
    TickPolicy, TimerEvent, Wait, WakeEffect, WokenBy,
};

use super::super::{
    source::quote,
    words::{seconds, task_label, wait_words},
};

/// With more living tasks than this, a sentence that names some of them is not looked for: it would cost a pass over all.
const MANY: usize = 256;

pub(super) fn why(step: &EventStep<'_>) -> Option<String> {
    let before = step.before;
    match step.event {
        Event::Task(TaskEvent::Spawn {
            at,
            parent: Some(_),
            ..
        }) => Some(format!(
            "at {}",
            quote(step.meta(), step.tables(), at)?.words()
        )),
        Event::Task(TaskEvent::Spawn { .. }) if !step.meta().has(Aspect::Queues) => {
            Some("by whom is not recorded".to_owned())
        }
        Event::Task(TaskEvent::Spawn { .. }) => Some("the program starts with it".to_owned()),
        Event::Task(TaskEvent::Wake { task, by, effect }) => wake(step, task, by, effect),
        Event::Task(TaskEvent::PollStart { task }) => turn(step, task),
        Event::Task(TaskEvent::Wait { on, .. }) => Some(wait(step, on)?),
        Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => poll_end(step, task, outcome),
        Event::Timer(TimerEvent::Fired { timer }) => {
            let timer = before.timer(timer).copied()?;
            Some(format!(
                "it was set at {} {}",
                timer.set_at,
                event(timer.set)
            ))
        }
        Event::Task(TaskEvent::CancelDelivered { .. }) => {
            Some("it was asked to end, and now it had its turn to be told".to_owned())
        }
        Event::Loop(LoopEvent::Advance {
            why: Advance::Worked,
            ..
        }) => Some("this is work, not a wait: it holds the one slot there is".to_owned()),
        Event::Loop(LoopEvent::TickStart) => {
            ready_words(before, step).map(|words| format!("{words} to run"))
        }
        Event::Loop(LoopEvent::TickEnd) => {
            let words = ready_words(before, step)?;
            Some(format!(
                "all it took have run; {words} for tick {}",
                before.tick() + 1
            ))
        }
        Event::Loop(LoopEvent::RunPhase { .. }) => {
            let words = match step.meta().tick_policy {
                TickPolicy::Snapshot => "what becomes ready from now on waits for the next tick",
                TickPolicy::Drain => {
                    "this loop drains: what becomes ready from now on runs in this tick, too"
                }
            };
            Some(words.to_owned())
        }
        Event::Loop(LoopEvent::Park { until: Some(_) }) => {
            Some(format!("first in TIMERS is {}", first(step)?))
        }
        Event::Loop(LoopEvent::Advance {
            why: Advance::Jumped,
            ..
        }) => Some(format!(
            "nothing is READY, and first in TIMERS is {}",
            first(step)?
        )),
        Event::Timer(TimerEvent::Set { .. }) => {
            Some("TIMERS is sorted by deadline, then by age".to_owned())
        }
        Event::Loop(
            LoopEvent::Park { until: None }
            | LoopEvent::End {
                outcome: Outcome::Stalled,
            },
        ) => waits(step),
        Event::Loop(LoopEvent::End {
            outcome: Outcome::Deadlock,
        }) => waits(step)
            .or_else(|| Some("each task that had not ended waited for another one".to_owned())),
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => None,
    }
}

/// How an event is pointed at: `(event 15)`.
fn event(position: Position) -> String {
    format!("(event {})", position.0)
}

/// Where a task stands: `` #0 main stood at `hello.await` (line 8) ``.
fn stood(step: &EventStep<'_>, task: TaskId, row: &TaskState) -> String {
    match quote(step.meta(), step.tables(), row.wait_at) {
        Some(quote) => format!("{} stood at {}", step.label(task), quote.words()),
        None => format!(
            "{} waited: {}",
            step.label(task),
            wait_words(step.meta(), step.tables(), step.before, row)
        ),
    }
}

fn wake(step: &EventStep<'_>, task: TaskId, by: WokenBy, effect: WakeEffect) -> Option<String> {
    let row = step.before.tasks.get(task)?;
    match effect {
        WakeEffect::Redundant => {
            return Some(format!(
                "it was put there before {} and has not had its turn yet",
                event(row.woken)
            ));
        }
        WakeEffect::TooLate => return None,
        WakeEffect::Enqueued => {}
    }
    if row.cancel_requested {
        return Some(format!(
            "{} must run once more to be told to end",
            step.label(task)
        ));
    }
    if row.status() == Status::Running {
        return (by == WokenBy::Task(task)).then(|| "it gives the others a turn".to_owned());
    }
    Some(stood(step, task, row))
}

/// Why a task has its turn: who put it into the ready queue.
fn turn(step: &EventStep<'_>, task: TaskId) -> Option<String> {
    let row = step.before.tasks.get(task)?;
    let number = step.before.cursor.polls + 1;
    let mut choices = step.meta().schedule.choices().iter();
    if choices.any(|choice| choice.poll == number) {
        // The rules would have given this turn to who stands first in READY.
        return Some(format!(
            "you chose it for poll {number} (--schedule {number}:{})",
            task.0
        ));
    }
    let by = match row.woken_by {
        WokenBy::Task(by) if by == task => "it woke itself".to_owned(),
        WokenBy::Task(by) if row.polls == 0 => format!("{} spawned it", step.label(by)),
        WokenBy::Task(by) => format!("{} woke it", step.label(by)),
        WokenBy::Loop | WokenBy::Unknown if row.polls == 0 => "it was spawned".to_owned(),
        WokenBy::Timer(_) => "its timer fired".to_owned(),
        WokenBy::Io => "its I/O is ready".to_owned(),
        WokenBy::Unknown => "it was woken, by whom is not recorded".to_owned(),
        by @ (WokenBy::Callback(_) | WokenBy::Thread(_) | WokenBy::Loop) => format!(
            "{} woke it",
            super::super::words::waker_words(step.tables(), by)
        ),
    };
    Some(format!("{by} {}", event(row.woken)))
}

/// What has to happen before the wait can end.
fn wait(step: &EventStep<'_>, on: Wait) -> Option<String> {
    match on {
        Wait::Join(task) => {
            let row = step.before.tasks.get(task)?;
            Some(match row.status() {
                Status::Ready => format!("{} stands in READY and is not done", step.label(task)),
                Status::Absent
                | Status::Running
                | Status::Timer
                | Status::Pending
                | Status::Unknown
                | Status::Done
                | Status::Failed
                | Status::Cancelled => format!(
                    "{} is not done: it waits for {}",
                    step.label(task),
                    wait_words(step.meta(), step.tables(), step.before, row)
                ),
            })
        }
        Wait::Timer(timer) => {
            let timer = step.before.timer(timer).copied()?;
            Some(format!("the timer was set {}", event(timer.set)))
        }
        Wait::Send(resource) => step
            .before
            .resource(resource)
            .filter(|resource| resource.limit > 0 && resource.value >= resource.limit)
            .map(|resource| {
                format!(
                    "the channel is full: {} of {}",
                    resource.value, resource.limit
                )
            }),
        Wait::Receive(resource) => step
            .before
            .resource(resource)
            .filter(|resource| resource.value == 0)
            .map(|_| "the channel is empty".to_owned()),
        Wait::Acquire(resource) => {
            let user = step.before.resource(resource)?.user?;
            Some(format!("{} has it", step.label(user)))
        }
        Wait::Yield => Some("it gives the others a turn, then goes on".to_owned()),
        Wait::Operation(_) => {
            Some("it goes on outside; the loop can run others meanwhile".to_owned())
        }
        Wait::Unknown => None,
    }
}

fn poll_end(step: &EventStep<'_>, task: TaskId, outcome: PollOutcome) -> Option<String> {
    let row = step.before.tasks.get(task)?;
    match outcome {
        PollOutcome::Pending if row.phase.queued() => {
            Some(format!("it was woken during its turn {}", event(row.woken)))
        }
        PollOutcome::Pending => {
            let took = step.at().since(row.since);
            let quote = quote(step.meta(), step.tables(), row.wait_at);
            match (quote, took) {
                (None, Span::ZERO) => None,
                (None, took) => Some(format!("this turn took {} s", seconds(took))),
                (Some(quote), Span::ZERO) => Some(format!("it stands at {}", quote.words())),
                (Some(quote), took) => Some(format!(
                    "it stands at {}, after {} s",
                    quote.words(),
                    seconds(took)
                )),
            }
        }
        PollOutcome::Ready => Some(match row.polls {
            1 => "its code ran to the end in one turn".to_owned(),
            polls => format!("its code came to its end, after {polls} turns"),
        }),
        PollOutcome::Panicked => Some("its code panicked; the loop goes on".to_owned()),
        PollOutcome::Failed => Some("what its code gave is an error; the loop goes on".to_owned()),
        PollOutcome::Cancelled => Some("its future was dropped where it stood".to_owned()),
    }
}

fn ready_words(before: &State, step: &EventStep<'_>) -> Option<String> {
    if living(before) > MANY {
        return None;
    }
    let ready = before.ready();
    Some(match ready.as_slice() {
        [] => "nothing is READY".to_owned(),
        [(task, _)] => format!("{} is READY", task_label(step.tables(), *task)),
        [(task, _), rest @ ..] => format!(
            "{} and {} more are READY",
            task_label(step.tables(), *task),
            rest.len()
        ),
    })
}

fn living(state: &State) -> usize {
    state.tasks.len().saturating_sub(state.ended as usize)
}

/// Whose deadline it is that comes first.
fn first(step: &EventStep<'_>) -> Option<String> {
    let timers = step.before.timers.iter().flatten();
    let first = timers.min_by_key(|timer| (timer.deadline, timer.set))?;
    Some(step.label(first.task))
}

/// What the living tasks wait for, as many as fit.
fn waits(step: &EventStep<'_>) -> Option<String> {
    let before = step.before;
    if living(before) > MANY {
        return Some(format!("all {} tasks wait", living(before)));
    }
    let mut waits: Vec<_> = before
        .tasks
        .unfinished()
        .map(|(task, row)| {
            let words = wait_words(step.meta(), step.tables(), before, row);
            // Whoever sleeps decides when it goes on; the others wait for them.
            (
                row.status() != Status::Timer,
                format!("{} waits for {words}", step.label(task)),
            )
        })
        .collect();
    waits.sort_by_key(|(later, _)| *later);
    let words: Vec<_> = waits.into_iter().map(|(_, words)| words).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

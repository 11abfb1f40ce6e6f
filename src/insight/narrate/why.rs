//! The second line of a narration: the cause of an event in terms of the program, which is mostly
//! the line at which a task waits or was spawned.

use crate::replay::{Status, TaskState};
use crate::trace::{
    Advance, Aspect, Event, LoopEvent, Outcome, PollOutcome, Position, Span, TaskEvent, TaskId,
    TickPolicy, TimerEvent, Wait, WakeEffect, WokenBy,
};

use super::{
    super::words::{seconds, task_label, woken_by_words},
    Told,
};

/// With more unfinished tasks than this, skip the sentences that need a scan of all of them.
const SCANNED: usize = 256;

pub(super) fn why(step: &Told<'_>) -> Option<String> {
    match step.event {
        Event::Loop(event) => of_loop(step, event),
        Event::Task(event) => of_task(step, event),
        Event::Timer(TimerEvent::Set { .. }) => {
            Some("TIMERS is sorted: earliest deadline first".to_owned())
        }
        Event::Timer(TimerEvent::Fired { timer }) => {
            let timer = step.before.timer(timer)?;
            let (at, set) = (timer.set_at, event_number(timer.set));
            Some(format!("it was set at {at} {set}"))
        }
        Event::Timer(TimerEvent::Cancelled { .. })
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => None,
    }
}

/// How a sentence points at the event before a position: `(event 15)`.
fn event_number(position: Position) -> String {
    format!("(event {})", position.0)
}

fn of_loop(step: &Told<'_>, event: LoopEvent) -> Option<String> {
    match event {
        LoopEvent::TickStart => ready_words(step).map(|words| format!("{words} to run")),
        LoopEvent::TickEnd => {
            let next = step.before.tick() + 1;
            let words = ready_words(step)?;
            Some(format!("all its entries have run; {words} for tick {next}"))
        }
        LoopEvent::RunPhase { .. } => Some(
            match step.meta().tick_policy {
                TickPolicy::Snapshot => {
                    "a task that becomes ready from now on waits for the next tick"
                }
                TickPolicy::Drain => {
                    "this loop drains READY: a task that becomes ready now runs in this tick"
                }
            }
            .to_owned(),
        ),
        LoopEvent::Park { until: Some(_) } => {
            Some(format!("first in TIMERS is {}", first_in_timers(step)?))
        }
        LoopEvent::Advance { why, .. } => match why {
            Advance::Jumped => Some(format!(
                "nothing is READY, and first in TIMERS is {}",
                first_in_timers(step)?
            )),
            Advance::Worked => {
                Some("this is CPU work, not waiting: it blocks the loop's only thread".to_owned())
            }
            Advance::Waited | Advance::Passed => None,
        },
        LoopEvent::Park { until: None } => all_waits(step),
        LoopEvent::End { outcome } => match outcome {
            Outcome::Stalled => all_waits(step),
            Outcome::Deadlock => all_waits(step)
                .or_else(|| Some("each unfinished task waited for another one".to_owned())),
            Outcome::Finished | Outcome::Panicked | Outcome::Stopped | Outcome::Limit => None,
        },
        LoopEvent::TimerPhase { .. } => None,
    }
}

fn of_task(step: &Told<'_>, event: TaskEvent) -> Option<String> {
    match event {
        TaskEvent::Spawn {
            at,
            parent: Some(_),
            ..
        } => {
            let line = step.quote(at)?;
            Some(format!("at {}", line.words()))
        }
        TaskEvent::Spawn { .. } if !step.meta().has(Aspect::Queues) => {
            Some("the parent is not recorded".to_owned())
        }
        TaskEvent::Spawn { .. } => Some("the program starts with it".to_owned()),
        TaskEvent::Wake { task, by, effect } => wake(step, task, by, effect),
        TaskEvent::PollStart { task } => poll_start(step, task),
        TaskEvent::Wait { on, .. } => wait(step, on),
        TaskEvent::PollEnd { task, outcome, .. } => poll_end(step, task, outcome),
        TaskEvent::CancelDelivered { .. } => {
            Some("this was requested before, and takes effect in this poll".to_owned())
        }
        TaskEvent::Joined { at, .. } => {
            let line = step.quote(at)?;
            Some(format!("at {}", line.words()))
        }
        TaskEvent::Failed { .. } | TaskEvent::CancelRequested { .. } => None,
    }
}

/// Where a task waited: `` #0 main was waiting at `hello.await` (line 8) ``.
fn waited_at(step: &Told<'_>, task: TaskId, row: &TaskState) -> String {
    let label = step.label(task);
    match step.quote(row.wait_at) {
        Some(quote) => format!("{label} was waiting at {}", quote.words()),
        None => format!("{label} was waiting: {}", step.wait_words(row)),
    }
}

fn wake(step: &Told<'_>, task: TaskId, by: WokenBy, effect: WakeEffect) -> Option<String> {
    let row = step.before.tasks.get(task)?;
    match effect {
        WakeEffect::Redundant => Some(format!(
            "it joined READY before {} and has not been polled since",
            event_number(row.woken)
        )),
        WakeEffect::TooLate => None,
        WakeEffect::Enqueued if row.cancel_requested => Some(format!(
            "{} gets one more poll, to be cancelled",
            step.label(task)
        )),
        WakeEffect::Enqueued if row.status() == Status::Running => {
            (by == WokenBy::Task(task)).then(|| "it yields, so that other tasks can run".to_owned())
        }
        WakeEffect::Enqueued => Some(waited_at(step, task, row)),
    }
}

/// Why a task is polled: what put it into the ready queue.
fn poll_start(step: &Told<'_>, task: TaskId) -> Option<String> {
    let row = step.before.tasks.get(task)?;
    let number = step.before.cursor.polls + 1;
    let mut choices = step.meta().schedule.choices().iter();
    if choices.any(|choice| choice.poll == number) {
        // Without the choice, the first task in READY would be polled.
        return Some(format!(
            "you chose it for poll {number} (--schedule {number}:{})",
            task.0
        ));
    }
    let spawned = row.polls == 0;
    let by = match row.woken_by {
        WokenBy::Task(by) if by == task => "it woke itself".to_owned(),
        WokenBy::Task(by) if spawned => format!("{} spawned it", step.label(by)),
        WokenBy::Loop | WokenBy::Unknown if spawned => "it was spawned".to_owned(),
        WokenBy::Timer(_) => "its timer fired".to_owned(),
        WokenBy::Io => "its I/O is ready".to_owned(),
        WokenBy::Unknown => "it was woken; the waker is not recorded".to_owned(),
        by @ (WokenBy::Task(_) | WokenBy::Callback(_) | WokenBy::Thread(_) | WokenBy::Loop) => {
            format!("{} woke it", woken_by_words(step.tables(), by))
        }
    };
    Some(format!("{by} {}", event_number(row.woken)))
}

/// What has to happen before the wait can end.
fn wait(step: &Told<'_>, on: Wait) -> Option<String> {
    match on {
        Wait::Join(task) => {
            let (label, row) = (step.label(task), step.before.tasks.get(task)?);
            if row.status() == Status::Ready {
                return Some(format!("{label} is in READY, unfinished"));
            }
            let waits = step.wait_words(row);
            Some(format!("{label} is unfinished: it waits for {waits}"))
        }
        Wait::Timer(timer) => {
            let timer = step.before.timer(timer)?;
            Some(format!("the timer was set {}", event_number(timer.set)))
        }
        Wait::Send(channel) => {
            let channel = step.before.resource(channel)?;
            let is_full = channel.limit > 0 && channel.value >= channel.limit;
            let (items, limit) = (channel.value, channel.limit);
            is_full.then(|| format!("the channel is full: {items} of {limit}"))
        }
        Wait::Receive(channel) => {
            let channel = step.before.resource(channel)?;
            (channel.value == 0).then(|| "the channel is empty".to_owned())
        }
        Wait::Acquire(resource) => {
            let user = step.before.resource(resource)?.user?;
            Some(format!("{} has it", step.label(user)))
        }
        Wait::Yield => Some("it lets other tasks run, and continues then".to_owned()),
        Wait::Operation(_) => {
            Some("it continues outside the loop, which can run other tasks meanwhile".to_owned())
        }
        Wait::All(_) => Some("it continues when the last of them has ended".to_owned()),
        Wait::Any(_) => Some("it continues when the next of them has ended".to_owned()),
        Wait::Unknown => None,
    }
}

fn poll_end(step: &Told<'_>, task: TaskId, outcome: PollOutcome) -> Option<String> {
    let row = step.before.tasks.get(task)?;
    match outcome {
        PollOutcome::Pending if row.phase.queued() => Some(format!(
            "it was woken during this poll {}",
            event_number(row.woken)
        )),
        PollOutcome::Pending => {
            let took = step.at().since(row.since);
            let quote = step.quote(row.wait_at);
            match (quote, took) {
                (None, Span::ZERO) => None,
                (None, took) => Some(format!("this poll took {} s", seconds(took))),
                (Some(quote), Span::ZERO) => Some(format!("it is waiting at {}", quote.words())),
                (Some(quote), took) => Some(format!(
                    "it is waiting at {}, after {} s",
                    quote.words(),
                    seconds(took)
                )),
            }
        }
        PollOutcome::Ready => Some(match row.polls {
            1 => "it returned in its first poll".to_owned(),
            polls => format!("it returned, after {polls} polls"),
        }),
        PollOutcome::Panicked => Some("it panicked; the loop carries on".to_owned()),
        PollOutcome::Failed => Some("it returned an error; the loop carries on".to_owned()),
        PollOutcome::Cancelled => Some("its future was dropped mid-way".to_owned()),
    }
}

/// The ready queue: `#1 hello and 2 more are READY`.
fn ready_words(step: &Told<'_>) -> Option<String> {
    if step.before.unfinished() > SCANNED {
        return None;
    }
    Some(match step.before.ready().as_slice() {
        [] => "nothing is READY".to_owned(),
        [(task, _)] => format!("{} is READY", step.label(*task)),
        [(task, _), rest @ ..] => {
            format!("{} and {} more are READY", step.label(*task), rest.len())
        }
    })
}

/// The task whose timer is the next to fire.
fn first_in_timers(step: &Told<'_>) -> Option<String> {
    let timers = step.before.timers.iter().flatten();
    let first = timers.min_by_key(|timer| (timer.deadline, timer.set))?;
    Some(step.label(first.task))
}

/// What each unfinished task waits for. Tasks that wait for a timer come first: they will be the
/// first to continue.
fn all_waits(step: &Told<'_>) -> Option<String> {
    let before = step.before;
    let unfinished = before.unfinished();
    if unfinished > SCANNED {
        return Some(format!("all {unfinished} tasks wait"));
    }
    let mut rows: Vec<_> = before.tasks.unfinished().collect();
    rows.sort_by_key(|(_, row)| row.status() != Status::Timer);
    let words: Vec<_> = rows
        .into_iter()
        .map(|(task, row)| {
            let waits = step.wait_words(row);
            format!("{} waits for {waits}", task_label(step.tables(), task))
        })
        .collect();
    (!words.is_empty()).then(|| words.join("; "))
}

//! The second line of a narration: the cause of an event in terms of the program, which is mostly
//! the line at which a task waits or was spawned. An event whose cause is in its first line already
//! has none.

use crate::replay::{EventStep, State, Status, TaskState};
use crate::trace::{
    Advance, Aspect, Event, LoopEvent, Outcome, PollOutcome, Position, Span, TaskEvent, TaskId,
    TimerEvent, Wait, WakeEffect, WokenBy,
};

use super::{
    super::{
        facts::{WakeReason, holders, stuck, woken_by},
        words::{duration, timer_owner, woken_by_words},
    },
    SEARCHED, Told,
    io::is_socket,
    what::stuck_task,
};

/// With more unfinished tasks than this, skip the sentences that need a scan of all of them.
const SCANNED: usize = 256;

/// The most tasks that a sentence names.
const NAMED: usize = 5;

/// The most tasks of which a sentence says what they wait for.
const TOLD: usize = 2;

pub(super) fn why(step: &Told<'_>) -> Option<String> {
    match step.event {
        Event::Loop(event) => of_loop(step, event),
        Event::Task(event) => of_task(step, event),
        Event::Timer(TimerEvent::Fired { timer }) => {
            let timer = step.before.timer(timer)?;
            let (at, set) = (timer.set_at, event_number(timer.set));
            Some(format!("it was set at {at} {set}"))
        }
        Event::Timer(TimerEvent::Set { .. } | TimerEvent::Cancelled { .. })
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
        LoopEvent::TickEnd => {
            let next = step.before.tick() + 1;
            let words = ready_words(step)?;
            // The main task's end ends the tick, whatever is left in it.
            if step.before.left_in_tick > 0 {
                return Some(format!("the main task has ended; {words}"));
            }
            Some(format!(
                "everything it picked up has run; {words} for tick {next}"
            ))
        }
        LoopEvent::Park { until: Some(_) } => first_in_timers(step),
        LoopEvent::Advance { why, by } => match why {
            Advance::Jumped => Some(format!("nothing is READY, and {}", first_in_timers(step)?)),
            Advance::Worked if by >= Span(1_000_000) => {
                Some("it does not await meanwhile, so it blocks the loop's only thread".to_owned())
            }
            Advance::Worked | Advance::Waited | Advance::Passed => None,
        },
        LoopEvent::Park { until: None } => all_waits(step),
        LoopEvent::End { outcome } => match outcome {
            Outcome::Stalled => all_waits(step),
            Outcome::Deadlock => all_stuck(step),
            Outcome::Finished | Outcome::Panicked | Outcome::Stopped | Outcome::Limit => None,
        },
        LoopEvent::TickStart | LoopEvent::TimerPhase { .. } | LoopEvent::RunPhase { .. } => None,
    }
}

fn of_task(step: &Told<'_>, event: TaskEvent) -> Option<String> {
    match event {
        TaskEvent::Spawn {
            at,
            parent: Some(_),
            ..
        }
        | TaskEvent::Joined { at, .. } => {
            let line = step.quote(at)?;
            Some(format!("at {}", line.words()))
        }
        TaskEvent::Spawn { .. } if !step.meta().has(Aspect::Queues) => {
            Some("the parent is not recorded".to_owned())
        }
        TaskEvent::Spawn { .. } => Some("the program starts with it".to_owned()),
        TaskEvent::Wake { task, effect, .. } => wake(step, task, effect),
        TaskEvent::PollStart { task } => poll_start(step, task),
        TaskEvent::Wait { on, .. } => wait(step, on),
        TaskEvent::PollEnd { task, outcome, .. } => poll_end(step, task, outcome),
        TaskEvent::CancelDelivered { .. } => {
            Some("the cancellation was requested before, and takes effect in this poll".to_owned())
        }
        TaskEvent::CancelRequested { .. } => {
            let main = step.before.tasks.get(TaskId(0))?;
            let by_loop = step.before.running.task().is_none() && main.status().ended();
            by_loop.then(|| "the main task has ended".to_owned())
        }
        TaskEvent::Failed { .. } => None,
    }
}

/// Where a task waits: `waiting at `hello.await` (line 8)`, or where the object was created for
/// which it waits.
fn place(step: &Told<'_>, row: &TaskState) -> Option<String> {
    let quote = step.quote(row.wait_at)?;
    if !row.wait_at_creation() {
        return Some(format!("waiting at {}", quote.words()));
    }
    let is_socket = match row.wait {
        Wait::Operation(id) => is_socket(step, id),
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Join(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::Acquire(_)
        | Wait::All(_)
        | Wait::Any(_) => false,
    };
    let line = quote.line;
    Some(if is_socket {
        format!("waiting on a socket opened at line {line}")
    } else {
        format!(
            "waiting in {} created at line {line}",
            step.choose("a future", "an awaitable")
        )
    })
}

/// Where a task waited: `` #0 main was waiting at `hello.await` (line 8) ``.
fn waited_at(step: &Told<'_>, task: TaskId, row: &TaskState) -> String {
    let label = step.label(task);
    match place(step, row) {
        Some(place) => format!("{label} was {place}"),
        None if matches!(row.wait, Wait::Timer(_)) => format!("{label} was asleep"),
        None => format!("{label} was waiting for {}", step.wait_words(row)),
    }
}

fn wake(step: &Told<'_>, task: TaskId, effect: WakeEffect) -> Option<String> {
    let row = step.before.tasks.get(task)?;
    match effect {
        WakeEffect::Redundant => Some(format!(
            "it joined READY before {} and has not been polled since",
            event_number(row.woken())
        )),
        WakeEffect::TooLate => None,
        WakeEffect::Enqueued => match woken_by(step)?.cause {
            WakeReason::Cancellation => Some(format!(
                "{} gets one more poll, to be cancelled",
                step.label(task)
            )),
            WakeReason::Itself => Some("it yields, so that other tasks can run".to_owned()),
            WakeReason::Ended { .. }
            | WakeReason::Timer { .. }
            | WakeReason::Operation { .. }
            | WakeReason::Io(_)
            | WakeReason::Thread
            | WakeReason::Unknown => (row.polls() > 0).then(|| waited_at(step, task, row)),
        },
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
    if row.status() == Status::Unknown {
        return Some("the event that woke it is missing".to_owned());
    }
    let spawned = row.known_polls() == Some(0);
    let spawn = step.choose("spawned", "created");
    let by = match row.woken_by {
        WokenBy::Task(by) if by == task => "it woke itself".to_owned(),
        WokenBy::Loop | WokenBy::Unknown if spawned => format!("it was {spawn}"),
        WokenBy::Loop if row.cancel_requested() => "the loop cancels it".to_owned(),
        WokenBy::Timer(_) => "its timer fired".to_owned(),
        WokenBy::Io => "its I/O is ready".to_owned(),
        WokenBy::Unknown => "it was woken; the waker is not recorded".to_owned(),
        by @ (WokenBy::Task(_) | WokenBy::Callback(_) | WokenBy::Thread(_) | WokenBy::Loop) => {
            let did = if spawned { spawn } else { "woke" };
            format!("{} {did} it", woken_by_words(step.tables(), by))
        }
    };
    Some(format!("{by} {}", event_number(row.woken())))
}

/// What has to happen before the wait can end.
fn wait(step: &Told<'_>, on: Wait) -> Option<String> {
    match on {
        Wait::Join(task) => {
            let (label, row) = (step.label(task), step.before.tasks.get(task)?);
            match row.status() {
                Status::Ready => Some(format!("{label} is in READY, unfinished")),
                Status::Timer | Status::Pending => {
                    let waits = step.wait_words(row);
                    Some(format!("{label} is unfinished: it waits for {waits}"))
                }
                Status::Running
                | Status::Absent
                | Status::Unknown
                | Status::Done
                | Status::Failed
                | Status::Cancelled => None,
            }
        }
        Wait::Timer(timer) => {
            let timer = step.before.timer(timer)?;
            Some(format!("the timer was set {}", event_number(timer.set)))
        }
        Wait::Send(channel) => {
            let channel = step.before.resource(channel)?;
            let is_full = channel.limit > 0 && channel.value >= channel.limit;
            let (items, limit) = (channel.value, channel.limit);
            let noun = step.choose("channel", "queue");
            is_full.then(|| format!("the {noun} is full: {items} of {limit}"))
        }
        Wait::Receive(channel) => {
            let channel = step.before.resource(channel)?;
            let noun = step.choose("channel", "queue");
            (channel.value == 0).then(|| format!("the {noun} is empty"))
        }
        Wait::Acquire(resource) => {
            let held: Vec<TaskId> = holders(step.before, resource)
                .into_iter()
                .map(|holding| holding.task)
                .collect();
            held_words(step, &held)
        }
        Wait::Yield => Some("it lets other tasks run, and continues then".to_owned()),
        Wait::Operation(_) => {
            Some("it continues outside the loop, which can run other tasks meanwhile".to_owned())
        }
        Wait::All(_) | Wait::Any(_) | Wait::Unknown => None,
    }
}

/// Who holds what a task waits for: `#1 a has it`, `#1 a and #2 b have the permits`.
fn held_words(step: &Told<'_>, held: &[TaskId]) -> Option<String> {
    let names = |tasks: &[TaskId]| -> String {
        let names: Vec<String> = tasks.iter().map(|task| step.label(*task)).collect();
        names.join(", ")
    };
    match held {
        [] => None,
        [only] => Some(format!("{} has it", step.label(*only))),
        all if all.len() <= NAMED => Some(format!("{} have the permits", names(all))),
        all => Some(format!(
            "{} and {} more have the permits",
            names(&all[..NAMED]),
            all.len() - NAMED
        )),
    }
}

fn poll_end(step: &Told<'_>, task: TaskId, outcome: PollOutcome) -> Option<String> {
    let row = step.before.tasks.get(task)?;
    match outcome {
        PollOutcome::Pending if row.phase.queued() => {
            let event = event_number(row.woken());
            Some(match row.woken_by {
                WokenBy::Task(by) if by == task && row.wait == Wait::Yield => {
                    format!("it has woken itself {event}, so that it is polled again")
                }
                WokenBy::Task(by) if by == task => {
                    format!("it woke itself during this poll {event}")
                }
                by @ (WokenBy::Task(_)
                | WokenBy::Callback(_)
                | WokenBy::Timer(_)
                | WokenBy::Io
                | WokenBy::Thread(_)
                | WokenBy::Loop
                | WokenBy::Unknown) => {
                    let by = woken_by_words(step.tables(), by);
                    format!("{by} woke it during this poll {event}")
                }
            })
        }
        PollOutcome::Pending => {
            let took = step.at().since(row.since);
            let brief = took < Span(1_000_000);
            match (place(step, row), brief) {
                (None, true) => None,
                (None, false) => Some(format!("this poll took {}", duration(took))),
                (Some(place), true) => Some(format!("it is {place}")),
                (Some(place), false) => {
                    Some(format!("it is {place}, after a poll of {}", duration(took)))
                }
            }
        }
        PollOutcome::Ready => Some(match row.known_polls() {
            Some(1) => "it returned in its first poll".to_owned(),
            Some(polls) => format!("it returned, after {polls} polls"),
            None => "it returned".to_owned(),
        }),
        PollOutcome::Panicked => Some(
            step.choose(
                "it panicked; the loop carries on",
                "the exception ends the task; the loop carries on",
            )
            .to_owned(),
        ),
        PollOutcome::Failed => Some(
            step.choose(
                "it returned an error; the loop carries on",
                "the exception ends the task; the loop carries on",
            )
            .to_owned(),
        ),
        PollOutcome::Cancelled => Some(
            step.choose(
                "its future was dropped mid-way",
                "CancelledError ended it mid-way",
            )
            .to_owned(),
        ),
    }
}

/// The ready queue: `#1 hello and 2 more are READY`.
fn ready_words(step: &Told<'_>) -> Option<String> {
    if step.before.unfinished() > SCANNED || has_unknown_tasks(step.before) {
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

/// Whether a gap hides what some task does: then a queue may contain more than is known.
fn has_unknown_tasks(state: &State) -> bool {
    let is_unknown = |(_, row): (TaskId, &TaskState)| row.status() == Status::Unknown;
    state.missing > 0 && (state.unfinished() > SCANNED || state.tasks.unfinished().any(is_unknown))
}

/// The task whose timer is the next to fire: `first in TIMERS is #1 hello`. A timer that was set in a
/// gap may fire before it.
fn first_in_timers(step: &EventStep<'_>) -> Option<String> {
    if step.before.timers.len() > SEARCHED {
        return None;
    }
    let timers = step.before.timers.values();
    let first = timers.min_by_key(|timer| (timer.deadline, timer.set))?;
    let whose = timer_owner(step.tables(), first);
    Some(if has_unknown_tasks(step.before) {
        format!("the first known timer is that of {whose}")
    } else {
        format!("first in TIMERS is {whose}")
    })
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
    let mut words: Vec<_> = rows
        .iter()
        .take(TOLD)
        .map(|(task, row)| {
            let waits = step.wait_words(row);
            format!("{} waits for {waits}", step.label(*task))
        })
        .collect();
    if let more @ 1.. = rows.len().saturating_sub(TOLD) {
        words.push(more_wait(more));
    }
    (!words.is_empty()).then(|| words.join("; "))
}

fn more_wait(more: usize) -> String {
    match more {
        1 => "one more task waits".to_owned(),
        more => format!("{more} more tasks wait"),
    }
}

/// For each task of a deadlock, what it waits for and why that cannot happen. A single task is
/// described in the first line.
fn all_stuck(step: &Told<'_>) -> Option<String> {
    let stuck = stuck(step.before);
    if stuck.len() < 2 {
        return None;
    }
    let mut words: Vec<String> = stuck
        .iter()
        .take(TOLD)
        .map(|one| stuck_task(step, one, false))
        .collect();
    if let more @ 1.. = stuck.len().saturating_sub(TOLD) {
        words.push(more_wait(more));
    }
    Some(words.join("; "))
}

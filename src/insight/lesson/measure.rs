//! The numbers behind the lessons, each from one or two passes over a trace.

use std::collections::HashMap;

use crate::replay::{EventStep, Replay, Status, TaskState};
use crate::trace::{
    Event, Moment, PollOutcome, Position, ResourceEvent, ResourceId, ResourceKind, ResourceOp,
    Span, TaskEvent, TaskId, TimerEvent, Wait, WakeEffect,
};

use super::super::{
    blocked::waits_for_itself,
    language::{Language, Phrase},
    summary::summary,
    words::seconds,
};

const MAIN: TaskId = TaskId(0);

/// Calls `see` with every event of a run and the state before it.
fn each(replay: &Replay, mut see: impl FnMut(&EventStep<'_>)) {
    let mut steps = replay.steps(Position(0)..replay.end());
    while let Some(step) = steps.next_step() {
        see(&step);
    }
}

/// The first task with this name.
fn task(replay: &Replay, name: &str) -> Option<TaskId> {
    let head = replay.index().head();
    let mut tasks = head.tasks.iter().map(|(task, _)| task);
    tasks.find(|task| replay.tables().task_name(*task) == name)
}

/// A measure of one task.
fn of_task(replay: &Replay, name: &str, measure: impl FnOnce(TaskId) -> String) -> String {
    task(replay, name).map_or_else(|| format!("no task {name}"), measure)
}

/// The task that ends with this event, and how it ends.
fn ends(event: Event) -> Option<(TaskId, PollOutcome)> {
    if let Event::Task(TaskEvent::PollEnd { task, outcome, .. }) = event
        && outcome != PollOutcome::Pending
    {
        return Some((task, outcome));
    }
    None
}

/// The task whose poll starts with this event.
fn polls(event: Event) -> Option<TaskId> {
    if let Event::Task(TaskEvent::PollStart { task }) = event {
        return Some(task);
    }
    None
}

/// The task that this event puts into the ready queue, by a wake.
fn wakes(event: Event) -> Option<TaskId> {
    if let Event::Task(TaskEvent::Wake {
        task,
        effect: WakeEffect::Enqueued,
        ..
    }) = event
    {
        return Some(task);
    }
    None
}

fn length(span: Span) -> String {
    format!("{} s", seconds(span))
}

// ---- times

pub(super) fn total(replay: &Replay) -> String {
    length(summary(replay).total)
}

/// How long a task waited for other tasks to end.
pub(super) fn time_in_join(replay: &Replay, name: &str) -> String {
    of_task(replay, name, |joins| {
        let mut joined = Span::ZERO;
        each(replay, |step| {
            if wakes(step.event) == Some(joins)
                && let Some(row) = step.before.tasks.get(joins)
                && matches!(row.wait, Wait::Join(_))
            {
                joined += step.at().since(row.since);
            }
        });
        length(joined)
    })
}

/// The longest time from a timer's deadline to the poll of the task that waited for it.
pub(super) fn worst_timer_delay(replay: &Replay) -> String {
    let mut due: HashMap<TaskId, Moment> = HashMap::new();
    let mut worst = Span::ZERO;
    each(replay, |step| {
        if let Event::Timer(TimerEvent::Fired { timer }) = step.event {
            let fired = step.before.timer(timer);
            due.extend(fired.and_then(|timer| Some((timer.task?, timer.deadline))));
        }
        if let Some(due) = polls(step.event).and_then(|task| due.remove(&task)) {
            worst = worst.max(step.at().since(due));
        }
    });
    length(worst)
}

/// The longest time from a timer's deadline until it left the queue, fired or cancelled.
pub(super) fn worst_overdue(replay: &Replay) -> String {
    let mut worst = Span::ZERO;
    each(replay, |step| {
        if let Event::Timer(TimerEvent::Fired { timer } | TimerEvent::Cancelled { timer }) =
            step.event
            && let Some(timer) = step.before.timer(timer)
        {
            worst = worst.max(step.at().since(timer.deadline));
        }
    });
    length(worst)
}

/// The longest time from the completion of a task to the next poll of main.
pub(super) fn longest_unhandled(replay: &Replay) -> String {
    let mut unhandled_since: Option<Moment> = None;
    let mut longest = Span::ZERO;
    each(replay, |step| {
        if polls(step.event) == Some(MAIN)
            && let Some(since) = unhandled_since.take()
        {
            longest = longest.max(step.at().since(since));
        }
        if let Some((_, PollOutcome::Ready)) = ends(step.event) {
            unhandled_since.get_or_insert(step.at());
        }
    });
    length(longest)
}

/// The time from the end of one task to the end of another.
pub(super) fn outlived(replay: &Replay, first: &str, other: &str) -> String {
    let end = |name: &str| {
        let wanted = task(replay, name)?;
        let mut at = None;
        each(replay, |step| {
            if ends(step.event).is_some_and(|(task, _)| task == wanted) {
                at = Some(step.at());
            }
        });
        at
    };
    match (end(first), end(other)) {
        (Some(first), Some(other)) => length(other.since(first)),
        (None, _) | (_, None) => "not both ended".to_owned(),
    }
}

// ---- lines of output

/// How many lines were printed from the spawn of a task to its first poll.
pub(super) fn lines_before_first_poll(replay: &Replay, name: &str) -> String {
    of_task(replay, name, |waiting| {
        let mut lines = 0;
        each(replay, |step| {
            let row = step.before.tasks.get(waiting);
            let is_unpolled = row.is_some_and(|row| row.polls() == 0);
            if matches!(step.event, Event::Output { .. }) && is_unpolled {
                lines += 1;
            }
        });
        lines.to_string()
    })
}

pub(super) fn lines_in_one_poll(replay: &Replay) -> String {
    let (mut lines, mut most) = (0, 0);
    each(replay, |step| {
        if polls(step.event).is_some() {
            lines = 0;
        }
        if matches!(step.event, Event::Output { .. }) {
            lines += 1;
            most = most.max(lines);
        }
    });
    most.to_string()
}

/// How many lines other tasks printed while a cancellation was requested and not yet delivered.
pub(super) fn lines_while_cancelling(replay: &Replay) -> String {
    let mut cancelling: Option<TaskId> = None;
    let mut lines = 0;
    each(replay, |step| {
        if let Event::Task(TaskEvent::CancelRequested { task, .. }) = step.event {
            cancelling = Some(task);
        }
        if ends(step.event).is_some_and(|(task, _)| cancelling == Some(task)) {
            cancelling = None;
        }
        if matches!(step.event, Event::Output { .. })
            && let (Some(cancelling), Some(printing)) = (cancelling, step.before.running.task())
            && cancelling != printing
        {
            lines += 1;
        }
    });
    lines.to_string()
}

// ---- counts and outcomes

pub(super) fn timers_at_once(replay: &Replay) -> String {
    summary(replay).timers_at_once.to_string()
}

pub(super) fn sleeping_at_once(replay: &Replay) -> String {
    summary(replay).sleeping_at_once.to_string()
}

/// The last that is known of a named future. Python has the same fate for what is awaited.
pub(super) fn fate_of_future(replay: &Replay, name: &str, language: Language) -> String {
    let mut future: Option<ResourceId> = None;
    let mut fate = Phrase::same("never made");
    each(replay, |step| {
        let Event::Resource(event) = step.event else {
            return;
        };
        match event {
            ResourceEvent::Created {
                resource,
                kind: ResourceKind::Foreign,
                name: created,
                ..
            } if step.tables().text(created) == name => {
                future = Some(resource);
                fate = Phrase::new("never polled", "never awaited");
            }
            ResourceEvent::Op { resource, op, .. } if future == Some(resource) => {
                if op == ResourceOp::Begun {
                    fate = Phrase::new("polled, not to its end", "awaited, not to its end");
                } else if op == ResourceOp::Ended {
                    fate = Phrase::new("polled to its end", "awaited to its end");
                }
            }
            ResourceEvent::Dropped { resource } if future == Some(resource) => future = None,
            ResourceEvent::Created { .. }
            | ResourceEvent::Op { .. }
            | ResourceEvent::Member { .. }
            | ResourceEvent::Bytes { .. }
            | ResourceEvent::Dropped { .. } => {}
        }
    });
    fate.text(language).to_owned()
}

pub(super) fn unseen_failures(replay: &Replay) -> String {
    let mut awaited = Vec::new();
    each(replay, |step| {
        if let Event::Task(
            TaskEvent::Wait {
                on: Wait::Join(task),
                ..
            }
            | TaskEvent::Joined { joined: task, .. },
        )
        | Event::Resource(ResourceEvent::Member { task, .. }) = step.event
        {
            awaited.push(task);
        }
    });
    let tasks = replay.index().head().tasks.iter();
    let unseen = tasks.filter(|(task, row)| {
        *task != MAIN && row.status() == Status::Failed && !awaited.contains(task)
    });
    unseen.count().to_string()
}

/// How many tasks were cancelled after main had ended.
pub(super) fn cut_off(replay: &Replay) -> String {
    let (mut main_ended, mut cut) = (false, 0);
    each(replay, |step| match ends(step.event) {
        Some((MAIN, _)) => main_ended = true,
        Some((_, PollOutcome::Cancelled)) if main_ended => cut += 1,
        Some(_) | None => {}
    });
    cut.to_string()
}

pub(super) fn polls_and_end(replay: &Replay, name: &str) -> String {
    of_task(replay, name, |task| {
        let head = replay.index().head();
        let row = head.tasks.get(task);
        let end = match row.map_or(Status::Absent, TaskState::status) {
            Status::Done => "done",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
            Status::Absent
            | Status::Ready
            | Status::Running
            | Status::Timer
            | Status::Pending
            | Status::Unknown => "not ended",
        };
        format!("{} ({end})", row.map_or(0, TaskState::polls))
    })
}

/// How many tasks wait, at the end, for a lock that they hold themselves.
pub(super) fn tasks_blocked_on_themselves(replay: &Replay) -> String {
    let head = replay.index().head();
    let mut unfinished: Vec<_> = head.tasks.unfinished().collect();
    unfinished.retain(|(task, _)| waits_for_itself(head, *task));
    unfinished.len().to_string()
}

/// The operations on the channel with this name, each with its value.
fn channel_ops(replay: &Replay, name: &str) -> Vec<(ResourceOp, u32)> {
    let mut ops = Vec::new();
    each(replay, |step| {
        if let Event::Resource(ResourceEvent::Op {
            resource,
            op,
            value,
        }) = step.event
            && let Some(resource) = step.before.resource(resource)
            && resource.kind == ResourceKind::Channel
            && step.tables().text(resource.name) == name
        {
            ops.push((op, value));
        }
    });
    ops
}

/// The greatest length of a channel after an item was put into it.
pub(super) fn depth(replay: &Replay, name: &str) -> String {
    let ops = channel_ops(replay, name);
    let sent = ops.iter().filter(|(op, _)| *op == ResourceOp::Sent);
    let most = sent.map(|(_, length)| *length).max();
    most.unwrap_or(0).to_string()
}

/// The number in a shared value at the end.
pub(super) fn last_value(replay: &Replay, name: &str) -> String {
    let mut values = replay.index().history().values().iter();
    let value = values.find(|value| replay.tables().text(value.name) == name);
    let last = value.and_then(|value| value.accesses.last());
    last.map_or_else(
        || format!("no value {name}"),
        |last| format!("{name} {}", last.value),
    )
}

/// How many items were taken out of one channel, and how many were put into another.
pub(super) fn taken_and_sent(replay: &Replay, from: &str, to: &str) -> String {
    let count = |name: &str, wanted: ResourceOp| {
        let ops = channel_ops(replay, name);
        ops.iter().filter(|(op, _)| *op == wanted).count()
    };
    let taken = count(from, ResourceOp::Received);
    let sent = count(to, ResourceOp::Sent);
    format!("{taken} taken, {sent} delivered")
}

/// The number of ticks from the first poll of one task to that of another, both ticks included.
pub(super) fn ticks_between(replay: &Replay, first: &str, second: &str) -> String {
    let first_tick = |name: &str| {
        let wanted = task(replay, name)?;
        let mut events = replay.events_from(Position(0));
        let (_, _, cursor) = events.find(|(_, event, _)| polls(*event) == Some(wanted))?;
        Some(cursor.ticks)
    };
    match (first_tick(first), first_tick(second)) {
        (Some(first), Some(second)) => (second.saturating_sub(first) + 1).to_string(),
        (None, _) | (_, None) => "they did not both run".to_owned(),
    }
}

pub(super) fn polls_and_wakes(replay: &Replay, name: &str) -> String {
    of_task(replay, name, |waiter| {
        let (mut polled, mut woken) = (0, 0);
        each(replay, |step| {
            polled += u32::from(polls(step.event) == Some(waiter));
            woken += u32::from(wakes(step.event) == Some(waiter));
        });
        let s = if woken == 1 { "" } else { "s" };
        format!("{polled} polls, {woken} wake{s}")
    })
}

//! How many of something there were, and what became of it.

use crate::replay::{Replay, Status, TaskState};
use crate::trace::{
    Event, PollOutcome, Position, ResourceEvent, ResourceId, ResourceKind, ResourceOp, TaskEvent,
    Wait, WakeEffect,
};

use super::{
    super::super::{blocked_on::waits_for_itself, summary::summary},
    MAIN, each, ends, of_task, task,
};

pub(in crate::insight::lesson) fn timers_at_once(replay: &Replay) -> String {
    summary(replay).timers_at_once.to_string()
}

pub(in crate::insight::lesson) fn sleeping_at_once(replay: &Replay) -> String {
    summary(replay).sleeping_at_once.to_string()
}

/// What became of a future with a name: the last that is known of it.
pub(in crate::insight::lesson) fn fate_of_future(replay: &Replay, name: &str) -> String {
    let mut future: Option<ResourceId> = None;
    let mut fate = "never made";
    each(replay, |step| match step.event {
        Event::Resource(ResourceEvent::Created {
            resource,
            kind: ResourceKind::Foreign,
            name: called,
            ..
        }) if step.tables().text(called) == name => {
            future = Some(resource);
            fate = "never polled";
        }
        Event::Resource(ResourceEvent::Op { resource, op, .. }) if future == Some(resource) => {
            match op {
                ResourceOp::Begun => fate = "polled, not to its end",
                ResourceOp::Ended => fate = "polled to its end",
                ResourceOp::Sent
                | ResourceOp::Received
                | ResourceOp::Closed
                | ResourceOp::Acquired
                | ResourceOp::Released
                | ResourceOp::Set
                | ResourceOp::Cleared
                | ResourceOp::Abandoned
                | ResourceOp::Read
                | ResourceOp::Wrote
                | ResourceOp::Accepted
                | ResourceOp::Connected
                | ResourceOp::Loaded
                | ResourceOp::Stored => {}
            }
        }
        Event::Resource(ResourceEvent::Dropped { resource }) if future == Some(resource) => {
            future = None;
        }
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => {}
    });
    fate.to_owned()
}

pub(in crate::insight::lesson) fn unseen_failures(replay: &Replay) -> String {
    let mut awaited = Vec::new();
    each(replay, |step| {
        if let Event::Task(TaskEvent::Wait {
            on: Wait::Join(task),
            ..
        }) = step.event
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

/// Tasks that were told to end after main had ended.
pub(in crate::insight::lesson) fn cut_off(replay: &Replay) -> String {
    let (mut main_ended, mut cut) = (false, 0);
    each(replay, |step| match ends(step.event) {
        Some((MAIN, _)) => main_ended = true,
        Some((_, PollOutcome::Cancelled)) if main_ended => cut += 1,
        _ => {}
    });
    cut.to_string()
}

pub(in crate::insight::lesson) fn polls_and_end(replay: &Replay, name: &str) -> String {
    of_task(replay, name, |task| {
        let head = replay.index().head();
        let row = head.tasks.get(task);
        let end = match row.map(TaskState::status) {
            Some(Status::Done) => "done",
            Some(Status::Failed) => "failed",
            Some(Status::Cancelled) => "cancelled",
            _ => "not ended",
        };
        format!("{} ({end})", row.map_or(0, |row| row.polls))
    })
}

/// Tasks that stand, at the end, before a lock that they hold themselves.
pub(in crate::insight::lesson) fn tasks_blocked_on_themselves(replay: &Replay) -> String {
    let head = replay.index().head();
    let stuck = head
        .tasks
        .unfinished()
        .filter(|(task, _)| waits_for_itself(head, *task));
    stuck.count().to_string()
}

/// What was done to the channel of this name: how, and what its length was then.
fn channel_uses(replay: &Replay, name: &str) -> Vec<(ResourceOp, u32)> {
    let mut uses = Vec::new();
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
            uses.push((op, value));
        }
    });
    uses
}

/// The most items in a channel after one more was put into it.
pub(in crate::insight::lesson) fn depth(replay: &Replay, name: &str) -> String {
    let uses = channel_uses(replay, name);
    let sent = uses.iter().filter(|(op, _)| *op == ResourceOp::Sent);
    let most = sent.map(|(_, length)| *length).max();
    most.unwrap_or(0).to_string()
}

/// What a shared value of this name is at the end.
pub(in crate::insight::lesson) fn last_value(replay: &Replay, name: &str) -> String {
    let mut values = replay.index().history().values().iter();
    let value = values.find(|value| replay.tables().text(value.name) == name);
    let last = value.and_then(|value| value.accesses.last());
    last.map_or_else(
        || format!("no value {name}"),
        |last| format!("{name} {}", last.value),
    )
}

/// How many items were taken out of one channel, and put into another.
pub(in crate::insight::lesson) fn taken_and_sent(replay: &Replay, from: &str, to: &str) -> String {
    let count = |name: &str, wanted: ResourceOp| {
        let uses = channel_uses(replay, name);
        uses.iter().filter(|(op, _)| *op == wanted).count()
    };
    let (taken, sent) = (
        count(from, ResourceOp::Received),
        count(to, ResourceOp::Sent),
    );
    format!("{taken} taken, {sent} delivered")
}

/// Over how many ticks the first turns of two tasks lie, both ends counted.
pub(in crate::insight::lesson) fn ticks_between(
    replay: &Replay,
    first: &str,
    second: &str,
) -> String {
    let first_tick = |name: &str| {
        let task = task(replay, name)?;
        let turn = replay
            .events_from(Position(0))
            .find(|(_, event, _)| *event == Event::Task(TaskEvent::PollStart { task }))?;
        Some(replay.state_at(turn.0).tick())
    };
    match (first_tick(first), first_tick(second)) {
        (Some(first), Some(second)) => (second.saturating_sub(first) + 1).to_string(),
        _ => "they did not both run".to_owned(),
    }
}

pub(in crate::insight::lesson) fn polls_and_wakes(replay: &Replay, name: &str) -> String {
    of_task(replay, name, |waiter| {
        let (mut polls, mut wakes) = (0, 0);
        each(replay, |step| match step.event {
            Event::Task(TaskEvent::PollStart { task }) if task == waiter => polls += 1,
            Event::Task(TaskEvent::Wake {
                task,
                effect: WakeEffect::Enqueued,
                ..
            }) if task == waiter => wakes += 1,
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        });
        let wakes = if wakes == 1 {
            "1 wake".to_owned()
        } else {
            format!("{wakes} wakes")
        };
        format!("{polls} polls, {wakes}")
    })
}

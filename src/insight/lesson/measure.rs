//! The numbers behind the lessons, each from one pass over a trace.

use std::collections::HashMap;

use crate::replay::{Replay, Running, State, Status};
use crate::trace::{
    Event, Moment, PollOutcome, Position, ResourceId, ResourceKind, TaskId, Verb, Wait, WakeEffect,
};

use super::super::{narrate::Step, summary::summary, words::seconds};

const MAIN: TaskId = TaskId(0);

/// Shows every event of a run, with the state before it.
fn each(replay: &Replay, mut see: impl FnMut(&Step<'_>)) {
    let mut state = State::new();
    while let Some(step) = Step::after(replay, &state) {
        see(&step);
        if state.step(&replay.log().bytes).is_none() {
            break;
        }
    }
}

fn span(nanoseconds: u64) -> String {
    format!("{} s", seconds(nanoseconds))
}

/// The first task of this name.
fn task(replay: &Replay, name: &str) -> Option<TaskId> {
    let head = replay.index().head();
    let mut tasks = head.tasks.iter().map(|(task, _)| task);
    tasks.find(|task| replay.tables().task_name(*task) == name)
}

/// A number that is about one task.
fn of_task(replay: &Replay, name: &str, number: impl FnOnce(TaskId) -> String) -> String {
    task(replay, name).map_or_else(|| format!("no task {name}"), number)
}

fn ends(event: Event) -> Option<(TaskId, PollOutcome)> {
    match event {
        Event::PollEnd { task, outcome, .. } if outcome != PollOutcome::Pending => {
            Some((task, outcome))
        }
        _ => None,
    }
}

pub(super) fn timers_at_once(replay: &Replay) -> String {
    summary(replay).timers_at_once.to_string()
}

pub(super) fn sleeping_at_once(replay: &Replay) -> String {
    summary(replay).sleeping_at_once.to_string()
}

pub(super) fn total(replay: &Replay) -> String {
    span(summary(replay).total.0)
}

pub(super) fn time_in_join(replay: &Replay, name: &str) -> String {
    of_task(replay, name, |stands| {
        let mut joined = 0;
        each(replay, |step| {
            let Event::Wake { task, effect, .. } = step.event else {
                return;
            };
            let row = step.before.tasks.get(task).filter(|_| task == stands);
            if let (Some(row), WakeEffect::Enqueued) = (row, effect)
                && matches!(row.wait, Wait::Join(_))
            {
                joined += step.at.since(row.since);
            }
        });
        span(joined)
    })
}

/// What became of a future with a name: the last that is known of it.
pub(super) fn fate_of_future(replay: &Replay, name: &str) -> String {
    let mut future: Option<ResourceId> = None;
    let mut fate = "never made";
    each(replay, |step| match step.event {
        Event::ResourceNew {
            resource,
            kind: ResourceKind::Foreign,
            name: called,
            ..
        } if step.tables.text(called) == name => {
            future = Some(resource);
            fate = "never polled";
        }
        Event::Use { resource, verb, .. } if future == Some(resource) => match verb {
            Verb::Begun => fate = "polled, not to its end",
            Verb::Ended => fate = "polled to its end",
            _ => {}
        },
        Event::ResourceDropped { resource } if future == Some(resource) => future = None,
        _ => {}
    });
    fate.to_owned()
}

pub(super) fn lines_before_first_turn(replay: &Replay, name: &str) -> String {
    of_task(replay, name, |waiting| {
        let (mut stands, mut lines) = (false, 0);
        each(replay, |step| match step.event {
            Event::Spawn { task, .. } if task == waiting => stands = true,
            Event::PollStart { task } if task == waiting => stands = false,
            Event::Output { .. } if stands => lines += 1,
            _ => {}
        });
        lines.to_string()
    })
}

pub(super) fn lines_in_one_turn(replay: &Replay) -> String {
    let (mut lines, mut most) = (0, 0);
    each(replay, |step| match step.event {
        Event::PollStart { .. } => lines = 0,
        Event::Output { .. } => {
            lines += 1;
            most = most.max(lines);
        }
        _ => {}
    });
    most.to_string()
}

/// The longest that it took from a timer's due time to the turn of the task that waited for it.
pub(super) fn latest_turn(replay: &Replay) -> String {
    let mut due: HashMap<TaskId, Moment> = HashMap::new();
    let mut latest = 0;
    each(replay, |step| match step.event {
        Event::TimerFired { timer } => {
            let fired = step.before.timers.get(timer.index()).copied().flatten();
            due.extend(fired.map(|timer| (timer.task, timer.deadline)));
        }
        Event::PollStart { task } => {
            let late = due.remove(&task).map_or(0, |due| step.at.since(due));
            latest = latest.max(late);
        }
        _ => {}
    });
    span(latest)
}

/// The longest from the end of a task to the next turn of main.
pub(super) fn longest_unhandled(replay: &Replay) -> String {
    let mut lies_since: Option<Moment> = None;
    let mut longest = 0;
    each(replay, |step| {
        if let Event::PollStart { task: MAIN } = step.event {
            let lay = lies_since.take().map_or(0, |since| step.at.since(since));
            longest = longest.max(lay);
        }
        if let Some((_, PollOutcome::Ready)) = ends(step.event) {
            lies_since.get_or_insert(step.at);
        }
    });
    span(longest)
}

pub(super) fn outlived(replay: &Replay, first: &str, other: &str) -> String {
    let [mut first_end, mut other_end] = [None; 2];
    let [first, other] = [first, other].map(|name| task(replay, name));
    each(replay, |step| {
        let end = ends(step.event).map(|(task, _)| task);
        if end.is_some() && end == first {
            first_end = Some(step.at);
        }
        if end.is_some() && end == other {
            other_end = Some(step.at);
        }
    });
    match (first_end, other_end) {
        (Some(first), Some(other)) => span(other.since(first)),
        _ => "not both ended".to_owned(),
    }
}

pub(super) fn unseen_failures(replay: &Replay) -> String {
    let mut awaited = Vec::new();
    each(replay, |step| {
        if let Event::Wait {
            on: Wait::Join(task),
            ..
        } = step.event
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
pub(super) fn cut_off(replay: &Replay) -> String {
    let (mut main_ended, mut cut) = (false, 0);
    each(replay, |step| match ends(step.event) {
        Some((MAIN, _)) => main_ended = true,
        Some((_, PollOutcome::Cancelled)) if main_ended => cut += 1,
        _ => {}
    });
    cut.to_string()
}

pub(super) fn turns_and_end(replay: &Replay, name: &str) -> String {
    of_task(replay, name, |task| {
        let head = replay.index().head();
        let row = head.tasks.get(task);
        let end = match row.map(crate::replay::TaskState::status) {
            Some(Status::Done) => "done",
            Some(Status::Failed) => "failed",
            Some(Status::Cancelled) => "cancelled",
            _ => "not ended",
        };
        format!("{} ({end})", row.map_or(0, |row| row.polls))
    })
}

/// Lines that others printed between the asking of a task to end and its end.
pub(super) fn lines_while_cancelling(replay: &Replay) -> String {
    let mut asked: Option<TaskId> = None;
    let mut lines = 0;
    each(replay, |step| match step.event {
        Event::CancelAsked { task } => asked = Some(task),
        Event::Output { .. } => {
            if let (Some(asked), Running::Task(task)) = (asked, step.before.running)
                && asked != task
            {
                lines += 1;
            }
        }
        event => asked = asked.filter(|asked| ends(event).is_none_or(|(task, _)| task != *asked)),
    });
    lines.to_string()
}

/// The longest that a timer stood in the queue after it was due, whether it fired then or was given up.
pub(super) fn overdue(replay: &Replay) -> String {
    let mut most = 0;
    each(replay, |step| {
        let (Event::TimerFired { timer } | Event::TimerCancelled { timer }) = step.event else {
            return;
        };
        if let Some(timer) = step.before.timers.get(timer.index()).copied().flatten() {
            most = most.max(step.at.since(timer.deadline));
        }
    });
    span(most)
}

pub(super) fn last_line(replay: &Replay) -> String {
    let last = replay.index().outputs().last();
    last.map_or("nothing", |line| replay.tables().text(line.text))
        .to_owned()
}

/// Tasks that stand, at the end, before a lock that they hold themselves.
pub(super) fn waiting_for_themselves(replay: &Replay) -> String {
    let head = replay.index().head();
    let stuck = head.tasks.living().filter(|(task, row)| match row.wait {
        Wait::Acquire(lock) if row.status() == Status::Pending => head
            .resource(lock)
            .is_some_and(|lock| lock.kind == ResourceKind::Lock && lock.user == Some(*task)),
        _ => false,
    });
    stuck.count().to_string()
}

/// What was done to the channel of this name: how, and what its length was then.
fn channel_uses(replay: &Replay, name: &str) -> Vec<(Verb, u32)> {
    let mut uses = Vec::new();
    each(replay, |step| {
        if let Event::Use {
            resource,
            verb,
            value,
        } = step.event
            && let Some(resource) = step.before.resource(resource)
            && resource.kind == ResourceKind::Channel
            && step.tables.text(resource.name) == name
        {
            uses.push((verb, value));
        }
    });
    uses
}

/// The most items in a channel after one more was put into it.
pub(super) fn depth(replay: &Replay, name: &str) -> String {
    let uses = channel_uses(replay, name);
    let sent = uses.iter().filter(|(verb, _)| *verb == Verb::Sent);
    let most = sent.map(|(_, length)| *length).max();
    most.unwrap_or(0).to_string()
}

/// How many items were taken out of one channel, and put into another.
pub(super) fn taken_and_sent(replay: &Replay, from: &str, to: &str) -> String {
    let count = |name: &str, wanted: Verb| {
        let uses = channel_uses(replay, name);
        uses.iter().filter(|(verb, _)| *verb == wanted).count()
    };
    let (taken, sent) = (count(from, Verb::Received), count(to, Verb::Sent));
    format!("{taken} taken, {sent} delivered")
}

/// Over how many ticks the first turns of two tasks lie, both ends counted.
pub(super) fn ticks_between(replay: &Replay, first: &str, second: &str) -> String {
    let first_tick = |name: &str| {
        let task = task(replay, name)?;
        let turn = replay
            .events_from(Position(0))
            .find(|(_, event, _)| *event == Event::PollStart { task })?;
        Some(replay.state_at(turn.0).tick())
    };
    match (first_tick(first), first_tick(second)) {
        (Some(first), Some(second)) => (second.saturating_sub(first) + 1).to_string(),
        _ => "they did not both run".to_owned(),
    }
}

pub(super) fn polls_and_wakes(replay: &Replay, name: &str) -> String {
    of_task(replay, name, |waiter| {
        let (mut polls, mut wakes) = (0, 0);
        each(replay, |step| match step.event {
            Event::PollStart { task } if task == waiter => polls += 1,
            Event::Wake {
                task,
                effect: WakeEffect::Enqueued,
                ..
            } if task == waiter => wakes += 1,
            _ => {}
        });
        let wakes = if wakes == 1 {
            "1 wake".to_owned()
        } else {
            format!("{wakes} wakes")
        };
        format!("{polls} polls, {wakes}")
    })
}

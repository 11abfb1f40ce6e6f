//! How long something took.

use std::collections::HashMap;

use crate::replay::Replay;
use crate::trace::{
    Event, Moment, PollOutcome, Span, TaskEvent, TaskId, TimerEvent, Wait, WakeEffect,
};

use super::{
    super::super::{summary::summary, words::seconds},
    MAIN, each, ends, of_task, task,
};

fn span(span: Span) -> String {
    format!("{} s", seconds(span))
}

pub(in crate::insight::lesson) fn total(replay: &Replay) -> String {
    span(summary(replay).total)
}

pub(in crate::insight::lesson) fn time_in_join(replay: &Replay, name: &str) -> String {
    of_task(replay, name, |stands| {
        let mut joined = Span::ZERO;
        each(replay, |step| {
            let Event::Task(TaskEvent::Wake { task, effect, .. }) = step.event else {
                return;
            };
            let row = step.before.tasks.get(task).filter(|_| task == stands);
            if let (Some(row), WakeEffect::Enqueued) = (row, effect)
                && matches!(row.wait, Wait::Join(_))
            {
                joined += step.at().since(row.since);
            }
        });
        span(joined)
    })
}

/// The longest that it took from a timer's due time to the turn of the task that waited for it.
pub(in crate::insight::lesson) fn worst_poll_delay(replay: &Replay) -> String {
    let mut due: HashMap<TaskId, Moment> = HashMap::new();
    let mut latest = Span::ZERO;
    each(replay, |step| match step.event {
        Event::Timer(TimerEvent::Fired { timer }) => {
            let fired = step.before.timer(timer).copied();
            due.extend(fired.map(|timer| (timer.task, timer.deadline)));
        }
        Event::Task(TaskEvent::PollStart { task }) => {
            let late = due
                .remove(&task)
                .map_or(Span::ZERO, |due| step.at().since(due));
            latest = latest.max(late);
        }
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => {}
    });
    span(latest)
}

/// The longest from the end of a task to the next turn of main.
pub(in crate::insight::lesson) fn longest_unhandled(replay: &Replay) -> String {
    let mut lies_since: Option<Moment> = None;
    let mut longest = Span::ZERO;
    each(replay, |step| {
        if let Event::Task(TaskEvent::PollStart { task: MAIN }) = step.event {
            let lay = lies_since
                .take()
                .map_or(Span::ZERO, |since| step.at().since(since));
            longest = longest.max(lay);
        }
        if let Some((_, PollOutcome::Ready)) = ends(step.event) {
            lies_since.get_or_insert(step.at());
        }
    });
    span(longest)
}

pub(in crate::insight::lesson) fn outlived(replay: &Replay, first: &str, other: &str) -> String {
    let [mut first_end, mut other_end] = [None; 2];
    let [first, other] = [first, other].map(|name| task(replay, name));
    each(replay, |step| {
        let end = ends(step.event).map(|(task, _)| task);
        if end.is_some() && end == first {
            first_end = Some(step.at());
        }
        if end.is_some() && end == other {
            other_end = Some(step.at());
        }
    });
    match (first_end, other_end) {
        (Some(first), Some(other)) => span(other.since(first)),
        _ => "not both ended".to_owned(),
    }
}

/// The longest that a timer stood in the queue after it was due, whether it fired then or was given up.
pub(in crate::insight::lesson) fn worst_overdue(replay: &Replay) -> String {
    let mut most = Span::ZERO;
    each(replay, |step| {
        let Event::Timer(TimerEvent::Fired { timer } | TimerEvent::Cancelled { timer }) =
            step.event
        else {
            return;
        };
        if let Some(timer) = step.before.timer(timer).copied() {
            most = most.max(step.at().since(timer.deadline));
        }
    });
    span(most)
}

//! What was printed, and when.

use crate::replay::{Replay, Running};
use crate::trace::{Event, TaskEvent, TaskId};

use super::{each, ends, of_task};

pub(in crate::insight::lesson) fn lines_before_first_poll(replay: &Replay, name: &str) -> String {
    of_task(replay, name, |waiting| {
        let (mut stands, mut lines) = (false, 0);
        each(replay, |step| match step.event {
            Event::Task(TaskEvent::Spawn { task, .. }) if task == waiting => stands = true,
            Event::Task(TaskEvent::PollStart { task }) if task == waiting => stands = false,
            Event::Output { .. } if stands => lines += 1,
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        });
        lines.to_string()
    })
}

pub(in crate::insight::lesson) fn lines_in_one_poll(replay: &Replay) -> String {
    let (mut lines, mut most) = (0, 0);
    each(replay, |step| match step.event {
        Event::Task(TaskEvent::PollStart { .. }) => lines = 0,
        Event::Output { .. } => {
            lines += 1;
            most = most.max(lines);
        }
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Gap { .. } => {}
    });
    most.to_string()
}

/// Lines that others printed between the asking of a task to end and its end.
pub(in crate::insight::lesson) fn lines_while_cancelling(replay: &Replay) -> String {
    let mut asked: Option<TaskId> = None;
    let mut lines = 0;
    each(replay, |step| match step.event {
        Event::Task(TaskEvent::CancelRequested { task, .. }) => asked = Some(task),
        Event::Output { .. } => {
            if let (Some(asked), Running::Task(task)) = (asked, step.before.running)
                && asked != task
            {
                lines += 1;
            }
        }
        event @ (Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Gap { .. }) => {
            asked = asked.filter(|asked| ends(event).is_none_or(|(task, _)| task != *asked));
        }
    });
    lines.to_string()
}

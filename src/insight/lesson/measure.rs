//! The numbers behind the lessons, each from a pass or two over a trace.

mod count;
mod lines;
mod time;

pub(super) use count::{
    cut_off, depth, fate_of_future, last_value, polls_and_end, polls_and_wakes, sleeping_at_once,
    taken_and_sent, tasks_blocked_on_themselves, ticks_between, timers_at_once, unseen_failures,
};
pub(super) use lines::{lines_before_first_poll, lines_in_one_poll, lines_while_cancelling};
pub(super) use time::{
    longest_unhandled, outlived, time_in_join, total, worst_overdue, worst_poll_delay,
};

use crate::replay::{EventStep, Replay};
use crate::trace::{Event, PollOutcome, Position, TaskEvent, TaskId};

const MAIN: TaskId = TaskId(0);

/// Shows every event of a run, with the state before it.
fn each(replay: &Replay, mut see: impl FnMut(&EventStep<'_>)) {
    let mut steps = replay.steps(Position(0)..replay.end());
    while let Some(step) = steps.next_step() {
        see(&step);
    }
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

/// The task that ends with this event, and how.
fn ends(event: Event) -> Option<(TaskId, PollOutcome)> {
    match event {
        Event::Task(TaskEvent::PollEnd { task, outcome, .. })
            if outcome != PollOutcome::Pending =>
        {
            Some((task, outcome))
        }
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => None,
    }
}

//! What a poll has delayed: timers, tasks in the ready queue, and callbacks.

use crate::replay::{EventStep, Status, TimerState};
use crate::trace::{CallbackId, LocationId, Moment, Span, TaskId};

use super::open_poll::OpenPoll;

/// The most timers, or tasks in the ready queue, that are searched for delayed ones.
pub(super) const SEARCHED: usize = 4096;

/// What a poll has delayed.
#[derive(Clone, Debug, Default)]
pub(super) struct Harm {
    /// How many tasks.
    pub(super) delayed: u64,
    /// How many callbacks.
    pub(super) callbacks: u64,
    pub(super) sum: Span,
    /// The task or callback (`None`) that was delayed most, and by how much.
    pub(super) worst: Option<(Option<TaskId>, Span)>,
    /// The timers among it: the waiting task, its `.await`, the delay. That of a callback has no task.
    pub(super) timers: Vec<(Option<TaskId>, LocationId, Span)>,
}

/// How many tasks a poll has delayed, when this step ends it.
pub(in crate::insight::findings) fn delayed_by(step: &EventStep<'_>, poll: &OpenPoll) -> u64 {
    harm(step, poll, &[]).delayed
}

/// What a poll has delayed, when this step ends it. `arrived` are the callbacks that had entered the ready
/// queue by themselves.
pub(super) fn harm(
    step: &EventStep<'_>,
    poll: &OpenPoll,
    arrived: &[(CallbackId, Moment)],
) -> Harm {
    let (from, to) = (poll.from, step.at());
    let mut harm = Harm::default();
    let mut add = |task: Option<TaskId>, by: Span| {
        match task {
            Some(_) => harm.delayed += 1,
            None => harm.callbacks += 1,
        }
        harm.sum += by;
        if by > harm.worst.map_or(Span::ZERO, |(_, worst)| worst) {
            harm.worst = Some((task, by));
        }
    };
    let others = |task: TaskId| Some(task) != poll.task;
    // A timer that the polled task had set before is that of a callback or a limit.
    let is_other = |timer: &&TimerState| timer.task != poll.task || timer.set < poll.started;
    let timers = step.before.timers.values().take(SEARCHED);
    let mut timers: Vec<(Option<TaskId>, LocationId, Span)> = timers
        .filter(|timer| timer.deadline < to && is_other(timer))
        .map(|timer| {
            let row = timer.task.and_then(|task| step.before.tasks.get(task));
            let at = row.map_or(LocationId::UNKNOWN, |row| row.wait_at);
            (timer.task, at, to.since(timer.deadline.max(from)))
        })
        .collect();
    for (task, _, by) in &timers {
        add(*task, *by);
    }
    let rows = step.before.tasks.unfinished().take(SEARCHED);
    let ready = rows.filter(|(task, row)| row.status() == Status::Ready && others(*task));
    for (task, row) in ready {
        let is_known = poll.has_times || row.woken() < poll.started;
        if is_known && row.since < to {
            add(Some(task), to.since(row.since.max(from)));
        }
    }
    let waits =
        |(callback, _): &&(CallbackId, Moment)| step.before.callbacks.contains_key(callback);
    let waiting: Vec<_> = arrived.iter().filter(waits).collect();
    // A single one may be for the task that is polled.
    if waiting.len() > 1 {
        for (_, since) in waiting {
            add(None, to.since((*since).max(from)));
        }
    }
    timers.sort_by_key(|(_, _, by)| std::cmp::Reverse(*by));
    harm.timers = timers;
    harm
}

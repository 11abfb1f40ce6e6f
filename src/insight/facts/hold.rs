//! What held the loop, and whom that delayed.
//!
//! A poll holds the loop for as long as it takes. On the virtual clock this is the time that the
//! task says it works; on a real clock, the time that the poll took. Two kinds of tasks are delayed
//! by it: those whose timer was due meanwhile, and those that were in the ready queue.

use crate::replay::{EventStep, Replay, Running, Status};
use crate::trace::{
    Advance, CallbackEvent, Event, LoopEvent, Moment, Position, Span, TaskEvent, TaskId,
};

/// How many timers, or tasks in the ready queue, are searched for delayed ones.
const SEARCHED: usize = 4096;

/// How many events are searched for the poll that delayed a task.
const BACK: u64 = 2048;

/// A stretch of time in which one poll held the loop.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HoldFact {
    /// What was running.
    pub by: Running,
    /// When the poll began.
    pub from: Moment,
    /// When it ended, or the current moment while it has not.
    pub to: Moment,
    /// The position after the event at `to`.
    pub event: Position,
    /// Whom it delayed, the longest delay first. Never the running task itself.
    pub delayed: Vec<Delay>,
}

/// A task that could not run because the loop was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delay {
    /// The task.
    pub task: TaskId,
    /// What it waited for.
    pub kind: DelayKind,
    /// By how much it has been delayed by this stretch.
    pub by: Span,
}

/// Why a delayed task would have run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelayKind {
    /// Its timer was due at this moment.
    Due(Moment),
    /// It was in the ready queue since this moment.
    ReadySince(Moment),
}

/// A task that runs, or a timer that fires, later than it could.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LateFact {
    /// The task.
    pub task: TaskId,
    /// Since when it could have run.
    pub kind: DelayKind,
    /// By how much it is late.
    pub by: Span,
    /// The poll that held the loop for most of that time; `None` if no single poll did.
    pub held: Option<HoldFact>,
}

impl HoldFact {
    /// How long the loop was held.
    pub fn length(&self) -> Span {
        self.to.since(self.from)
    }

    /// The longest delay.
    pub fn worst(&self) -> Option<Delay> {
        self.delayed.first().copied()
    }
}

/// What the poll that this event is part of has held the loop for, if the event makes the clock
/// move: the task works, or the poll ends.
pub fn hold(step: &EventStep<'_>) -> Option<HoldFact> {
    hold_at_least(step, Span(1))
}

/// The same, if the loop was held for at least this long. Delayed tasks are searched only then.
pub(crate) fn hold_at_least(step: &EventStep<'_>, least: Span) -> Option<HoldFact> {
    let moves = match step.event {
        Event::Loop(LoopEvent::Advance {
            why: Advance::Worked | Advance::Passed,
            ..
        })
        | Event::Task(TaskEvent::PollEnd { .. })
        | Event::Callback(CallbackEvent::End { .. }) => true,
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => false,
    };
    let by = step.before.running;
    let to = step.at();
    let from = match by {
        Running::Task(task) => step.before.tasks.get(task)?.since,
        Running::Callback(..) => step.before.now(),
        Running::Nothing => return None,
    };
    if !moves || to.since(from) < least {
        return None;
    }
    Some(HoldFact {
        by,
        from,
        to,
        event: step.position(),
        delayed: delayed(step, by, from, to),
    })
}

fn delayed(step: &EventStep<'_>, by: Running, from: Moment, to: Moment) -> Vec<Delay> {
    let running = by.task();
    let timers = step.before.timers.values().take(SEARCHED);
    let due = timers
        .filter(|timer| timer.deadline < to && timer.task != running)
        .filter_map(|timer| {
            Some(Delay {
                task: timer.task?,
                kind: DelayKind::Due(timer.deadline),
                by: to.since(timer.deadline.max(from)),
            })
        });
    let rows = step.before.tasks.unfinished().take(SEARCHED);
    let ready = rows
        .filter(|(task, row)| row.status() == Status::Ready && Some(*task) != running)
        .map(|(task, row)| Delay {
            task,
            kind: DelayKind::ReadySince(row.since),
            by: to.since(row.since.max(from)),
        });
    let mut delayed: Vec<Delay> = due.chain(ready).collect();
    delayed.sort_by_key(|delay| (std::cmp::Reverse(delay.by), delay.task));
    delayed
}

/// The lateness of a timer that fires, or of a task that is polled, with what held the loop
/// meanwhile.
pub fn late(step: &EventStep<'_>) -> Option<LateFact> {
    late_at_least(step, Span(1))
}

/// The same, if the lateness is at least this long. What held the loop is searched only then.
pub(crate) fn late_at_least(step: &EventStep<'_>, least: Span) -> Option<LateFact> {
    let (task, kind, since) = match step.event {
        Event::Timer(crate::trace::TimerEvent::Fired { timer }) => {
            let timer = step.before.timer(timer)?;
            let due = timer.deadline;
            (timer.task?, DelayKind::Due(due), due)
        }
        Event::Task(TaskEvent::PollStart { task }) => {
            let row = step.before.tasks.get(task)?;
            if row.status() != Status::Ready {
                return None;
            }
            (task, DelayKind::ReadySince(row.since), row.since)
        }
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => return None,
    };
    let by = step.at().since(since);
    if by < least {
        return None;
    }
    let held = hold_between(step.replay, since, step.before.position);
    let held = held.filter(|held| held.to.since(held.from.max(since)).0 >= by.0.div_ceil(2));
    Some(LateFact {
        task,
        kind,
        by,
        held,
    })
}

/// The poll that held the loop for the longest part of the time from `from` to a position. The
/// tasks that it delayed are not listed.
pub fn hold_between(replay: &Replay, from: Moment, until: Position) -> Option<HoldFact> {
    let start = replay
        .at_moment(from)
        .max(Position(until.0.saturating_sub(BACK)));
    let (mut running, mut since) = running_at(replay, start);
    let mut longest: Option<HoldFact> = None;
    for (position, event, cursor) in replay.events_from(start) {
        if position > until {
            break;
        }
        match event {
            Event::Task(TaskEvent::PollStart { task }) => {
                (running, since) = (Running::Task(task), cursor.now);
            }
            Event::Callback(CallbackEvent::Start { callback }) => {
                running = Running::Callback(callback, crate::trace::TextId::UNKNOWN);
                since = cursor.now;
            }
            Event::Loop(LoopEvent::Advance { .. })
            | Event::Task(TaskEvent::PollEnd { .. })
            | Event::Callback(CallbackEvent::End { .. })
                if running != Running::Nothing =>
            {
                let part = |held: &HoldFact| held.to.since(held.from.max(from));
                let held = HoldFact {
                    by: running,
                    from: since,
                    to: cursor.now,
                    event: position,
                    delayed: Vec::new(),
                };
                if part(&held) > longest.as_ref().map_or(Span::ZERO, part) {
                    longest = Some(held);
                }
                if !matches!(event, Event::Loop(_)) {
                    running = Running::Nothing;
                }
            }
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        }
    }
    longest
}

/// What runs at a position, and since when.
///
/// Mostly the events directly before the position tell. If the poll is longer than that, the state at
/// the position is needed, which takes a pass over all tasks.
fn running_at(replay: &Replay, at: Position) -> (Running, Moment) {
    let from = Position(at.0.saturating_sub(BACK));
    // At its start, the loop runs nothing.
    let mut found = (from == Position(0)).then_some((Running::Nothing, Moment::START));
    let events = replay.events_from(from);
    for (_, event, cursor) in events.take_while(|(position, ..)| *position <= at) {
        match event {
            Event::Task(TaskEvent::PollStart { task }) => {
                found = Some((Running::Task(task), cursor.now));
            }
            Event::Callback(CallbackEvent::Start { callback }) => {
                let name = crate::trace::TextId::UNKNOWN;
                found = Some((Running::Callback(callback, name), cursor.now));
            }
            Event::Task(TaskEvent::PollEnd { .. }) | Event::Callback(CallbackEvent::End { .. }) => {
                found = Some((Running::Nothing, cursor.now));
            }
            Event::Gap { .. } => found = None,
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. } => {}
        }
    }
    found.unwrap_or_else(|| {
        let state = replay.state_at(at);
        let since = match state.running {
            Running::Task(task) => state.tasks.get(task).map(|row| row.since),
            Running::Callback(..) | Running::Nothing => None,
        };
        (state.running, since.unwrap_or(state.now()))
    })
}

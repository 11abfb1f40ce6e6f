//! Marks that are drawn over the lanes of the timeline, and the lanes of shared values.
//!
//! ```text
//!   #1 sleeper  ▒█──────◇──────────────█       due: fires late, after a poll that blocked the loop
//!   #0 main     █┄ ↺ waits for itself          the lock it waits for is its own
//!   balance     100            110             a shared value: each number where it was written
//! ```

use crate::{
    replay::{Access, Axis, Replay, Status, ValueHistory, Window},
    trace::{Moment, Position, TaskId, Wait},
};

use super::axis::AxisLabel;

/// How many late timers, or accesses to a value, are searched for one frame.
const MANY: usize = 4096;

/// The deadline of a timer that fired late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DueMark {
    /// The index of its task in the tasks that were asked for.
    pub(crate) row: usize,
    /// The column of the deadline.
    pub(crate) column: usize,
}

/// The deadlines at which timers of these tasks did not fire, up to a position. On the axis of polls
/// there are none.
pub(crate) fn due_marks(
    replay: &Replay,
    window: &Window,
    tasks: &[TaskId],
    until: Position,
) -> Vec<DueMark> {
    if window.axis != Axis::Time {
        return Vec::new();
    }
    let late = replay.index().history().late();
    let first = late.partition_point(|timer| timer.at.0 < window.from);
    let fired = late[first..]
        .iter()
        .take_while(|timer| timer.fired <= until)
        .take(MANY)
        .filter_map(|timer| Some((timer.task?, timer.due, timer.at)));
    let mark = |(task, due, at): (TaskId, Moment, Moment)| {
        let row = tasks.iter().position(|shown| *shown == task)?;
        let column = window.column(due.0)?;
        let passed = window.column(at.0).is_none_or(|at| column < at);
        (column < window.columns.into() && passed).then_some(DueMark { row, column })
    };
    let mut marks: Vec<DueMark> = fired.filter_map(mark).collect();
    if until == replay.position() {
        let overdue = tasks.iter().filter_map(|task| overdue(replay, *task));
        marks.extend(overdue.filter_map(mark));
    }
    marks
}

/// The deadline of a task whose timer has not fired yet, with the current time.
fn overdue(replay: &Replay, task: TaskId) -> Option<(TaskId, Moment, Moment)> {
    let state = replay.state();
    let row = state.tasks.get(task)?;
    let Wait::Timer(timer) = row.wait else {
        return None;
    };
    let timer = state.timer(timer).copied()?;
    let sleeps = row.status() == Status::Timer && timer.task == Some(task);
    sleeps.then_some((task, timer.deadline, state.now()))
}

/// How many shared values were created up to a position.
pub(crate) fn value_count(replay: &Replay, until: Position) -> usize {
    let values = replay.index().history().values();
    values.partition_point(|value| value.made <= until)
}

/// The lane of a shared value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueLane {
    /// The value's name.
    pub(crate) name: String,
    /// One label for each write, at its column. Where two labels would overlap, the later write wins.
    pub(crate) labels: Vec<AxisLabel>,
}

/// The lanes of the first shared values, at most `most` of them, up to a position.
pub(crate) fn value_lanes(
    replay: &Replay,
    window: &Window,
    until: Position,
    most: usize,
) -> Vec<ValueLane> {
    let values = replay.index().history().values();
    let shown = values.iter().take(value_count(replay, until).min(most));
    let lane = |value: &ValueHistory| ValueLane {
        name: replay.tables().text(value.name).to_owned(),
        labels: labels(value, window, until),
    };
    shown.map(lane).collect()
}

/// Lays out the labels from right to left, so that none overlaps its successor.
fn labels(value: &ValueHistory, window: &Window, until: Position) -> Vec<AxisLabel> {
    let on_axis = |access: &Access| match window.axis {
        Axis::Time => access.at.0,
        Axis::Poll => access.polls,
    };
    let seen = &value.accesses;
    let before = |bound: u64| seen.partition_point(|access| on_axis(access) < bound);
    let mut end = before(window.to).min(seen.partition_point(|access| access.position <= until));
    let mut free = usize::from(window.columns);
    let mut labels = Vec::new();
    loop {
        let back = seen[..end].iter().rev().take(MANY);
        let Some(written) = back.into_iter().find(|access| access.stored) else {
            break;
        };
        let text = written.value.to_string();
        // A value that was written before the window is shown at the window's left border.
        let column = window.column(on_axis(written)).unwrap_or(0);
        let fits = column + text.len() <= free;
        let moved = if labels.is_empty() {
            column.min(free.saturating_sub(text.len()))
        } else {
            column
        };
        if fits || labels.is_empty() {
            free = moved.saturating_sub(1);
            labels.extend(u16::try_from(moved).map(|column| AxisLabel { column, text }));
        }
        if column == 0 {
            break;
        }
        end = end.min(before(window.value(column)));
    }
    labels.reverse();
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Log, Meta, ResourceId, ResourceKind, ResourceOp, Writer};

    /// A value that is written once in every poll: 1, 2, 3 …
    fn counted(times: u32) -> Replay {
        let mut to = Writer::new();
        let name = to.intern("count");
        let at = to.location("program.rs", 1, 1);
        to.spawn(name, at, false);
        to.tick_start();
        to.run(1);
        for number in 1..=times {
            to.poll_start(TaskId(0));
            if number == 1 {
                to.resource_new(ResourceId(0), ResourceKind::Value, name, at, 0);
            }
            to.used(ResourceId(0), ResourceOp::Loaded, number - 1);
            to.used(ResourceId(0), ResourceOp::Stored, number);
            to.poll_end(crate::trace::PollOutcome::Pending, 1_000);
        }
        Replay::new(Log {
            bytes: to.take(),
            meta: Meta::default(),
        })
    }

    #[test]
    fn numbers_stand_where_they_were_written_and_never_touch() {
        for (times, columns) in [(3, 60), (300, 60), (20_000, 7), (5, 1), (5, 0)] {
            let replay = counted(times);
            for (axis, to) in [
                (Axis::Poll, times.into()),
                (Axis::Time, u64::from(times) * 1_000),
            ] {
                let window = Window {
                    axis,
                    from: 0,
                    to,
                    columns,
                };
                let lanes = value_lanes(&replay, &window, replay.end(), 2);
                let labels = &lanes[0].labels;
                assert!(labels.windows(2).all(|pair| {
                    usize::from(pair[0].column) + pair[0].text.len() < pair[1].column.into()
                }));
                assert_eq!(
                    labels.last().unwrap().text,
                    times.to_string(),
                    "the last one is there"
                );
                assert!(
                    value_lanes(&replay, &window, Position(1), 2).is_empty(),
                    "not made yet"
                );
            }
        }
        let window = Window {
            axis: Axis::Poll,
            from: 0,
            to: 3,
            columns: 60,
        };
        let labels = value_lanes(&counted(3), &window, Position(100), 2)
            .remove(0)
            .labels;
        let places: Vec<_> = labels
            .iter()
            .map(|label| (label.column, label.text.as_str()))
            .collect();
        assert_eq!(places, [(0, "1"), (20, "2"), (40, "3")]);
    }
}

//! What stands on the timeline beside the patterns of the lanes.
//!
//! ```text
//!   #1 sleeper  ▒█──────◇──────────────█       due: here a timer would have fired, had nobody held the loop
//!   #0 main     █┄ ↺ waits for itself          the lock that it wants is its own
//!   balance     100            110             a lane of its own for a shared value: each number where it was written
//! ```

use crate::{
    replay::{Access, Axis, Replay, Status, ValueHistory, Window},
    trace::{Moment, Position, TaskId, Wait},
};

use super::axis::AxisLabel;

/// How many late timers, or readings of a value, are looked through for one picture.
const MANY: usize = 4096;

/// A timer was due here, and its task still slept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueMark {
    /// Which of the tasks that were asked for.
    pub row: usize,
    /// The column of the deadline.
    pub column: usize,
}

/// Where timers of these tasks were due and did not fire, up to a position. On the axis of polls nothing is late.
pub fn due_marks(
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
        .map(|timer| (timer.task, timer.due, timer.at));
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

/// The deadline of a task that sleeps on, and the time that it is.
fn overdue(replay: &Replay, task: TaskId) -> Option<(TaskId, Moment, Moment)> {
    let state = replay.state();
    let row = state.tasks.get(task)?;
    let Wait::Timer(timer) = row.wait else {
        return None;
    };
    let timer = state.timer(timer).copied()?;
    let sleeps = row.status() == Status::Timer && timer.task == task;
    sleeps.then_some((task, timer.deadline, state.now()))
}

/// How many shared values have been made up to a position.
pub fn value_count(replay: &Replay, until: Position) -> usize {
    let values = replay.index().history().values();
    values.partition_point(|value| value.made <= until)
}

/// The lane of a shared value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueLane {
    /// The value's name.
    pub name: String,
    /// Each number at the column at which it was written; where two have no room beside each other, the later one.
    pub labels: Vec<AxisLabel>,
}

/// The lanes of the first so many shared values, up to a position.
pub fn value_lanes(
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

/// From the last number back to the first: each has the room up to the one after it.
fn labels(value: &ValueHistory, window: &Window, until: Position) -> Vec<AxisLabel> {
    let on_axis = |access: &Access| match window.axis {
        Axis::Time => access.at.0,
        Axis::Poll => u64::from(access.polls),
    };
    let seen = &value.accesses;
    let before = |bound: u64| seen.partition_point(|access| on_axis(access) < bound);
    let mut end = before(window.to).min(seen.partition_point(|access| access.position <= until));
    let mut room = usize::from(window.columns);
    let mut labels = Vec::new();
    loop {
        let back = seen[..end].iter().rev().take(MANY);
        let Some(written) = back.into_iter().find(|access| access.stored) else {
            break;
        };
        let text = written.value.to_string();
        // What was written before the window holds from its left border on.
        let column = window.column(on_axis(written)).unwrap_or(0);
        let fits = column + text.len() <= room;
        let moved = if labels.is_empty() {
            column.min(room.saturating_sub(text.len()))
        } else {
            column
        };
        if fits || labels.is_empty() {
            room = moved.saturating_sub(1);
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

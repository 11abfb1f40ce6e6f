//! The critical path as a line through the lanes.
//!
//! ```text
//!   #0 main     █┄┄┄┄┄┄┄┄┄┄┄┄┄┄█       the line follows the lane of the task whose work or wait is
//!   #1 maker    ▒█━━━━┃────────        on the path, and crosses to another lane where the path does
//!   #2 user     ▒█┄┄┄┄━━━━━━━━━█
//! ```
//!
//! Polls keep their pattern. A path may have millions of segments, so each column looks for the
//! segment at its first moment.

use ratatui::{buffer::Buffer, style::Modifier};

use crate::{
    insight::PathSegment,
    replay::{Axis, Status, Timeline},
    trace::TaskId,
};

use crate::tui::theme::Theme;

use super::{LaneChart, LaneGroup};

/// Draws the path over the lanes of a group, up to what is painted of them.
pub(crate) fn line(
    chart: &LaneChart<'_>,
    group: &LaneGroup<'_>,
    painted: &Timeline,
    buffer: &mut Buffer,
) {
    let segments = group.pane.path.segments();
    if segments.is_empty() || chart.window.axis != Axis::Time {
        return;
    }
    let columns = usize::from(chart.lanes.width);
    let position = chart.column_of(group.pane);
    let last = if chart.model.future {
        columns
    } else {
        position.map_or(0, |position| position + 1).min(columns)
    };
    let mut before: Option<usize> = None;
    for column in 0..last {
        let task = task_at(segments, chart.window.value(column));
        let lane = task.and_then(|task| group.tasks.iter().position(|shown| *shown == task));
        let Some(lane) = lane else {
            before = None;
            continue;
        };
        if let Some(before) = before.filter(|before| *before != lane) {
            let (from, to) = (before.min(lane), before.max(lane));
            for crossed in from + 1..to {
                put(chart, buffer, (column, group.row + crossed), "┃");
            }
        }
        let status = painted.rows.get(lane).and_then(|cells| cells.get(column));
        if status.is_some_and(|status| *status != Status::Running) {
            put(chart, buffer, (column, group.row + lane), "━");
        }
        before = Some(lane);
    }
}

/// The task of the segment at a moment.
fn task_at(segments: &[PathSegment], at: u64) -> Option<TaskId> {
    let place = segments.partition_point(|segment| segment.to.0 <= at);
    segments.get(place).and_then(|segment| segment.task)
}

/// A cell of the line keeps the colour of the lane that it crosses.
fn put(chart: &LaneChart<'_>, buffer: &mut Buffer, (column, row): (usize, usize), glyph: &str) {
    let (Some(y), Ok(column)) = (chart.y_of(row), u16::try_from(column)) else {
        return;
    };
    if let Some(cell) = buffer.cell_mut((chart.lanes.x + column, y)) {
        let style = cell.style().remove_modifier(Modifier::DIM);
        cell.set_symbol(glyph)
            .set_style(style.patch(Theme::strong()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        insight::SegmentKind,
        trace::{LocationId, Moment, Position},
    };

    #[test]
    fn a_column_shows_the_segment_at_its_first_moment() {
        let segment = |task, from, to| PathSegment {
            kind: SegmentKind::Timer,
            task: Some(TaskId(task)),
            from: Moment(from),
            to: Moment(to),
            at: LocationId::UNKNOWN,
            position: Position(0),
        };
        let segments = [segment(1, 0, 10), segment(2, 10, 10), segment(3, 10, 20)];
        let tasks = [0, 9, 10, 19].map(|at| task_at(&segments, at).map(|task| task.0));
        assert_eq!(tasks, [Some(1), Some(1), Some(3), Some(3)]);
        assert_eq!(task_at(&segments, 20), None);
    }
}

//! Marks on the lanes, and the lanes of shared values: see [`scene::timeline_marks`](crate::scene::timeline_marks).

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    insight::waits_for_itself,
    replay::{Status, Timeline, Window},
    scene::timeline_marks,
    trace::{Position, TaskId},
};

use crate::tui::{
    model::run_pane::RunPane,
    theme::Theme,
    widgets::text::{pad, put_at, width},
};

/// Where a timer was due and its task slept on.
pub(super) const DUE: &str = "◇";
/// What a task waits for is held by itself.
const ITSELF: &str = "↺";
/// The most shared values that have a lane.
const MOST_VALUES: usize = 2;

/// Where lanes are drawn: the panel, the columns left of the lanes, the row of the first of them.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) inner: Rect,
    pub(crate) left: usize,
    pub(crate) row: usize,
}

/// What part of a run the lanes show.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) window: &'a Window,
    pub(crate) tasks: &'a [TaskId],
    pub(crate) until: Position,
}

/// Draws the marks on lanes that have been painted. Says whether a timer was due on one of them.
pub(crate) fn on_lanes(
    theme: Theme,
    pane: &RunPane,
    shown: Shown<'_>,
    painted: &Timeline,
    place: Place,
    buffer: &mut Buffer,
) -> bool {
    let cell = |row: usize, column: usize| painted.rows.get(row)?.get(column).copied();
    let mut any = false;
    for due in timeline_marks::due_marks(&pane.replay, shown.window, shown.tasks, shown.until) {
        // A turn is never hidden by a mark.
        if cell(due.row, due.column) != Some(Status::Running) {
            let at = (place.left + due.column, place.row + due.row);
            put_at(buffer, place.inner, at, DUE, Theme::strong());
            any = true;
        }
    }
    for (task, row) in shown.tasks.iter().zip(0..) {
        if !waits_for_itself(pane.replay.state(), *task) {
            continue;
        }
        let lane = painted.rows.get(row).map_or(&[][..], Vec::as_slice);
        let painted = lane.iter().rposition(|cell| *cell != Status::Absent);
        let words = format!("{ITSELF} waits for itself");
        let columns = lane.len();
        let (column, words) = match painted.map_or(0, |last| last + 2) {
            column if column + width(&words) <= columns => (column, words.as_str()),
            column => (column.min(columns.saturating_sub(1)), ITSELF),
        };
        let at = (place.left + column, place.row + row);
        let style = theme.state(Status::Failed);
        put_at(buffer, place.inner, at, words, style);
    }
    any
}

/// How many lanes of shared values a run has so far.
pub(crate) fn value_lanes(pane: &RunPane, until: Position) -> usize {
    timeline_marks::value_count(&pane.replay, until).min(MOST_VALUES)
}

/// Draws so many lanes of shared values; their names stand in the `label` columns before the lanes.
pub(crate) fn values(
    theme: Theme,
    pane: &RunPane,
    (shown, lanes): (Shown<'_>, usize),
    label: (usize, usize),
    place: Place,
    buffer: &mut Buffer,
) {
    let lanes = timeline_marks::value_lanes(&pane.replay, shown.window, shown.until, lanes);
    for (lane, row) in lanes.iter().zip(place.row..) {
        let (column, columns) = label;
        let name = pad(&lane.name, columns);
        put_at(buffer, place.inner, (column, row), &name, theme.dim());
        for number in &lane.labels {
            let at = (place.left + usize::from(number.column), row);
            put_at(buffer, place.inner, at, &number.text, Theme::strong());
        }
    }
}

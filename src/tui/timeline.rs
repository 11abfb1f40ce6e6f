//! Panel 4, the memory: a lane for each task, on an axis of time or of polls.
//!
//! ```text
//!                  0.0s        0.5s        1.0s          labels
//!                  ├───────────┼───────────╂───────      ruler
//!   #0 main   RDY  █┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄▒             lanes
//!   ticks          1                       2             ticks
//!                                          ▲             here
//! ```

use ratatui::{
    buffer::Buffer,
    layout::{Position as Cell, Rect},
    style::Modifier,
};

use crate::{
    insight::{code, task_label},
    replay::{Axis, Status, Timeline, Window},
    scene::{axis, glance},
    trace::{Position, TaskId},
};

use super::{
    model::{Model, Panel},
    panel::numbered,
    side::Side,
    text::{pad, put_at, width},
    theme::Theme,
};

mod ruler;
mod shape;

pub(super) use ruler::{legend, ruler};
use shape::{Shape, shape};
pub(super) use shape::{label_width, visible};

/// Where a click on the lanes was.
pub(super) struct Hit {
    pub(super) side: usize,
    pub(super) task: Option<TaskId>,
    pub(super) column: usize,
    pub(super) window: Window,
}

pub(super) fn draw(model: &Model, side: &Side, area: Rect, buffer: &mut Buffer) {
    let words = right_words(model, area.width);
    let inner = numbered(model, Panel::Timeline, area, buffer, "Timeline", &words);
    if inner.is_empty() {
        return;
    }
    let shape = shape(model, side, inner);
    let here = shape.window.column(side.here(model.axis));
    scale(model.theme, &shape, inner, here, buffer);
    lanes(model, side, &shape, inner, here, buffer);
    if let Some(row) = shape.rows.ticks {
        tick_row(model, side, &shape, inner, row, buffer);
    }
    if let Some(row) = shape.rows.here {
        here_row(model, side, &shape, inner, (row, here), buffer);
    }
    if let Some(row) = shape.rows.legend {
        legend(model.theme, inner, row, buffer);
    }
}

fn right_words(model: &Model, columns: u16) -> String {
    if columns < 100 {
        let words = glance::SHORT_LEGEND
            .iter()
            .take(4)
            .map(|(status, word)| format!("{} {word}", Theme::pattern(*status)));
        return words.collect::<Vec<_>>().join(" ");
    }
    let axis = axis_word(model.axis);
    let zoom = if model.zoom > 0 {
        format!(
            "   zoom {}x",
            1u64.checked_shl(model.zoom).unwrap_or(u64::MAX)
        )
    } else {
        String::new()
    };
    format!("axis: {axis}{zoom}   x axis   + - zoom")
}

pub(super) fn axis_word(axis: Axis) -> &'static str {
    match axis {
        Axis::Time => "time",
        Axis::Tick => "polls",
    }
}

fn scale(theme: Theme, shape: &Shape, inner: Rect, here: Option<usize>, buffer: &mut Buffer) {
    let rows = shape.rows;
    if let Some(row) = rows.labels {
        ruler(
            theme,
            &shape.window,
            (inner, row),
            (shape.lanes, rows.ruler),
            here,
            buffer,
        );
    }
}

fn lanes(
    model: &Model,
    side: &Side,
    shape: &Shape,
    inner: Rect,
    here: Option<usize>,
    buffer: &mut Buffer,
) {
    let replay = &side.replay;
    let painted = painted(model, side, &shape.window, &shape.tasks);
    let left = usize::from(shape.lanes.x - inner.x);
    for ((task, cells), row) in shape
        .tasks
        .iter()
        .zip(&painted.rows)
        .zip(shape.rows.lanes..)
    {
        let status = replay
            .state()
            .tasks
            .get(*task)
            .map_or(Status::Absent, crate::replay::TaskState::status);
        let chosen = *task == side.task();
        let style = if chosen {
            Theme::strong()
        } else {
            ratatui::style::Style::new()
        };
        let label = pad(&task_label(replay.tables(), *task), shape.label);
        put_at(
            buffer,
            inner,
            (0, row),
            if chosen { "▸" } else { " " },
            style,
        );
        put_at(buffer, inner, (1, row), &label, style);
        if shape.code {
            put_at(
                buffer,
                inner,
                (shape.label + 2, row),
                code(status),
                model.theme.state(status),
            );
        }
        lane(model.theme, cells, (inner, left, row), here, buffer);
    }
}

/// One lane. What lies after the position is drawn weaker.
pub(super) fn lane(
    theme: Theme,
    cells: &[Status],
    (area, left, row): (Rect, usize, usize),
    here: Option<usize>,
    buffer: &mut Buffer,
) {
    for (column, status) in cells.iter().enumerate() {
        let later = here.is_some_and(|here| column > here);
        let style = theme.lane(*status);
        let style = if later {
            style.add_modifier(Modifier::DIM)
        } else {
            style
        };
        put_at(
            buffer,
            area,
            (left + column, row),
            Theme::pattern(*status),
            style,
        );
    }
}

fn tick_row(
    model: &Model,
    side: &Side,
    shape: &Shape,
    inner: Rect,
    row: usize,
    buffer: &mut Buffer,
) {
    let until = until(model, side);
    let left = usize::from(shape.lanes.x - inner.x);
    put_at(buffer, inner, (1, row), "ticks", model.theme.quiet());
    let mut free = 0;
    for label in axis::ticks(&side.replay, &shape.window, until) {
        let column = usize::from(label.column);
        // Where two ticks run at one place on the axis, the first has the room.
        if column >= free && column + width(&label.text) <= usize::from(shape.lanes.width) {
            put_at(
                buffer,
                inner,
                (left + column, row),
                &label.text,
                model.theme.quiet(),
            );
            free = column + width(&label.text) + 1;
        }
    }
}

fn here_row(
    model: &Model,
    side: &Side,
    shape: &Shape,
    inner: Rect,
    (row, here): (usize, Option<usize>),
    buffer: &mut Buffer,
) {
    let columns = usize::from(shape.lanes.width);
    let Some(here) = here.filter(|here| *here < columns) else {
        return;
    };
    let left = usize::from(shape.lanes.x - inner.x);
    put_at(buffer, inner, (left + here, row), "▲", Theme::strong());
    if !shape.code {
        return;
    }
    let words = if model.future || side.at_end() {
        "you are here"
    } else {
        "you are here   (what comes is hidden: u shows it)"
    };
    if here + 2 + width(words) <= columns {
        put_at(
            buffer,
            inner,
            (left + here + 2, row),
            words,
            model.theme.quiet(),
        );
    } else if let Some(column) = here.checked_sub(width(words) + 1) {
        put_at(
            buffer,
            inner,
            (left + column, row),
            words,
            model.theme.quiet(),
        );
    }
}

/// Which task and which column is at a cell.
pub(super) fn lane_at(model: &Model, area: Rect, cell: Cell) -> Option<Hit> {
    let inner = Rect::new(
        area.x + 1,
        area.y + 1,
        area.width.checked_sub(2)?,
        area.height.checked_sub(2)?,
    );
    let shape = shape(model, model.side()?, inner);
    if !shape.lanes.contains(cell) {
        return None;
    }
    let row = usize::from(cell.y - inner.y);
    let task = row
        .checked_sub(shape.rows.lanes)
        .and_then(|row| shape.tasks.get(row).copied());
    Some(Hit {
        side: model.active,
        task,
        column: usize::from(cell.x - shape.lanes.x),
        window: shape.window,
    })
}

/// Where a run ends on an axis that two share.
pub(super) fn end_column(side: &Side, window: &Window) -> Option<usize> {
    window
        .column(side.total(window.axis))
        .filter(|column| *column < window.columns.into())
}

/// The lanes of some tasks. What was shown last goes on for as long as time does.
pub(super) fn painted(model: &Model, side: &Side, window: &Window, tasks: &[TaskId]) -> Timeline {
    let now = side.here(window.axis);
    side.replay
        .timeline_to(window, tasks, until(model, side), now)
}

/// The position up to which lanes are painted.
fn until(model: &Model, side: &Side) -> Position {
    if model.future {
        side.replay.end()
    } else {
        side.replay.position()
    }
}

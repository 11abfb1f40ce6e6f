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
    insight::{status_code, task_label},
    replay::{Axis, Status, Timeline, Window},
    scene::summary_line,
    trace::{Position, TaskId},
};

use crate::tui::{
    model::{Model, Panel, run_pane::RunPane},
    theme::Theme,
    widgets::{
        panel::numbered,
        text::{pad, put_at},
    },
};

pub(crate) mod marks;
mod scale;
mod shape;

use marks::{Place, Shown};
use scale::{here_row, scale, tick_row};
pub(crate) use scale::{legend, ruler};
use shape::{Shape, shape};
pub(crate) use shape::{label_width, visible};

/// Where a click on the lanes was.
pub(crate) struct Hit {
    pub(crate) pane: usize,
    pub(crate) task: Option<TaskId>,
    pub(crate) column: usize,
    pub(crate) window: Window,
}

pub(crate) fn draw(model: &Model, pane: &RunPane, area: Rect, buffer: &mut Buffer) {
    let words = right_words(model, area.width);
    let inner = numbered(model, Panel::Timeline, area, buffer, "Timeline", &words);
    if inner.is_empty() {
        return;
    }
    let shape = shape(model, pane, inner);
    let here = shape.window.column(pane.here(model.axis));
    scale(model.theme, &shape, inner, here, buffer);
    let due = lanes(model, pane, &shape, inner, here, buffer);
    if let Some(row) = shape.rows.ticks {
        tick_row(model, pane, &shape, inner, row, buffer);
    }
    if let Some(row) = shape.rows.here {
        here_row(model, pane, &shape, inner, (row, here), buffer);
    }
    if let Some(row) = shape.rows.legend {
        legend(model.theme, inner, row, due, buffer);
    }
}

fn right_words(model: &Model, columns: u16) -> String {
    if columns < 100 {
        let words = summary_line::SHORT_LEGEND
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

pub(crate) fn axis_word(axis: Axis) -> &'static str {
    match axis {
        Axis::Time => "time",
        Axis::Poll => "polls",
    }
}

/// The lanes, with what stands on them and below them. Says whether a timer was due.
fn lanes(
    model: &Model,
    pane: &RunPane,
    shape: &Shape,
    inner: Rect,
    here: Option<usize>,
    buffer: &mut Buffer,
) -> bool {
    let replay = &pane.replay;
    let painted = painted(model, pane, &shape.window, &shape.tasks);
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
        let chosen = *task == pane.task();
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
                status_code(status),
                model.theme.state(status),
            );
        }
        lane(model.theme, cells, (inner, left, row), here, buffer);
    }
    let shown = Shown {
        window: &shape.window,
        tasks: &shape.tasks,
        until: until(model, pane),
    };
    let row = shape.rows.lanes;
    let place = Place { inner, left, row };
    let due = marks::on_lanes(model.theme, pane, shown, &painted, place, buffer);
    let below = Place {
        row: row + painted.rows.len(),
        ..place
    };
    let lanes = (shown, shape.rows.values);
    marks::values(model.theme, pane, lanes, (1, shape.label), below, buffer);
    due
}

/// One lane. What lies after the position is drawn weaker.
pub(crate) fn lane(
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

/// Which task and which column is at a cell.
pub(crate) fn lane_at(model: &Model, area: Rect, cell: Cell) -> Option<Hit> {
    let inner = Rect::new(
        area.x + 1,
        area.y + 1,
        area.width.checked_sub(2)?,
        area.height.checked_sub(2)?,
    );
    let shape = shape(model, model.pane()?, inner);
    if !shape.lanes.contains(cell) {
        return None;
    }
    let row = usize::from(cell.y - inner.y);
    let task = row
        .checked_sub(shape.rows.lanes)
        .and_then(|row| shape.tasks.get(row).copied());
    Some(Hit {
        pane: model.active,
        task,
        column: usize::from(cell.x - shape.lanes.x),
        window: shape.window,
    })
}

/// Where a run ends on an axis that two share.
pub(crate) fn end_column(pane: &RunPane, window: &Window) -> Option<usize> {
    window
        .column(pane.total(window.axis))
        .filter(|column| *column < window.columns.into())
}

/// The lanes of some tasks. What was shown last goes on for as long as time does.
pub(crate) fn painted(
    model: &Model,
    pane: &RunPane,
    window: &Window,
    tasks: &[TaskId],
) -> Timeline {
    let now = pane.here(window.axis);
    pane.replay
        .timeline_to(window, tasks, until(model, pane), now)
}

/// The position up to which lanes are painted.
pub(crate) fn until(model: &Model, pane: &RunPane) -> Position {
    if model.future {
        pane.replay.end()
    } else {
        pane.replay.position()
    }
}

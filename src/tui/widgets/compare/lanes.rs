//! Both runs on one axis.

use ratatui::{
    buffer::Buffer,
    layout::{Position as Cell, Rect},
    style::Style,
};

use crate::{insight::task_label, replay::Window, scene::axis, trace::TaskId};

use crate::tui::{
    layout::SizeClass,
    model::{Model, run_pane::RunPane},
    theme::Theme,
    widgets::{
        panel::bordered,
        text::{cells, pad, put_at},
        timeline::{
            self, Hit,
            marks::{self, Place, Shown},
        },
    },
};

use super::LETTERS;

use super::below::{ends, legend};

/// How many tasks each run shows.
fn known(model: &Model) -> Vec<usize> {
    let count = |pane: &RunPane| {
        pane.filter.len(if model.future {
            pane.replay.tables().tasks().len()
        } else {
            pane.replay.state().tasks.len()
        })
    };
    model.panes.iter().map(count).collect()
}

/// How many rows the lanes would take, with all that have been made.
pub(super) fn wanted(model: &Model) -> usize {
    known(model).iter().sum::<usize>() + values(model).iter().sum::<usize>()
}

/// How many shared values each run shows.
fn values(model: &Model) -> Vec<usize> {
    let made = |pane| marks::value_lanes(pane, timeline::until(model, pane));
    model.panes.iter().map(made).collect()
}

/// The lanes of a run.
pub(super) struct Lanes {
    /// The row of the first.
    row: usize,
    tasks: Vec<TaskId>,
    /// How many lanes of shared values come after those of the tasks.
    values: usize,
}

/// Where everything on the shared timeline is.
pub(super) struct Shape {
    pub(super) lanes: Rect,
    pub(super) window: Window,
    pub(super) label: usize,
    pub(super) ruler: bool,
    pub(super) runs: Vec<Lanes>,
    /// The row after the last lane.
    pub(super) below: usize,
}

fn shape(model: &Model, inner: Rect) -> Shape {
    let height = usize::from(inner.height);
    let ruler = height >= 9;
    let above = if ruler { 2 } else { 1 };
    let room = height.saturating_sub(above + if ruler { 3 } else { 1 });
    let known = known(model);
    let all: usize = known.iter().sum();
    let mut values = values(model);
    if room < values.iter().sum::<usize>() + all.min(4) {
        // A few tasks come before any shared value.
        values.fill(0);
    }
    let room = room - values.iter().sum::<usize>();
    let mut left = room;
    let mut runs = Vec::new();
    let mut row = above;
    let mut label = 6;
    for (at, pane) in model.panes.iter().enumerate() {
        // Each run has its share of the rows; the second also what the first did not take.
        let share = if all <= room {
            known[at]
        } else if at == 0 {
            known[0].min((room / 2).max(room.saturating_sub(known.get(1).copied().unwrap_or(0))))
        } else {
            left.min(known[at])
        };
        let tasks = timeline::visible(pane, known[at], share);
        label = label.max(timeline::label_width(pane, share.max(4), 16));
        left = left.saturating_sub(tasks.len());
        let values = values[at];
        let count = tasks.len() + values;
        runs.push(Lanes { row, tasks, values });
        row += count + usize::from(ruler && at == 0 && all < room);
    }
    let left = cells(label + 5);
    let lanes = Rect {
        x: inner.x.saturating_add(left),
        width: inner.width.saturating_sub(left + 1),
        ..inner
    }
    .intersection(inner);
    let totals = model.panes.iter().map(|pane| pane.total(model.axis));
    let here = model.pane().map_or(0, |pane| pane.here(model.axis));
    let total = totals.max().unwrap_or(0).max(here);
    let middle = model.centre.unwrap_or(here);
    let window = axis::window(model.axis, total, middle, model.zoom, lanes.width);
    Shape {
        lanes,
        window,
        label,
        ruler,
        runs,
        below: row,
    }
}

/// Draws the lanes of both runs, A above B.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let axis = timeline::axis_word(model.axis);
    let words = if area.width >= 100 {
        format!(
            "axis: {axis}   lock: {}   z lock   x axis   + - zoom",
            model.lock.as_str()
        )
    } else {
        format!("lock: {}", model.lock.as_str())
    };
    let inner = bordered(
        model.theme,
        area,
        buffer,
        "Timelines on one axis",
        &words,
        false,
    );
    if inner.is_empty() {
        return;
    }
    let shape = shape(model, inner);
    let here = model
        .pane()
        .and_then(|pane| shape.window.column(pane.here(model.axis)));
    let line = shape.ruler.then_some(1);
    timeline::ruler(
        model.theme,
        &shape.window,
        (inner, 0),
        (shape.lanes, line),
        here,
        buffer,
    );
    let mut due = false;
    for (at, (pane, run)) in model.panes.iter().zip(&shape.runs).enumerate() {
        due |= run_lanes(model, (pane, at), &shape, run, inner, buffer);
    }
    let left = usize::from(shape.lanes.x - inner.x);
    if let Some(here) = here.filter(|here| *here < shape.lanes.width.into()) {
        put_at(
            buffer,
            inner,
            (left + here, shape.below),
            "▲",
            Theme::strong(),
        );
    }
    if shape.ruler {
        ends(model, &shape, inner, buffer);
        legend(model, inner, due, buffer);
    }
}

fn run_lanes(
    model: &Model,
    (pane, at): (&RunPane, usize),
    shape: &Shape,
    run: &Lanes,
    inner: Rect,
    buffer: &mut Buffer,
) -> bool {
    let (replay, tasks) = (&pane.replay, &run.tasks);
    let painted = timeline::painted(model, pane, &shape.window, tasks);
    let left = usize::from(shape.lanes.x - inner.x);
    let here = shape.window.column(pane.here(model.axis));
    for ((task, cells), row) in tasks.iter().zip(&painted.rows).zip(run.row..) {
        let active = model.active == at;
        let style = if active {
            Theme::strong()
        } else {
            Style::new()
        };
        put_at(buffer, inner, (1, row), LETTERS[at.min(1)], style);
        let label = pad(&task_label(replay.tables(), *task), shape.label);
        put_at(buffer, inner, (3, row), &label, Style::new());
        timeline::lane(model.theme, cells, (inner, left, row), here, buffer);
        let ended = replay
            .state()
            .tasks
            .get(*task)
            .is_none_or(|row| row.status().ended());
        if !ended && !model.future {
            not_reached(model, pane, shape, (inner, row), buffer);
        }
    }
    let shown = Shown {
        window: &shape.window,
        tasks,
        until: timeline::until(model, pane),
    };
    let row = run.row;
    let place = Place { inner, left, row };
    let due = marks::on_lanes(model.theme, pane, shown, &painted, place, buffer);
    let row = run.row + tasks.len();
    let below = Place { inner, left, row };
    let label = (3, shape.label);
    marks::values(model.theme, pane, (shown, run.values), label, below, buffer);
    due
}

/// The rest of a lane whose task has not ended: how long the run will go on is no secret here.
fn not_reached(
    model: &Model,
    pane: &RunPane,
    shape: &Shape,
    (inner, row): (Rect, usize),
    buffer: &mut Buffer,
) {
    let left = usize::from(shape.lanes.x - inner.x);
    let columns = usize::from(shape.lanes.width);
    let here = shape
        .window
        .column(pane.here(model.axis))
        .map_or(0, |here| here + 1);
    let end = timeline::end_column(pane, &shape.window);
    for column in here..end.unwrap_or(columns).min(columns) {
        put_at(
            buffer,
            inner,
            (left + column, row),
            "·",
            model.theme.border(),
        );
    }
    if let Some(end) = end.filter(|end| *end >= here) {
        put_at(buffer, inner, (left + end, row), "□", model.theme.dim());
    }
}

/// Which run, task and column is at a cell.
pub(crate) fn lane_at(model: &Model, body: Rect, size: SizeClass, cell: Cell) -> Option<Hit> {
    let area = super::parts(model, body, size).lanes;
    let inner = Rect::new(
        area.x + 1,
        area.y + 1,
        area.width.checked_sub(2)?,
        area.height.checked_sub(2)?,
    );
    let shape = shape(model, inner);
    if !shape.lanes.contains(cell) {
        return None;
    }
    let row = usize::from(cell.y - inner.y);
    let hit = |(pane, run): (usize, &Lanes)| {
        let task = *run.tasks.get(row.checked_sub(run.row)?)?;
        Some((pane, Some(task)))
    };
    let (pane, task) = shape
        .runs
        .iter()
        .enumerate()
        .find_map(hit)
        .unwrap_or((model.active, None));
    Some(Hit {
        pane,
        task,
        column: usize::from(cell.x - shape.lanes.x),
        window: shape.window,
    })
}

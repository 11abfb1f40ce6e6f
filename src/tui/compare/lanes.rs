//! Both runs on one axis.

use ratatui::{
    buffer::Buffer,
    layout::{Position as Cell, Rect},
    style::Style,
};

use crate::{
    insight::task_label,
    replay::{Axis, Window},
    scene::{axis, glance, numbers::seconds},
    trace::TaskId,
};

use crate::tui::{
    layout::Room,
    model::Model,
    panel::bordered,
    side::Side,
    text::{cells, pad, put_at, width},
    theme::Theme,
    timeline::{self, Hit},
};

use super::LETTERS;

/// How many tasks each run shows.
pub(super) fn known(model: &Model) -> Vec<usize> {
    let count = |side: &Side| {
        side.filter.len(if model.future {
            side.replay.tables().tasks().len()
        } else {
            side.replay.state().tasks.len()
        })
    };
    model.sides.iter().map(count).collect()
}

/// Where everything on the shared timeline is.
struct Shape {
    lanes: Rect,
    window: Window,
    label: usize,
    ruler: bool,
    /// For each run: the row of its first lane, and its tasks.
    runs: Vec<(usize, Vec<TaskId>)>,
    /// The row after the last lane.
    below: usize,
}

fn shape(model: &Model, inner: Rect) -> Shape {
    let height = usize::from(inner.height);
    let ruler = height >= 9;
    let above = if ruler { 2 } else { 1 };
    let room = height.saturating_sub(above + if ruler { 3 } else { 1 });
    let known = known(model);
    let all: usize = known.iter().sum();
    let mut runs = Vec::new();
    let mut row = above;
    let mut label = 6;
    for (at, side) in model.sides.iter().enumerate() {
        // Each run has its share of the rows; the second also what the first did not take.
        let share = if all <= room {
            known[at]
        } else if at == 0 {
            known[0].min((room / 2).max(room.saturating_sub(known.get(1).copied().unwrap_or(0))))
        } else {
            (room + above).saturating_sub(row).min(known[at])
        };
        let tasks = timeline::visible(side, known[at], share);
        label = label.max(timeline::label_width(side, share.max(4), 16));
        let count = tasks.len();
        runs.push((row, tasks));
        row += count + usize::from(ruler && at == 0 && all < room);
    }
    let left = cells(label + 5);
    let lanes = Rect {
        x: inner.x.saturating_add(left),
        width: inner.width.saturating_sub(left + 1),
        ..inner
    }
    .intersection(inner);
    let totals = model.sides.iter().map(|side| side.total(model.axis));
    let here = model.side().map_or(0, |side| side.here(model.axis));
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
            model.lock.word()
        )
    } else {
        format!("lock: {}", model.lock.word())
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
        .side()
        .and_then(|side| shape.window.column(side.here(model.axis)));
    let line = shape.ruler.then_some(1);
    timeline::ruler(
        model.theme,
        &shape.window,
        (inner, 0),
        (shape.lanes, line),
        here,
        buffer,
    );
    for (at, (side, (row, tasks))) in model.sides.iter().zip(&shape.runs).enumerate() {
        run_lanes(model, (side, at), &shape, (*row, tasks), inner, buffer);
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
        legend(model, inner, buffer);
    }
}

fn run_lanes(
    model: &Model,
    (side, at): (&Side, usize),
    shape: &Shape,
    (top, tasks): (usize, &[TaskId]),
    inner: Rect,
    buffer: &mut Buffer,
) {
    let replay = &side.replay;
    let painted = timeline::painted(model, side, &shape.window, tasks);
    let left = usize::from(shape.lanes.x - inner.x);
    let here = shape.window.column(side.here(model.axis));
    for ((task, cells), row) in tasks.iter().zip(&painted.rows).zip(top..) {
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
            not_reached(model, side, shape, (inner, row), buffer);
        }
    }
}

/// The rest of a lane whose task has not ended: how long the run will go on is no secret here.
fn not_reached(
    model: &Model,
    side: &Side,
    shape: &Shape,
    (inner, row): (Rect, usize),
    buffer: &mut Buffer,
) {
    let left = usize::from(shape.lanes.x - inner.x);
    let columns = usize::from(shape.lanes.width);
    let here = shape
        .window
        .column(side.here(model.axis))
        .map_or(0, |here| here + 1);
    let end = timeline::end_column(side, &shape.window);
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
        put_at(buffer, inner, (left + end, row), "□", model.theme.quiet());
    }
}

/// Where each run ends, below the lanes. Both at one place are told in one; of two that are close to each other the
/// later one is left out.
fn ends(model: &Model, shape: &Shape, inner: Rect, buffer: &mut Buffer) {
    let left = usize::from(shape.lanes.x - inner.x);
    let verb = if inner.width >= 80 { "ends " } else { "" };
    let mut ends: Vec<(usize, String)> = Vec::new();
    for (side, letter) in model.sides.iter().zip(LETTERS) {
        let Some(end) = timeline::end_column(side, &shape.window) else {
            continue;
        };
        let total = side.total(model.axis);
        let total = match model.axis {
            Axis::Time => seconds(total),
            Axis::Tick => total.to_string(),
        };
        match ends.iter_mut().find(|(other, _)| *other == end) {
            Some((_, words)) => words.insert_str(0, "A, "),
            None => ends.push((end, format!("{letter} {verb}{total} ┘"))),
        }
    }
    ends.sort();
    let mut free = 0;
    for (end, words) in ends {
        let Some(column) = (end + 1).checked_sub(width(&words)) else {
            continue;
        };
        if column >= free {
            let at = (left + column, shape.below + 1);
            put_at(buffer, inner, at, &words, model.theme.quiet());
            free = end + 3;
        }
    }
}

fn legend(model: &Model, inner: Rect, buffer: &mut Buffer) {
    let row = usize::from(inner.height) - 1;
    timeline::legend(model.theme, inner, row, buffer);
    let words = "· not reached yet   □ end";
    let long: usize = glance::LEGEND
        .iter()
        .map(|(_, words)| width(words) + 5)
        .sum();
    let short: usize = glance::SHORT_LEGEND
        .iter()
        .map(|(_, words)| width(words) + 5)
        .sum();
    let columns = usize::from(inner.width);
    let used = if long <= columns { long } else { short } + 1;
    if used + width(words) <= columns {
        put_at(buffer, inner, (used, row), words, model.theme.quiet());
    }
}

/// Which run, task and column is at a cell.
pub(in crate::tui) fn lane_at(model: &Model, body: Rect, room: Room, cell: Cell) -> Option<Hit> {
    let area = super::parts(model, body, room).lanes;
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
    let hit = |(side, (top, tasks)): (usize, &(usize, Vec<TaskId>))| {
        let task = *tasks.get(row.checked_sub(*top)?)?;
        Some((side, Some(task)))
    };
    let (side, task) = shape
        .runs
        .iter()
        .enumerate()
        .find_map(hit)
        .unwrap_or((model.active, None));
    Some(Hit {
        side,
        task,
        column: usize::from(cell.x - shape.lanes.x),
        window: shape.window,
    })
}

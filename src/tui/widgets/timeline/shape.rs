//! Which part of the timeline is where.

use ratatui::layout::Rect;

use crate::{insight::task_label, replay::Window, scene::axis, trace::TaskId};

use crate::tui::{
    model::{Model, run_pane::RunPane},
    widgets::{
        tasks::first_row,
        text::{cells, width},
    },
};

use super::{marks::value_lanes, until};

/// Which rows of the panel are for what; a row that is left out is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rows {
    pub(super) labels: Option<usize>,
    pub(super) ruler: Option<usize>,
    /// The first lane.
    pub(super) lanes: usize,
    /// How many lanes.
    count: usize,
    /// How many lanes of shared values, below the others.
    pub(super) values: usize,
    pub(super) ticks: Option<usize>,
    pub(super) here: Option<usize>,
    pub(super) legend: Option<usize>,
}

impl Rows {
    /// Gives up the legend, the ticks and the ruler before lanes, and lanes before the labels. Shared values have lanes
    /// where those of the tasks leave room.
    fn new(height: usize, tasks: usize, values: usize) -> Rows {
        let values = values.min(height.saturating_sub(tasks.min(4) + 3));
        let height = height - values;
        let rich = height >= tasks.min(4) + 5;
        let (above, below) = match (rich, height) {
            (true, _) => (2, 3),
            (false, height) if height >= tasks.min(4) + 3 => (2, 1),
            (false, 4..) => (1, 1),
            (false, 2..) => (0, 1),
            _ => (0, 0),
        };
        let count = tasks.min(height - above - below);
        let after = above + count + values;
        Rows {
            labels: (above > 0).then_some(0),
            ruler: (above > 1).then_some(1),
            lanes: above,
            count,
            values,
            ticks: rich.then_some(after),
            here: (below > 0).then_some(after + usize::from(rich)),
            legend: rich.then_some(height + values - 1),
        }
    }
}

/// Where everything is.
pub(super) struct Shape {
    pub(super) rows: Rows,
    /// The tasks that have a lane.
    pub(super) tasks: Vec<TaskId>,
    /// Columns for their names.
    pub(super) label: usize,
    /// Whether their letter codes are shown.
    pub(super) code: bool,
    /// The part of the panel in which time runs.
    pub(super) lanes: Rect,
    pub(super) window: Window,
}

pub(super) fn shape(model: &Model, pane: &RunPane, inner: Rect) -> Shape {
    let replay = &pane.replay;
    let known = if model.future {
        replay.tables().tasks().len()
    } else {
        replay.state().tasks.len()
    };
    let values = value_lanes(pane, until(model, pane));
    let rows = Rows::new(inner.height.into(), pane.filter.len(known), values);
    let tasks = visible(pane, known, rows.count);
    let code = inner.width >= 90;
    let label = label_width(pane, inner.height.into(), if code { 24 } else { 14 });
    let left = cells(label + if code { 8 } else { 3 });
    let lanes = Rect {
        x: inner.x.saturating_add(left),
        width: inner.width.saturating_sub(left + 1),
        ..inner
    }
    .intersection(inner);
    let middle = model.centre.unwrap_or_else(|| pane.here(model.axis));
    let total = pane.total(model.axis);
    let window = axis::window(model.axis, total, middle, model.zoom, lanes.width);
    Shape {
        rows,
        tasks,
        label,
        code,
        lanes,
        window,
    }
}

/// As many tasks as there are rows, the selected one among them.
pub(crate) fn visible(pane: &RunPane, known: usize, rows: usize) -> Vec<TaskId> {
    let listed = pane.filter.len(known);
    let chosen = pane.filter.row(pane.task()).min(listed.saturating_sub(1));
    let first = first_row(chosen, rows);
    (first..listed.min(first + rows))
        .filter_map(|row| pane.filter.nth(row))
        .collect()
}

/// The columns that names take: those of the tasks that would be there with all spawned, so that nothing moves sideways
/// when one is.
pub(crate) fn label_width(pane: &RunPane, rows: usize, most: usize) -> usize {
    let replay = &pane.replay;
    let tasks = visible(pane, replay.tables().tasks().len(), rows);
    let widths = tasks
        .iter()
        .map(|&task| width(&task_label(replay.tables(), task)));
    widths.max().unwrap_or(0).clamp(6, most)
}

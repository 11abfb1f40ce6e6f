//! The layout of a timeline: which rows and columns are for what.
//!
//! ```text
//!  panel 4                                comparison
//!  labels                                 labels
//!  ruler                                  ruler
//!  ▸#0 main   RDY  █┄┄┄┄┄▒                A #0 main   █┄┄┄┄┄▒
//!  value           1     2                (blank, if there is room)
//!  ticks                                  B #0 main   █┄┄┄┄┄▒
//!  position                               position
//!                                         ends
//!  legend                                 legend
//! ```
//!
//! A chart that is too low for all rows leaves some out; [`ChartRows`] says which are there.

use ratatui::layout::Rect;

use crate::{
    insight::task_label,
    replay::Window,
    scene::{axis, timeline_marks::value_count},
    trace::TaskId,
};

use crate::tui::{
    model::{Model, run_pane::RunPane},
    widgets::{
        panel::first_row,
        text::{cells, width},
    },
};

use super::{LaneChart, LaneGroup, painted_until};

/// The most shared values that have a lane.
const MOST_VALUES: usize = 2;

/// What is shown left of the lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Margin {
    /// A mark at the selected task, its name, and the code of its state where there is room for
    /// codes.
    Selection { codes: bool },
    /// The letter of the run, and the name of the task.
    Letters,
}

impl Margin {
    /// The column in which names begin.
    pub(crate) fn name_column(self) -> usize {
        match self {
            Margin::Selection { .. } => 1,
            Margin::Letters => 3,
        }
    }

    /// The columns that the margin takes besides the name.
    fn columns(self) -> usize {
        match self {
            Margin::Selection { codes: true } => 8,
            Margin::Selection { codes: false } => 3,
            Margin::Letters => 5,
        }
    }
}

/// The rows around the lanes. A row for which there is no room is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ChartRows {
    /// The numbers of the axis.
    pub(crate) labels: Option<usize>,
    /// The line below the numbers.
    pub(crate) ruler: Option<usize>,
    /// The numbers of ticks; only for one run, because two runs have different ticks.
    pub(crate) ticks: Option<usize>,
    /// The arrow at the current position.
    pub(crate) position: Option<usize>,
    /// Where each of two runs ends.
    pub(crate) ends: Option<usize>,
    /// What the patterns mean.
    pub(crate) legend: Option<usize>,
}

/// How the height of panel 4 is shared by the lanes and the rows around them.
struct PanelRows {
    around: ChartRows,
    /// The row of the first lane.
    first: usize,
    /// Lanes of tasks.
    tasks: usize,
    /// Lanes of shared values, below those of the tasks.
    values: usize,
}

impl PanelRows {
    /// Gives rows to what matters most in a low panel.
    ///
    /// 1. Four lanes of tasks (or all, if there are fewer) and three rows around them (labels,
    ///    ruler, position) come first. Shared values get lanes from the rows beyond those.
    /// 2. If at least two more rows remain, the panel is *rich*: it also shows ticks and the
    ///    legend. All other rows go to further tasks.
    /// 3. A panel too low for step 1 gives up the ruler first, then lanes, then the labels, and the
    ///    position last.
    fn new(height: usize, tasks: usize, values: usize) -> PanelRows {
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
        let tasks = tasks.min(height - above - below);
        let after = above + tasks + values;
        PanelRows {
            around: ChartRows {
                labels: (above > 0).then_some(0),
                ruler: (above > 1).then_some(1),
                ticks: rich.then_some(after),
                position: (below > 0).then_some(after + usize::from(rich)),
                ends: None,
                legend: rich.then_some(height + values - 1),
            },
            first: above,
            tasks,
            values,
        }
    }
}

impl<'a> LaneChart<'a> {
    /// Lays out panel 4.
    pub(crate) fn of_one(model: &'a Model, pane: &'a RunPane, inner: Rect) -> LaneChart<'a> {
        let height = usize::from(inner.height);
        let known = known_tasks(model, pane);
        let values = value_lanes(model, pane);
        let rows = PanelRows::new(height, pane.filter.len(known), values);
        let codes = inner.width >= 90;
        let margin = Margin::Selection { codes };
        let label = label_width(pane, height, if codes { 24 } else { 14 });
        let lanes = lanes_area(inner, label + margin.columns());
        let group = LaneGroup {
            number: model.active,
            pane,
            row: rows.first,
            tasks: visible(pane, known, rows.tasks),
            hidden: hidden(pane, known, rows.tasks),
            values: rows.values,
        };
        LaneChart {
            model,
            inner,
            lanes,
            window: window(model, pane.total(model.axis), lanes),
            margin,
            label,
            rows: rows.around,
            groups: vec![group],
        }
    }

    /// Lays out the timeline that both runs of the comparison share.
    ///
    /// 1. The rows around the lanes are reserved: five in a high chart, two in a low one.
    /// 2. Shared values get lanes if at least four tasks (or all, if fewer) keep theirs.
    /// 3. Tasks get the remaining rows. If not all tasks fit, each run gets half of the rows, plus
    ///    the rows that the other run does not need.
    /// 4. A blank row separates the runs if one is left over.
    pub(crate) fn of_two(model: &'a Model, inner: Rect) -> LaneChart<'a> {
        let height = usize::from(inner.height);
        let rich = height >= 9;
        let (above, below) = if rich { (2, 3) } else { (1, 1) };
        let room = height.saturating_sub(above + below);
        let (groups, label) = pair_groups(model, above, room, rich);
        let row = groups.last().map_or(above, LaneGroup::end);
        let lanes = lanes_area(inner, label + Margin::Letters.columns());
        let totals = model.panes.iter().map(|pane| pane.total(model.axis));
        let here = model.pane().map_or(0, |pane| pane.axis_value(model.axis));
        let total = totals.max().unwrap_or(0).max(here);
        LaneChart {
            model,
            inner,
            lanes,
            window: window(model, total, lanes),
            margin: Margin::Letters,
            label,
            rows: ChartRows {
                labels: Some(0),
                ruler: rich.then_some(1),
                ticks: None,
                position: Some(row),
                ends: rich.then_some(row + 1),
                legend: rich.then(|| height - 1),
            },
            groups,
        }
    }
}

/// The lanes of both runs in `room` rows from `first` on, and the columns for the names of their
/// tasks. `separate` puts a blank row between the runs if one is left over.
fn pair_groups(
    model: &Model,
    first: usize,
    room: usize,
    separate: bool,
) -> (Vec<LaneGroup<'_>>, usize) {
    let listed = |pane: &RunPane| pane.filter.len(known_tasks(model, pane));
    let tasks: Vec<usize> = model.panes.iter().map(listed).collect();
    let mut values: Vec<usize> = model
        .panes
        .iter()
        .map(|pane| value_lanes(model, pane))
        .collect();
    let all: usize = tasks.iter().sum();
    if room < values.iter().sum::<usize>() + all.min(4) {
        values.fill(0);
    }
    let room = room - values.iter().sum::<usize>();
    let (mut left, mut row, mut label) = (room, first, 6);
    let mut groups = Vec::new();
    for (number, pane) in model.panes.iter().enumerate() {
        let share = if all <= room {
            tasks[number]
        } else if number == 0 {
            let others = tasks.get(1).copied().unwrap_or(0);
            tasks[0].min((room / 2).max(room.saturating_sub(others)))
        } else {
            left.min(tasks[number])
        };
        let group = LaneGroup {
            number,
            pane,
            row,
            tasks: visible(pane, known_tasks(model, pane), share),
            hidden: hidden(pane, known_tasks(model, pane), share),
            values: values[number],
        };
        label = label.max(label_width(pane, share.max(4), 16));
        left = left.saturating_sub(group.tasks.len());
        row = group.end() + usize::from(separate && number == 0 && all < room);
        groups.push(group);
    }
    (groups, label)
}

/// The part of the panel that the axis spans. One column at its right stays free.
fn lanes_area(inner: Rect, left: usize) -> Rect {
    let left = cells(left);
    Rect {
        x: inner.x.saturating_add(left),
        width: inner.width.saturating_sub(left + 1),
        ..inner
    }
    .intersection(inner)
}

/// The part of the axis that is shown: around the position, or around the middle to which the user
/// scrolled.
fn window(model: &Model, total: u64, lanes: Rect) -> Window {
    let here = model.pane().map_or(0, |pane| pane.axis_value(model.axis));
    let middle = model.centre.unwrap_or(here);
    axis::window(model.axis, total, middle, model.zoom, lanes.width)
}

/// The rows that the lanes of both runs need: one for each listed task that is known at the run's
/// position, and those of its shared values.
pub(crate) fn lanes_wanted(model: &Model) -> usize {
    let lanes = |pane| pane_lanes(model, pane);
    model.panes.iter().map(lanes).sum()
}

/// The rows that the lanes of both runs need at their ends.
pub(crate) fn lanes_of_all(model: &Model) -> usize {
    let lanes = |pane: &RunPane| {
        pane.filter.len(pane.replay.tables().tasks().len()) + value_lanes(model, pane)
    };
    model.panes.iter().map(lanes).sum()
}

/// The lanes that one run would need.
fn pane_lanes(model: &Model, pane: &RunPane) -> usize {
    pane.filter.len(known_tasks(model, pane)) + value_lanes(model, pane)
}

/// How many tasks have been spawned by the position up to which the lanes are painted.
fn known_tasks(model: &Model, pane: &RunPane) -> usize {
    if model.future {
        pane.replay.tables().tasks().len()
    } else {
        pane.replay.state().tasks.len()
    }
}

/// The lanes that shared values of a run get, if there is room.
fn value_lanes(model: &Model, pane: &RunPane) -> usize {
    value_count(&pane.replay, painted_until(model, pane)).min(MOST_VALUES)
}

/// The tasks that are shown in `rows` rows.
fn visible(pane: &RunPane, known: usize, rows: usize) -> Vec<TaskId> {
    let listed = pane.filter.len(known);
    let first = first_lane(pane, listed, rows);
    (first..listed.min(first + rows))
        .filter_map(|row| pane.filter.nth(row))
        .collect()
}

/// The row of the list that has the first lane: such that the selected task has one. While the critical
/// path is shown, the lane of the task on it has to be visible as well, or else instead: unless the
/// user has just selected a task.
fn first_lane(pane: &RunPane, listed: usize, rows: usize) -> usize {
    let selected = pane.filter.row(pane.task()).min(listed.saturating_sub(1));
    let on_path = pane.path.task_at(pane.now());
    let on_path = on_path.map(|task| (pane.filter.row(task), task));
    match on_path {
        Some((row, task)) if row < listed && pane.filter.nth(row) == Some(task) => {
            let (above, below) = (row.min(selected), row.max(selected));
            match (below - above < rows, pane.task_chosen) {
                (true, _) => first_row(below, rows),
                (false, false) => first_row(row, rows),
                (false, true) => first_row(selected, rows),
            }
        }
        _ => first_row(selected, rows),
    }
}

/// How many listed tasks have no lane in `rows` rows: before those that have, and after.
fn hidden(pane: &RunPane, known: usize, rows: usize) -> (usize, usize) {
    let listed = pane.filter.len(known);
    let first = first_lane(pane, listed, rows).min(listed);
    (first, listed.saturating_sub(first + rows))
}

/// The columns for names: enough for the tasks that would be shown once all are spawned, so that a
/// spawn does not move the lanes sideways.
fn label_width(pane: &RunPane, rows: usize, most: usize) -> usize {
    let replay = &pane.replay;
    let tasks = visible(pane, replay.tables().tasks().len(), rows);
    let widths = tasks
        .iter()
        .map(|&task| width(&task_label(replay.tables(), task)));
    widths.max().unwrap_or(0).clamp(6, most)
}

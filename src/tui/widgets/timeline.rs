//! The timeline: a lane for each task on an axis of time or of polls. Panel 4 draws the lanes of
//! one run, the comparison draws those of two runs on one axis; both are a [`LaneChart`].
//!
//! ```text
//!                  0.0s        0.5s        1.0s          labels
//!                  ├───────────┼───────────╂───────      ruler
//!   #0 main   RDY  █┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄▒             a group: the lanes of one run,
//!   balance        100                     110           then those of its shared values
//!   ticks          1                       2             ticks (one run)
//!                                          ▲             position
//!                                            A ends 1s ┘ ends (two runs)
//!   █ run   ▒ ready   ─ timer   ┄ wait   ╳ fail          legend
//! ```
//!
//! | file | contents |
//! |---|---|
//! | `layout` | which row and column of the panel is for what |
//! | `marks` | what is drawn around and on the lanes: ruler, ticks, late timers, shared values |
//! | `path` | the critical path as a line through the lanes |

use ratatui::{
    buffer::Buffer,
    layout::{Position as Cell, Rect},
    style::{Modifier, Style},
    widgets::Widget,
};

use crate::{
    insight::{status_code, task_label},
    replay::{Axis, Status, TaskState, Timeline, Window},
    scene::summary_line,
    trace::{Position, TaskId},
};

use crate::tui::{
    model::{Model, Panel, run_pane::RunPane},
    theme::Theme,
    widgets::{
        panel::{LETTERS, bordered, inside, numbered},
        text::{pad, put_at},
    },
};

mod layout;
mod marks;
mod path;

use layout::{ChartRows, Margin};
pub(crate) use layout::{lanes_of_all, lanes_wanted};

/// Panel 4: the timeline of the run that is shown.
pub(crate) struct TimelinePanel<'a> {
    pub(crate) model: &'a Model,
    pub(crate) pane: &'a RunPane,
}

impl Widget for &TimelinePanel<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let hint = panel_hint(self.model, area.width);
        let inner = numbered(self.model, Panel::Timeline, area, buffer, "Timeline", &hint);
        if !inner.is_empty() {
            LaneChart::of_one(self.model, self.pane, inner).paint(buffer);
        }
    }
}

/// The timelines of two runs, A above B.
pub(crate) struct SharedTimeline<'a> {
    pub(crate) model: &'a Model,
}

impl Widget for &SharedTimeline<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let model = self.model;
        let lock = format!("sync: {}", model.lock.as_str());
        let hint = if area.width >= 100 {
            let axis = axis_words(model.axis);
            format!("{axis}   {lock}   K sync   x axis   + - zoom")
        } else {
            lock
        };
        let title = "Timelines on one axis";
        let inner = bordered(model.theme, area, buffer, title, &hint, false);
        if !inner.is_empty() {
            LaneChart::of_two(model, inner).paint(buffer);
        }
    }
}

/// The right side of the panel's title: the axis and its keys, or, in a narrow panel, what the
/// patterns mean.
fn panel_hint(model: &Model, columns: u16) -> String {
    if columns < 100 {
        let words = summary_line::SHORT_LEGEND
            .iter()
            .take(4)
            .map(|(status, word)| format!("{} {word}", Theme::pattern(*status)));
        return words.collect::<Vec<_>>().join(" ");
    }
    let axis = axis_words(model.axis);
    let zoom = if model.zoom > 0 {
        let times = 1u64.checked_shl(model.zoom).unwrap_or(u64::MAX);
        format!("   zoom {times}x")
    } else {
        String::new()
    };
    format!("{axis}{zoom}   x axis   + - zoom")
}

/// What the axis counts.
fn axis_words(axis: Axis) -> &'static str {
    match axis {
        Axis::Time => "by time",
        Axis::Poll => "by polls",
    }
}

/// What a click on the lanes hit.
pub(crate) struct LaneHit {
    /// The number of the run whose lane was hit; the active run if the row has no lane of a task.
    pub(crate) pane: usize,
    /// The task of the lane; `None` if the row has no lane of a task.
    pub(crate) task: Option<TaskId>,
    /// The column of the axis.
    pub(crate) column: usize,
    /// The part of the axis that was shown.
    pub(crate) window: Window,
}

/// The run, task and column at a cell of panel 4.
pub(crate) fn hit_in_panel(model: &Model, area: Rect, cell: Cell) -> Option<LaneHit> {
    LaneChart::of_one(model, model.pane()?, inside(area)).hit(cell)
}

/// The run, task and column at a cell of the shared timeline.
pub(crate) fn hit_in_shared(model: &Model, area: Rect, cell: Cell) -> Option<LaneHit> {
    LaneChart::of_two(model, inside(area)).hit(cell)
}

/// The lanes of one run, or of two runs on one axis, laid out for an area.
///
/// The lanes, positions and ends of all groups use the same [`Window`]. A column therefore has the
/// same value of the axis in both runs.
struct LaneChart<'a> {
    model: &'a Model,
    /// The inside of the border.
    inner: Rect,
    /// The part of `inner` that the axis spans.
    lanes: Rect,
    /// The part of the axis that is shown.
    window: Window,
    margin: Margin,
    /// Columns for the names of tasks.
    label: usize,
    rows: ChartRows,
    /// One group, or A and B.
    groups: Vec<LaneGroup<'a>>,
}

/// The lanes of one run.
struct LaneGroup<'a> {
    /// The number of the run.
    number: usize,
    pane: &'a RunPane,
    /// The row of the first lane.
    row: usize,
    /// The tasks that have a lane.
    tasks: Vec<TaskId>,
    /// How many tasks have no lane because there is no room: before those with a lane, and after.
    hidden: (usize, usize),
    /// How many lanes of shared values come after those of the tasks.
    values: usize,
}

impl LaneGroup<'_> {
    /// The row after the last lane.
    fn end(&self) -> usize {
        self.row + self.tasks.len() + self.values
    }

    /// The status of a task at the position of its run, [`Status::Absent`] before it is spawned.
    fn status(&self, task: TaskId) -> Status {
        let row = self.pane.replay.state().tasks.get(task);
        row.map_or(Status::Absent, TaskState::status)
    }
}

impl LaneChart<'_> {
    /// Draws everything inside the border. Later steps overwrite cells of earlier ones.
    ///
    /// 1. The labels of the axis and the ruler, which marks the position of the active run.
    /// 2. The lanes of each group with their names and marks.
    /// 3. The rows below the lanes: the ticks of a single run, the arrow at the position, and the
    ///    ends of two runs.
    /// 4. The legend, last because it explains late timers only if step 2 has marked one.
    fn paint(&self, buffer: &mut Buffer) {
        let position = self.model.pane().and_then(|pane| self.column_of(pane));
        marks::ruler(self, position, buffer);
        marks::evidence(self, buffer);
        let mut any_due = false;
        for group in &self.groups {
            any_due |= self.paint_group(group, buffer);
        }
        if let (Some(row), [group]) = (self.rows.ticks, self.groups.as_slice()) {
            marks::ticks(self, group.pane, row, buffer);
        }
        marks::position(self, position, buffer);
        marks::hidden(self, buffer);
        if let Some(row) = self.rows.ends {
            marks::ends(self, row, buffer);
        }
        if let Some(row) = self.rows.legend {
            marks::legend(self, row, any_due, buffer);
        }
    }

    /// Draws the lanes of one run with their names and marks. Returns whether a late timer was
    /// marked.
    fn paint_group(&self, group: &LaneGroup<'_>, buffer: &mut Buffer) -> bool {
        let painted = self.timeline(group);
        let position = self.column_of(group.pane);
        for ((task, cells), row) in group.tasks.iter().zip(&painted.rows).zip(group.row..) {
            self.paint_name(group, *task, row, buffer);
            self.paint_lane(cells, row, position, buffer);
            let shows_rest = self.margin == Margin::Letters && !self.model.future;
            if shows_rest && !group.status(*task).ended() {
                self.paint_rest(group.pane, row, position, buffer);
            }
        }
        path::line(self, group, &painted, buffer);
        let any_due = marks::on_lanes(self, group, &painted, buffer);
        marks::values(self, group, buffer);
        any_due
    }

    /// The status of each task of a group, column by column. The last status of a task continues
    /// up to the displayed time, because time passes while no event is recorded.
    fn timeline(&self, group: &LaneGroup<'_>) -> Timeline {
        let (pane, window) = (group.pane, &self.window);
        let until = painted_until(self.model, pane);
        let now = pane.axis_value(window.axis);
        pane.replay.timeline_to(window, &group.tasks, until, now)
    }

    /// Draws the name of a task left of its lane. Panel 4 puts the mark of the selection before the
    /// name and the code of the task's state after it; the comparison puts the letter of the run
    /// before it.
    fn paint_name(&self, group: &LaneGroup<'_>, task: TaskId, row: usize, buffer: &mut Buffer) {
        let (theme, inner) = (self.model.theme, self.inner);
        let emphasis = |is_strong| {
            if is_strong {
                Theme::strong()
            } else {
                Style::new()
            }
        };
        let label = pad(&task_label(group.pane.replay.tables(), task), self.label);
        let column = self.margin.name_column();
        match self.margin {
            Margin::Selection { codes } => {
                let selected = task == group.pane.task();
                let (sign, style) = (if selected { "▸" } else { " " }, emphasis(selected));
                put_at(buffer, inner, (0, row), sign, style);
                put_at(buffer, inner, (column, row), &label, style);
                if codes {
                    let status = group.status(task);
                    let at = (self.label + 2, row);
                    put_at(buffer, inner, at, status_code(status), theme.state(status));
                }
            }
            Margin::Letters => {
                let style = emphasis(self.model.active == group.number);
                put_at(buffer, inner, (1, row), LETTERS[group.number.min(1)], style);
                put_at(buffer, inner, (column, row), &label, Style::new());
            }
        }
    }

    /// Draws the patterns of one lane, dimmed after the position.
    fn paint_lane(
        &self,
        cells: &[Status],
        row: usize,
        position: Option<usize>,
        buffer: &mut Buffer,
    ) {
        // Cells are set directly. A frame has thousands of them, and `Buffer::set_stringn` would
        // measure the width of each symbol.
        let Some(y) = self.y_of(row) else { return };
        for ((column, status), x) in cells.iter().enumerate().zip(self.lanes.x..) {
            let Some(cell) = buffer.cell_mut((x, y)) else {
                return;
            };
            let mut style = self.model.theme.lane(*status);
            if position.is_some_and(|position| column > position) {
                style = style.add_modifier(Modifier::DIM);
            }
            cell.set_symbol(Theme::pattern(*status)).set_style(style);
        }
    }

    /// Draws dots from the position to the end of the run, and `□` at the end. The comparison does
    /// so even while the future is hidden, because it compares how long the runs take.
    fn paint_rest(&self, pane: &RunPane, row: usize, position: Option<usize>, buffer: &mut Buffer) {
        let theme = self.model.theme;
        let columns = usize::from(self.lanes.width);
        let from = position.map_or(0, |position| position + 1);
        let end = self.end_of(pane);
        for column in from..end.unwrap_or(columns).min(columns) {
            self.put(buffer, (column, row), "·", theme.border());
        }
        if let Some(end) = end.filter(|end| *end >= from) {
            self.put(buffer, (end, row), "□", theme.dim());
        }
    }

    /// Writes at a column of the axis.
    fn put(&self, buffer: &mut Buffer, (column, row): (usize, usize), text: &str, style: Style) {
        let left = usize::from(self.lanes.x - self.inner.x);
        put_at(buffer, self.inner, (left + column, row), text, style);
    }

    /// Converts a row of the chart to a row of the screen; `None` below the chart.
    fn y_of(&self, row: usize) -> Option<u16> {
        let row = u16::try_from(row).ok()?;
        (row < self.inner.height).then_some(self.inner.y + row)
    }

    /// The column of the current position of a run.
    fn column_of(&self, pane: &RunPane) -> Option<usize> {
        self.window.column(pane.axis_value(self.window.axis))
    }

    /// The column at which a run ends, if it is in the window.
    fn end_of(&self, pane: &RunPane) -> Option<usize> {
        let end = self.window.column(pane.total(self.window.axis));
        end.filter(|column| *column < self.window.columns.into())
    }

    /// The run, task and column at a cell of the screen.
    fn hit(self, cell: Cell) -> Option<LaneHit> {
        if !self.lanes.contains(cell) {
            return None;
        }
        let row = usize::from(cell.y - self.inner.y);
        let task = self.groups.iter().find_map(|group| {
            let task = group.tasks.get(row.checked_sub(group.row)?)?;
            Some((group.number, *task))
        });
        Some(LaneHit {
            pane: task.map_or(self.model.active, |(number, _)| number),
            task: task.map(|(_, task)| task),
            column: usize::from(cell.x - self.lanes.x),
            window: self.window,
        })
    }
}

/// The position up to which lanes are painted: the end of the run if the future is shown, else the
/// current position.
fn painted_until(model: &Model, pane: &RunPane) -> Position {
    if model.future {
        pane.replay.end()
    } else {
        pane.replay.position()
    }
}

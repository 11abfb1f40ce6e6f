//! Panel 3: all tasks, and the selected one in detail.

use ratatui::{
    buffer::Buffer,
    layout::{Position as Cell, Rect},
    style::Style,
    text::Line,
};

use crate::{
    insight::{status_code, task_label},
    scene::tasks::{TaskRow, task_facts, task_rows},
    trace::TaskId,
};

use crate::tui::{
    model::{Model, Panel, run_pane::RunPane},
    theme::Theme,
    widgets::{
        panel::{first_row, numbered},
        text::{cut, pad, put, right, span},
    },
};

/// From this many rows on there is room for details.
const ROOMY: usize = 9;

pub(crate) fn draw(model: &Model, pane: &RunPane, area: Rect, buffer: &mut Buffer) {
    let state = pane.replay.state();
    let words = match (state.tasks.len(), state.ended) {
        (all, _) if pane.filter.is_on() => {
            format!("{} of {all}: /{}", pane.listed(), pane.filter.text())
        }
        (all, 0) => format!("{all}"),
        (all, done) => format!("{all}, {done} ended"),
    };
    let inner = numbered(model, Panel::Tasks, area, buffer, "Tasks", &words);
    let height = usize::from(inner.height);
    let facts = if height >= ROOMY {
        task_facts(&pane.replay, pane.task())
    } else {
        Vec::new()
    };
    let selected = pane.task();
    let shown = shown(pane, room(height, facts.len()));
    let shown = task_rows(&pane.replay, shown, pane.now());
    let table = TaskColumns::new(inner.width.into());
    put(
        buffer,
        inner,
        0,
        &Line::from(span(table.head(), model.theme.dim())),
    );
    for (row, at) in shown.iter().zip(1..) {
        put(
            buffer,
            inner,
            at,
            &table.line(
                model.theme,
                row,
                row.task == selected,
                pane.breakpoints.on_task(row.task),
            ),
        );
    }
    let top = shown.len() + 2;
    if !facts.is_empty() && top <= height {
        let title = format!(" selected {}", task_label(pane.replay.tables(), selected));
        put(
            buffer,
            inner,
            top,
            &Line::from(span(cut(&title, inner.width.into()), Theme::strong())),
        );
        for ((name, words), at) in facts.iter().zip(top + 1..) {
            let line = Line::from(vec![
                span(pad(&format!("  {name}"), 11), model.theme.dim()),
                span(
                    cut(words, usize::from(inner.width).saturating_sub(12)),
                    Style::new(),
                ),
            ]);
            put(buffer, inner, at, &line);
        }
    }
}

/// How many tasks there are rows for, beside so many facts about the selected one.
fn room(height: usize, facts: usize) -> usize {
    let below = if facts == 0 {
        0
    } else {
        (facts + 2).min(height / 2 + 1)
    };
    height.saturating_sub(1 + below)
}

/// The tasks that are shown in so many rows, the selected one among them.
fn shown(pane: &RunPane, rows: usize) -> impl Iterator<Item = TaskId> {
    let listed = pane.listed();
    let selected = pane.filter.row(pane.task()).min(listed.saturating_sub(1));
    let first = first_row(selected, rows);
    (first..listed.min(first + rows)).filter_map(|row| pane.filter.nth(row))
}

/// Which task is at a cell of the panel.
pub(crate) fn task_at(pane: &RunPane, area: Rect, cell: Cell) -> Option<TaskId> {
    let height = usize::from(area.height).checked_sub(2)?;
    let facts = if height >= ROOMY {
        task_facts(&pane.replay, pane.task()).len()
    } else {
        0
    };
    let rows = room(height, facts);
    // Below the border and the heads of the columns.
    let row = usize::from(cell.y.checked_sub(area.y + 2)?);
    shown(pane, rows).nth(row).filter(|_| row < rows)
}

/// Which columns there is room for.
struct TaskColumns {
    label: usize,
    polls: bool,
    /// How many of the three times, from the right.
    times: usize,
}

impl TaskColumns {
    fn new(columns: usize) -> TaskColumns {
        let (polls, times) = match columns {
            34.. => (true, 3),
            28.. => (true, 2),
            20.. => (false, 1),
            _ => (false, 0),
        };
        let used = 7 + if polls { 5 } else { 0 } + times * 6;
        TaskColumns {
            label: columns.saturating_sub(used).min(30),
            polls,
            times,
        }
    }

    fn head(&self) -> String {
        let mut head = format!(" {} st  ", pad("task", self.label));
        if self.polls {
            head.push_str(" poll");
        }
        for name in ["run", "rdy", "wait"].iter().skip(3 - self.times) {
            head.push_str(&right(name, 6));
        }
        head
    }

    /// A task: a breakpoint stands before its code.
    fn line(&self, theme: Theme, row: &TaskRow, selected: bool, stops: bool) -> Line<'static> {
        let style = if selected {
            Theme::strong()
        } else {
            Style::new()
        };
        let label = pad(&format!("{} {}", row.task, row.name), self.label);
        let mut line = Line::from(vec![
            span(if selected { "▸" } else { " " }, style),
            span(label, style),
            span(if stops { "●" } else { " " }, Theme::strong()),
            span(
                format!("{:4}", status_code(row.status)),
                theme.state(row.status),
            ),
        ]);
        if self.polls {
            line.push_span(span(
                format!(" {}", right(&row.polls.to_string(), 4)),
                Style::new(),
            ));
        }
        for time in row.times.iter().skip(3 - self.times) {
            let style = if time == "0" {
                theme.dim()
            } else {
                Style::new()
            };
            line.push_span(span(right(time, 6), style));
        }
        line
    }
}

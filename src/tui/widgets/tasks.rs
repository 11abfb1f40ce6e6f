//! Panel 3: the tasks in a table, and the selected one in detail.
//!
//! ```text
//! ┌ 3 Tasks ──────────────────── 3, 1 ended ┐
//! │ task      st   poll   run   rdy   wait  │   a narrow panel leaves out polls and times
//! │ #0 main   PND     1     0     0  1.00s  │
//! │▸#1 hello ●DONE    2     0     0  1.00s  │   ▸ selected, ● breakpoint
//! │                                         │
//! │ selected #1 hello                       │   in a high panel
//! │  spawned  line 27 by #0 main            │
//! └─────────────────────────────────────────┘
//! ```

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Position as Cell, Rect},
    style::Style,
    text::Line,
    widgets::{Row, Table, Widget},
};

use crate::{
    insight::{Language, status_code, task_label},
    scene::{
        chain::chain_parts,
        format::known_or_unknown,
        tasks::{TaskFact, TaskRow, task_facts, task_rows},
    },
    trace::TaskId,
};

use crate::tui::{
    model::{Model, Panel, run_pane::RunPane},
    theme::Theme,
    widgets::{
        panel::{first_row, left_out, numbered},
        text::{cells, cut, put, put_at, span, styled, width, wrap},
    },
};

/// The fewest rows with which the panel shows the selected task in detail.
const ROOMY: usize = 9;

/// The columns of the label of a fact.
const LABEL: usize = 10;

/// Panel 3: the tasks of a run.
pub(crate) struct TasksPanel<'a> {
    pub(crate) model: &'a Model,
    pub(crate) pane: &'a RunPane,
}

impl Widget for &TasksPanel<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let (theme, pane) = (self.model.theme, self.pane);
        let hint = self.counts(area.width.into());
        let inner = numbered(self.model, Panel::Tasks, area, buffer, "Tasks", &hint);
        let height = usize::from(inner.height);
        let columns = usize::from(inner.width);
        let facts = facts(pane, (columns, height), self.model.language_for(pane));
        let room = table_rows(pane, height, facts.len());
        let rows = task_rows(&pane.replay, shown(pane, room), pane.now());
        // The facts begin one blank row below the table.
        let columns = TaskColumns::new(inner.width.into());
        let table = Table::new(
            rows.iter().map(|row| {
                let stops = pane.breakpoints.on_task(row.task);
                columns.row(theme, row, row.task == pane.task(), stops)
            }),
            columns.widths(),
        );
        let below = rows.len() + 1;
        let table_area = Rect {
            height: inner.height.min(cells(below)),
            ..inner
        };
        let table = table.header(columns.header().style(theme.dim()));
        table.column_spacing(0).render(table_area, buffer);
        let facts_area = Rect {
            y: inner.y.saturating_add(cells(below + 1)),
            height: inner.height.saturating_sub(cells(below + 1)),
            ..inner
        };
        let first = first_listed(pane, room);
        let more = left_out(first, pane.listed().saturating_sub(first + rows.len()));
        put_at(buffer, inner, (1, below), &more, theme.dim());
        if !facts.is_empty() {
            self.draw_facts(&facts, facts_area, buffer);
        }
    }
}

impl TasksPanel<'_> {
    /// How many tasks there are: `21`, `21, 3 ended`, or `5 of 21: /child`. A narrow panel leaves out
    /// what follows the numbers.
    fn counts(&self, columns: usize) -> String {
        let (pane, state) = (self.pane, self.pane.replay.state());
        match (state.tasks.len(), state.ended) {
            (all, _) if pane.filter.is_on() => {
                let numbers = format!("{} of {all}", pane.listed());
                let whole = format!("{numbers}: /{}", pane.filter.text());
                // Title and border take 16 columns.
                if width(&whole) + 16 <= columns {
                    whole
                } else {
                    numbers
                }
            }
            (all, 0) => format!("{all}"),
            (all, done) => format!("{all}, {done} ended"),
        }
    }

    /// The facts about the selected task in two columns, under its name.
    fn draw_facts(&self, facts: &[TaskFact], area: Rect, buffer: &mut Buffer) {
        let label = task_label(self.pane.replay.tables(), self.pane.task());
        let title = cut(&format!(" selected {label}"), area.width.into());
        put(buffer, area, 0, &styled(title, Theme::strong()));
        let rows = facts.iter().map(|(name, words)| {
            let name = span(format!(" {name}"), self.model.theme.dim());
            Row::new([Line::from(name), Line::from(words.as_str())])
        });
        let area = Rect {
            y: area.y.saturating_add(1),
            height: area.height.saturating_sub(1),
            ..area
        };
        Table::new(
            rows,
            [Constraint::Length(cells(LABEL)), Constraint::Fill(1)],
        )
        .column_spacing(0)
        .render(area, buffer);
    }
}

/// What is known of the selected task, if the panel is high enough to show it; a row for each. The
/// functions that the task is in take a row each if they do not fit into one.
fn facts(pane: &RunPane, (columns, height): (usize, usize), language: Language) -> Vec<TaskFact> {
    if height < ROOMY {
        return Vec::new();
    }
    let columns = columns.saturating_sub(LABEL);
    let mut rows: Vec<TaskFact> = Vec::new();
    let chain = chain_parts(&pane.replay, pane.task(), language);
    let line = chain.join(" > ");
    if width(&line) <= columns {
        rows.extend((!line.is_empty()).then_some(("in", line)));
    } else {
        let names = ["in"].into_iter().chain(std::iter::repeat(""));
        let parts = chain.iter().zip(0..).map(|(part, at)| {
            let arrow = if at == 0 { "" } else { "> " };
            cut(&format!("{arrow}{part}"), columns)
        });
        rows.extend(names.zip(parts));
    }
    for (name, words) in task_facts(&pane.replay, pane.task(), language) {
        if name == "waits" {
            // What the task waits for is not cut if it fits into two rows.
            let names = [name].into_iter().chain(std::iter::repeat(""));
            rows.extend(names.zip(wrap(&words, columns)).take(2));
        } else {
            rows.push((name, cut(&words, columns)));
        }
    }
    rows
}

/// The number of tasks that fit above the facts about the selected task. The facts with their
/// heading and a blank row take at most half of the panel and one row. If the facts are left out, the
/// last row says how many tasks are not shown, unless all are.
fn table_rows(pane: &RunPane, height: usize, facts: usize) -> usize {
    let rows = height.saturating_sub(1);
    if facts > 0 {
        // The table gives up rows that it does not use.
        let below = (facts + 2).min((height / 2 + 1).max(rows.saturating_sub(pane.listed())));
        return rows.saturating_sub(below);
    }
    if pane.listed() > rows {
        rows.saturating_sub(1)
    } else {
        rows
    }
}

/// The first row of the list that is shown.
fn first_listed(pane: &RunPane, rows: usize) -> usize {
    let listed = pane.listed();
    let selected = pane.filter.row(pane.task()).min(listed.saturating_sub(1));
    first_row(selected, rows).min(listed)
}

/// The tasks that are shown in `rows` rows. The selected task is always one of them.
fn shown(pane: &RunPane, rows: usize) -> impl Iterator<Item = TaskId> {
    let first = first_listed(pane, rows);
    (first..pane.listed().min(first + rows)).filter_map(|row| pane.filter.nth(row))
}

/// The task at a cell of the panel.
pub(crate) fn task_at(
    pane: &RunPane,
    area: Rect,
    cell: Cell,
    language: Language,
) -> Option<TaskId> {
    let height = usize::from(area.height).checked_sub(2)?;
    let columns = usize::from(area.width).checked_sub(2)?;
    let rows = table_rows(pane, height, facts(pane, (columns, height), language).len());
    // The tasks begin below the border and the header.
    let row = usize::from(cell.y.checked_sub(area.y + 2)?);
    shown(pane, rows).nth(row).filter(|_| row < rows)
}

/// The columns of the table: a narrow panel leaves out times, then polls, before it cuts names.
struct TaskColumns {
    label: usize,
    polls: bool,
    /// How many of the times run, ready and wait are shown; the first ones are left out first.
    times: usize,
}

impl TaskColumns {
    fn new(columns: usize) -> TaskColumns {
        let (polls, times) = match columns {
            44.. => (true, 3),
            38.. => (true, 2),
            32.. => (true, 1),
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

    /// The width of each column, from the left: selection, label, breakpoint, code, polls, times.
    fn widths(&self) -> Vec<Constraint> {
        let mut widths = vec![1, cells(self.label), 1, 4];
        widths.extend(self.polls.then_some(5));
        widths.extend(std::iter::repeat_n(6, self.times));
        widths.into_iter().map(Constraint::Length).collect()
    }

    /// The names of the columns, aligned as their values are.
    fn header(&self) -> Row<'static> {
        let mut row = vec![Line::default(), "task".into(), Line::default(), "st".into()];
        row.extend(self.polls.then(|| Line::from("poll").right_aligned()));
        let times = ["run", "rdy", "wait"].into_iter().skip(3 - self.times);
        row.extend(times.map(|name| Line::from(name).right_aligned()));
        Row::new(row)
    }

    /// The row of a task. A time of zero is dimmed, so that the other times stand out.
    fn row(&self, theme: Theme, row: &TaskRow, selected: bool, stops: bool) -> Row<'static> {
        let style = if selected {
            Theme::strong()
        } else {
            Style::new()
        };
        let label = cut(&format!("{} {}", row.task, row.name), self.label);
        let code = format!("{:4}", status_code(row.status));
        let mut line = vec![
            styled(if selected { "▸" } else { "" }, style),
            styled(label, style),
            styled(if stops { "●" } else { "" }, Theme::strong()),
            styled(code, theme.state(row.status)),
        ];
        let polls = cut(&known_or_unknown(row.polls), 4);
        line.extend(self.polls.then(|| Line::from(polls).right_aligned()));
        line.extend(row.times.iter().skip(3 - self.times).map(|time| {
            let style = if time == "0" {
                theme.dim()
            } else {
                Style::new()
            };
            styled(cut(time, 6), style).right_aligned()
        }));
        Row::new(line)
    }
}

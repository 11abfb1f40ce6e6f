//! Panel 3: all tasks, and the selected one in detail.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::{
    insight::{code, task_label},
    scene::task::{Row, details, rows},
};

use super::{
    model::{Model, Panel, Side},
    panel::numbered,
    text::{cut, pad, put, right, span},
    theme::Theme,
};

/// From this many rows on there is room for details.
const ROOMY: usize = 9;

pub(super) fn draw(model: &Model, side: &Side, area: Rect, buffer: &mut Buffer) {
    let state = side.replay.state();
    let words = match (state.tasks.len(), state.ended) {
        (all, 0) => format!("{all}"),
        (all, done) => format!("{all}, {done} ended"),
    };
    let inner = numbered(model, Panel::Tasks, area, buffer, "Tasks", &words);
    let height = usize::from(inner.height);
    let facts = if height >= ROOMY {
        details(&side.replay, side.task())
    } else {
        Vec::new()
    };
    let below = if facts.is_empty() {
        0
    } else {
        (facts.len() + 2).min(height / 2 + 1)
    };
    let room = height.saturating_sub(1 + below);
    let selected = side.task();
    let first = first_row(selected.index(), room);
    let shown = rows(&side.replay, first, room);
    let table = Table::new(inner.width.into());
    put(
        buffer,
        inner,
        0,
        &Line::from(span(table.head(), model.theme.quiet())),
    );
    for (row, at) in shown.iter().zip(1..) {
        put(
            buffer,
            inner,
            at,
            &table.line(model.theme, row, row.task == selected),
        );
    }
    let top = shown.len() + 2;
    if !facts.is_empty() && top <= height {
        let title = format!(" selected {}", task_label(side.replay.tables(), selected));
        put(
            buffer,
            inner,
            top,
            &Line::from(span(cut(&title, inner.width.into()), Theme::strong())),
        );
        for ((name, words), at) in facts.iter().zip(top + 1..) {
            let line = Line::from(vec![
                span(pad(&format!("  {name}"), 11), model.theme.quiet()),
                span(
                    cut(words, usize::from(inner.width).saturating_sub(12)),
                    Style::new(),
                ),
            ]);
            put(buffer, inner, at, &line);
        }
    }
}

/// The first row to show so that the selected one is to be seen.
pub(super) fn first_row(selected: usize, rows: usize) -> usize {
    (selected + 1).saturating_sub(rows.max(1))
}

/// Which columns there is room for.
struct Table {
    label: usize,
    polls: bool,
    /// How many of the three times, from the right.
    times: usize,
}

impl Table {
    fn new(columns: usize) -> Table {
        let (polls, times) = match columns {
            34.. => (true, 3),
            28.. => (true, 2),
            20.. => (false, 1),
            _ => (false, 0),
        };
        let used = 7 + if polls { 5 } else { 0 } + times * 6;
        Table {
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

    fn line(&self, theme: Theme, row: &Row, selected: bool) -> Line<'static> {
        let style = if selected {
            Theme::strong()
        } else {
            Style::new()
        };
        let label = pad(&format!("{} {}", row.task, row.name), self.label);
        let mut line = Line::from(vec![
            span(if selected { "▸" } else { " " }, style),
            span(label, style),
            span(format!(" {:4}", code(row.status)), theme.state(row.status)),
        ]);
        if self.polls {
            line.push_span(span(
                format!(" {}", right(&row.polls.to_string(), 4)),
                Style::new(),
            ));
        }
        for time in row.times.iter().skip(3 - self.times) {
            let style = if time == "0" {
                theme.quiet()
            } else {
                Style::new()
            };
            line.push_span(span(right(time, 6), style));
        }
        line
    }
}

//! The list of the loops of a program.
//!
//! ```text
//! ┏ Loops ━━━━━━━━━━━━━━━━━━━━━ Enter shows it, Esc closes ┓
//! ┃ ▸ 1 main         runs       4 tasks    1203 events     ┃
//! ┃   2 background   paused     1 task     87 events       ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::Line,
    widgets::{List, ListState, StatefulWidget, Widget},
};

use crate::tui::{
    model::{Model, loops::LoopRow},
    theme::Theme,
    widgets::{
        panel::{bordered, popup},
        text::{cells, cut, pad, span, width},
    },
};

/// The most columns of a loop's name.
const NAME: usize = 40;

/// The loops of the program, in the order of their numbers.
pub(crate) struct LoopsPopup<'a> {
    pub(crate) model: &'a Model,
    /// The chosen row.
    pub(crate) row: usize,
}

impl Widget for &LoopsPopup<'_> {
    fn render(self, body: Rect, buffer: &mut Buffer) {
        let rows = self.model.loop_rows();
        let names = rows.iter().map(|row| width(row.name)).max().unwrap_or(0);
        let lines = rows.iter().enumerate().map(|(at, row)| {
            let is_chosen = at == self.row;
            line(self.model.theme, row, at + 1, names.min(NAME), is_chosen)
        });
        let lines: Vec<Line<'_>> = lines.collect();
        let widest = lines.iter().map(Line::width).max().unwrap_or(0);
        let size = (cells((widest + 3).max(48)), cells(lines.len() + 2));
        let area = popup(body, size, buffer);
        let hint = "Enter shows it, Esc closes";
        let inner = bordered(self.model.theme, area, buffer, "Loops", hint, true);
        let mut state = ListState::default().with_selected(Some(self.row));
        StatefulWidget::render(List::new(lines), inner, buffer, &mut state);
    }
}

fn line(
    theme: Theme,
    row: &LoopRow<'_>,
    number: usize,
    names: usize,
    is_chosen: bool,
) -> Line<'static> {
    let (sign, style) = if is_chosen {
        ("▸", Theme::chosen())
    } else {
        (" ", Style::new())
    };
    let name = pad(&cut(row.name, names), names);
    let head = &row.pane.replay.index().head();
    // As panel 3 counts them: those that have ended as well.
    let tasks = head.tasks.len();
    let plural = if tasks == 1 { "task " } else { "tasks" };
    let facts = format!(
        "   {}   {tasks:>4} {plural}   {} events",
        pad(row.state(), 8),
        head.position.0
    );
    let shown = if row.hidden.is_none() { "   shown" } else { "" };
    Line::from(vec![
        span(format!(" {sign} {number:>2} {name}"), style),
        span(facts, theme.dim()),
        span(shown, theme.dim()),
    ])
}

//! A grid of cells as runs of text: neighbours that look the same.

use ratatui::{buffer::Buffer, style::Style};

use crate::tui::widgets::text::{cells, width};

/// Cells side by side that look the same.
#[derive(Debug, PartialEq)]
pub(super) struct CellRun {
    pub(super) column: u16,
    /// How many cells it takes; a wide character takes two.
    pub(super) width: u16,
    pub(super) text: String,
    pub(super) style: Style,
}

/// A row of the grid, from left to right. `same` can keep cells of one style apart.
pub(super) fn runs(buffer: &Buffer, row: u16, same: impl Fn(&str, &str) -> bool) -> Vec<CellRun> {
    let mut runs: Vec<CellRun> = Vec::new();
    let mut last = "";
    let mut column = 0;
    while let Some(cell) = buffer.cell((column, row)) {
        let (symbol, style) = (cell.symbol(), cell.style());
        let wide = cells(width(symbol).max(1));
        match runs.last_mut() {
            Some(run) if run.style == style && same(last, symbol) => {
                run.text.push_str(symbol);
                run.width += wide;
            }
            _ => runs.push(CellRun {
                column,
                width: wide,
                text: symbol.to_owned(),
                style,
            }),
        }
        last = symbol;
        // What stands behind a wide character is not seen.
        column += wide;
    }
    runs
}

/// The grid as text, without the blanks at the ends of lines.
pub(super) fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in 0..buffer.area.height {
        let runs = runs(buffer, row, |_, _| true);
        let line: String = runs.iter().map(|run| run.text.as_str()).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use ratatui::{
        layout::Rect,
        style::{Modifier, Style},
    };

    use super::*;

    #[test]
    fn a_wide_character_hides_the_cell_behind_it() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 2));
        let bold = Style::new().add_modifier(Modifier::BOLD);
        buffer.set_string(0, 0, "a王", Style::new());
        buffer.set_string(3, 0, "bc", bold);
        let runs = runs(&buffer, 0, |_, _| true);
        let parts: Vec<_> = runs
            .iter()
            .map(|run| (run.column, run.width, run.text.as_str()))
            .collect();
        assert_eq!(parts, [(0, 3, "a王"), (3, 2, "bc"), (5, 3, "   ")]);
        assert_eq!(text(&buffer), "a王bc\n\n");
    }
}

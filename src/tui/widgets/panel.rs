//! Borders and popups.
//!
//! ```text
//! ┌ 4 Timeline ─────── by time   + - zoom ┐   thin: another panel has the focus
//! ┏ 2 Loop ━━━━━━━━━━━━━━━━━━━━━━━ tick 3 ┓   thick: keys go to this panel
//! ```

use ratatui::{
    buffer::Buffer,
    layout::{Alignment, Rect},
    style::Color,
    text::Line,
    widgets::{Block, BorderType, Clear, Widget},
};

use crate::tui::{
    model::{Model, Panel, Screen},
    theme::Theme,
    widgets::text::{cut, span, width},
};

/// The letters of the two runs of a comparison.
pub(crate) const LETTERS: [&str; 2] = ["A", "B"];

/// Draws a border and returns the area inside it.
///
/// `title` is cut if it is too long. `words`, at the right, are left out if they do not fit beside
/// the title. A focused panel has a thick border.
pub(crate) fn bordered(
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
    title: &str,
    words: &str,
    focused: bool,
) -> Rect {
    let area = area.intersection(buffer.area);
    let (kind, style) = if focused {
        (BorderType::Thick, Theme::strong())
    } else {
        (BorderType::Plain, theme.border())
    };
    let room = usize::from(area.width).saturating_sub(6);
    let title = cut(title, room);
    let words = if width(&title) + width(words) + 2 <= room {
        words
    } else {
        ""
    };
    // Without a colour of its own the title would have that of the border.
    let strong = Theme::strong().fg(Color::Reset);
    let mut block = Block::bordered()
        .border_type(kind)
        .border_style(style)
        .title(Line::from(span(format!(" {title} "), strong)));
    if !words.is_empty() {
        let right = Line::from(span(format!(" {words} "), theme.dim())).alignment(Alignment::Right);
        block = block.title(right);
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

/// The inside of a bordered area.
pub(crate) fn inside(area: Rect) -> Rect {
    Block::bordered().inner(area)
}

/// The first row to show so that the selected row is visible. If the list has to scroll, the
/// selected row is the last visible one.
pub(crate) fn first_row(selected: usize, rows: usize) -> usize {
    (selected + 1).saturating_sub(rows.max(1))
}

/// What a list leaves out above and below the rows that it shows: `+15 more` below, or `+3 ↑ +12 ↓`.
/// Empty if it shows everything.
pub(crate) fn left_out(above: usize, below: usize) -> String {
    match (above, below) {
        (0, 0) => String::new(),
        (0, below) => format!("+{below} more"),
        (above, 0) => format!("+{above} ↑"),
        (above, below) => format!("+{above} ↑ +{below} ↓"),
    }
}

/// Clears an area for a popup in the middle of the screen's body and returns the area. It has the
/// given number of columns and rows, or those of the body if the body is smaller.
pub(crate) fn popup(body: Rect, (columns, rows): (u16, u16), buffer: &mut Buffer) -> Rect {
    let (width, height) = (columns.min(body.width), rows.min(body.height));
    let area = Rect::new(
        body.x + (body.width - width) / 2,
        body.y + (body.height - height) / 2,
        width,
        height,
    );
    Clear.render(area.intersection(buffer.area), buffer);
    area
}

/// Draws the border of a numbered panel of the main screen.
pub(crate) fn numbered(
    model: &Model,
    panel: Panel,
    area: Rect,
    buffer: &mut Buffer,
    title: &str,
    words: &str,
) -> Rect {
    let title = format!("{} {title}", panel.number());
    let focused = model.screen == Screen::Main && model.focus == panel;
    bordered(model.theme, area, buffer, &title, words, focused)
}

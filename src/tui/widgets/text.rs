//! Words measured in columns: wide and combining characters must not break a table.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::insight::char_columns;
pub(crate) use crate::insight::{columns as width, fit as cut};

/// A number of cells; more than a terminal can have is as many as it can have.
pub(crate) fn cells(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// A text in exactly that many columns, from the left.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let mut padded = cut(text, columns);
    let missing = columns.saturating_sub(width(&padded));
    padded.extend(std::iter::repeat_n(' ', missing));
    padded
}

/// Breaks a text between words into lines of at most that many columns. A longer word is cut.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(cut(word, columns)),
        }
    }
    lines
}

/// Breaks a text wherever it has to be, and keeps every blank in it. There is at least one part.
pub(crate) fn fold(text: &str, columns: usize) -> impl Iterator<Item = String> {
    let mut parts = vec![String::new()];
    let mut used = 0;
    for c in text.chars() {
        let wide = char_columns(c);
        if used + wide > columns && used > 0 {
            parts.push(String::new());
            used = 0;
        }
        if wide <= columns {
            used += wide;
            if let Some(part) = parts.last_mut() {
                part.push(c);
            }
        }
    }
    parts.into_iter()
}

/// Writes a line into the row of an area that is `row` rows down; nothing if there is no such row.
pub(crate) fn put(buffer: &mut Buffer, area: Rect, row: usize, line: &Line<'_>) {
    let row = cells(row);
    let area = area.intersection(buffer.area);
    if row < area.height {
        buffer.set_line(area.x, area.y + row, line, area.width);
    }
}

/// Writes a text at a column and a row of an area, if it is in there.
pub(crate) fn put_at(
    buffer: &mut Buffer,
    area: Rect,
    (column, row): (usize, usize),
    text: &str,
    style: Style,
) {
    let (column, row) = (cells(column), cells(row));
    let area = area.intersection(buffer.area);
    if row < area.height && column < area.width {
        let room = usize::from(area.width - column);
        buffer.set_stringn(area.x + column, area.y + row, text, room, style);
    }
}

/// A line in one style. Unlike [`Line::styled`] it leaves the blanks after it alone.
pub(crate) fn styled(text: impl Into<String>, style: Style) -> Line<'static> {
    Line::from(span(text, style))
}

/// A part of a line that owns its text.
pub(crate) fn span(text: impl Into<String>, style: Style) -> Span<'static> {
    Span::styled(text.into(), style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_count_for_two() {
        assert_eq!(pad("王女", 6), "王女  ");
        assert_eq!(cut("王女様", 4), "王…");
        assert_eq!(width(&pad("e\u{301}te\u{301}", 5)), 5);
    }

    #[test]
    fn nothing_is_longer_than_its_room() {
        for columns in 0..12 {
            for text in [
                "",
                "a",
                "hello world",
                "王女様です",
                "e\u{301}e\u{301}e\u{301}",
                "👩‍👩‍👧 x",
            ] {
                assert!(width(&cut(text, columns)) <= columns, "{text} {columns}");
                assert_eq!(width(&pad(text, columns)), columns, "{text} {columns}");
                assert!(
                    wrap(text, columns)
                        .iter()
                        .all(|line| width(line) <= columns)
                );
            }
        }
    }
}

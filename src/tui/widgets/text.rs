//! Text measured in columns of the terminal.
//!
//! Task names and output come from the program, so they may hold anything. A wide character takes
//! two columns and a combining one takes none; both are counted by `unicode-width`. Control
//! characters never reach the terminal: ratatui leaves them out of the buffer.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::insight::char_columns;
pub(crate) use crate::insight::{columns as width, fit as cut};

/// A number of cells, at most `u16::MAX`: no terminal is larger.
pub(crate) fn cells(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// The text in exactly `columns` columns: cut, or padded with blanks.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let mut padded = cut(text, columns);
    let missing = columns.saturating_sub(width(&padded));
    padded.extend(std::iter::repeat_n(' ', missing));
    padded
}

/// Breaks a text between words into lines of at most `columns` columns. A word that is longer than
/// a line is cut.
///
/// [`Paragraph`](ratatui::widgets::Paragraph) wraps too, but does not say how many lines result,
/// and it breaks a long word instead of cutting it.
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

/// Breaks a text into parts of at most `columns` columns, also within a word, and keeps all blanks.
/// Program output is shown this way. An empty text gives one empty part. The parts are made as they are
/// asked for: a text may be long.
pub(crate) fn fold(text: &str, columns: usize) -> impl Iterator<Item = String> {
    let mut chars = text.chars().peekable();
    let mut is_first = true;
    std::iter::from_fn(move || {
        if !std::mem::take(&mut is_first) && chars.peek().is_none() {
            return None;
        }
        let (mut part, mut used) = (String::new(), 0);
        while let Some(wide) = chars.peek().map(|c| char_columns(*c))
            && (used + wide <= columns || used == 0)
        {
            let c = chars.next().filter(|_| wide <= columns);
            used += if c.is_some() { wide } else { 0 };
            part.extend(c);
        }
        Some(part)
    })
}

/// Writes a line into a row of an area, counted from its top. A row below the area is not written.
pub(crate) fn put(buffer: &mut Buffer, area: Rect, row: usize, line: &Line<'_>) {
    let row = cells(row);
    let area = area.intersection(buffer.area);
    if row < area.height {
        buffer.set_line(area.x, area.y + row, line, area.width);
    }
}

/// Writes a text at a column and a row of an area. What lies outside the area is not written.
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
        let columns = usize::from(area.width - column);
        buffer.set_stringn(area.x + column, area.y + row, text, columns, style);
    }
}

/// A line in one style. [`Line::styled`] would also style the blanks behind the text.
pub(crate) fn styled(text: impl Into<String>, style: Style) -> Line<'static> {
    Line::from(span(text, style))
}

/// A span that owns its text.
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
    fn a_long_text_is_folded_only_as_far_as_it_is_shown() {
        let folded = |text: &str, columns| fold(text, columns).collect::<Vec<_>>();
        assert_eq!(folded("", 3), [""]);
        assert_eq!(folded("ab cdef", 3), ["ab ", "cde", "f"]);
        assert_eq!(folded("王女x", 3), ["王", "女x"]);
        assert_eq!(folded("a王", 1), ["a", ""]);
        assert_eq!(folded("abc", 0), [""]);
        // Each part is made when it is asked for, so the first ones of an endless text would come.
        let long = "x".repeat(1 << 20);
        assert_eq!(fold(&long, 4).take(2).collect::<Vec<_>>(), ["xxxx", "xxxx"]);
    }

    #[test]
    fn control_characters_do_not_reach_the_buffer() {
        use ratatui::widgets::{List, Paragraph, Row, Table, Widget};

        let text = "a\u{1b}[31mb\u{7}\u{9b}c";
        let area = Rect::new(0, 0, 20, 1);
        let drawn = |draw: &dyn Fn(&mut Buffer)| {
            let mut buffer = Buffer::empty(area);
            draw(&mut buffer);
            let symbols = buffer.content.iter().map(ratatui::buffer::Cell::symbol);
            symbols.collect::<String>().trim_end().to_owned()
        };
        let line = || styled(text, Style::new());
        assert_eq!(drawn(&|to| put(to, area, 0, &line())), "a[31mbc");
        assert_eq!(
            drawn(&|to| put_at(to, area, (0, 0), text, Style::new())),
            "a[31mbc"
        );
        assert_eq!(
            drawn(&|to| Paragraph::new(line()).render(area, to)),
            "a[31mbc"
        );
        assert_eq!(
            drawn(&|to| Widget::render(List::new([line()]), area, to)),
            "a[31mbc"
        );
        let table = || Table::new([Row::new([line()])], [20]);
        assert_eq!(drawn(&|to| Widget::render(table(), area, to)), "a[31mbc");
    }

    #[test]
    fn no_text_exceeds_its_columns() {
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

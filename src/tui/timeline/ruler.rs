//! What stands round the lanes: the numbers above them, and what their patterns mean.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    replay::Window,
    scene::{axis, glance},
};

use crate::tui::{
    text::{put_at, width},
    theme::Theme,
};

/// The numbers, and the line below them if there is a row for it.
pub(in crate::tui) fn ruler(
    theme: Theme,
    window: &Window,
    (inner, labels): (Rect, usize),
    (lanes, line): (Rect, Option<usize>),
    here: Option<usize>,
    buffer: &mut Buffer,
) {
    let left = usize::from(lanes.x - inner.x);
    let marks = axis::ruler(window, 12);
    let columns = usize::from(lanes.width);
    for mark in &marks {
        // A number at the right border moves in a little rather than being left out.
        let last = columns.saturating_sub(width(&mark.text));
        let column = usize::from(mark.column).min(last);
        if column + 4 >= usize::from(mark.column) {
            put_at(
                buffer,
                inner,
                (left + column, labels),
                &mark.text,
                theme.quiet(),
            );
        }
    }
    let Some(row) = line else { return };
    for column in 0..columns {
        let mark = marks.iter().any(|mark| usize::from(mark.column) == column);
        let glyph = match (here == Some(column), column, mark) {
            (true, ..) => "╂",
            (_, 0, _) => "├",
            (_, _, true) => "┼",
            _ => "─",
        };
        put_at(buffer, inner, (left + column, row), glyph, theme.border());
    }
}

/// What the patterns mean.
pub(in crate::tui) fn legend(theme: Theme, inner: Rect, row: usize, buffer: &mut Buffer) {
    let long: usize = glance::LEGEND
        .iter()
        .map(|(_, words)| width(words) + 5)
        .sum();
    let words = if long <= usize::from(inner.width) {
        glance::LEGEND
    } else {
        glance::SHORT_LEGEND
    };
    let mut column = 1;
    for (status, words) in words {
        put_at(
            buffer,
            inner,
            (column, row),
            Theme::pattern(status),
            theme.lane(status),
        );
        put_at(buffer, inner, (column + 2, row), words, theme.quiet());
        column += width(words) + 5;
    }
}

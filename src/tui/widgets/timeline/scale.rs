//! What frames the lanes: the ruler above them, the ticks, the place where we are and the legend below.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    replay::Window,
    scene::{axis, summary_line},
};

use crate::tui::{
    model::{Model, run_pane::RunPane},
    theme::Theme,
    widgets::text::{put_at, width},
};

use super::{Shape, marks::DUE, until};

pub(super) fn scale(
    theme: Theme,
    shape: &Shape,
    inner: Rect,
    here: Option<usize>,
    buffer: &mut Buffer,
) {
    let rows = shape.rows;
    if let Some(row) = rows.labels {
        ruler(
            theme,
            &shape.window,
            (inner, row),
            (shape.lanes, rows.ruler),
            here,
            buffer,
        );
    }
}

/// The numbers, and the line below them if there is a row for it.
pub(crate) fn ruler(
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
                theme.dim(),
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

pub(super) fn tick_row(
    model: &Model,
    pane: &RunPane,
    shape: &Shape,
    inner: Rect,
    row: usize,
    buffer: &mut Buffer,
) {
    let until = until(model, pane);
    let left = usize::from(shape.lanes.x - inner.x);
    put_at(buffer, inner, (1, row), "ticks", model.theme.dim());
    let mut free = 0;
    for label in axis::tick_labels(&pane.replay, &shape.window, until) {
        let column = usize::from(label.column);
        // Where two ticks run at one place on the axis, the first has the room.
        if column >= free && column + width(&label.text) <= usize::from(shape.lanes.width) {
            put_at(
                buffer,
                inner,
                (left + column, row),
                &label.text,
                model.theme.dim(),
            );
            free = column + width(&label.text) + 1;
        }
    }
}

pub(super) fn here_row(
    model: &Model,
    pane: &RunPane,
    shape: &Shape,
    inner: Rect,
    (row, here): (usize, Option<usize>),
    buffer: &mut Buffer,
) {
    let columns = usize::from(shape.lanes.width);
    let Some(here) = here.filter(|here| *here < columns) else {
        return;
    };
    let left = usize::from(shape.lanes.x - inner.x);
    put_at(buffer, inner, (left + here, row), "▲", Theme::strong());
    if !shape.code {
        return;
    }
    let words = if model.future || pane.at_end() {
        "you are here"
    } else {
        "you are here   (what comes is hidden: u shows it)"
    };
    if here + 2 + width(words) <= columns {
        put_at(
            buffer,
            inner,
            (left + here + 2, row),
            words,
            model.theme.dim(),
        );
    } else if let Some(column) = here.checked_sub(width(words) + 1) {
        put_at(
            buffer,
            inner,
            (left + column, row),
            words,
            model.theme.dim(),
        );
    }
}

/// What the patterns mean; that of a due timer, too, where there is one. Gives the columns that it took.
pub(crate) fn legend(
    theme: Theme,
    inner: Rect,
    row: usize,
    due: bool,
    buffer: &mut Buffer,
) -> usize {
    let was_due = format!("{DUE} was due");
    let long: usize = summary_line::LEGEND
        .iter()
        .map(|(_, words)| width(words) + 5)
        .sum();
    let more = if due { width(&was_due) } else { 0 };
    let words = if long + more <= usize::from(inner.width) {
        summary_line::LEGEND
    } else {
        summary_line::SHORT_LEGEND
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
        put_at(buffer, inner, (column + 2, row), words, theme.dim());
        column += width(words) + 5;
    }
    if due && column + width(&was_due) <= inner.width.into() {
        put_at(buffer, inner, (column, row), &was_due, theme.dim());
        column += width(&was_due) + 3;
    }
    column
}

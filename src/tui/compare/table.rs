//! The table of both runs as a whole.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::scene::both::{Row, bound, rows};

use crate::tui::{
    model::Model,
    panel::{bordered, over},
    text::{cells, cut, pad, put, put_at, right, span, wrap},
    theme::Theme,
};

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(comparison) = model.comparison.as_deref() else {
        return;
    };
    let words = if comparison.saved > 0 {
        "B is faster"
    } else {
        "w all rows"
    };
    let inner = bordered(model.theme, area, buffer, "Whole run", words, false);
    let columns = usize::from(inner.width);
    let number = (columns.saturating_sub(17) / 3).clamp(5, 11);
    let name = columns.saturating_sub(3 * number + 2);
    let head = format!(
        " {}{}{}{}",
        pad("", name),
        right("A", number),
        right("B", number),
        right("Δ", number)
    );
    put(
        buffer,
        inner,
        0,
        &Line::from(span(cut(&head, columns), model.theme.quiet())),
    );
    let rows = rows(&comparison.a, &comparison.b);
    for (
        Row {
            name: title,
            a,
            b,
            change,
        },
        row,
    ) in rows.into_iter().zip(1..)
    {
        let line = Line::from(vec![
            span(format!(" {}", pad(title, name)), model.theme.quiet()),
            span(
                format!("{}{}", right(&a, number), right(&b, number)),
                Style::new(),
            ),
            span(right(&change, number), Theme::strong()),
        ]);
        put(buffer, inner, row, &line);
    }
}

/// The whole table over the screen, with what its last lines mean.
pub(in crate::tui) fn whole(model: &Model, body: Rect, buffer: &mut Buffer) {
    let Some(comparison) = model.comparison.as_deref() else {
        return;
    };
    let told = [("A", &comparison.a), ("B", &comparison.b)].map(|(name, run)| bound(name, run));
    let width = body.width.min(76);
    let columns = usize::from(width).saturating_sub(4);
    let lines: Vec<String> = told.iter().flat_map(|text| wrap(text, columns)).collect();
    let table = rows(&comparison.a, &comparison.b).len() + 3;
    let height = cells(table + lines.len() + 1).min(body.height);
    let area = over(body, (width, height), buffer);
    draw(model, area, buffer);
    for (line, row) in lines.iter().zip(table..) {
        let inner = Rect {
            height: height.saturating_sub(1),
            ..area
        };
        put_at(buffer, inner, (2, row), line, Style::new());
    }
}

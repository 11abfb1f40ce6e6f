//! The table of both runs as a whole.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::{
    insight::Comparison,
    scene::comparison_table::{ComparisonRow, bound_sentence, comparison_rows},
    trace::Aspect,
};

use crate::tui::{
    model::Model,
    theme::Theme,
    widgets::{
        panel::{bordered, popup},
        text::{cells, cut, pad, put, put_at, right, span, wrap},
    },
};

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    if let Some(comparison) = model.comparison.as_deref() {
        let rows = known_rows(model, comparison);
        table(model, comparison, &rows, area, buffer);
    }
}

/// The rows of what both recordings know.
fn known_rows(model: &Model, comparison: &Comparison) -> Vec<ComparisonRow> {
    let [a, b] = model.panes.as_slice() else {
        return Vec::new();
    };
    let runs = [a, b].map(|pane| &pane.replay.log().meta);
    comparison_rows(&comparison.a, &comparison.b, runs)
}

fn table(
    model: &Model,
    comparison: &Comparison,
    rows: &[ComparisonRow],
    area: Rect,
    buffer: &mut Buffer,
) {
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
        &Line::from(span(cut(&head, columns), model.theme.dim())),
    );
    for (entry, row) in rows.iter().zip(1..) {
        let line = Line::from(vec![
            span(format!(" {}", pad(entry.name, name)), model.theme.dim()),
            span(
                format!("{}{}", right(&entry.a, number), right(&entry.b, number)),
                Style::new(),
            ),
            span(right(&entry.change, number), Theme::strong()),
        ]);
        put(buffer, inner, row, &line);
    }
}

/// The whole table over the screen, with what its last lines mean.
pub(crate) fn whole(model: &Model, body: Rect, buffer: &mut Buffer) {
    let Some(comparison) = model.comparison.as_deref() else {
        return;
    };
    let panes = model
        .panes
        .iter()
        .zip([("A", &comparison.a), ("B", &comparison.b)]);
    let known = panes.filter(|(pane, _)| pane.replay.log().meta.has(Aspect::Waits));
    let told: Vec<String> = known
        .map(|(_, (name, run))| bound_sentence(name, run))
        .collect();
    let width = body.width.min(76);
    let columns = usize::from(width).saturating_sub(4);
    let lines: Vec<String> = told.iter().flat_map(|text| wrap(text, columns)).collect();
    let mut rows = known_rows(model, comparison);
    // Borders, heads, a blank line. What the table means is worth more than its last rows, but not more than its first.
    let room = usize::from(body.height).saturating_sub(4 + lines.len());
    let told = room >= LEAST;
    if told {
        rows.truncate(room);
    }
    let height = rows.len() + 4 + if told { lines.len() } else { 0 };
    let area = popup(body, (width, cells(height)), buffer);
    table(model, comparison, &rows, area, buffer);
    for (line, row) in lines.iter().zip(rows.len() + 3..).take_while(|_| told) {
        put_at(buffer, area, (2, row), line, Style::new());
    }
}

/// The fewest rows of the table beside which its meaning is told.
const LEAST: usize = 7;

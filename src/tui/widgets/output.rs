//! Panel 6: what the program printed, and who did.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::scene::{format::count, output};

use crate::tui::{
    model::{Model, Panel, run_pane::RunPane},
    widgets::{
        panel::numbered,
        text::{fold, pad, put, put_at, span, width},
    },
};

/// The most rows for one line.
const MOST: usize = 3;

pub(crate) fn draw(model: &Model, pane: &RunPane, area: Rect, buffer: &mut Buffer) {
    let printed = pane.replay.state().outputs as usize;
    let inner = numbered(
        model,
        Panel::Output,
        area,
        buffer,
        "Output",
        &count(printed, "line"),
    );
    if printed == 0 {
        put_at(
            buffer,
            inner,
            (1, 0),
            "nothing printed yet",
            model.theme.dim(),
        );
    }
    let columns = usize::from(inner.width);
    let room = usize::from(inner.height);
    let mut rows = Vec::new();
    for line in output::output_lines(&pane.replay, room, pane.output_back) {
        // The name of a task gives way to what it says.
        let who = if columns < 60 {
            line.who.split(' ').next().unwrap_or("")
        } else {
            &line.who
        };
        let head = format!(" {} {who} ", line.at);
        let indent = width(&head);
        for (part, at) in fold(&line.text, columns.saturating_sub(indent + 1)).zip(0..MOST) {
            let head = if at == 0 {
                head.clone()
            } else {
                pad("", indent)
            };
            rows.push(Line::from(vec![
                span(head, model.theme.dim()),
                span(part, Style::new()),
            ]));
        }
    }
    let above = rows.len().saturating_sub(room);
    for (line, row) in rows.iter().skip(above).zip(0..) {
        put(buffer, inner, row, line);
    }
}

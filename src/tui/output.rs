//! Panel 6: what the program printed, and who did.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::scene::{numbers::count, output};

use super::{
    model::{Model, Panel, Side},
    panel::numbered,
    text::{cut, put, put_at, span},
};

pub(super) fn draw(model: &Model, side: &Side, area: Rect, buffer: &mut Buffer) {
    let printed = side.replay.state().outputs as usize;
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
            model.theme.quiet(),
        );
    }
    let columns = usize::from(inner.width);
    for (line, row) in output::lines(&side.replay, inner.height.into(), side.output_back)
        .iter()
        .zip(0..)
    {
        // The name of a task gives way to what it says.
        let who = if columns < 50 {
            line.who.split(' ').next().unwrap_or("")
        } else {
            &line.who
        };
        let head = format!(" {} {who} ", line.at);
        let room = columns.saturating_sub(super::text::width(&head) + 1);
        let drawn = Line::from(vec![
            span(head, model.theme.quiet()),
            span(cut(&line.text, room), Style::new()),
        ]);
        put(buffer, inner, row, &drawn);
    }
}

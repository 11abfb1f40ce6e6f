//! All keys of a screen, from the table that binds them.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::tui::{
    keymap::{self, KeyGroup, KeyRow},
    model::Model,
    theme::Theme,
    widgets::{
        panel::{bordered, popup},
        text::{cells, cut, pad, put, span, width},
    },
};

/// A line of the help.
enum HelpLine {
    Heading(&'static str),
    Key(&'static KeyRow),
    Text(&'static str),
    Blank,
}

fn entries(model: &Model) -> Vec<HelpLine> {
    let mut entries = Vec::new();
    for group in KeyGroup::ALL {
        let rows: Vec<_> = keymap::rows(model.key_scope())
            .filter(|row| row.group == group)
            .collect();
        if rows.is_empty() {
            continue;
        }
        entries.push(HelpLine::Heading(group.title()));
        entries.extend(rows.into_iter().map(HelpLine::Key));
        entries.push(HelpLine::Blank);
    }
    entries.push(HelpLine::Text(
        "A small letter goes forward, its capital the same step back.",
    ));
    entries.push(HelpLine::Text(
        "Mouse: click a lane or the scrubber to go there, a task to select it; drag to zoom; the wheel steps.",
    ));
    entries
}

/// How many lines there are to scroll through.
pub(crate) fn length(model: &Model) -> usize {
    entries(model).len()
}

/// All keys, or where there is little room the first of them.
fn keys_of(row: &KeyRow, columns: u16) -> String {
    if columns >= 90 {
        row.all()
    } else {
        row.brief()
    }
}

pub(crate) fn draw(model: &Model, body: Rect, top: usize, buffer: &mut Buffer) {
    let entries = entries(model);
    let keys = keymap::rows(model.key_scope())
        .map(|row| width(&keys_of(row, body.width)))
        .max()
        .unwrap_or(0);
    let height = cells(entries.len() + 2).min(body.height);
    let width = cells(keys + 66).min(body.width);
    let area = popup(body, (width, height), buffer);
    let rows = usize::from(height).saturating_sub(2);
    let more = if entries.len() > rows {
        "j k scroll, Esc closes"
    } else {
        "Esc closes"
    };
    let inner = bordered(model.theme, area, buffer, "Keys", more, true);
    let top = top.min(entries.len().saturating_sub(rows));
    let keys = keys.min(usize::from(inner.width) / 2);
    for (entry, row) in entries.iter().skip(top).take(rows).zip(0..) {
        let line = match entry {
            HelpLine::Heading(title) => Line::from(span(format!(" {title}"), Theme::strong())),
            HelpLine::Key(row) => Line::from(vec![
                span(
                    format!("   {}  ", pad(&keys_of(row, body.width), keys)),
                    Theme::strong(),
                ),
                span(
                    cut(row.help, usize::from(inner.width).saturating_sub(keys + 6)),
                    model.theme.dim(),
                ),
            ]),
            HelpLine::Text(text) => Line::from(span(
                cut(&format!(" {text}"), inner.width.into()),
                model.theme.dim(),
            )),
            HelpLine::Blank => Line::default(),
        };
        put(buffer, inner, row, &line);
    }
}

//! "What if": the tasks that could have the next turn, and the branches that there are.
//!
//! ```text
//! ┏ What if? ━━━━━━━━━━━━━━━━━━ Enter runs it, Esc closes ┓
//! ┃ At poll 12, tick 4, t=1.000s: who runs first?         ┃
//! ┃ ▸ #1 hello   whose turn it is                         ┃
//! ┃   #2 world                                            ┃
//! ┃ Branches                                              ┃
//! ┃   concurrent, poll 3: #2 first                        ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::Line,
    widgets::{Clear, Widget},
};

use crate::{insight::task_label, scene::format::seconds};

use crate::tui::{
    model::{
        Model,
        branch::{WhatIf, WhatIfRow, name},
    },
    theme::Theme,
    widgets::{
        panel::bordered,
        text::{cells, cut, put, span},
    },
};

pub(crate) fn draw(model: &Model, list: &WhatIf, body: Rect, buffer: &mut Buffer) {
    let entries = list.entries(&model.branches);
    let mut lines = vec![heading(model, list)];
    let mut chosen = 0;
    for (at, entry) in entries.iter().enumerate() {
        if let (WhatIfRow::Branch(_), Some(WhatIfRow::Task(_)) | None) =
            (entry, at.checked_sub(1).map(|before| entries[before]))
        {
            lines.push(Line::from(span(" Branches", Theme::strong())));
        }
        if at == list.row {
            chosen = lines.len();
        }
        lines.push(line(model, list, *entry, at));
    }
    let widest = lines.iter().map(Line::width).max().unwrap_or(0);
    let area = centred(body, (widest + 4).max(48), lines.len() + 2);
    Clear.render(area.intersection(buffer.area), buffer);
    let inner = bordered(
        model.theme,
        area,
        buffer,
        "What if?",
        "Enter runs it, Esc closes",
        true,
    );
    let rows = usize::from(inner.height);
    let top = (chosen + 1).saturating_sub(rows);
    for (line, row) in lines.iter().skip(top).take(rows).zip(0..) {
        put(buffer, inner, row, line);
    }
}

fn heading(model: &Model, list: &WhatIf) -> Line<'static> {
    let words = match (&list.turn, model.pane()) {
        (Some(turn), Some(pane)) => {
            let state = pane.replay.state_at(turn.before);
            let now = seconds(state.now().0);
            format!(
                " At poll {}, tick {}, t={now}: who runs first?",
                turn.number,
                state.tick()
            )
        }
        _ => " Nobody has a turn any more.".into(),
    };
    Line::from(span(words, Theme::strong()))
}

fn line(model: &Model, list: &WhatIf, entry: WhatIfRow<'_>, at: usize) -> Line<'static> {
    let (words, quiet) = match (entry, model.pane()) {
        (WhatIfRow::Task(task), Some(pane)) => {
            let label = cut(&task_label(pane.replay.tables(), task), 40);
            let first = at == 0;
            (label, if first { "   whose turn it is" } else { "" })
        }
        (WhatIfRow::Branch(branch), _) => (cut(&name(branch), 60), ""),
        (WhatIfRow::Task(_), None) => (String::new(), ""),
    };
    let (sign, style) = if at == list.row {
        ("▸", Theme::chosen())
    } else {
        (" ", ratatui::style::Style::new())
    };
    Line::from(vec![
        span(format!(" {sign} {words}"), style),
        span(quiet, model.theme.dim()),
    ])
}

/// An area of that size in the middle of another, or as much of it as there is room for.
fn centred(body: Rect, columns: usize, rows: usize) -> Rect {
    let (width, height) = (cells(columns).min(body.width), cells(rows).min(body.height));
    Rect::new(
        body.x + (body.width - width) / 2,
        body.y + (body.height - height) / 2,
        width,
        height,
    )
}

//! Panel 5, the teacher: what just happened, and why.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::{insight::narrate, scene::output};

use crate::tui::{
    layout::SizeClass,
    model::{Model, Panel, run_pane::RunPane},
    theme::Theme,
    widgets::{
        panel::numbered,
        text::{cut, put, span, width, wrap},
    },
};

/// Where the text of a line begins, after the word that says what kind of line it is.
const INDENT: usize = 6;

pub(crate) fn draw(
    model: &Model,
    pane: &RunPane,
    area: Rect,
    size: SizeClass,
    buffer: &mut Buffer,
) {
    let words = format!(
        "event {} of {}",
        pane.replay.position().0,
        pane.replay.end().0
    );
    let title = if size >= SizeClass::Narrow {
        "What just happened, and why"
    } else {
        "Why"
    };
    let inner = numbered(model, Panel::Why, area, buffer, title, &words);
    let mut rows = usize::from(inner.height);
    if size < SizeClass::Full && rows >= 4 {
        rows -= 1;
        put(
            buffer,
            inner,
            rows,
            &last_output(model, pane, inner.width.into()),
        );
    }
    let kind = question(model, pane, inner.width.into());
    rows = rows.saturating_sub(kind.len());
    for (line, row) in kind.iter().zip(rows..) {
        put(buffer, inner, row, line);
    }
    let lines = lines(model, pane, inner.width.into(), rows);
    let top = pane.why_top.min(lines.len().saturating_sub(rows));
    for (line, row) in lines.iter().skip(top).take(rows).zip(0..) {
        put(buffer, inner, row, line);
    }
}

/// What is asked for in predict mode, over as many rows as it takes.
fn question(model: &Model, pane: &RunPane, columns: usize) -> Vec<Line<'static>> {
    let open = model.quiz.as_ref().and_then(|quiz| quiz.open(&pane.replay));
    let Some(question) = open else {
        return Vec::new();
    };
    let mut lines: Vec<String> = Vec::new();
    for (choice, digit) in question.choices.iter().zip(1..) {
        let choice = format!("{digit} {choice}");
        match lines.last_mut() {
            Some(line) if INDENT + width(line) + 3 + width(&choice) < columns => {
                line.push_str("   ");
                line.push_str(&choice);
            }
            _ => lines.push(choice),
        }
    }
    let heads = ["Next?", ""].into_iter().chain(std::iter::repeat(""));
    let rows = lines.into_iter().zip(heads).map(|(line, head)| {
        Line::from(vec![
            span(format!(" {head:INDENT$}"), Theme::strong()),
            span(
                cut(&line, columns.saturating_sub(INDENT + 2)),
                Theme::strong(),
            ),
        ])
    });
    rows.collect()
}

/// The narration, with blank lines between its parts if there is room for them.
fn lines(model: &Model, pane: &RunPane, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let narration = narrate(&pane.replay);
    let room = columns.saturating_sub(INDENT + 2).min(100);
    let mut parts: Vec<Vec<Line<'static>>> = Vec::new();
    let what = wrap(&narration.what, columns.saturating_sub(2).min(104));
    parts.push(
        what.into_iter()
            .map(|line| Line::from(span(format!(" {line}"), Theme::strong())))
            .collect(),
    );
    let mut part = |name: &str, text: &str| {
        let lines = wrap(text, room).into_iter().enumerate().map(|(at, line)| {
            let name = if at == 0 { name } else { "" };
            Line::from(vec![
                span(format!(" {name:INDENT$}"), theme.dim()),
                span(line, Style::new()),
            ])
        });
        parts.push(lines.collect());
    };
    if let Some(why) = &narration.why {
        part("Why", why);
    }
    if let Some(note) = &narration.note {
        part("Note", &format!("{} (rule: {})", note.text, note.ruling()));
    }
    let used: usize = parts.iter().map(Vec::len).sum();
    let mut spare = rows.saturating_sub(used);
    let mut lines = Vec::new();
    for part in parts {
        if !lines.is_empty() && spare > 0 && !part.is_empty() {
            lines.push(Line::default());
            spare -= 1;
        }
        lines.extend(part);
    }
    lines
}

/// What was printed last, where the output has no panel of its own.
fn last_output(model: &Model, pane: &RunPane, columns: usize) -> Line<'static> {
    let printed = output::output_lines(&pane.replay, 1, pane.output_back);
    let text = printed.last().map_or_else(
        || "nothing yet".into(),
        |line| format!("{}s  {}  {}", line.at, line.who, line.text),
    );
    Line::from(vec![
        span(format!(" {:INDENT$}", "Out"), model.theme.dim()),
        span(cut(&text, columns.saturating_sub(INDENT + 2)), Style::new()),
    ])
}

//! Panel 5, what just happened and why, and panel 6, what the program printed.
//!
//! ```text
//! ┌ 5 What just happened, and why ── event 31 of 58 ┐┌ 6 Output ─── 1 line ┐
//! │ #1 hello wakes #0 main: PENDING -> READY        ││ 1.000 #1 hello hello │
//! │                                                 ││                      │
//! │ Why   #0 main waits until #1 hello completes.   │└──────────────────────┘
//! │                                                 │
//! │ Note  ... (rule: ..., lesson 02)                │
//! │ Next? 1 #0 main   2 #2 world                    │   in predict mode
//! │ Out   1.000s  #1 hello  hello                   │   where panel 6 does not fit
//! └─────────────────────────────────────────────────┘
//! ```

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::Line,
    widgets::{Paragraph, Widget},
};

use crate::{
    insight::narrate,
    scene::{format::count, output},
};

use crate::tui::{
    layout::SizeClass,
    model::{Model, Panel, run_pane::RunPane},
    theme::Theme,
    widgets::{
        panel::numbered,
        text::{cut, fold, put, put_at, span, width, wrap},
    },
};

/// The columns reserved for the label of a line: `Why`, `Note`, `Next?`, `Out`.
const INDENT: usize = 6;

/// Panel 5: the last event in words, its reason, and the rule that it shows.
pub(crate) struct WhyPanel<'a> {
    pub(crate) model: &'a Model,
    pub(crate) pane: &'a RunPane,
    pub(crate) size: SizeClass,
}

impl Widget for &WhyPanel<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let (model, pane) = (self.model, self.pane);
        let (position, end) = (pane.replay.position().0, pane.replay.end().0);
        let hint = format!("event {position} of {end}");
        let title = if self.size >= SizeClass::Narrow {
            "What just happened, and why"
        } else {
            "Why"
        };
        let inner = numbered(model, Panel::Why, area, buffer, title, &hint);
        let columns = usize::from(inner.width);
        let mut rows = usize::from(inner.height);
        // Rows are given out from the bottom: the last output if panel 6 is not shown, then the
        // question, and the rest to the narration.
        if self.size < SizeClass::Full && rows >= 4 {
            rows -= 1;
            put(buffer, inner, rows, &last_output(model, pane, columns));
        }
        let question = question(model, pane, columns);
        rows = rows.saturating_sub(question.len());
        for (line, row) in question.iter().zip(rows..) {
            put(buffer, inner, row, line);
        }
        let lines = narration_lines(model, pane, columns, rows);
        let top = pane.why_top.min(lines.len().saturating_sub(rows));
        let shown: Vec<Line<'_>> = lines.into_iter().skip(top).take(rows).collect();
        Paragraph::new(shown).render(inner, buffer);
    }
}

/// The open question of predict mode: its answers, several in a row where they fit.
fn question(model: &Model, pane: &RunPane, columns: usize) -> Vec<Line<'static>> {
    let open = model.quiz.as_ref().and_then(|quiz| quiz.open(&pane.replay));
    let Some(question) = open else {
        return Vec::new();
    };
    // An answer goes into the current row if it fits there after a gap of three columns.
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

/// The narration: what happened, why, and the rule that it shows. Blank lines separate the parts as
/// long as there are rows to spare.
fn narration_lines(
    model: &Model,
    pane: &RunPane,
    columns: usize,
    rows: usize,
) -> Vec<Line<'static>> {
    let theme = model.theme;
    let language = model.language_for(pane);
    let narration = narrate(&pane.replay, language);
    // Longer lines are hard to read, so a wide panel does not use its full width.
    let room = columns.saturating_sub(INDENT + 2).min(100);
    let mut parts: Vec<Vec<Line<'static>>> = Vec::new();
    let what = wrap(&narration.what, columns.saturating_sub(2).min(104));
    parts.push(
        what.into_iter()
            .map(|line| Line::from(span(format!(" {line}"), Theme::strong())))
            .collect(),
    );
    // The first line of a part has its label; the other lines are indented by the same width.
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
        part(
            "Note",
            &format!("{} (rule: {})", note.text, note.ruling(language)),
        );
    }
    // Spare rows become blank lines between the parts, from the top.
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

/// The last line of output, for a screen without panel 6.
fn last_output(model: &Model, pane: &RunPane, columns: usize) -> Line<'static> {
    let printed = output::output_lines(&pane.replay, 1, pane.output_back);
    let text = printed.last().map_or_else(
        || "nothing yet".into(),
        |line| format!("{}s  {}  {}", line.at, line.task_label, line.text),
    );
    Line::from(vec![
        span(format!(" {:INDENT$}", "Out"), model.theme.dim()),
        span(cut(&text, columns.saturating_sub(INDENT + 2)), Style::new()),
    ])
}

/// The most rows that one line of output takes.
const MOST_ROWS: usize = 3;

/// Panel 6: what the program printed, and which task did.
pub(crate) struct OutputPanel<'a> {
    pub(crate) model: &'a Model,
    pub(crate) pane: &'a RunPane,
}

impl Widget for &OutputPanel<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let (model, pane) = (self.model, self.pane);
        let dim = model.theme.dim();
        let printed = pane.replay.state().outputs as usize;
        let hint = count(printed, "line");
        let inner = numbered(model, Panel::Output, area, buffer, "Output", &hint);
        if printed == 0 {
            put_at(buffer, inner, (1, 0), "nothing printed yet", dim);
        }
        let columns = usize::from(inner.width);
        let rows = usize::from(inner.height);
        let mut lines = Vec::new();
        for line in output::output_lines(&pane.replay, rows, pane.output_back) {
            // A narrow panel shows only the task's number.
            let who = if columns < 60 {
                line.task_label.split(' ').next().unwrap_or("")
            } else {
                &line.task_label
            };
            let head = format!(" {} {who} ", line.at);
            let indent = width(&head);
            let parts = fold(&line.text, columns.saturating_sub(indent + 1)).take(MOST_ROWS);
            let heads = [head]
                .into_iter()
                .chain(std::iter::repeat(" ".repeat(indent)));
            lines.extend(
                heads.zip(parts).map(|(head, part)| {
                    Line::from(vec![span(head, dim), span(part, Style::new())])
                }),
            );
        }
        // The newest lines are at the bottom, so the oldest ones are left out.
        let above = lines.len().saturating_sub(rows);
        let shown: Vec<Line<'_>> = lines.into_iter().skip(above).collect();
        Paragraph::new(shown).render(inner, buffer);
    }
}

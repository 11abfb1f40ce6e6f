//! The list of what is wrong with a run.
//!
//! ```text
//! ┏ What is wrong: 1 error, 1 warning ━━━ Enter goes to the proof, Esc closes ┓
//! ┃ ▸ error     senderalive   main.rs:31                                      ┃
//! ┃     #2 reader waits for the next item of the channel jobs …               ┃
//! ┃     fix: drop all senders when the work is done                           ┃   of the chosen one
//! ┃   warning   blocking      main.rs:12 (after this await)   280ms   3 times ┃
//! ┃     #1 parser held the loop for 280ms …                                   ┃
//! ┃   └ warning   latetimer   main.rs:20                                      ┃   follows from it
//! ┃     the timer of #3 clock fired 230ms late                                ┃
//! ┃ Not looked for: herd, interval                                            ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::Line,
    widgets::{List, ListState, StatefulWidget, Widget},
};

use crate::{
    insight::{Finding, MissingReason, Severity, message_words},
    replay::Status,
    scene::{
        findings::{FindingView, finding_view},
        format::{count, seconds},
        tasks::file_name,
    },
    trace::Span,
};

use crate::tui::{
    model::{
        Model,
        findings::{FindingRow, RunFindings},
        run_pane::RunPane,
    },
    theme::Theme,
    widgets::{
        panel::{bordered, popup},
        text::{cells, cut, pad, span, styled, width, wrap},
    },
};

/// The most findings that are put into words for one picture, before and after the chosen one.
const AROUND: usize = 20;

/// The list of findings.
pub(crate) struct FindingsPopup<'a> {
    pub(crate) model: &'a Model,
    pub(crate) pane: &'a RunPane,
    /// The chosen row.
    pub(crate) row: usize,
}

impl Widget for &FindingsPopup<'_> {
    fn render(self, body: Rect, buffer: &mut Buffer) {
        let (theme, findings) = (self.model.theme, &self.pane.findings);
        let rows = findings.rows();
        let chosen = self.row.min(rows.len().saturating_sub(1));
        let columns = body.width.saturating_sub(4).clamp(body.width.min(40), 112);
        let first = chosen.saturating_sub(AROUND);
        let mut lines: Vec<Line<'_>> = Vec::new();
        let mut selected = 0;
        for (row, at) in rows.iter().zip(0..).skip(first).take(2 * AROUND) {
            let words = self.lines_of(*row, at == chosen, usize::from(columns) - 2);
            if at == chosen {
                selected = lines.len() + words.len() - 1;
            }
            lines.extend(words);
        }
        if chosen + AROUND >= rows.len() {
            lines.extend(self.not_looked_for(usize::from(columns) - 2));
        }
        let area = popup(body, (columns, cells(lines.len() + 2)), buffer);
        let title = match summary_words(findings, true) {
            Some(words) => format!("What is wrong: {words}"),
            None => "What is wrong".to_owned(),
        };
        let hint = "Enter goes to the proof, Esc closes";
        let inner = bordered(theme, area, buffer, &title, hint, true);
        let mut state = ListState::default().with_selected(Some(selected));
        StatefulWidget::render(List::new(lines), inner, buffer, &mut state);
    }
}

impl FindingsPopup<'_> {
    /// The lines of a finding: what and where, the message, and of the chosen one the remedy.
    fn lines_of(&self, row: FindingRow<'_>, is_chosen: bool, columns: usize) -> Vec<Line<'static>> {
        let theme = self.model.theme;
        let language = self.model.language_for(self.pane);
        let view = finding_view(&self.pane.replay, row.finding, language);
        let sign = if is_chosen { "▸" } else { " " };
        let branch = if row.follows { "└ " } else { "" };
        let severity = format!("{branch}{}", pad(view.severity.as_str(), 8));
        let facts = facts(&view, row.finding.cost);
        let used = 3 + width(&severity) + 16;
        let head = Line::from(vec![
            span(format!(" {sign} "), Theme::strong()),
            span(severity, severity_style(theme, view.severity)),
            span(format!(" {} ", pad(view.id, 14)), Theme::strong()),
            span(cut(&facts, columns.saturating_sub(used)), theme.dim()),
        ]);
        let indent = if row.follows { 7 } else { 5 };
        let text = |words: &str, style: Style| {
            let room = columns.saturating_sub(indent + 1).max(8);
            let rows = wrap(words, room).into_iter();
            rows.map(move |row| styled(format!("{:indent$}{row}", ""), style))
                .collect::<Vec<_>>()
        };
        let style = if is_chosen {
            Theme::strong()
        } else {
            Style::new()
        };
        let mut lines = vec![head];
        lines.extend(text(&view.message, style));
        if is_chosen {
            lines.extend(text(&format!("fix: {}", view.fix), theme.dim()));
        }
        lines
    }

    /// The rules that this run was not checked for, without those that no run is checked for.
    fn not_looked_for(&self, columns: usize) -> Vec<Line<'static>> {
        let missing = &self.pane.findings.report().not_looked_for;
        let of_this_run = missing
            .iter()
            .filter(|missing| !matches!(missing.why, MissingReason::Undetected(_)));
        let ids: Vec<&str> = of_this_run.map(|missing| missing.rule.id()).collect();
        if ids.is_empty() {
            return Vec::new();
        }
        let words = format!("Not looked for: {}", ids.join(", "));
        let rows = wrap(&words, columns.saturating_sub(2)).into_iter();
        rows.map(|row| styled(format!(" {row}"), self.model.theme.dim()))
            .collect()
    }
}

/// Where a finding is, what it costs, and how often it was proven.
fn facts(view: &FindingView, cost: Span) -> String {
    let place = match (&view.location, view.location_note) {
        (Some(line), Some(note)) => format!("{}:{} ({note})", file_name(&line.file), line.line),
        (Some(line), None) => format!("{}:{}", file_name(&line.file), line.line),
        (None, _) => "place unknown".to_owned(),
    };
    let cost = if cost == Span::ZERO {
        String::new()
    } else {
        format!("   {}", seconds(cost))
    };
    let times = match view.count {
        0 | 1 => String::new(),
        many => format!("   {many} times"),
    };
    format!("{place}{cost}{times}")
}

/// The number of errors and warnings: `2 errors, 1 warning`. In short form only the number of the
/// worst: `2 errors`. `None` if there are none.
pub(crate) fn summary_words(findings: &RunFindings, is_long: bool) -> Option<String> {
    let alarms = [Severity::Error, Severity::Warning].map(|severity| {
        let number = findings.count(severity);
        (number > 0).then(|| count(number, severity.as_str()))
    });
    let known: Vec<String> = alarms.into_iter().flatten().collect();
    let shown = if is_long { known.len() } else { 1 };
    (!known.is_empty()).then(|| known[..shown].join(", "))
}

/// A finding in panel 5, in at most `rows` rows: `! blocking: #1 parser held the loop for 280ms …`.
pub(crate) fn evidence_lines(
    model: &Model,
    pane: &RunPane,
    finding: &Finding,
    columns: usize,
    rows: usize,
) -> Vec<Line<'static>> {
    let language = model.language_for(pane);
    let message = message_words(pane.replay.tables(), finding, language);
    let style = severity_style(model.theme, finding.severity);
    let words = format!("! {}: {message}", finding.rule.id());
    let mut parts = wrap(&words, columns.saturating_sub(2));
    if parts.len() > rows {
        parts.truncate(rows);
        if let Some(last) = parts.last_mut() {
            last.push('…');
        }
    }
    let heads = [""].into_iter().chain(std::iter::repeat("  "));
    let lines = heads.zip(parts);
    lines
        .map(|(head, part)| styled(format!("{head}{part}"), style))
        .collect()
}

/// The style of a severity. Without colours an alarm is bold.
pub(crate) fn severity_style(theme: Theme, severity: Severity) -> Style {
    match severity {
        Severity::Info => theme.dim(),
        Severity::Warning => theme.state(Status::Ready).add_modifier(Modifier::BOLD),
        Severity::Error => theme.state(Status::Failed).add_modifier(Modifier::BOLD),
    }
}

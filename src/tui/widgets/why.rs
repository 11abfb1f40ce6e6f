//! Panel 5, what just happened and why, and panel 6, what the program printed.
//!
//! ```text
//! ┌ 5 What happened in tick 3, and why ── step 15 of 28 ┐┌ 6 Output ─── 1 line ┐
//! │   #2 world suspends: RUNNING -> TIMERS …            ││ 1.000 #1 hello hello │
//! │ ▸ The virtual clock jumps 1.000 s ahead, to 1.000.  ││                      │
//! │ ▸ #1 hello prints "hello".                          │└──────────────────────┘
//! │ ▸ #1 hello finished, so #0 main …                   │
//! │ Why   #0 main waits until #1 hello completes.       │   of a single event only
//! │ Note  ... (rule: ..., lesson 02)                    │
//! │ ! blocking: #1 hello held the loop for …            │   at an event that proves a finding
//! │ Next? 1 #0 main   2 #2 world                        │   in predict mode
//! │ Out   1.000s  #1 hello  hello                       │   where panel 6 does not fit
//! └─────────────────────────────────────────────────────┘
//! ```
//!
//! The panel is a log. The sentences at the position are bold and marked; those before them fill
//! the rows above. In a low panel the sentences that matter stay: a tick loses its least important
//! ones, an event its reason. The note is always shown, of a long one the rows that fit.

use crate::trace::to_usize;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::Line,
    widgets::{Paragraph, Widget},
};

use crate::{
    insight::{Finding, Language},
    scene::{
        format::{count, seconds},
        news::Detail,
        output,
        story::{LogLine, Story},
    },
};

use crate::tui::{
    layout::SizeClass,
    model::{Model, Panel, panel_story::PanelStory, run_pane::RunPane},
    theme::Theme,
    widgets::{
        findings_popup::evidence_lines,
        panel::numbered,
        text::{cells, cut, fold, put, put_at, span, width, wrap},
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
        let language = model.language_for(pane);
        let told = pane.told.at(&pane.replay, model.detail, language);
        let title = match told.story.tick {
            Some(tick) if self.size >= SizeClass::Narrow => {
                format!("What happened in tick {tick}, and why")
            }
            Some(tick) => format!("What happened in tick {tick}"),
            None if self.size >= SizeClass::Narrow => "What just happened, and why".to_owned(),
            None => "Why".to_owned(),
        };
        let inner = numbered(model, Panel::Why, area, buffer, &title, &hint(model, pane));
        let columns = usize::from(inner.width);
        let mut rows = usize::from(inner.height);
        // Rows are given out from the bottom: the last output if panel 6 is not shown, then the
        // question, and the rest to the narration.
        if self.size < SizeClass::Full && rows >= 4 {
            rows -= 1;
            put(buffer, inner, rows, &last_output(model, pane, columns));
        }
        if rows >= 2
            && !model.conceals_findings()
            && let Some(finding) = proven_here(pane, &told.story)
        {
            let most = (rows / 3).clamp(1, 3);
            let lines = evidence_lines(model, pane, finding, columns, most);
            rows = rows.saturating_sub(lines.len());
            for (line, row) in lines.iter().zip(rows..) {
                put(buffer, inner, row, line);
            }
        }
        let question = question(model, pane, columns);
        rows = rows.saturating_sub(question.len());
        for (line, row) in question.iter().zip(rows..) {
            put(buffer, inner, row, line);
        }
        let room = LogRoom { columns, rows };
        let shown = if pane.why_back > 0 {
            room.scrolled(model.theme, &told, language, pane.why_back)
        } else {
            room.newest(model.theme, &told, language)
        };
        let height = cells(rows).min(inner.height);
        Paragraph::new(shown).render(Rect { height, ..inner }, buffer);
    }
}

/// The finding that an event of the story proves.
fn proven_here<'a>(pane: &'a RunPane, story: &Story) -> Option<&'a Finding> {
    let here = pane.replay.position();
    let told = story.lines.iter().map(|line| line.position);
    let first = told.min().unwrap_or(here).min(here);
    pane.findings.proven_at(first..=here)
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

/// Where the position is: `step 15 of 28 · event 31`. The steps are the events that carry news. Of
/// a long trace they are counted part by part, and are left out until then.
fn hint(model: &Model, pane: &RunPane) -> String {
    let (position, end) = (pane.replay.position().0, pane.replay.end().0);
    if model.detail == Detail::AllEvents {
        return format!("event {position} of {end}, all told");
    }
    match pane.told.number(&pane.replay) {
        (Some(number), Some(all)) => format!("step {number} of {all} · event {position}"),
        (Some(number), None) => format!("step {number} · event {position}"),
        (None, _) => format!("event {position} of {end}"),
    }
}

/// The rows and columns of the log.
#[derive(Clone, Copy)]
struct LogRoom {
    columns: usize,
    rows: usize,
}

impl LogRoom {
    /// The newest rows: the sentences at the position in full, and above them what came before.
    ///
    /// 1. The note and the main sentence are always shown.
    /// 2. If the rows do not suffice, a tick loses its least important sentences, and an event its
    ///    reason.
    /// 3. Rows that are left show the log.
    fn newest(self, theme: Theme, told: &PanelStory, language: Language) -> Vec<Line<'static>> {
        let note = self.note(theme, &told.story, language);
        let note = fitting(note, self.rows.saturating_sub(1));
        let mut why = self.why(theme, &told.story);
        let room = self.rows.saturating_sub(note.len());
        let mut most = told.story.lines.len();
        let mut current = self.sentences(theme, &told.story);
        let mut hidden = told.story.more_events;
        while current.len() > room && most > 1 {
            most -= 1;
            let short = told.story.shortened(most);
            current = self.sentences(theme, &short);
            hidden = short.more_events;
        }
        if told.story.tick.is_some() && told.story.more_polls == 0 && hidden > 0 {
            self.append_count(theme, &mut current, hidden);
        }
        if current.len() + why.len() > room {
            why.clear();
        }
        let used = current.len() + why.len() + note.len();
        let log = self.log(theme, &told.log);
        let first = log.len().saturating_sub(self.rows.saturating_sub(used));
        let shown = log.into_iter().skip(first);
        shown.chain(current).chain(why).chain(note).collect()
    }

    /// Writes the number of events that are not told at the end of the last row: `+3`.
    fn append_count(self, theme: Theme, rows: &mut [Line<'static>], hidden: u64) {
        let count = format!("+{hidden} ");
        let Some(last) = rows.last_mut() else { return };
        let used = last.width() + width(&count);
        if used < self.columns {
            let gap = " ".repeat(self.columns - used);
            last.push_span(span(format!("{gap}{count}"), theme.dim()));
        }
    }

    /// The rows of the whole log, scrolled back from the newest one.
    fn scrolled(
        self,
        theme: Theme,
        told: &PanelStory,
        language: Language,
        back: usize,
    ) -> Vec<Line<'static>> {
        let mut all = self.log(theme, &told.log);
        all.extend(self.sentences(theme, &told.story));
        all.extend(self.why(theme, &told.story));
        all.extend(self.note(theme, &told.story, language));
        let most = all.len().saturating_sub(self.rows);
        let first = most.saturating_sub(back);
        all.into_iter().skip(first).take(self.rows).collect()
    }

    /// The sentences at the position, with the number of polls of the tick that have none.
    fn sentences(self, theme: Theme, story: &Story) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for line in &story.lines {
            // Longer lines are hard to read, so a wide panel does not use its full width.
            let parts = wrap(&line.what, self.columns.saturating_sub(2).min(104));
            let heads = ["▸ "].into_iter().chain(std::iter::repeat("  "));
            lines.extend({ parts.into_iter().zip(heads) }.map(|(part, head)| {
                Line::from(vec![
                    span(head, Theme::strong()),
                    span(part, Theme::strong()),
                ])
            }));
        }
        if story.tick.is_some() && story.more_polls > 0 {
            let polls = count(to_usize(story.more_polls), "more poll");
            lines.push(Line::from(span(format!("  and {polls}"), theme.dim())));
        }
        lines
    }

    /// The reason of a single event.
    fn why(self, theme: Theme, story: &Story) -> Vec<Line<'static>> {
        let single = story.main_line().filter(|_| story.tick.is_none());
        let why = single.and_then(|line| line.why.as_ref());
        why.map_or_else(Vec::new, |why| self.part(theme, "Why", why))
    }

    fn note(self, theme: Theme, story: &Story, language: Language) -> Vec<Line<'static>> {
        let note = story.main_line().and_then(|line| line.note.as_ref());
        note.map_or_else(Vec::new, |note| {
            let text = format!("{} (rule: {})", note.text, note.ruling(language));
            self.part(theme, "Note", &text)
        })
    }

    /// A text behind its label. The lines after the first are indented by the same width.
    fn part(self, theme: Theme, name: &str, text: &str) -> Vec<Line<'static>> {
        let room = self.columns.saturating_sub(INDENT + 2).min(100);
        let lines = wrap(text, room).into_iter().enumerate().map(|(at, line)| {
            let name = if at == 0 { name } else { "" };
            Line::from(vec![
                span(format!(" {name:INDENT$}"), theme.dim()),
                span(line, Style::new()),
            ])
        });
        lines.collect()
    }

    fn log(self, theme: Theme, log: &[LogLine]) -> Vec<Line<'static>> {
        let lines = log.iter().map(|line| {
            let text = match line {
                LogLine::Tick(tick, at) => format!(" tick {tick}, t={}", seconds(*at)),
                LogLine::Event(_, text) => format!("  {text}"),
            };
            Line::from(span(cut(&text, self.columns), theme.dim()))
        });
        lines.collect()
    }
}

/// The first rows of a part, as many as fit. A cut is shown as `…`.
fn fitting(mut part: Vec<Line<'static>>, rows: usize) -> Vec<Line<'static>> {
    if part.len() > rows {
        part.truncate(rows);
        if let Some(last) = part.last_mut() {
            last.push_span(span("…", Style::new()));
        }
    }
    part
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
        let printed = to_usize(pane.replay.state().outputs);
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

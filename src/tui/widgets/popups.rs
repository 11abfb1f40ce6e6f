//! The popups that hold a list: the keys, why a task is in its state, and "what if".
//!
//! ```text
//! ┏ Keys ━━━━━━━━━━ 1-30 of 64   PgUp PgDn scroll   Esc closes ┓   HelpPopup
//! ┃ Move                                                       ┃
//! ┃   n → l      next event                                    ┃
//!
//! ┏ Why? #0 main ━━━━━━━━━━━━━━━━━━ Enter goes there, Esc closes ┓   WhyPopup
//! ┃ Now                                                          ┃   the chain of waits
//! ┃ ▸ event 14   t=0.000   for 1.000s   #0 main waits: join #2   ┃
//! ┃   event 29   t=0.000   for 1.000s   #2 world waits: timer    ┃
//! ┃ How it last became ready, newest first                       ┃   the causes, back to the first
//! ┃   event 30   t=1.000   at once      #1 hello wakes #0 main   ┃
//!
//! ┏ What if? ━━━━━━━━━━━━━━━━━━ Enter runs it, Esc closes ┓   WhatIfPopup
//! ┃ At poll 12, tick 4, t=1.000s: which task runs first?  ┃
//! ┃ ▸ #1 hello   next in the ready queue                  ┃   tasks that could be polled instead
//! ┃   #2 world                                            ┃
//! ┃ Branches                                              ┃   branches that were started before
//! ┃   concurrent, poll 3: #2 first                        ┃
//! ```

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::Line,
    widgets::{List, ListState, Paragraph, StatefulWidget, Widget},
};

use crate::{
    insight::{self, CauseLink, Language, task_label},
    scene::{chain::chain_parts, format::seconds},
    trace::{Moment, Position, Span},
};

use crate::tui::{
    keymap::{self, KeyGroup, KeyRow},
    model::{
        Model,
        lists::{WhatIf, WhatIfRow, branch_name},
        run_pane::RunPane,
    },
    theme::Theme,
    widgets::{
        panel::{bordered, popup},
        text::{cells, cut, pad, span, styled, width, wrap},
    },
};

/// Draws a list, scrolled so that the selected line is visible.
fn scrolled(lines: Vec<Line<'_>>, selected: usize, area: Rect, buffer: &mut Buffer) {
    let mut state = ListState::default().with_selected(Some(selected));
    StatefulWidget::render(List::new(lines), area, buffer, &mut state);
}

/// A line of the help.
enum HelpLine {
    Heading(&'static str),
    Key(&'static KeyRow),
    Text(&'static str),
    Blank,
}

/// The rows of the key table by group, then a note on capital letters and one on the mouse.
fn help_lines(model: &Model) -> Vec<HelpLine> {
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
        "A small letter steps forward; its capital takes the same step back.",
    ));
    entries.push(HelpLine::Text(
        "After / has found something, n and N go to the next and the previous hit, until Esc.",
    ));
    entries.push(HelpLine::Text(
        "Mouse: click a lane or the scrubber to go there, a task to select it; drag to zoom; the wheel steps.",
    ));
    entries
}

/// The number of lines of the help, for scrolling.
pub(crate) fn help_length(model: &Model) -> usize {
    help_lines(model).len()
}

/// The number of lines of the help that are visible at once.
pub(crate) fn help_rows(model: &Model, body: Rect) -> usize {
    let rows = usize::from(body.height).saturating_sub(2);
    rows.min(help_length(model)).max(1)
}

/// All keys of an action; on a narrow screen only the first, forward and back.
fn keys_of(row: &KeyRow, columns: u16) -> String {
    if columns >= 90 {
        row.all()
    } else {
        row.brief()
    }
}

/// All keys of a screen, from the table that binds them.
pub(crate) struct HelpPopup<'a> {
    pub(crate) model: &'a Model,
    /// The first line that is shown.
    pub(crate) top: usize,
}

impl Widget for &HelpPopup<'_> {
    fn render(self, body: Rect, buffer: &mut Buffer) {
        let (model, theme) = (self.model, self.model.theme);
        let lines = help_lines(model);
        // The column of keys is as wide as the longest of them, but at most half of the popup.
        let keys = keymap::rows(model.key_scope())
            .map(|row| width(&keys_of(row, body.width)))
            .max()
            .unwrap_or(0);
        let size = (cells(keys + 66), cells(lines.len() + 2));
        let area = popup(body, size, buffer);
        let rows = usize::from(area.height).saturating_sub(2);
        let top = self.top.min(lines.len().saturating_sub(rows));
        let hint = if lines.len() > rows {
            let last = (top + rows).min(lines.len());
            format!(
                "{}-{last} of {}   PgUp PgDn scroll   Esc closes",
                top + 1,
                lines.len()
            )
        } else {
            "Esc closes".into()
        };
        let inner = bordered(theme, area, buffer, "Keys", &hint, true);
        let columns = usize::from(inner.width);
        let keys = keys.min(columns / 2);
        let line = |line: &HelpLine| match line {
            HelpLine::Heading(title) => styled(format!(" {title}"), Theme::strong()),
            HelpLine::Key(row) => Line::from(vec![
                span(
                    format!("   {}  ", pad(&keys_of(row, body.width), keys)),
                    Theme::strong(),
                ),
                span(cut(row.help, columns.saturating_sub(keys + 6)), theme.dim()),
            ]),
            HelpLine::Text(text) => styled(cut(&format!(" {text}"), columns), theme.dim()),
            HelpLine::Blank => Line::default(),
        };
        let shown: Vec<Line<'_>> = lines.iter().skip(top).take(rows).map(line).collect();
        Paragraph::new(shown).render(inner, buffer);
    }
}

/// Why a task is in its current state, as two chains of events.
///
/// `now` goes from each waiting task to what it waits for: the selected task waits for a join, the
/// joined task waits for a timer, and so on. `causes` goes back in time from the wake that last put
/// the selected task into the ready queue: the task that ran then, the wake of that task, and so
/// on.
struct CauseChains {
    now: Vec<CauseLink>,
    causes: Vec<CauseLink>,
}

impl CauseChains {
    fn of(pane: &RunPane, language: Language) -> CauseChains {
        let task = pane.task();
        CauseChains {
            now: insight::blocked_on(&pane.replay, task, language),
            causes: insight::why(&pane.replay, task, language),
        }
    }

    fn links(&self) -> impl Iterator<Item = &CauseLink> {
        self.now.iter().chain(&self.causes)
    }
}

/// The number of links that can be selected.
pub(crate) fn why_length(pane: &RunPane) -> usize {
    CauseChains::of(pane, Language::default()).links().count()
}

/// The position of a link.
pub(crate) fn why_target(pane: &RunPane, row: usize) -> Option<Position> {
    CauseChains::of(pane, Language::default())
        .links()
        .nth(row)
        .map(|link| link.position)
}

/// A line of the list of causes.
enum WhyRow<'a> {
    Heading(&'static str),
    /// A line of text that cannot be selected.
    Text(String),
    /// A link, its duration in words, and its number among all links.
    Link(&'a CauseLink, String, usize),
}

/// The functions that the task is in, and the lines of both chains under their headings.
fn why_rows<'a>(functions: &[String], chains: &'a CauseChains, now: Moment) -> Vec<WhyRow<'a>> {
    let mut entries = Vec::new();
    if !functions.is_empty() {
        entries.push(WhyRow::Heading("Where"));
        entries.push(WhyRow::Text(functions.join(" > ")));
    }
    entries.push(WhyRow::Heading("Now"));
    for (link, at) in chains.now.iter().zip(0..) {
        let lasts = match now.since(link.at) {
            Span::ZERO => "just now".to_owned(),
            lasts => format!("for {}", seconds(lasts)),
        };
        entries.push(WhyRow::Link(link, lasts, at));
    }
    if !chains.causes.is_empty() {
        entries.push(WhyRow::Heading("How it last became ready, newest first"));
    }
    for (at, link) in chains.causes.iter().enumerate() {
        // The newest link is first, so the next link is the cause of this one.
        let took = chains
            .causes
            .get(at + 1)
            .map(|older| link.at.since(older.at));
        let took = match took {
            None => "first cause".to_owned(),
            Some(Span::ZERO) => "at once".to_owned(),
            Some(took) => format!("after {}", seconds(took)),
        };
        entries.push(WhyRow::Link(link, took, chains.now.len() + at));
    }
    entries
}

/// Why the selected task is in its current state: what it waits for now, and what last put it into
/// the ready queue.
pub(crate) struct WhyPopup<'a> {
    pub(crate) model: &'a Model,
    pub(crate) pane: &'a RunPane,
    /// The number of the selected link.
    pub(crate) selected: usize,
}

impl Widget for &WhyPopup<'_> {
    fn render(self, body: Rect, buffer: &mut Buffer) {
        let (theme, pane) = (self.model.theme, self.pane);
        let language = self.model.language_for(pane);
        let chains = CauseChains::of(pane, language);
        let functions = chain_parts(&pane.replay, pane.task(), language);
        let rows = why_rows(&functions, &chains, pane.replay.state().now());
        let columns = body.width.saturating_sub(4).clamp(body.width.min(40), 112);
        let chosen = self.selected.min(chains.links().count().saturating_sub(1));
        let mut lines: Vec<Line<'_>> = Vec::new();
        let mut selected = 0;
        for row in &rows {
            match row {
                WhyRow::Heading(words) => lines.push(styled(format!(" {words}"), Theme::strong())),
                WhyRow::Text(words) => {
                    let room = usize::from(columns).saturating_sub(6);
                    let rows = wrap(words, room).into_iter();
                    lines.extend(rows.map(|row| styled(format!("   {row}"), Style::new())));
                }
                WhyRow::Link(link, time, at) => {
                    if *at == chosen {
                        selected = lines.len();
                    }
                    let room = usize::from(columns).saturating_sub(2);
                    lines.extend(link_lines(theme, link, time, *at == chosen, room));
                }
            }
        }
        let area = popup(body, (columns, cells(lines.len() + 2)), buffer);
        let title = format!("Why? {}", task_label(pane.replay.tables(), pane.task()));
        let hint = "Enter goes there, Esc closes";
        let inner = bordered(theme, area, buffer, &title, hint, true);
        scrolled(lines, selected, inner, buffer);
    }
}

/// A link: its event, its time where there is room, its duration, and what happened, in as many
/// lines as the words need.
fn link_lines(
    theme: Theme,
    link: &CauseLink,
    time: &str,
    selected: bool,
    columns: usize,
) -> Vec<Line<'static>> {
    let sign = if selected { "▸" } else { " " };
    let place = format!("event {}", link.position.0);
    // A narrow popup leaves out the time in favour of the words.
    let head = if columns >= 76 {
        format!(
            " {sign} {} t={} ",
            pad(&place, 12),
            pad(&link.at.to_string(), 9)
        )
    } else {
        format!(" {sign} {} ", pad(&place, 9))
    };
    let time = pad(time, if columns >= 60 { 15 } else { 0 });
    // `event`, time and duration are ASCII, so their characters are their columns.
    let used = head.chars().count() + time.chars().count();
    let style = if selected {
        Theme::strong()
    } else {
        Style::new()
    };
    let head_style = if selected { style } else { theme.dim() };
    let words = wrap(&link.words, columns.saturating_sub(used + 1).max(8));
    let mut lines = Vec::new();
    for (row, words) in words.into_iter().enumerate() {
        let spans = if row == 0 {
            vec![
                span(head.clone(), head_style),
                span(time.clone(), theme.dim()),
                span(words, style),
            ]
        } else {
            vec![span(" ".repeat(used), theme.dim()), span(words, style)]
        };
        lines.push(Line::from(spans));
    }
    lines
}

/// The tasks that could be polled next instead, and the branches that were started before.
pub(crate) struct WhatIfPopup<'a> {
    pub(crate) model: &'a Model,
    pub(crate) list: &'a WhatIf,
}

impl Widget for &WhatIfPopup<'_> {
    fn render(self, body: Rect, buffer: &mut Buffer) {
        let (model, list) = (self.model, self.list);
        let mut lines = vec![what_if_heading(model, list)];
        let mut selected = 0;
        let mut in_branches = false;
        for (at, row) in list.entries(&model.branches).into_iter().enumerate() {
            if matches!(row, WhatIfRow::Branch(_)) && !in_branches {
                in_branches = true;
                lines.push(styled(" Branches", Theme::strong()));
            }
            if at == list.row {
                selected = lines.len();
            }
            lines.push(what_if_line(model, list, row, at));
        }
        let widest = lines.iter().map(Line::width).max().unwrap_or(0);
        let size = (cells((widest + 4).max(48)), cells(lines.len() + 2));
        let area = popup(body, size, buffer);
        let hint = "Enter runs it, Esc closes";
        let inner = bordered(model.theme, area, buffer, "What if?", hint, true);
        scrolled(lines, selected, inner, buffer);
    }
}

/// Where the run would branch: the next poll, with its tick and time.
fn what_if_heading(model: &Model, list: &WhatIf) -> Line<'static> {
    let words = match (&list.poll, model.pane()) {
        (Some(turn), Some(pane)) => {
            let state = pane.replay.state_at(turn.before);
            let now = seconds(state.now());
            format!(
                " At poll {}, tick {}, t={now}: which task runs first?",
                turn.number,
                state.tick()
            )
        }
        _ => " No task is polled after this position.".into(),
    };
    styled(words, Theme::strong())
}

/// A task that could be polled next, or a branch that was started. The first task is the one that
/// the run polls.
fn what_if_line(model: &Model, list: &WhatIf, entry: WhatIfRow<'_>, at: usize) -> Line<'static> {
    let (words, hint) = match (entry, model.pane()) {
        (WhatIfRow::Task(task), Some(pane)) => {
            let label = cut(&task_label(pane.replay.tables(), task), 40);
            let first = at == 0;
            (
                label,
                if first {
                    "   next in the ready queue"
                } else {
                    ""
                },
            )
        }
        (WhatIfRow::Branch(branch), _) => (cut(&branch_name(branch), 60), ""),
        (WhatIfRow::Task(_), None) => (String::new(), ""),
    };
    let (sign, style) = if at == list.row {
        ("▸", Theme::chosen())
    } else {
        (" ", Style::new())
    };
    Line::from(vec![
        span(format!(" {sign} {words}"), style),
        span(hint, model.theme.dim()),
    ])
}

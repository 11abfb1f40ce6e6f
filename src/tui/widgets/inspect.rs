//! Why a task is where it is: what holds it up now, and the chain of causes that put it into the ready queue last.
//!
//! ```text
//!   Now
//!   ▸ event 14   t=0.000   for 1.000s   #0 main waits: join #2 world
//!     event 29   t=0.000   for 1.000s   #2 world waits: timer due 2.000
//!   How it last came to run, newest first
//!     event 30   t=1.000   at once      #1 hello wakes #0 main
//!     event 21   t=1.000   1.000s       timer 0 fires
//! ```

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::{
    insight::{self, CauseLink, task_label},
    scene::format::seconds,
    trace::{Moment, Position},
};

use crate::tui::{
    model::{Model, run_pane::RunPane},
    theme::Theme,
    widgets::{
        panel::{bordered, popup},
        text::{cells, cut, pad, put, span},
    },
};

/// The two chains of a task.
struct Chains {
    now: Vec<CauseLink>,
    causes: Vec<CauseLink>,
}

impl Chains {
    fn of(pane: &RunPane) -> Chains {
        let task = pane.task();
        Chains {
            now: insight::blocked_on(&pane.replay, task),
            causes: insight::why(&pane.replay, task),
        }
    }

    fn links(&self) -> impl Iterator<Item = &CauseLink> {
        self.now.iter().chain(&self.causes)
    }
}

/// How many links there are to choose from.
pub(crate) fn length(pane: &RunPane) -> usize {
    Chains::of(pane).links().count()
}

/// Where a link is.
pub(crate) fn target(pane: &RunPane, row: usize) -> Option<Position> {
    Chains::of(pane).links().nth(row).map(|link| link.position)
}

/// A line of the list.
enum WhyRow<'a> {
    Heading(&'static str),
    /// A link, how long it took or takes, and which of all it is.
    Link(&'a CauseLink, String, usize),
}

fn entries(chains: &Chains, now: Moment) -> Vec<WhyRow<'_>> {
    let mut entries = vec![WhyRow::Heading("Now")];
    for (link, at) in chains.now.iter().zip(0..) {
        let lasts = format!("for {}", seconds(now.since(link.at)));
        entries.push(WhyRow::Link(link, lasts, at));
    }
    if !chains.causes.is_empty() {
        entries.push(WhyRow::Heading("How it last came to run, newest first"));
    }
    for (at, link) in chains.causes.iter().enumerate() {
        // What came before it in time stands below it.
        let took = chains
            .causes
            .get(at + 1)
            .map(|older| link.at.since(older.at));
        let took = match took {
            None => "first cause".to_owned(),
            Some(0) => "at once".to_owned(),
            Some(took) => format!("after {}", seconds(took)),
        };
        entries.push(WhyRow::Link(link, took, chains.now.len() + at));
    }
    entries
}

pub(crate) fn draw(model: &Model, pane: &RunPane, chosen: usize, body: Rect, buffer: &mut Buffer) {
    let chains = Chains::of(pane);
    let entries = entries(&chains, pane.replay.state().now());
    let height = cells(entries.len() + 2).min(body.height);
    let width = body.width.saturating_sub(4).clamp(body.width.min(40), 100);
    let area = popup(body, (width, height), buffer);
    let title = format!("Why? {}", task_label(pane.replay.tables(), pane.task()));
    let hint = "Enter goes there, Esc closes";
    let inner = bordered(model.theme, area, buffer, &title, hint, true);
    let rows = usize::from(inner.height);
    let chosen = chosen.min(chains.links().count().saturating_sub(1));
    let row = entries
        .iter()
        .position(|entry| matches!(entry, WhyRow::Link(_, _, at) if *at == chosen))
        .unwrap_or(0);
    let top = (row + 1).saturating_sub(rows);
    for (entry, row) in entries.iter().skip(top).take(rows).zip(0..) {
        let line = match entry {
            WhyRow::Heading(words) => Line::from(span(format!(" {words}"), Theme::strong())),
            WhyRow::Link(link, time, at) => {
                link_line(model.theme, link, time, *at == chosen, inner.width.into())
            }
        };
        put(buffer, inner, row, &line);
    }
}

fn link_line(
    theme: Theme,
    link: &CauseLink,
    time: &str,
    chosen: bool,
    columns: usize,
) -> Line<'static> {
    let sign = if chosen { "▸" } else { " " };
    let place = format!("event {}", link.position.0);
    // Where there is little room the words are worth more than the time at which it was.
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
    let used = head.chars().count() + time.chars().count();
    let style = if chosen {
        Theme::strong()
    } else {
        Style::new()
    };
    Line::from(vec![
        span(head, if chosen { style } else { theme.dim() }),
        span(time, theme.dim()),
        span(cut(&link.words, columns.saturating_sub(used + 1)), style),
    ])
}

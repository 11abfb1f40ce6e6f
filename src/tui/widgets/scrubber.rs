//! The scrubber: the whole run in one line, with the position in it.
//!
//! ```text
//!  |< ├──────a──────────●──────?──┄┄┄┄┄┤ >|  31/58   marks a@12
//! ```
//!
//! The bar counts events. Two runs that are compared by time share no events, so their bar counts
//! nanoseconds. `?` is a gap, `┄` the part of a file that is not read yet, `!` an event
//! that proves the finding that is open.

use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget};

use crate::{
    insight::SyncBy,
    replay::{Axis, Gap, Status},
    trace::{Moment, Position},
};

use crate::tui::{
    model::{Model, Screen, run_pane::RunPane},
    theme::Theme,
    widgets::{
        findings_popup::severity_style,
        text::{cells, cut, put_at, width},
    },
};

/// Columns before the bar: ` |< `.
const LEFT: u16 = 4;

/// Whether the bar counts time instead of events.
fn is_time(model: &Model) -> bool {
    let shared = model.screen == Screen::Compare && model.lock == SyncBy::Time;
    shared && model.panes.iter().any(|pane| pane.total(Axis::Time) > 0)
}

/// The length of the run, in events or nanoseconds.
fn length(model: &Model, pane: &RunPane) -> u64 {
    if is_time(model) {
        let totals = model.panes.iter().map(|pane| pane.total(Axis::Time));
        totals.max().unwrap_or(0)
    } else {
        pane.end().0
    }
}

/// The value of a position, in events or nanoseconds. For the current position this is the
/// displayed time, which may be later than the last event.
fn value(model: &Model, pane: &RunPane, position: Position) -> u64 {
    match is_time(model) {
        true if position == pane.replay.position() => pane.axis_value(Axis::Time),
        true => pane.replay.cursor_at(position).now.0,
        false => position.0,
    }
}

/// What a click on a column of the bar selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScrubTarget {
    Event(Position),
    Time(Moment),
}

/// The target of a click on one of the columns of the bar.
pub(crate) fn target(model: &Model, pane: &RunPane, column: u16, columns: u16) -> ScrubTarget {
    let length = u128::from(length(model, pane));
    let last = u128::from(columns.saturating_sub(1).max(1));
    // The inverse of `column`, rounded to the nearest value in the same way.
    let value = (u128::from(column) * length + last / 2) / last;
    if is_time(model) {
        ScrubTarget::Time(Moment(u64::try_from(value).unwrap_or(u64::MAX)))
    } else {
        ScrubTarget::Event(Position(u64::try_from(value).unwrap_or(u64::MAX)))
    }
}

/// The words after the bar.
fn words(model: &Model, pane: &RunPane, columns: u16) -> String {
    let mut words = if is_time(model) {
        let (here, end) = (pane.now(), Moment(length(model, pane)));
        format!(" >|  {here}/{end}")
    } else {
        format!(" >|  {}/{}", pane.replay.position().0, pane.end().0)
    };
    let marks: Vec<_> = pane
        .marks
        .iter()
        .map(|(letter, at)| format!("{letter}@{}", at.0))
        .collect();
    if !marks.is_empty() && columns >= 100 {
        words.push_str(&cut(&format!("   marks {}", marks.join(" ")), 30));
    }
    if model.panes.len() == 2 {
        words.push_str(if model.active == 0 { "  A" } else { "  B" });
    }
    words.push(' ');
    words
}

/// The area of the bar; `None` if the bar does not fit.
pub(crate) fn bar(model: &Model, area: Rect) -> Option<Rect> {
    let pane = model.pane()?;
    let width = area
        .width
        .checked_sub(LEFT + cells(width(&words(model, pane, area.width))))?;
    (area.height > 0 && width >= 5).then(|| Rect::new(area.x + LEFT, area.y, width, 1))
}

/// The whole run in one line.
pub(crate) struct Scrubber<'a> {
    pub(crate) model: &'a Model,
}

impl Widget for &Scrubber<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let model = self.model;
        let (Some(pane), Some(bar)) = (model.pane(), bar(model, area)) else {
            return;
        };
        let theme = model.theme;
        put_at(buffer, area, (1, 0), "|<", theme.dim());
        let line = format!("├{}┤", "─".repeat(usize::from(bar.width) - 2));
        put_at(buffer, bar, (0, 0), &line, theme.border());
        gaps(model, pane, bar, buffer);
        let at = |position| (column(model, pane, position, bar.width), 0);
        for (letter, position) in &pane.marks {
            let letter = letter.to_string();
            put_at(buffer, bar, at(*position), &letter, Theme::strong());
        }
        if let Some(open) = &pane.findings.open {
            let style = severity_style(model.theme, open.finding.severity);
            for evidence in &open.evidence {
                put_at(buffer, bar, at(evidence.position), "!", style);
            }
        }
        let position = at(pane.replay.position());
        put_at(buffer, bar, position, "●", Theme::strong());
        let after = usize::from(LEFT) + usize::from(bar.width);
        let words = words(model, pane, area.width);
        put_at(buffer, area, (after, 0), &words, theme.dim());
    }
}

/// Marks gaps, and the part of the file that has not been read yet.
fn gaps(model: &Model, pane: &RunPane, bar: Rect, buffer: &mut Buffer) {
    let (first, last) = (1, usize::from(bar.width).saturating_sub(2));
    if pane.reading().is_some() {
        let read = column(model, pane, pane.replay.end(), bar.width) + 1;
        for column in read.max(first)..=last {
            put_at(buffer, bar, (column, 0), "┄", model.theme.dim());
        }
    }
    // A file may have millions of gaps, and the bar has some columns: from the first gap of a column,
    // a binary search finds the first one behind it.
    let style = model.theme.lane(Status::Failed);
    let at = |gap: &Gap| column(model, pane, gap.position, bar.width).clamp(first, last);
    let mut rest = pane.replay.index().gaps();
    while let Some(gap) = rest.first() {
        let here = at(gap);
        put_at(
            buffer,
            bar,
            (here, 0),
            Theme::pattern(Status::Unknown),
            style,
        );
        rest = &rest[rest.partition_point(|gap| at(gap) <= here)..];
    }
}

/// The column of the bar for a position.
fn column(model: &Model, pane: &RunPane, position: Position, columns: u16) -> usize {
    // Rounded to the nearest column. Nanoseconds times columns may not fit into 64 bits.
    let end = u128::from(length(model, pane).max(1));
    let last = u128::from(columns.saturating_sub(1));
    let value = u128::from(value(model, pane, position)).min(end);
    usize::try_from((value * last + end / 2) / end).unwrap_or(0)
}

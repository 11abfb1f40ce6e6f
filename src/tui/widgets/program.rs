//! Panel 1: the source, with the line that was executed last and the line that each task is on.
//!
//! ```text
//! ┌ 1 Program ────────────── say_after.rs ┐
//! │11 ▸async fn say_after(what: &str) {   │   ▸ executed last, ● breakpoint
//! │12      sleep(delay).await;     ◂#1 #2 │   ◂ tasks on the line
//! │13      println!("{what}");            │
//! │14  }                               ✓#3│   ✓ tasks that ended here, ✓? were seen here last
//! │  ⋮                                    │
//! │29 ▾    hello.await;                   │   ▾ a function that awaits the one with ▸
//! └───────────────────────────────────────┘
//! ```
//!
//! The panel follows what executes. Where a task waits in a function that others await, the line of
//! the outermost of them stays in view: above or below a gap, if it is not near. A current line that
//! is wider than the panel takes several rows.
//!
//! The comparison draws the sources of both runs with the same function.

use std::{collections::BTreeSet, ops::Range, path::Path};

use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

use crate::{
    scene::{
        source_view::{SourceLine, SourceListing, source_view},
        tasks::file_name,
    },
    trace::TaskId,
};

use crate::tui::{
    model::{Model, Panel, breakpoints::Breakpoints, run_pane::RunPane},
    theme::Theme,
    widgets::{
        panel::numbered,
        text::{cut, put, put_at, span, width},
    },
};

mod code;

use code::{broken, lex};

/// The fewest rows with which the legend is shown below the source.
const ROOMY: usize = 9;

/// The fewest rows with which the outermost function is shown beside the current line.
const TWO_PARTS: usize = 4;

/// Panel 1: the source of the program.
pub(crate) struct ProgramPanel<'a> {
    pub(crate) model: &'a Model,
    pub(crate) pane: &'a RunPane,
}

impl Widget for &ProgramPanel<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let (model, pane) = (self.model, self.pane);
        let listing = source_view(&pane.replay, pane.chosen(), model.language_for(pane));
        let file = file_name(listing.file);
        let inner = numbered(model, Panel::Program, area, buffer, "Program", file);
        let mut rows = usize::from(inner.height);
        let legend = legend(&listing, usize::from(inner.width).saturating_sub(1));
        if rows >= ROOMY + legend.len() && !listing.lines.is_empty() {
            rows -= legend.len();
            for (line, row) in legend.iter().zip(rows..) {
                put_at(buffer, inner, (1, row), line, model.theme.dim());
            }
        }
        let options = SourceOptions {
            rows,
            line: pane.line,
            breakpoints: &pane.breakpoints,
            differing: None,
        };
        source(model.theme, &listing, inner, &options, buffer);
    }
}

/// What the signs mean, in rows of at most that many columns; only signs that the source has.
fn legend(listing: &SourceListing<'_>, columns: usize) -> Vec<String> {
    let any = |has: fn(&SourceLine<'_>) -> bool| listing.lines.iter().any(has);
    let caller = match (listing.callers.is_empty(), listing.callers_known) {
        (true, _) => "",
        (false, true) => "▾ awaits ▸",
        (false, false) => "~ probably awaits ▸",
    };
    let absent = listing.absent.as_ref().map(|(task, file)| {
        let file = file_name(file);
        format!("{task} is in {file}, which the trace does not contain")
    });
    let parts = [
        absent.as_deref().unwrap_or_default(),
        "▸ executed last",
        caller,
        if any(|line| !line.present.is_empty()) {
            "◂#n is here"
        } else {
            ""
        },
        if any(|line| !line.ended.is_empty()) {
            "✓#n ended here"
        } else {
            ""
        },
        if any(|line| !line.last_seen.is_empty()) {
            "✓?#n ended, last seen here"
        } else {
            ""
        },
    ];
    let mut rows: Vec<String> = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        match rows.last_mut() {
            Some(row) if width(row) + 3 + width(part) <= columns => {
                row.push_str("   ");
                row.push_str(part);
            }
            _ => rows.push(cut(part, columns)),
        }
    }
    rows
}

/// How much of the source is shown, and what is marked in it.
pub(crate) struct SourceOptions<'a> {
    /// The most rows that the source may take.
    pub(crate) rows: usize,
    /// The selected line, from 0; `None` follows what executes.
    pub(crate) line: Option<usize>,
    pub(crate) breakpoints: &'a Breakpoints,
    /// In a comparison, the lines (from 1) that only this run has.
    pub(crate) differing: Option<&'a BTreeSet<u32>>,
}

/// Draws as much of the source as fits around the current line.
pub(crate) fn source(
    theme: Theme,
    listing: &SourceListing<'_>,
    area: Rect,
    options: &SourceOptions<'_>,
    buffer: &mut Buffer,
) {
    if listing.lines.is_empty() {
        let words = "the trace contains no source";
        put_at(buffer, area, (1, 0), words, theme.dim());
        return;
    }
    let current = options.line.or(listing.focus);
    let painter = SourcePainter {
        theme,
        listing,
        options,
        current,
        digits: listing.lines.len().to_string().len(),
        // Comments begin with `#` in Python and with `//` in Rust.
        python: Path::new(listing.file)
            .extension()
            .is_some_and(|extension| extension == "py"),
    };
    // A current line that does not fit into one row takes rows of the others.
    let more = current.map_or(0, |at| {
        painter.texts(at, area.width).len().saturating_sub(1)
    });
    let parts = parts(listing, current, options.rows.saturating_sub(more).max(1));
    let mut row = 0;
    for (part, number) in parts.into_iter().zip(0..) {
        if number > 0 {
            let gap = format!("{:>1$}", "⋮", painter.digits);
            put_at(buffer, area, (0, row), &gap, theme.dim());
            row += 1;
        }
        for at in part {
            row += painter.paint(at, row, area, buffer);
        }
    }
}

/// The parts of the source that are shown in that many rows: one around the current line, and if
/// the outermost function is not in it, one around the line of that function. A row separates two
/// parts.
fn parts(listing: &SourceListing<'_>, current: Option<usize>, rows: usize) -> Vec<Range<usize>> {
    let count = listing.lines.len();
    let around = |rows: usize| {
        let current = current.or(listing.head).unwrap_or(0);
        let last_top = count.saturating_sub(rows);
        // The function begins in the first row if the current line and the next one fit below.
        // Otherwise the current line is in the middle. Both hold except near the end of the file.
        let head = listing
            .head
            .filter(|head| *head <= current && current + 1 < head + rows);
        let top = head
            .unwrap_or_else(|| current.saturating_sub(rows / 2))
            .min(last_top);
        top..(top + rows).min(count)
    };
    let whole = around(rows);
    let Some(caller) = listing
        .callers
        .first()
        .filter(|caller| !whole.contains(caller))
    else {
        return vec![whole];
    };
    if rows < TWO_PARTS {
        return vec![whole];
    }
    let share = match rows {
        14.. => 5,
        7.. => 3,
        _ => 1,
    };
    let inner = around(rows - share - 1);
    let top = caller
        .saturating_sub(share / 2)
        .min(count.saturating_sub(share));
    let outer = top..top + share;
    match (outer.end <= inner.start, inner.end <= outer.start) {
        (true, _) => vec![outer, inner],
        (false, true) => vec![inner, outer],
        // They overlap, so both lines are near enough for one part.
        (false, false) => {
            let top = outer.start.min(inner.start).min(count.saturating_sub(rows));
            let end = (top + rows).min(count);
            std::iter::once(top..end).collect()
        }
    }
}

/// What all lines of a source have in common when they are drawn.
struct SourcePainter<'a> {
    theme: Theme,
    listing: &'a SourceListing<'a>,
    options: &'a SourceOptions<'a>,
    current: Option<usize>,
    /// The columns of a line's number.
    digits: usize,
    python: bool,
}

impl SourcePainter<'_> {
    /// Draws a line: its number, its sign and its text from the left, the tasks on it from the
    /// right. Returns how many rows it takes.
    fn paint(&self, at: usize, row: usize, area: Rect, buffer: &mut Buffer) -> usize {
        let Some(line) = self.listing.lines.get(at) else {
            return 0;
        };
        let sign = self.sign(at);
        let style = if sign == " " && self.current != Some(at) {
            self.theme.dim()
        } else {
            Theme::strong()
        };
        let texts = self.texts(at, area.width);
        for (text, further) in texts.iter().zip(0..) {
            let margin = if further == 0 {
                format!("{:1$}{sign}", at + 1, self.digits)
            } else {
                " ".repeat(self.digits + 1)
            };
            let mut drawn = Line::from(span(margin, style));
            if line.other_variant {
                drawn.push_span(span(text, self.theme.dim()));
            } else {
                drawn.extend(lex(self.theme, text, self.python));
            }
            if row + further < self.options.rows {
                put(buffer, area, row + further, &drawn);
            }
        }
        let marks = self.marks(at);
        let column = usize::from(area.width).saturating_sub(width(&marks) + 1);
        put_at(buffer, area, (column, row), &marks, Theme::strong());
        texts.len()
    }

    /// The text of a line, cut where its tasks begin. The current line is whole: if it is too long,
    /// it is broken between words, and each further row is indented.
    fn texts(&self, at: usize, columns: u16) -> Vec<String> {
        let Some(line) = self.listing.lines.get(at) else {
            return Vec::new();
        };
        let marks = width(&self.marks(at));
        let room = usize::from(columns).saturating_sub(self.digits + 2 + marks + 1);
        let text = indented(line.text, columns);
        // A comment after the code is cut rather than broken.
        let comment = if self.python { "  # " } else { " // " };
        let code = text
            .split_once(comment)
            .map_or(text.as_str(), |(code, _)| code);
        if width(code) <= room || self.current != Some(at) {
            return vec![cut(&text, room)];
        }
        let indent = text.len() - text.trim_start().len();
        let broken = broken(text.trim_start(), room.saturating_sub(indent + 4).max(8));
        let blanks = |row: usize| " ".repeat(indent + if row > 0 { 4 } else { 0 });
        let rows = broken.iter().zip(0..);
        rows.map(|(part, row)| format!("{}{part}", blanks(row)))
            .collect()
    }

    /// What is shown at the right of a line: its tasks, or that the function does not run.
    fn marks(&self, at: usize) -> String {
        let lines = &self.listing.lines;
        let is_other = |at: usize| lines.get(at).is_some_and(|line| line.other_variant);
        let is_head = is_other(at) && at.checked_sub(1).is_none_or(|above| !is_other(above));
        match lines.get(at) {
            Some(_) if is_head => "(does not run)".to_owned(),
            Some(line) => marks(line),
            None => String::new(),
        }
    }

    /// The sign between a line's number and its text. `●` is a breakpoint, `▸` the current line. In
    /// a comparison `+` is a line that only this run has. `▾` is a line that awaits the function
    /// with the current line, `~` if that is a guess.
    fn sign(&self, at: usize) -> &'static str {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let (listing, options) = (self.listing, self.options);
        if options.breakpoints.on_line(listing.file, number) {
            "●"
        } else if self.current == Some(at) {
            "▸"
        } else if options
            .differing
            .is_some_and(|lines| lines.contains(&number))
        {
            "+"
        } else if listing.callers.contains(&at) {
            if listing.callers_known { "▾" } else { "~" }
        } else {
            " "
        }
    }
}

/// A line without tabs, and in a narrow panel with half of its indentation.
fn indented(line: &str, columns: u16) -> String {
    let line = line.replace('\t', "    ");
    if columns >= 60 {
        return line;
    }
    let text = line.trim_start_matches(' ');
    let indent = line.len() - text.len();
    format!("{}{text}", " ".repeat(indent.div_ceil(2)))
}

/// The tasks on a line: `◂#2 ✓#1 ✓?#3`.
fn marks(line: &SourceLine<'_>) -> String {
    // More tasks than this are counted: `◂#1 #2 #3 +4`.
    const MOST: usize = 3;
    let list = |sign: &str, tasks: &[TaskId]| {
        let mut text: Vec<String> = tasks.iter().take(MOST).map(ToString::to_string).collect();
        if tasks.len() > MOST {
            text.push(format!("+{}", tasks.len() - MOST));
        }
        if text.is_empty() {
            String::new()
        } else {
            format!("{sign}{}", text.join(" "))
        }
    };
    let parts = [
        list("◂", &line.present),
        list("✓", &line.ended),
        list("✓?", &line.last_seen),
    ];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

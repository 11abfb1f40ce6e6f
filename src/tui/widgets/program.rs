//! Panel 1: the source, with the line that each task is on.
//!
//! ```text
//! ┌ 1 Program ────────────── say_after.rs ┐
//! │11  async fn say_after(what: &str) {   │
//! │12▸   sleep(delay).await;       ◂#1 #2 │   ▸ current line, ● breakpoint; tasks on the line
//! │13    println!("{what}");          ✓#3 │   tasks that ended, where they were last seen
//! │14  }                                  │
//! └───────────────────────────────────────┘
//! ```
//!
//! The comparison draws the sources of both runs with the same function.

use std::{collections::BTreeSet, path::Path};

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};

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
        text::{cut, pad, put, put_at, span, width},
    },
};

/// The fewest rows with which the legend is shown below the source.
const ROOMY: usize = 10;
const LEGEND: [&str; 2] = [
    "◂#n task n is on this line",
    "✓#n task n ended; last seen here",
];

/// Panel 1: the source of the program.
pub(crate) struct ProgramPanel<'a> {
    pub(crate) model: &'a Model,
    pub(crate) pane: &'a RunPane,
}

impl Widget for &ProgramPanel<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let (model, pane) = (self.model, self.pane);
        let listing = source_view(&pane.replay, pane.task(), model.language_for(pane));
        let file = file_name(listing.file);
        let inner = numbered(model, Panel::Program, area, buffer, "Program", file);
        let mut rows = usize::from(inner.height);
        if rows >= ROOMY && !listing.lines.is_empty() {
            for (line, row) in LEGEND.into_iter().zip(rows - 2..) {
                put_at(buffer, inner, (1, row), line, model.theme.dim());
            }
            rows -= 3;
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

/// How much of the source is shown, and what is marked in it.
pub(crate) struct SourceOptions<'a> {
    /// The most rows that the source may take.
    pub(crate) rows: usize,
    /// The selected line, from 0; `None` follows the tasks.
    pub(crate) line: Option<usize>,
    pub(crate) breakpoints: &'a Breakpoints,
    /// In a comparison, the lines (from 1) that only this run has.
    pub(crate) differing: Option<&'a BTreeSet<u32>>,
}

/// Draws as much of the source as fits, with the current line in the middle.
pub(crate) fn source(
    theme: Theme,
    listing: &SourceListing<'_>,
    area: Rect,
    options: &SourceOptions<'_>,
    buffer: &mut Buffer,
) {
    let rows = options.rows;
    if listing.lines.is_empty() {
        let words = "the trace contains no source";
        put_at(buffer, area, (1, 0), words, theme.dim());
        return;
    }
    // The current line is in the middle, except near both ends of the file.
    let last_top = listing.lines.len().saturating_sub(rows);
    let current = options.line.or(listing.focus);
    let top = current.unwrap_or(0).saturating_sub(rows / 2).min(last_top);
    let digits = listing.lines.len().to_string().len();
    let extension = Path::new(listing.file).extension();
    // Comments begin with `#` in Python and with `//` in Rust.
    let python = extension.is_some_and(|extension| extension == "py");
    let columns = usize::from(area.width);
    let shown = listing.lines.iter().enumerate().skip(top).take(rows);
    for ((at, line), row) in shown.zip(0..) {
        // From the left: number, sign, text; from the right: the tasks on the line. The text is cut
        // where the tasks begin.
        let marks = marks(line);
        let room = columns.saturating_sub(digits + 2 + width(&marks) + 1);
        let text = cut(&indented(line.text, area.width), room);
        let sign = sign(listing, options, at, current);
        let style = if sign == " " && current != Some(at) {
            theme.dim()
        } else {
            Theme::strong()
        };
        let mut drawn = Line::from(span(format!("{:digits$}{sign}", at + 1), style));
        drawn.extend(lex(theme, &text, python));
        put(buffer, area, row, &drawn);
        let column = columns.saturating_sub(width(&marks) + 1);
        put_at(buffer, area, (column, row), &marks, Theme::strong());
    }
}

/// The sign between a line's number and its text: `●` for a breakpoint, else `▸` for the current
/// line. In a comparison `▸` marks the lines that only this run has.
fn sign(
    listing: &SourceListing<'_>,
    options: &SourceOptions<'_>,
    at: usize,
    current: Option<usize>,
) -> &'static str {
    let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
    let marked = match options.differing {
        Some(lines) => lines.contains(&number),
        None => current == Some(at),
    };
    match (options.breakpoints.on_line(listing.file, number), marked) {
        (true, _) => "●",
        (false, true) => "▸",
        (false, false) => " ",
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

/// The tasks on a line: `◂#2 ✓#1`.
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
    let parts = [list("◂", &line.present), list("✓", &line.ended)];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The spans of a line, in colour. A small lexer knows words, strings, comments and single
/// characters; that is enough for Rust and Python.
fn lex(theme: Theme, text: &str, python: bool) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let comment = if python {
            rest.starts_with('#')
        } else {
            rest.starts_with("//")
        };
        let (length, style) = if comment {
            (rest.len(), theme.dim())
        } else if first == '"' {
            (string_end(rest), theme.literal())
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or(rest);
            (
                end,
                if is_keyword(word) {
                    Theme::strong()
                } else {
                    Style::new()
                },
            )
        } else {
            (first.len_utf8(), Style::new())
        };
        let Some((token, after)) = rest.split_at_checked(length) else {
            break;
        };
        spans.push(span(token, style));
        rest = after;
    }
    spans
}

/// The end of the string literal that begins here, or of the line.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether a word is a keyword of Rust or Python. One list serves both languages, because a keyword
/// of one is seldom used as a name in the other.
fn is_keyword(word: &str) -> bool {
    const WORDS: [&str; 37] = [
        "async", "await", "fn", "let", "mut", "for", "in", "if", "else", "match", "loop", "while",
        "return", "pub", "use", "move", "struct", "enum", "impl", "const", "break", "continue",
        "ref", "as", "mod", "trait", "where", "def", "class", "with", "import", "from", "try",
        "except", "finally", "yield", "raise",
    ];
    WORDS.contains(&word)
}

/// The line that the selected task is on, for a screen without room for the source.
pub(crate) fn current_line(model: &Model, pane: &RunPane, columns: usize) -> String {
    let listing = source_view(&pane.replay, pane.task(), model.language_for(pane));
    let line = listing
        .focus
        .and_then(|at| Some((at, listing.lines.get(at)?)));
    line.map_or_else(String::new, |(at, line)| {
        pad(&format!("line {}: {}", at + 1, line.text.trim()), columns)
    })
}

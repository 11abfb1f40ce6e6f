//! Panel 1: the source, with the line at which each task stands.

use std::collections::BTreeSet;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    scene::{source_view, tasks::file_name},
    trace::TaskId,
};

use crate::tui::{
    model::{Model, Panel, breakpoints::Breakpoints, run_pane::RunPane},
    theme::Theme,
    widgets::{
        panel::numbered,
        text::{cut, pad, put, put_at, right, span, width},
    },
};

pub(crate) fn draw(model: &Model, pane: &RunPane, area: Rect, buffer: &mut Buffer) {
    let program = source_view::source_view(&pane.replay, pane.task(), model.language);
    let inner = numbered(
        model,
        Panel::Program,
        area,
        buffer,
        "Program",
        file_name(program.file),
    );
    let mut rows = usize::from(inner.height);
    if rows >= 10 && !program.lines.is_empty() {
        let legend = "◂#n task n stands on this line\n✓#n task n ended here";
        for (line, row) in legend.lines().zip(rows - 2..) {
            put_at(buffer, inner, (1, row), line, model.theme.dim());
        }
        rows -= 3;
    }
    let view = SourceView {
        rows,
        line: pane.line,
        breakpoints: &pane.breakpoints,
        differing: None,
    };
    source(model.theme, &program, inner, &view, buffer);
}

/// What part of the source is shown, and what is marked in it.
pub(crate) struct SourceView<'a> {
    /// As many rows as it may take.
    pub(crate) rows: usize,
    /// The line (from 0) that was chosen.
    pub(crate) line: Option<usize>,
    pub(crate) breakpoints: &'a Breakpoints,
    /// Lines (from 1) to be marked because they are not as in the other run.
    pub(crate) differing: Option<&'a BTreeSet<u32>>,
}

/// Draws as much of the source as fits, the line that is looked at in the middle.
pub(crate) fn source(
    theme: Theme,
    program: &source_view::SourceListing<'_>,
    area: Rect,
    view: &SourceView<'_>,
    buffer: &mut Buffer,
) {
    let rows = view.rows;
    if program.lines.is_empty() {
        put_at(
            buffer,
            area,
            (1, 0),
            "this trace has no source with it",
            theme.dim(),
        );
        return;
    }
    let most = program.lines.len().saturating_sub(rows);
    let chosen = view.line.or(program.focus);
    let top = chosen.unwrap_or(0).saturating_sub(rows / 2).min(most);
    let digits = program.lines.len().to_string().len();
    let python = std::path::Path::new(program.file)
        .extension()
        .is_some_and(|end| end == "py");
    for (row, (at, line)) in program
        .lines
        .iter()
        .enumerate()
        .skip(top)
        .take(rows)
        .enumerate()
    {
        let marks = marks(line);
        let room = usize::from(area.width).saturating_sub(digits + 2 + width(&marks) + 1);
        let text = cut(&indented(line.text, area.width), room);
        let number = right(&(at + 1).to_string(), digits);
        let sign = sign(program, view, at, chosen);
        let mut drawn = Line::from(span(
            format!("{number}{sign}"),
            if sign == " " && chosen != Some(at) {
                theme.dim()
            } else {
                Theme::strong()
            },
        ));
        drawn.extend(lex(theme, &text, python));
        put(buffer, area, row, &drawn);
        let column = usize::from(area.width).saturating_sub(width(&marks) + 1);
        put_at(buffer, area, (column, row), &marks, Theme::strong());
    }
}

/// What stands between a line's number and its text: a breakpoint, else whether it is looked at, or differs.
fn sign(
    program: &source_view::SourceListing<'_>,
    view: &SourceView<'_>,
    at: usize,
    chosen: Option<usize>,
) -> &'static str {
    let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
    let marked = match view.differing {
        Some(lines) => lines.contains(&number),
        None => chosen == Some(at),
    };
    match (view.breakpoints.on_line(program.file, number), marked) {
        (true, _) => "●",
        (false, true) => "▸",
        (false, false) => " ",
    }
}

/// A line with half its indentation where there is little room, and no tabs.
fn indented(line: &str, columns: u16) -> String {
    let line = line.replace('\t', "    ");
    if columns >= 60 {
        return line;
    }
    let text = line.trim_start_matches(' ');
    let indent = line.len() - text.len();
    format!("{}{text}", " ".repeat(indent.div_ceil(2)))
}

/// Who stands on a line: `◂#2 ✓#1`.
fn marks(line: &source_view::SourceLine<'_>) -> String {
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

/// A word, a string, a comment or anything else: enough to make source easier to read.
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

/// Where the string that begins here ends, or the line.
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

fn is_keyword(word: &str) -> bool {
    const WORDS: [&str; 37] = [
        "async", "await", "fn", "let", "mut", "for", "in", "if", "else", "match", "loop", "while",
        "return", "pub", "use", "move", "struct", "enum", "impl", "const", "break", "continue",
        "ref", "as", "mod", "trait", "where", "def", "class", "with", "import", "from", "try",
        "except", "finally", "yield", "raise",
    ];
    WORDS.contains(&word)
}

/// The line at which the tasks stand, for where there is no room for the source.
pub(crate) fn standing_line(model: &Model, pane: &RunPane, columns: usize) -> String {
    let program = source_view::source_view(&pane.replay, pane.task(), model.language);
    let line = program
        .focus
        .and_then(|at| Some((at, program.lines.get(at)?)));
    line.map_or_else(String::new, |(at, line)| {
        pad(&format!("line {}: {}", at + 1, line.text.trim()), columns)
    })
}

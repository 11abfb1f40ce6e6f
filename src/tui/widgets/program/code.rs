//! Code as it is drawn: its colours, and where a long line is broken.

use ratatui::{style::Style, text::Span};

use crate::insight::{char_columns, string_end};

use crate::tui::{
    theme::Theme,
    widgets::text::{span, width},
};

/// The spans of a line, in colour. A small lexer knows words, strings, comments and single
/// characters; that is enough for Rust and Python.
pub(super) fn lex(theme: Theme, text: &str, python: bool) -> Vec<Span<'static>> {
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

/// A line of code in parts of at most that many columns. It is broken after a blank, a comma, an
/// opening parenthesis or `::`, or before a dot, as far to the right as possible; without any of these in the
/// right half of a part, anywhere.
pub(super) fn broken(code: &str, columns: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = code.trim_end();
    while width(rest) > columns {
        let (mut used, mut end, mut best) = (0, 0, 0);
        let mut before = ' ';
        for (at, c) in rest.char_indices() {
            let wide = char_columns(c);
            if used + wide > columns {
                break;
            }
            used += wide;
            end = at + c.len_utf8();
            if used > columns / 2 {
                match c {
                    ' ' | ',' | '(' => best = end,
                    '.' => best = at,
                    ':' if before == ':' => best = end,
                    _ => {}
                }
            }
            before = c;
        }
        // At least one character, so that the loop ends.
        let least = rest.chars().next().map_or(1, char::len_utf8);
        let at = if best > 0 { best } else { end.max(least) };
        let (part, after) = rest.split_at(at);
        parts.push(part.trim_end().to_owned());
        rest = after.trim_start();
    }
    parts.push(rest.to_owned());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_broken_where_its_parts_join() {
        let code = "spawn(report(echo(stream))).named(\"echo\").detach();";
        assert_eq!(
            broken(code, 40),
            ["spawn(report(echo(stream))).named(", "\"echo\").detach();"]
        );
        assert_eq!(broken("short", 40), ["short"]);
        for columns in 8..40 {
            for code in [
                code,
                "let a = 王女様の仕事(王女様の仕事, 王女様の仕事);",
                "",
            ] {
                let parts = broken(code, columns);
                assert!(parts.iter().all(|part| width(part) <= columns));
                let blanks = |text: &str| text.replace(' ', "");
                assert_eq!(blanks(&parts.concat()), blanks(code));
            }
        }
    }
}

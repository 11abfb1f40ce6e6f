//! Finds the lines of the program at which tasks wait.
//!
//! A location names a file as the compiler saw it (`src/../scenarios/say_after.rs`). The trace
//! contains its sources under other names (`scenarios/say_after.rs`). Two names mean the same file
//! if one path ends with the other, compared by whole components.
//!
//! A trace may contain the same program in Python as well. [`Twin`]
//! finds the line of one that corresponds to a line of the other.

mod lines;

use crate::trace::{LocationId, Meta, Tables};

use super::{
    language::{Language, has_extension},
    rust_code::same_file,
    twin::Twin,
    words::fit,
};
pub use lines::{
    Presence, TaskAtLine, differing_lines, has_await, location_lines, tasks_at_lines,
    twin_await_lines,
};

/// The most columns that a quoted expression may take.
const QUOTED: usize = 30;

/// The most columns of an expression that is not cut to [`QUOTED`]: a line may have megabytes.
const LONGEST: usize = 1000;

/// The most files in which a place is searched.
const MOST_SOURCES: usize = 1000;

/// A line of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Its number, counted from 1.
    pub line: u32,
    /// The expression in it, without `let x =` and the semicolon; `None` if the trace does not
    /// contain the file.
    pub text: Option<String>,
}

impl Quote {
    /// The line as part of a sentence: `` `hello.await` (line 8) ``, or `line 8`.
    pub(super) fn words(&self) -> String {
        match &self.text {
            Some(text) => format!("`{text}` (line {})", self.line),
            None => format!("line {}", self.line),
        }
    }
}

/// The line at a location, in the program of this language; `None` if the location is unknown, or
/// has no corresponding line in that program. A long expression is cut.
pub fn quote(meta: &Meta, tables: &Tables, at: LocationId, language: Language) -> Option<Quote> {
    let mut quote = whole_quote(meta, tables, at, language)?;
    quote.text = quote.text.map(|text| fit(&text, QUOTED));
    Some(quote)
}

/// The same, with the whole expression.
pub(super) fn whole_quote(
    meta: &Meta,
    tables: &Tables,
    at: LocationId,
    language: Language,
) -> Option<Quote> {
    let location = tables.location(at)?;
    let line = (location.file, location.line, language == Language::Python);
    let found = tables.source_lines.look_up(line, || {
        let file = tables.text(location.file);
        quote_line(meta, file, location.line, language)
    });
    found.map(|(line, text)| Quote { line, text })
}

/// The line that corresponds to a line of a file, and the expression in it.
fn quote_line(
    meta: &Meta,
    file: &str,
    line: u32,
    language: Language,
) -> Option<(u32, Option<String>)> {
    let place = place_of_line(meta, file, line, language)?;
    let text = place
        .source
        .and_then(|source| {
            let line = place.line.checked_sub(1)? as usize;
            let language = language_of(place.file);
            let statement = match language {
                Language::Rust => statement_until(source, line)?,
                Language::Python => statement_from(source, line)?,
            };
            Some(fit(&expression(&statement, language), LONGEST))
        })
        .filter(|text| !text.is_empty());
    Some((place.line, text))
}

/// A line of a program in the language in which it is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The name of the file.
    pub file: &'a str,
    /// The line, counted from 1.
    pub line: u32,
    /// The content of the file, if the trace contains it.
    source: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The content of the file, if the trace contains it.
    pub(crate) fn source(&self) -> Option<&'a str> {
        self.source
    }

    /// Another line of the same file.
    pub(crate) fn at_line(self, line: u32) -> Place<'a> {
        Place { line, ..self }
    }

    /// The text of the line and of the comment lines directly above it, from top to bottom. Empty if
    /// the trace does not contain the file.
    pub(crate) fn with_comments_above(&self) -> Vec<String> {
        let Some((line, source)) = self.line.checked_sub(1).zip(self.source) else {
            return Vec::new();
        };
        let before: Vec<&str> = source.lines().take(line as usize + 1).collect();
        let Some((own, above)) = before.split_last().filter(|_| before.len() > line as usize)
        else {
            return Vec::new();
        };
        let is_comment =
            |text: &&&str| matches!(text.trim_start().as_bytes(), [b'/', b'/', ..] | [b'#', ..]);
        let mut lines: Vec<String> = above
            .iter()
            .rev()
            .take_while(is_comment)
            .map(|text| (*text).to_owned())
            .collect();
        lines.reverse();
        lines.push((*own).to_owned());
        lines
    }
}

/// The place of a location in the program of this language; `None` if the location is unknown, or
/// has no corresponding line in that program.
pub fn place<'a>(
    meta: &'a Meta,
    tables: &'a Tables,
    at: LocationId,
    language: Language,
) -> Option<Place<'a>> {
    let location = tables.location(at)?;
    place_of_line(meta, tables.text(location.file), location.line, language)
}

/// The place of a line of a Rust file in the program of this language.
pub fn place_of_line<'a>(
    meta: &'a Meta,
    file: &'a str,
    line: u32,
    language: Language,
) -> Option<Place<'a>> {
    let rust = source_of(meta, file);
    let twin = match language {
        Language::Rust => None,
        Language::Python => rust.and_then(|(name, _)| Twin::of(meta, name)),
    };
    let Some(twin) = twin else {
        let source = rust.map(|(_, text)| text);
        return Some(Place { file, line, source });
    };
    let line = twin.line(line.checked_sub(1)? as usize)?;
    Some(Place {
        file: twin.file,
        line: u32::try_from(line + 1).ok()?,
        source: Some(twin.text),
    })
}

/// The source of a file that the compiler calls `file`: of several that match, the one with the
/// longest name.
fn source_of<'a>(meta: &'a Meta, file: &str) -> Option<(&'a str, &'a str)> {
    let fitting = meta
        .sources
        .iter()
        .take(MOST_SOURCES)
        .filter(|(name, _)| same_file(file, name));
    fitting
        .max_by_key(|(name, _)| name.len())
        .map(|(name, text)| (name.as_str(), text.as_str()))
}

/// The statement that ends on a line (from 0), as one line: `timeout(limit, f()).await?` although
/// `.await` has a line of its own. Lines before are added as long as the text begins with what
/// continues an expression, or closes a bracket that it does not open.
fn statement_until(source: &str, line: usize) -> Option<String> {
    /// The most lines that are joined.
    const MOST: usize = 12;
    let from = line.saturating_sub(MOST);
    let lines = source.lines().skip(from).take(line - from + 1);
    let mut before: Vec<&str> = lines.map(str::trim).collect();
    if before.len() <= line - from {
        return None;
    }
    let mut text = before.pop()?.to_owned();
    for earlier in before.iter().rev() {
        let count = |signs: [char; 3]| text.matches(signs).count();
        let open = count(['(', '[', '{']) < count([')', ']', '}']);
        if !open && !text.starts_with(['.', '?']) {
            break;
        }
        // A comment on a line of its own is no part of the expression.
        if !earlier.starts_with("//") {
            // The comma behind the last argument of several lines is none of one line.
            let closes = text.starts_with([')', ']']);
            let shorter = earlier.strip_suffix(',').filter(|_| closes);
            let earlier = shorter.unwrap_or(earlier);
            // What follows a statement or an argument is separated from it, as in the source.
            if earlier.ends_with([';', ',', '{']) {
                text.insert(0, ' ');
            }
            text.insert_str(0, earlier);
        }
    }
    Some(text)
}

/// The Python statement that begins on a line (from 0), as one line: to the line that closes all of
/// its brackets.
fn statement_from(source: &str, line: usize) -> Option<String> {
    /// The most lines that are joined.
    const MOST: usize = 12;
    let mut lines = source.lines().skip(line).take(MOST).map(str::trim);
    let mut text = lines.next()?.to_owned();
    for next in lines {
        let count = |signs: [char; 3]| text.matches(signs).count();
        if count(['(', '[', '{']) <= count([')', ']', '}']) {
            break;
        }
        if !text.ends_with(['(', '[', '{']) && !next.starts_with([')', ']', '}']) {
            text.push(' ');
        }
        text.push_str(next);
    }
    Some(text)
}

/// The language of a file.
fn language_of(file: &str) -> Language {
    if has_extension(file, "py") {
        Language::Python
    } else {
        Language::Rust
    }
}

/// The expression of a line: no `let x =` or `x =`, no comment, no trailing `;` or `:`.
fn expression(line: &str, language: Language) -> String {
    let line = line.trim();
    // A comment after the code is cut off.
    let comment = language.choose(" // ", "  # ");
    let line = line.split_once(comment).map_or(line, |(code, _)| code);
    let line = line.trim_end_matches([';', ',', '{', ':', ' ']);
    let is_name = |c: char| c.is_alphanumeric() || "_, .".contains(c);
    let binds = match language {
        Language::Rust => ["let ", "if let ", "while let "]
            .iter()
            .any(|start| line.starts_with(start)),
        Language::Python => line
            .split_once(" = ")
            .is_some_and(|(names, _)| names.chars().all(is_name)),
    };
    let value = match line.split_once(" = ") {
        Some((_, value)) if binds => value,
        _ => line,
    };
    let clean: String = value
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    clean.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_of_several_lines_begins_with_its_first() {
        let source = "let a = f();\nlet b = timeout(\n    limit,\n    // wait\n    g(),\n)\n.await?;\nh().await;\n} else {";
        for (line, expected) in [
            (0, "let a = f();"),
            (6, "let b = timeout(limit, g()).await?;"),
            (7, "h().await;"),
        ] {
            assert_eq!(statement_until(source, line).as_deref(), Some(expected));
        }
        assert_eq!(statement_until(source, 20), None);
        assert_eq!(statement_until("\n)", 1).as_deref(), Some(")"));
    }

    #[test]
    fn an_expression_has_no_binding_and_no_semicolon() {
        for (line, expected) in [
            ("    hello.await;", "hello.await"),
            ("    let a = spawn(say(1)); // the first", "spawn(say(1))"),
            ("    while let Some(x) = r.recv().await {", "r.recv().await"),
            ("\t", ""),
        ] {
            assert_eq!(expression(line, Language::Rust), expected);
        }
        for (line, expected) in [
            ("    await hello", "await hello"),
            (
                "    a = asyncio.create_task(say(1))  # it",
                "asyncio.create_task(say(1))",
            ),
            ("    kind, text = await task", "await task"),
            ("    async with permits:", "async with permits"),
            ("    f(a = 1)", "f(a = 1)"),
        ] {
            assert_eq!(expression(line, Language::Python), expected);
        }
    }
}

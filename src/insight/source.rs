//! Finds the lines of the program at which tasks wait.
//!
//! A location names a file as the compiler saw it (`src/../scenarios/say_after.rs`). The trace
//! contains its sources under other names (`scenarios/say_after.rs`). Two names mean the same file
//! if one path ends with the other, compared by whole components.
//!
//! A trace may contain the same program in Python as well. [`Twin`]
//! finds the line of one that corresponds to a line of the other.

use std::collections::{BTreeSet, HashMap};

use crate::replay::{Replay, Status, TaskState};
use crate::trace::{LocationId, Meta, Tables, TaskId, TextId};

use super::{
    await_chain::TaskEnds,
    language::{Language, has_extension},
    rust_code::same_file,
    twin::Twin,
    words::fit,
};

/// The most columns that a quoted expression may take.
const QUOTED: usize = 30;

/// The most columns of an expression that is not cut to [`QUOTED`]: a line may have megabytes.
const LONGEST: usize = 1000;

/// The most files in which a place is searched.
const MOST_SOURCES: usize = 1000;

/// The most files that one pass over the locations compares with those of a program in Python.
const MOST_COMPARED: usize = 256;

/// With more tasks than this, only unfinished ones are listed at their lines: a screen has no room
/// for the rest.
const LISTED: usize = 4096;

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

/// What a task has to do with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// It waits on the line, or the line is the last await that it reported.
    Here,
    /// It ended here: the line is the end of its function, or the await at which it was cancelled.
    Ended,
    /// It has ended, and nothing is known of it after this line.
    LastSeen,
}

/// A task at a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskAtLine {
    /// The line, counted from 1.
    pub line: u32,
    /// The task.
    pub task: TaskId,
    /// What it has to do with the line.
    pub presence: Presence,
}

/// For each location of the trace, its line in `file`, which is a file of the program or its Python
/// twin; `None` for a location that has no line there.
pub fn location_lines(replay: &Replay, file: &str) -> Vec<Option<u32>> {
    let mut lines = LocationLines::new(replay, file);
    let locations = (0..).take(replay.tables().locations().len());
    locations.map(|at| lines.line(LocationId(at))).collect()
}

/// The lines of locations in one file of the program. A trace names few files at many locations, so
/// each name is compared once.
struct LocationLines<'a> {
    meta: &'a Meta,
    tables: &'a Tables,
    file: &'a str,
    language: Language,
    known: HashMap<TextId, LinesOfFile<'a>>,
}

/// Which lines of the file the locations of one name have.
enum LinesOfFile<'a> {
    /// The name means the file itself.
    Same,
    /// The name means a Rust file, and the file is its twin.
    Twin(Twin<'a>),
    /// The name means another file.
    Other,
}

impl<'a> LocationLines<'a> {
    fn new(replay: &'a Replay, file: &'a str) -> LocationLines<'a> {
        LocationLines {
            meta: &replay.log().meta,
            tables: replay.tables(),
            file,
            language: language_of(file),
            known: HashMap::new(),
        }
    }

    fn line(&mut self, at: LocationId) -> Option<u32> {
        let location = self.tables.location(at)?;
        if self.language == Language::Python && self.known.len() >= MOST_COMPARED {
            // Each name is searched among all files of the program.
            return None;
        }
        let (meta, file, language) = (self.meta, self.file, self.language);
        let name = self.tables.text(location.file);
        let known = self.known.entry(location.file);
        match known.or_insert_with(|| lines_of_file(meta, name, file, language)) {
            LinesOfFile::Same => Some(location.line),
            LinesOfFile::Twin(twin) => {
                let line = twin.line(location.line.checked_sub(1)? as usize)?;
                u32::try_from(line + 1).ok()
            }
            LinesOfFile::Other => None,
        }
    }
}

fn lines_of_file<'a>(
    meta: &'a Meta,
    name: &str,
    file: &str,
    language: Language,
) -> LinesOfFile<'a> {
    let twin = match language {
        Language::Rust => None,
        Language::Python => source_of(meta, name).and_then(|(name, _)| Twin::of(meta, name)),
    };
    match twin {
        Some(twin) if same_file(twin.file, file) => LinesOfFile::Twin(twin),
        None if same_file(name, file) => LinesOfFile::Same,
        Some(_) | None => LinesOfFile::Other,
    }
}

/// The lines of the Python twin, counted from 1, that correspond to a Rust line with an `.await`.
/// Empty if the trace has no twin.
pub fn twin_await_lines(meta: &Meta) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for (name, text) in &meta.sources {
        let Some(twin) = Twin::of(meta, name) else {
            continue;
        };
        let awaits = text.lines().enumerate().filter(|(_, line)| has_await(line));
        let lines = awaits.filter_map(|(at, _)| u32::try_from(twin.line(at)? + 1).ok());
        found.extend(lines);
    }
    found
}

/// Whether a line of Rust awaits something, outside of a comment.
pub fn has_await(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.contains(".await")
}

/// The lines (counted from 1) of `file` in which one run differs from another. If both have the
/// same text, these are the lines that this run reached and the other did not. Otherwise these are
/// the lines that the other text does not contain.
pub fn differing_lines(run: &Replay, file: &str, other: &Replay) -> BTreeSet<u32> {
    let text = |replay: &Replay| {
        let sources = &replay.log().meta.sources;
        let found = sources.iter().find(|(name, _)| name == file);
        found.or(sources.first()).map(|(_, text)| text.clone())
    };
    let (Some(ours), Some(theirs)) = (text(run), text(other)) else {
        return BTreeSet::new();
    };
    if ours == theirs {
        let reached = |replay: &Replay| -> BTreeSet<u32> {
            let lines = location_lines(replay, file);
            lines.into_iter().flatten().collect()
        };
        return &reached(run) - &reached(other);
    }
    let theirs: BTreeSet<&str> = theirs.lines().map(str::trim).collect();
    let lines = ours.lines().map(str::trim).zip(1..);
    lines
        .filter(|(line, _)| !line.is_empty() && !theirs.contains(line))
        .map(|(_, number)| number)
        .collect()
}

/// The tasks at the lines of `file`, sorted by line, then by task.
pub fn tasks_at_lines(replay: &Replay, file: &str) -> Vec<TaskAtLine> {
    let mut lines = LocationLines::new(replay, file);
    let state = replay.state();
    let mut ends = TaskEnds::new(replay);
    let mut at_line = |(task, row): (TaskId, &TaskState)| {
        let mut seen = || lines.line(row.wait_at);
        let (line, presence) = match row.status() {
            Status::Done => match ends.last_line(task) {
                Some(end) if same_file(&end.file, file) => (end.line, Presence::Ended),
                Some(_) => return None,
                None => (seen()?, Presence::LastSeen),
            },
            Status::Cancelled => (seen()?, Presence::Ended),
            Status::Failed => (seen()?, Presence::LastSeen),
            Status::Absent
            | Status::Ready
            | Status::Running
            | Status::Timer
            | Status::Pending
            | Status::Unknown => (seen()?, Presence::Here),
        };
        Some(TaskAtLine {
            line,
            task,
            presence,
        })
    };
    let mut all: Vec<TaskAtLine> = if state.tasks.len() > LISTED {
        let tasks = state.tasks.unfinished_with_rows();
        tasks.filter_map(&mut at_line).collect()
    } else {
        state.tasks.iter().filter_map(&mut at_line).collect()
    };
    all.sort_by_key(|at| (at.line, at.presence, at.task));
    all
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

//! Which lines of a file a run has reached, and which tasks are at them.

use std::collections::{BTreeSet, HashMap};

use crate::{
    insight::{await_chain::TaskEnds, language::Language, rust_code::same_file, twin::Twin},
    replay::{Replay, Status, TaskState},
    trace::{LocationId, Meta, Tables, TaskId, TextId},
};

use super::{language_of, source_of};

/// The most files that one pass over the locations compares with those of a program in Python.
const MOST_COMPARED: usize = 256;

/// With more tasks than this, only unfinished ones are listed at their lines: a screen has no room
/// for the rest.
const LISTED: usize = 4096;

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

//! Recordings of other programs as traces: what they say is carried over, what they do not say stays unknown.
//!
//! ```text
//!   bytes ──> detect_format ──┬─ jsonl     our own form as lines of text, for any language
//!                         ├─ console   console-subscriber's recording: tasks of tokio
//!                         └─ chrome    Chrome trace JSON: tracing-chrome, VizTracer, and others
//!                                        └──> TraceBuilder ──> Log, and words about what is missing
//! ```
//!
//! [`Meta::unknown`] lists what a format says nothing of. A file that breaks off opens up to there; a line that makes no
//! sense is an error that names it. Apart from the trace itself, memory grows with the number of tasks and names; a
//! Chrome trace, which need not be in order, is sorted first, at 32 bytes a slice's end.

#![warn(clippy::wildcard_enum_match_arm)]

mod builder;
mod chrome;
mod console;
mod json_lines;
mod jsonl;

use std::io::{self, BufRead};

use crate::trace::Log;
#[cfg(doc)]
use crate::trace::Meta;

pub use builder::{BuildError, TraceBuilder};

/// A form in which others write what tasks did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum ImportFormat {
    /// Lines of JSON, one an event, as `docs/jsonl.md` has them.
    Jsonl,
    /// What console-subscriber writes where `recording_path` is set.
    Console,
    /// Chrome's trace events, as an array or an object that has one.
    Chrome,
}

impl ImportFormat {
    /// All of them, with the word by which they are asked for.
    pub const ALL: [(ImportFormat, &'static str); 3] = [
        (ImportFormat::Jsonl, "jsonl"),
        (ImportFormat::Console, "console"),
        (ImportFormat::Chrome, "chrome"),
    ];

    /// What wrote it, in words.
    pub fn words(self) -> &'static str {
        match self {
            ImportFormat::Jsonl => "JSON Lines",
            ImportFormat::Console => "console-subscriber",
            ImportFormat::Chrome => "Chrome trace",
        }
    }
}

/// A trace that was read.
#[derive(Debug)]
pub struct Imported {
    /// The trace.
    pub log: Log,
    /// What a person should know of it: where it breaks off, what of it cannot be shown.
    pub notes: Vec<String>,
}

/// Why a recording could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file could not be read at all.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A line of the file is wrong.
    #[error("line {line}: {error}")]
    Line {
        /// The number of the line, from 1.
        line: u64,
        /// What is wrong with it.
        error: LineError,
    },
    /// The file contains nothing that can be shown.
    #[error("{0}")]
    Empty(&'static str),
}

/// What is wrong with a line of a recording, and what would be right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// The line is too long to be held in memory.
    #[error("the line is longer than 64 MiB")]
    TooLong,
    /// The line is valid JSON of another kind, or no JSON.
    #[error("the line is not a JSON object: {{…}} is expected")]
    NotAnObject,
    /// The line breaks the rules of JSON.
    #[error("the line is not valid JSON: {message} (column {column})")]
    Syntax {
        /// What the parser expected.
        message: String,
        /// Where in the line, from 1.
        column: usize,
    },
    /// A member is missing, or has a value that it may not have.
    #[error("{0}")]
    Member(String),
    /// The file has a version that this program does not know.
    #[error("the file has version {found} of its format; this program reads version 1")]
    Version {
        /// The version of the file.
        found: u64,
    },
    /// The first line does not say what the file is.
    #[error("the first line has to be {{\"loopscope\":1, …}}")]
    NoHead,
    /// An event is about a task that was not spawned.
    #[error("task {0} was not spawned before")]
    UnknownTask(u64),
    /// A task is spawned under a number that another task has.
    #[error("task {0} was spawned before; each task needs a number of its own")]
    TaskTwice(u64),
    /// An event is about a callback that was not scheduled.
    #[error("callback {0} was not scheduled before")]
    UnknownCallback(u64),
    /// A callback is scheduled under a number that another callback has.
    #[error("callback {0} was scheduled before; each callback needs a number of its own")]
    CallbackTwice(u64),
    /// A timer is due before it is set.
    #[error("the deadline is before the time at which the timer is set")]
    DeadlinePassed,
    /// A location is not written as one.
    #[error("{0:?} is not a location, such as main.py:12:5")]
    Location(String),
    /// The event cannot be part of a trace.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// Tells that a file breaks off in the middle of a line.
fn cut_note(line: u64) -> String {
    format!("the file breaks off in line {line}; the events before it are shown")
}

/// Which form a file has, by its first bytes (some kilobytes are enough); none if it is none of these.
pub fn detect_format(start: &[u8]) -> Option<ImportFormat> {
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let first = text.lines().next().unwrap_or_default();
    let squeezed: String = first.chars().filter(|c| !c.is_whitespace()).collect();
    if squeezed.starts_with("{\"v\":") {
        Some(ImportFormat::Console)
    } else if squeezed.starts_with("{\"loopscope\":") {
        Some(ImportFormat::Jsonl)
    } else if text.starts_with('[') || (text.starts_with('{') && text.contains("\"traceEvents\"")) {
        Some(ImportFormat::Chrome)
    } else if text.starts_with('{') && (squeezed == "{" || !squeezed.ends_with('}')) {
        // An object of one long line, or of many: the array may stand behind other members.
        Some(ImportFormat::Chrome)
    } else {
        None
    }
}

/// Reads a recording.
///
/// # Errors
///
/// If it cannot be read, or a line of it makes no sense. That it breaks off is no error.
pub fn read(format: ImportFormat, from: impl BufRead) -> Result<Imported, ImportError> {
    match format {
        ImportFormat::Jsonl => jsonl::read(from),
        ImportFormat::Console => console::read(from),
        ImportFormat::Chrome => chrome::read(from),
    }
}

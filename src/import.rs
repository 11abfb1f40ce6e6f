//! Reads recordings of other programs as traces.
//!
//! ```text
//!   bytes ──> detect_format ──┬─ jsonl     our own format as JSON Lines, for any language
//!                             ├─ console   the recording of console-subscriber: tasks of tokio
//!                             ├─ chrome    Chrome trace JSON: tracing-chrome, VizTracer, and others
//!                             └─ wire      what an adapter sends, in a file
//!                                   └──> TraceBuilder ──> Log, and notes about what is missing
//! ```
//!
//! [`Meta::unknown`] lists what a format does not contain. A file that breaks off is read up to
//! there; a wrong line is an error that names the line. Apart from the trace itself, memory grows
//! with the number of tasks and names. A Chrome trace may be in any order, so it is sorted first,
//! which takes 32 bytes for each start and end of a slice.

mod builder;
mod chrome;
mod console;
mod json_lines;
mod jsonl;
mod scalar;
mod wire;

use std::io::{self, BufRead, BufReader, Cursor, Read};

use crate::trace::Log;
#[cfg(doc)]
use crate::trace::Meta;

pub use builder::{BuildError, TraceBuilder};
pub use wire::{AdapterHello, SnapshotMark, WireError, WireReader};

/// A format in which other programs record what tasks did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[non_exhaustive]
pub enum ImportFormat {
    /// JSON Lines, one event a line, as described in `docs/jsonl.md`.
    Jsonl,
    /// The recording that console-subscriber writes if `recording_path` is set.
    Console,
    /// Chrome trace JSON, as tracing-chrome, `VizTracer` and others write it.
    Chrome,
    /// What an adapter sends, in a file: a failed test under `pytest --loopscope` leaves one.
    Wire,
}

impl ImportFormat {
    /// All formats, with their names on the command line.
    pub const ALL: [(ImportFormat, &'static str); 4] = [
        (ImportFormat::Jsonl, "jsonl"),
        (ImportFormat::Console, "console"),
        (ImportFormat::Chrome, "chrome"),
        (ImportFormat::Wire, "wire"),
    ];

    /// The name of the format in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            ImportFormat::Jsonl => "JSON Lines",
            ImportFormat::Console => "console-subscriber",
            ImportFormat::Chrome => "Chrome trace",
            ImportFormat::Wire => "the wire",
        }
    }
}

/// A recording that was read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Imported {
    /// The trace.
    pub log: Log,
    /// Notes for the user: where the file breaks off, what of it cannot be shown.
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
    /// A file of the wire is wrong before its first event.
    #[error(transparent)]
    Wire(#[from] WireError),
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
    /// The line is not valid JSON, or lacks a value where one has to be.
    #[error("the line cannot be parsed: {message} (column {column})")]
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

/// Tells that another recording was appended to a file.
fn second_note(line: u64) -> String {
    format!("line {line}: a second recording begins; it is not shown")
}

/// The format of a file, by its first bytes (some kilobytes are enough); `None` if it has another one.
pub fn detect_format(start: &[u8]) -> Option<ImportFormat> {
    // The length of the greeting, its kind, and the JSON object that it is.
    if let [_, _, _, 0..4, b'H', b'{', ..] = start {
        return Some(ImportFormat::Wire);
    }
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
        // The object spans several lines, or more than these bytes: the array may follow other members.
        Some(ImportFormat::Chrome)
    } else {
        None
    }
}

/// Reads a recording.
///
/// # Errors
///
/// If the file cannot be read, or a line of it is wrong. A file that breaks off is not an error.
pub fn read(format: ImportFormat, from: impl BufRead) -> Result<Imported, ImportError> {
    match format {
        ImportFormat::Jsonl => jsonl::read(without_mark(from)?),
        ImportFormat::Console => console::read(without_mark(from)?),
        ImportFormat::Chrome => chrome::read(without_mark(from)?),
        ImportFormat::Wire => wire::read(from),
    }
}

/// Skips the byte order mark that some programs write before UTF-8.
fn without_mark(mut from: impl BufRead) -> io::Result<impl BufRead> {
    let mark = "\u{feff}".as_bytes();
    let mut first = Vec::new();
    (&mut from)
        .take(mark.len() as u64)
        .read_to_end(&mut first)?;
    if first == mark {
        first.clear();
    }
    Ok(BufReader::with_capacity(
        1 << 16,
        Cursor::new(first).chain(from),
    ))
}

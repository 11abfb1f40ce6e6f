//! How a subcommand ends, and what it says: results, errors, standard output and standard error.

use std::{
    fmt,
    io::{self, Write},
    path::Path,
};

/// How the program can end.
#[derive(Debug)]
pub(crate) enum Exit {
    /// All is well.
    Done,
    /// The program under the loop failed.
    Failed,
    /// A signal ended it: 128 and its number.
    Signal(u8),
}

impl Exit {
    /// The program did what it did, but something else that was asked for failed.
    pub(crate) fn or_failed(self) -> Exit {
        match self {
            Exit::Done => Exit::Failed,
            other => other,
        }
    }
}

/// What was asked for cannot be done: one line for people.
#[derive(Debug)]
pub(crate) struct CliError(pub(crate) String);

impl CliError {
    pub(crate) fn new(what: impl fmt::Display) -> CliError {
        CliError(what.to_string())
    }
}

pub(crate) type CliResult = Result<Exit, CliError>;

/// The error of a file that cannot be opened.
pub(crate) fn cannot_open(path: &Path, error: &dyn fmt::Display) -> CliError {
    CliError::new(format!("cannot open {}: {error}", path.display()))
}

/// The error of a file that cannot be written.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> CliError {
    CliError::new(format!("cannot write {}: {error}", path.display()))
}

/// Writes to standard output. A reader that has gone away is no failure.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes a line to standard error. Names that were typed may hold anything: no control character of them reaches the
/// terminal.
pub(crate) fn report_error(what: &str) {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let what: String = what.chars().map(clean).collect();
    let _ = writeln!(io::stderr(), "loopscope: {what}");
}

/// Writes a JSON value and the end of its line.
pub(crate) fn print_json(value: &serde_json::Value) {
    print(&format!("{value}\n"));
}

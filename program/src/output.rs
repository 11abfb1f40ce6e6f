//! Results and errors of the subcommands, standard output and standard error.

use std::{
    fmt,
    io::{self, Write},
    path::Path,
};

/// How the program ends, when its arguments were valid.
#[derive(Debug)]
pub(crate) enum Exit {
    /// Exit code 0.
    Done,
    /// The scenario failed, or a file could not be written: exit code 1.
    Failed,
    /// A signal ended the program: exit code 128 plus the number of the signal.
    Signal(u8),
}

impl Exit {
    /// Turns success into failure. A signal keeps its own exit code.
    pub(crate) fn or_failed(self) -> Exit {
        match self {
            Exit::Done => Exit::Failed,
            other => other,
        }
    }
}

/// The request cannot be carried out: one line that says why. Exit code 2.
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

/// Writes to standard output. A pipe that its reader has closed is not an error.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes a line to standard error, without control characters: a name that was typed may hold
/// escape sequences.
pub(crate) fn report_error(what: &str) {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let what: String = what.chars().map(clean).collect();
    let _ = writeln!(io::stderr(), "loopscope: {what}");
}

/// Writes a JSON value as a line.
pub(crate) fn print_json(value: &serde_json::Value) {
    print(&format!("{value}\n"));
}

//! Results and errors of the subcommands, standard output and standard error.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    fmt,
    io::{self, BufWriter, StdoutLock, Write},
    panic,
    path::Path,
};

use loopscope::trace::sanitized;
use serde_json::Value;

/// How the program ends, when its arguments were valid.
#[derive(Debug)]
pub(crate) enum Exit {
    /// Exit code 0.
    Done,
    /// The scenario failed, or the output could not be written: exit code 1.
    Failed,
    /// A signal ended the program: exit code 128 plus the number of the signal.
    Signal(u8),
    /// The program that was run has this exit code.
    Program(u8),
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
    CliError::new(format!("cannot open {}: {error}", shown(path)))
}

/// The argument that names standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

/// The file of `-o`; `None` for standard output, which `-` names as well. A file of that name is
/// `./-`.
pub(crate) fn output_path(argument: Option<&Path>) -> Option<&Path> {
    argument.filter(|path| *path != Path::new("-"))
}

/// The name of a file that is read, in a message.
pub(crate) fn shown(path: &Path) -> impl fmt::Display + '_ {
    let path = if path == Path::new(STANDARD_INPUT) {
        Path::new("standard input")
    } else {
        path
    };
    path.display()
}

/// The error of a file that cannot be written.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> CliError {
    CliError::new(format!("cannot write {}: {error}", path.display()))
}

/// Standard output, until it fails: an error is reported once, in one line, and nothing is written
/// after it.
///
/// A pipe that its reader has closed also ends the output, but without a report: the reader has what
/// it wanted.
pub(crate) struct StandardOutput {
    to: BufWriter<StdoutLock<'static>>,
    /// How the output ended early.
    ended: Option<Exit>,
}

impl StandardOutput {
    pub(crate) fn new() -> StandardOutput {
        StandardOutput {
            to: BufWriter::with_capacity(1 << 16, io::stdout().lock()),
            ended: None,
        }
    }

    /// Lets `write` write, and flushes what it has written.
    pub(crate) fn write(
        &mut self,
        write: impl FnOnce(&mut BufWriter<StdoutLock<'static>>) -> io::Result<()>,
    ) {
        if self.ended.is_some() {
            return;
        }
        let written = write(&mut self.to).and_then(|()| self.to.flush());
        self.ended = match written {
            Ok(()) => None,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Some(Exit::Done),
            Err(error) => {
                report_error(&format!("cannot write to standard output: {error}"));
                Some(Exit::Failed)
            }
        };
    }

    /// [`Exit::Failed`] if an error was reported.
    pub(crate) fn end(self) -> Exit {
        self.ended.unwrap_or(Exit::Done)
    }
}

/// Writes to standard output, see [`StandardOutput`].
pub(crate) fn print_with(
    write: impl FnOnce(&mut BufWriter<StdoutLock<'static>>) -> io::Result<()>,
) -> Exit {
    let mut out = StandardOutput::new();
    out.write(write);
    out.end()
}

/// Whether everything reached a file that was created: reports an error, and makes the program
/// fail.
pub(crate) fn written_to(path: &Path, result: io::Result<()>) -> Exit {
    let Err(error) = result else {
        return Exit::Done;
    };
    report_error(&cannot_write(path, &error).0);
    Exit::Failed
}

/// Writes to standard output.
pub(crate) fn print(text: &str) -> Exit {
    print_with(|out| out.write_all(text.as_bytes()))
}

/// Writes a JSON value as a line.
pub(crate) fn print_json(value: &Value) -> Exit {
    print(&format!("{value}\n"))
}

/// The most characters of a line on standard error, and how many of them are of its end. A message
/// may quote megabytes of a file.
const MOST_REPORTED: usize = 6000;
const REPORTED_END: usize = 1000;

/// Writes a line to standard error. A name that was typed, or a message of a file, may hold escape
/// sequences or characters that reorder the line; they are replaced.
pub(crate) fn report_error(what: &str) {
    let mut line = sanitized(what, "");
    let length = line.chars().count();
    if length > MOST_REPORTED {
        let start = line.chars().take(MOST_REPORTED - REPORTED_END);
        let end = line.chars().skip(length - REPORTED_END);
        line = start.chain(['…']).chain(end).collect();
    }
    let _ = writeln!(io::stderr(), "loopscope: {line}");
}

/// Makes a panic a line on standard error: its message may quote a file. A backtrace follows only
/// where `RUST_BACKTRACE` asks for one.
pub(crate) fn report_panics() {
    panic::set_hook(Box::new(|info| {
        let message = info.payload_as_str().unwrap_or("no message");
        let place = info.location().map(ToString::to_string);
        let place = place.unwrap_or_default();
        report_error(&format!("panicked at {place}: {message}"));
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            let _ = writeln!(io::stderr(), "{backtrace}");
        }
    }));
}

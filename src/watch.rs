//! Watching the run of an ordinary program.
//!
//! ```text
//!                 LOOPSCOPE, Builder::watch
//!                        |
//!    block_on ──> tui ───┼─> the loop on the caller's thread; the screen on another one, on /dev/tty
//!                 record ┼─> the loop on the caller's thread; a thread that writes the file
//!                 off ───┴─> the loop on the caller's thread, and nothing else
//! ```
//!
//! | file | content |
//! |---|---|
//! | `screen` | the thread of the screen, and how it and the program end |
//! | `record_options` | the file of a recording, and the file of a child process |
//! | `link` | a loop as the screen sees it: its trace, its state, its controls, the key `r` |
//! | `captured_stdio` | what the program prints while the screen is up |
//! | `captured_stdin` | what the program reads while the screen is up |
//! | `loops`, `hidden_loops` | which loops are watched, and into which files they are recorded |
//! | `live_loops` | the loops on the screen, and which of them records the program's output |
//! | `healthy` | a test helper: nothing is wrong with a run |
//! | `source` | the program's source files, if they are on this machine |
//!
//! `loops` says which loops of a program are watched.

#[cfg(feature = "tui")]
mod captured_stdin;
#[cfg(feature = "tui")]
mod captured_stdio;
mod healthy;
#[cfg(feature = "tui")]
mod hidden_loops;
#[cfg(feature = "tui")]
mod link;
#[cfg(feature = "tui")]
mod live_loops;
mod loops;
mod record_options;
#[cfg(feature = "tui")]
mod screen;
mod source;
mod spawn;

use std::{
    env,
    ffi::OsStr,
    future::Future,
    io::{self, IsTerminal, Write},
    panic::Location,
    path::Path,
    process,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use crate::{
    runtime::{self, Builder, Store, StoreHandle, WatchOptions},
    trace::{ClockKind, Meta, Outcome, sanitized},
};

pub use healthy::assert_healthy;
#[cfg(feature = "tui")]
pub use link::{Link, record_live};
pub use record_options::RecordOptions;
pub use spawn::{spawn, spawn_named, try_spawn};

use record_options::cannot_record;

/// Runs a future to completion on this thread's loop, like `smol::block_on`, and lets the loop be
/// watched.
///
/// The environment variable `LOOPSCOPE` selects how: `tui` shows the loop while it runs,
/// `record:FILE` writes the trace to a file for `loopscope replay`, `off` does nothing. Without the
/// variable the screen comes up if standard output is a terminal.
///
/// The file has to be new, or an older recording. `record+force:FILE` replaces any file, and
/// `record+sync:FILE` writes the file to the disk itself every two seconds. In the name, `%p` stands
/// for the number of the process. A child process inherits the variable; while its parent records to
/// the file, the child records to another one, which has the number of its process in its name.
///
/// The screen shows the first bytes of what passes through sockets. A file does not contain them,
/// unless it is requested with `record+bytes:FILE`, or recorded from the screen with the key `r`.
///
/// Tasks of [`spawn`](crate::spawn) that are unfinished when `block_on` returns continue on a thread
/// of this crate until the next `block_on` on this thread. Inside of a task, `block_on` runs the
/// other tasks of the loop until its future completes.
///
/// ```
/// let hello = loopscope::block_on(async { "hello" });
/// assert_eq!(hello, "hello");
/// ```
///
/// # Panics
///
/// If the future panics, with its panic.
#[track_caller]
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    run(None, future)
}

/// How the loop of a program is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watch {
    /// On a screen, while it runs.
    Tui,
    /// In a file, for `loopscope replay`.
    Record(RecordOptions),
    /// Not at all.
    Off,
}

impl Watch {
    /// The choice of the variable `LOOPSCOPE`; without the variable, the screen if standard output
    /// is a terminal.
    fn from_environment() -> Result<Watch, String> {
        let dumb = env::var("TERM").is_ok_and(|term| term == "dumb");
        let has_screen = cfg!(feature = "tui") && !dumb && io::stdout().is_terminal();
        match env::var_os("LOOPSCOPE") {
            None if has_screen => Ok(Watch::Tui),
            None => Ok(Watch::Off),
            Some(value) => Watch::parse(&value),
        }
    }

    fn parse(value: impl AsRef<OsStr>) -> Result<Watch, String> {
        let value = value.as_ref();
        match split(value) {
            None if value == "tui" => Ok(Watch::Tui),
            None if value == "off" || value.is_empty() => Ok(Watch::Off),
            Some((how, path)) => RecordOptions::parse(how, path)
                .map(Watch::Record)
                .ok_or_else(|| not_a_watch(value)),
            None => Err(not_a_watch(value)),
        }
    }
}

/// The parts of `record:FILE`. The name of the file may be any bytes.
#[cfg(unix)]
fn split(value: &OsStr) -> Option<(&str, &OsStr)> {
    use std::os::unix::ffi::OsStrExt;
    let bytes = value.as_bytes();
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let how = str::from_utf8(&bytes[..colon]).ok()?;
    Some((how, OsStr::from_bytes(&bytes[colon + 1..])))
}

#[cfg(not(unix))]
fn split(value: &OsStr) -> Option<(&str, &OsStr)> {
    let (how, path) = value.to_str()?.split_once(':')?;
    Some((how, path.as_ref()))
}

fn not_a_watch(value: &OsStr) -> String {
    let value = value.to_string_lossy();
    let shown: String = value.chars().flat_map(char::escape_debug).collect();
    format!(
        "LOOPSCOPE is \"{shown}\": it can be tui, record:FILE or off; record+bytes, record+sync and record+force:FILE record in other ways"
    )
}

impl Builder {
    /// Sets how the loop of [`Watched::block_on`] is watched. `LOOPSCOPE` is then ignored.
    ///
    /// ```no_run
    /// use loopscope::{Builder, Watch};
    ///
    /// Builder::new().watch(Watch::Record("run.loopscope".into())).block_on(async { "hello" });
    /// ```
    pub fn watch(self, watch: Watch) -> Watched {
        Watched { watch }
    }
}

/// A loop with a fixed way of being watched: see [`Builder::watch`].
#[derive(Clone, Debug)]
#[must_use = "nothing runs before block_on"]
pub struct Watched {
    watch: Watch,
}

impl Watched {
    /// Like [`block_on`].
    ///
    /// ```
    /// use loopscope::{Builder, Watch};
    ///
    /// let hello = Builder::new().watch(Watch::Off).block_on(async { "hello" });
    /// assert_eq!(hello, "hello");
    /// ```
    ///
    /// # Panics
    ///
    /// If the future panics, with its panic.
    #[track_caller]
    pub fn block_on<T>(self, future: impl Future<Output = T>) -> T {
        run(Some(self.watch), future)
    }
}

#[track_caller]
fn run<F: Future>(watch: Option<Watch>, future: F) -> F::Output {
    if !runtime::is_inside() {
        loops::start_watching(watch, Location::caller());
    }
    let _guard = PanicGuard;
    match runtime::block_on(future) {
        Some(value) => value,
        None => exit_after_stop(),
    }
}

/// The watcher of this thread's loop.
enum Watcher {
    Record(RecordGuard),
    #[cfg(feature = "tui")]
    Screen(loops::ScreenGuard),
}

/// The description of the program for the trace.
fn meta(at: &Location<'_>) -> Meta {
    // `env::args` would panic where the name of the program is not UTF-8.
    let program = env::args_os().next().unwrap_or_default();
    let name = Path::new(&program).file_name().unwrap_or_default();
    let name = sanitized(&name.to_string_lossy(), "");
    Meta {
        scenario: name,
        clock: ClockKind::Real,
        sources: source::sources(at.file()),
        ..Meta::default()
    }
}

/// Makes the loop of this thread write its trace to a file.
fn record(options: &RecordOptions, meta: &Meta) -> Result<(Option<Watcher>, StoreHandle), String> {
    let store = new_store(options, meta)?;
    let handle = store.handle();
    let is_watched = runtime::watch(WatchOptions {
        store: Some(store),
        bytes: options.bytes,
        ..WatchOptions::default()
    });
    let watcher = is_watched.then_some(Watcher::Record(RecordGuard));
    Ok((watcher, handle))
}

/// A new file for the trace of a loop.
fn new_store(options: &RecordOptions, meta: &Meta) -> Result<Store, String> {
    let file = options.open()?;
    let path = file.path().to_owned();
    let to = path.clone();
    // If the disk becomes full during a run, the program continues without its recording.
    let report = move |error: &io::Error| {
        report_error(&format!(
            "recording to {} has stopped: {error}; the program continues without it",
            to.display()
        ));
    };
    Store::to_file(file, meta, report).map_err(|error| cannot_record(&path, &error))
}

/// Ends the recording and its file when dropped.
struct RecordGuard;

impl Drop for RecordGuard {
    fn drop(&mut self) {
        loops::end_of_thread(outcome());
    }
}

/// Ends the program after the loop was stopped from the screen and its tasks were cancelled.
fn exit_after_stop() -> ! {
    let code = match loops::take_watcher() {
        #[cfg(feature = "tui")]
        Some(Watcher::Screen(guard)) => {
            // All loops are stopped at once, and one of them ends the program.
            if !guard.ends_program {
                loop {
                    thread::park();
                }
            }
            screen::program_ends();
            runtime::end(Outcome::Stopped);
            // Its drop would end the trace in another way.
            std::mem::forget(guard);
            let code = screen::close_after_stop();
            crate::tui::end_if_quit(code);
            code
        }
        _ => 1,
    };
    process::exit(code.into())
}

/// The outcome of the run, unless it was stopped from the screen.
fn outcome() -> Outcome {
    if PANICKED.load(Ordering::SeqCst) {
        Outcome::Panicked
    } else {
        Outcome::Finished
    }
}

static PANICKED: AtomicBool = AtomicBool::new(false);

/// When dropped, notes whether a panic of the main task is leaving `block_on`.
struct PanicGuard;

impl Drop for PanicGuard {
    fn drop(&mut self) {
        PANICKED.store(thread::panicking(), Ordering::SeqCst);
    }
}

/// Writes a line to standard error, without the characters of a file name that would act on the
/// terminal.
fn report_error(error: &str) {
    let _ = writeln!(io::stderr(), "loopscope: {}", sanitized(error, ""));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_one_of_three_things_or_wrong() {
        assert_eq!(Watch::parse("tui"), Ok(Watch::Tui));
        assert_eq!(Watch::parse("off"), Ok(Watch::Off));
        assert_eq!(Watch::parse(""), Ok(Watch::Off));
        let file = Watch::Record("a:b.loopscope".into());
        assert_eq!(Watch::parse("record:a:b.loopscope"), Ok(file));
        let file = Watch::Record(RecordOptions::from("a.loopscope").with_bytes());
        assert_eq!(Watch::parse("record+bytes:a.loopscope"), Ok(file));
        let file = RecordOptions::from("a,sync").synced().forced().with_bytes();
        let all = Watch::parse("record+sync+force+bytes:a,sync");
        assert_eq!(all, Ok(Watch::Record(file)));
        let wrong = [
            "record",
            "record:",
            "record+:a",
            "record+all:a",
            "a:b",
            "TUI",
            "on",
            "\u{1b}[2J",
        ];
        for wrong in wrong {
            let error = Watch::parse(wrong).unwrap_err();
            assert!(error.contains("record:FILE"), "{error}");
            assert!(!error.contains('\u{1b}'), "{error}");
        }
    }

    #[test]
    fn a_file_name_that_is_not_utf8_is_recorded_to() {
        use std::os::unix::ffi::OsStrExt;
        let value = OsStr::from_bytes(b"record:a\xff.loopscope");
        let file = OsStr::from_bytes(b"a\xff.loopscope");
        assert_eq!(Watch::parse(value), Ok(Watch::Record(file.into())));
    }
}

//! A program's own run, watched.
//!
//! ```text
//!                 LOOPSCOPE, Builder
//!                        |
//!    block_on ──> tui ───┼─> the loop here, on the caller's thread; the screen on another, on /dev/tty
//!                 record ┼─> the loop here; a thread that writes what it records into a file
//!                 off ───┴─> the loop here, and nothing else
//! ```
//!
//! | file | what lives there |
//! |---|---|
//! | `mode` | which of the three, from the environment or from the terminal |
//! | `record` | the thread that writes the file |
//! | `link` | how the screen hears a loop and steers it |
//! | `screen` | the thread of the screen, and how it and the program end |
//! | `output` | what the program prints while the screen is up |
//! | `input` | what it reads |
//! | `source` | the program's text, where it lies on this machine |
//!
//! One loop of a program is watched: that of the thread that is the first to call [`block_on`].

#[cfg(feature = "tui")]
mod input;
#[cfg(feature = "tui")]
mod link;
mod mode;
#[cfg(feature = "tui")]
mod output;
mod record;
#[cfg(feature = "tui")]
mod screen;
mod source;

use std::{
    cell::RefCell,
    future::Future,
    io::{self, Write},
    panic::Location,
    process,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use crate::{
    runtime::{self, Builder},
    trace::{Meta, Outcome},
};

#[cfg(feature = "tui")]
pub use link::Link;
pub use mode::Watch;

/// Runs a future to its end on this thread's loop: `smol::block_on`, to be watched.
///
/// The environment variable `LOOPSCOPE` says how: `tui` shows the loop while it runs, `record:FILE` writes what happens
/// into a file for `loopscope replay`, `off` does nothing. Without it the screen comes up if standard output is a terminal.
///
/// Tasks of [`spawn`](crate::spawn) that are left when it returns go on in the next one on this thread. Inside of a task
/// the future has a loop of its own, which ends with it, and the task's loop stands still meanwhile.
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
pub fn block_on<F: Future>(future: F) -> F::Output {
    run(None, future)
}

impl Builder {
    /// Says how the loop of [`Watched::block_on`] is to be watched, whatever `LOOPSCOPE` says.
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

/// A loop that is to be watched in a certain way: [`Builder::watch`].
#[derive(Clone, Debug)]
#[must_use = "nothing runs before block_on"]
pub struct Watched {
    watch: Watch,
}

impl Watched {
    /// As [`block_on`].
    ///
    /// # Panics
    ///
    /// If the future panics, with its panic.
    #[track_caller]
    pub fn block_on<F: Future>(self, future: F) -> F::Output {
        run(Some(self.watch), future)
    }
}

#[track_caller]
fn run<F: Future>(watch: Option<Watch>, future: F) -> F::Output {
    if !runtime::is_inside() {
        begin(watch, Location::caller());
    }
    let _note = Note;
    match runtime::block_on(future) {
        Some(value) => value,
        None => leave(),
    }
}

/// What watches the loop of this thread.
enum Watcher {
    Record {
        _until_dropped: record::Recording,
    },
    #[cfg(feature = "tui")]
    Screen(screen::Screen),
}

thread_local! {
    /// Dropped when the thread ends, and by `exit`: that is the end of what is watched.
    static WATCHER: RefCell<Option<Watcher>> = const { RefCell::new(None) };
}

/// Starts what is to be started before the first loop of the program runs.
fn begin(watch: Option<Watch>, at: &'static Location<'static>) {
    static BEGUN: AtomicBool = AtomicBool::new(false);
    if BEGUN.swap(true, Ordering::SeqCst) {
        return;
    }
    let watch = watch.map_or_else(Watch::from_environment, Ok);
    let started = watch.and_then(|watch| match watch {
        Watch::Off => Ok(None),
        Watch::Record(path) => record::Recording::start(&path, &meta(at)).map(|recording| {
            Some(Watcher::Record {
                _until_dropped: recording,
            })
        }),
        #[cfg(feature = "tui")]
        Watch::Tui => screen::Screen::start(meta(at)).map(|screen| Some(Watcher::Screen(screen))),
        #[cfg(not(feature = "tui"))]
        Watch::Tui => {
            Err("this program was built without the screen: add the feature \"tui\"".into())
        }
    });
    match started {
        Ok(watcher) => WATCHER.set(watcher),
        Err(error) => {
            complain(&error);
            process::exit(2);
        }
    }
}

/// What the trace says about the program.
fn meta(at: &Location<'_>) -> Meta {
    let program = std::env::args().next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default().to_owned();
    Meta {
        scenario: name,
        clock: crate::trace::ClockKind::Real,
        sources: source::sources(at.file()),
        ..Meta::default()
    }
}

/// The person has stopped the loop, and it was stopped in order: now the program ends.
fn leave() -> ! {
    let code = match WATCHER.take() {
        #[cfg(feature = "tui")]
        Some(Watcher::Screen(screen)) => screen.leave(),
        _ => 1,
    };
    process::exit(code.into())
}

/// How what was watched has ended, if nobody has stopped it.
fn outcome() -> Outcome {
    if PANICKED.load(Ordering::SeqCst) {
        Outcome::Panicked
    } else {
        Outcome::Finished
    }
}

static PANICKED: AtomicBool = AtomicBool::new(false);

/// Notes that a main task has panicked, for that comes out of `block_on`.
struct Note;

impl Drop for Note {
    fn drop(&mut self) {
        PANICKED.store(thread::panicking(), Ordering::SeqCst);
    }
}

fn complain(what: &str) {
    let _ = writeln!(io::stderr(), "loopscope: {what}");
}

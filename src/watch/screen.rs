//! The screen of a program: on a thread of its own, on the controlling terminal.
//!
//! The program may end before the screen is closed, or the other way round:
//!
//! * If the program ends first, [`ScreenThread`] is dropped. The recording ends, and the program
//!   waits until the user closes the screen.
//! * If the user closes the screen first, the loop is stopped. Its `block_on` cancels the tasks,
//!   and ends the program with [`ScreenThread::close_after_stop`]. If a poll does not return within
//!   [`STOP_TIMEOUT`], the screen's thread ends the program itself.
//!
//! In each case the streams are restored before the program ends.

use std::{
    env,
    fs::File,
    io,
    path::PathBuf,
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    thread::{Builder, JoinHandle, sleep},
    time::Duration,
};

use crate::{
    replay::Replay,
    runtime::{self, LiveTrace, LoopControl, WatchOptions},
    trace::{Log, Meta, Outcome},
    tui::{
        self, CatalogueEntry, Control, LaunchError, Launcher, Options, RecordError, RunRequest,
        Session, SourceStatus, Start,
        theme::{Palette, is_utf8},
    },
};

use super::{
    captured_stdin::{CapturedStdin, InputWatch},
    captured_stdio::CapturedStdio,
    hidden_loops,
    link::Link,
    report_error,
};

/// The exit code of a program that was stopped from the screen, as if by Ctrl-C.
pub(super) const STOPPED: u8 = 130;

/// How long to wait for a stopped loop. A poll that does not return cannot be interrupted.
const STOP_TIMEOUT: Duration = Duration::from_millis(500);

/// The number of descriptors that a screen and a loop open: those of the screen, and eight for the
/// captured streams.
const DESCRIPTORS: u64 = tui::DESCRIPTORS + 8;

/// The screen of this thread's loop. Dropping this value waits until the user closes the screen.
pub(super) struct ScreenThread {
    thread: Option<JoinHandle<()>>,
    shared: Arc<ScreenShared>,
}

struct ScreenShared {
    stdio: CapturedStdio,
    stdin: CapturedStdin,
    /// The program is ending by itself: the screen's thread must not end it.
    ends: AtomicBool,
    /// The exit code, if the program is stopped from the screen.
    code: AtomicU8,
}

impl ScreenShared {
    /// Restores the streams.
    fn give_back(&self) {
        self.stdin.give_back();
        self.stdio.give_back();
    }
}

impl ScreenThread {
    pub(super) fn start(meta: Meta) -> Result<ScreenThread, String> {
        let refused = |error: io::Error| format!("the terminal cannot be used: {error}");
        tui::need_descriptors(DESCRIPTORS).map_err(refused)?;
        let terminal = File::options()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .map_err(refused)?;
        let output = CapturedStdio::capture().map_err(refused)?;
        let input = CapturedStdin::capture().map_err(refused)?;
        tui::draw_on(terminal);
        let (live, control) = (LiveTrace::new(), LoopControl::new());
        runtime::watch(WatchOptions {
            live: Some(live.clone()),
            control: control.clone(),
            store: None,
            bytes: true,
            output: Some(Box::new(output.reader())),
        });
        let shared = Arc::new(ScreenShared {
            stdio: output,
            stdin: input,
            ends: AtomicBool::new(false),
            code: AtomicU8::new(STOPPED),
        });
        let thread = Builder::new()
            .name("loopscope".into())
            .spawn({
                let shared = Arc::clone(&shared);
                move || show(meta, Link::new(live, control, true), &shared)
            })
            .map_err(refused)?;
        Ok(ScreenThread {
            thread: Some(thread),
            shared,
        })
    }

    /// Ends the recording of a loop that was stopped from the screen, and waits for the screen's
    /// thread. Returns the program's exit code.
    pub(super) fn close_after_stop(self) -> u8 {
        self.shared.ends.store(true, Ordering::SeqCst);
        runtime::end(Outcome::Stopped);
        // Dropping `self` waits for the screen's thread, which may still set the exit code.
        let shared = Arc::clone(&self.shared);
        drop(self);
        shared.code.load(Ordering::SeqCst)
    }
}

impl Drop for ScreenThread {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::SeqCst);
        runtime::end(super::outcome());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.shared.give_back();
        if let Some(line) = hidden_loops::line() {
            report_error(line);
        }
    }
}

/// Shows the screen until the user closes it. Then ends the program, unless the program is ending
/// by itself.
fn show(meta: Meta, link: Link, shared: &Arc<ScreenShared>) {
    let control = link.control.clone();
    let replay = Replay::new(Log {
        bytes: Vec::new(),
        meta,
    });
    let options = Options {
        palette: Palette::of(variable),
        ascii: !is_utf8(variable),
        start: Start::One(Session {
            replay,
            source: Some(Box::new(WatchedProgram {
                link,
                shared: Arc::clone(shared),
                input_watch: InputWatch::default(),
            })),
        }),
        ..Options::default()
    };
    match tui::run(options, Box::new(NoLauncher)) {
        Ok(0) => {}
        Ok(code) => shared.code.store(code, Ordering::SeqCst),
        Err(error) => {
            // If the screen fails, the program continues without it.
            shared.give_back();
            return report_error(&format!("the terminal cannot be used: {error}"));
        }
    }
    // The loop's thread ends the program once all tasks are cancelled. If that takes too long, this
    // thread ends the program.
    control.stop();
    let mut waited = Duration::ZERO;
    while waited < STOP_TIMEOUT && !shared.ends.load(Ordering::SeqCst) {
        nap();
        waited += STOP_CHECK;
    }
    if shared.ends.load(Ordering::SeqCst) {
        return;
    }
    shared.give_back();
    let code = shared.code.load(Ordering::SeqCst);
    tui::end_if_quit(code);
    process::exit(code.into());
}

/// The time between two checks whether a stopped loop has ended.
const STOP_CHECK: Duration = Duration::from_millis(2);

#[expect(
    clippy::disallowed_methods,
    reason = "on the screen's thread, after its last frame"
)]
fn nap() {
    sleep(STOP_CHECK);
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// A program as the screen sees it: its loop and its input.
struct WatchedProgram {
    link: Link,
    shared: Arc<ScreenShared>,
    input_watch: InputWatch,
}

impl tui::TraceSource for WatchedProgram {
    fn take(&mut self) -> Vec<u8> {
        self.link.take()
    }

    fn record(&mut self, log: &Log) -> Result<PathBuf, RecordError> {
        tui::TraceSource::record(&mut self.link, log)
    }

    fn control(&mut self, control: Control) {
        self.link.control(control);
    }

    fn status(&self) -> SourceStatus {
        SourceStatus {
            wants_input: self.input_watch.look(&self.shared.stdin),
            ..self.link.status()
        }
    }

    fn input(&mut self, line: Option<&str>) {
        // Echo the input first, so that it is printed before the program's answer to it.
        if let Some(line) = line.filter(|_| self.shared.stdin.is_open()) {
            self.shared.stdio.echo(line);
        }
        self.shared.stdin.give(line);
    }
}

/// The launcher of a screen that cannot start other runs.
struct NoLauncher;

impl Launcher for NoLauncher {
    fn catalogue(&self) -> Vec<CatalogueEntry> {
        Vec::new()
    }

    fn start(&mut self, what: &RunRequest) -> Result<Session, LaunchError> {
        self.check(what).map(|()| Session::default())
    }

    fn check(&self, _: &RunRequest) -> Result<(), LaunchError> {
        Err(LaunchError::Unsupported)
    }
}

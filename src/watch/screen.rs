//! The screen of a program: on a thread of its own, on the controlling terminal.
//!
//! A process has at most one screen. The first loop that is watched brings it up, and the others are
//! added to its list ([`watch_loop`]).
//!
//! The program may end before the screen is closed, or the other way round:
//!
//! * If the program ends first, [`wait_for_user`] is called: at the end of the main thread, or, if
//!   that thread does not use this crate, at the end of the thread of the first loop; in any case
//!   before the process ends, by a return from `main` or by `exit` on any thread. The traces of all
//!   loops end, and the program waits until the user closes the screen.
//! * If the user closes the screen first, all loops are stopped. The `block_on` of the first loop
//!   cancels its tasks, and ends the program with [`close_after_stop`]. If a poll does not return
//!   within [`STOP_TIMEOUT`], or that `block_on` has returned before, the screen's thread ends the
//!   program itself.
//!
//! In each case the streams are restored before the program ends.

use std::{
    env,
    fs::File,
    io,
    path::PathBuf,
    process,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    thread::{Builder, JoinHandle, sleep},
    time::Duration,
};

use crate::{
    replay::Replay,
    runtime::{LiveTrace, LoopControl, WatchOptions},
    trace::{Log, Meta},
    tui::{
        self, CatalogueEntry, Control, ExitHooks, LaunchError, Launcher, LoopSession, Options,
        RecordError, RunRequest, Session, SourceStatus, Start,
        theme::{Palette, is_utf8},
    },
};

use super::{
    captured_stdin::{CapturedStdin, InputWatch},
    captured_stdio::CapturedStdio,
    hidden_loops,
    link::Link,
    live_loops::{LiveLoop, LiveLoops, LoopOutput, SharedOutput},
    report_error,
};

/// The exit code of a program that was stopped from the screen, as if by Ctrl-C.
pub(super) const STOPPED: u8 = 130;

/// How long to wait for a stopped loop. A poll that does not return cannot be interrupted.
const STOP_TIMEOUT: Duration = Duration::from_millis(500);

/// The number of descriptors that a screen and a loop open: those of the screen, and eight for the
/// captured streams.
const DESCRIPTORS: u64 = tui::DESCRIPTORS + 8;

/// The screen of the process; `None` before the first loop is watched.
static SCREEN: Mutex<Option<Arc<ScreenShared>>> = Mutex::new(None);

struct ScreenShared {
    stdio: CapturedStdio,
    stdin: CapturedStdin,
    output: SharedOutput,
    loops: Arc<LiveLoops>,
    /// The screen's thread, until it is waited for.
    thread: Mutex<Option<JoinHandle<()>>>,
    /// The program is ending by itself: the screen's thread must not end it.
    ends: AtomicBool,
    /// The screen's thread is ending the program: its end must not wait for that thread.
    is_ended: AtomicBool,
    /// The exit code, if the program is stopped from the screen.
    code: AtomicU8,
}

impl ScreenShared {
    fn new() -> io::Result<ScreenShared> {
        tui::need_descriptors(DESCRIPTORS)?;
        let terminal = File::options().read(true).write(true).open("/dev/tty")?;
        let stdio = CapturedStdio::capture()?;
        let input = CapturedStdin::capture()?;
        tui::draw_on(terminal);
        tui::set_exit_hooks(ExitHooks {
            wait: wait_at_exit,
            restore: restore_streams,
        });
        Ok(ScreenShared {
            output: Arc::new(Mutex::new(stdio.reader())),
            stdio,
            stdin: input,
            loops: Arc::default(),
            thread: Mutex::default(),
            ends: AtomicBool::new(false),
            is_ended: AtomicBool::new(false),
            code: AtomicU8::new(STOPPED),
        })
    }

    /// Restores the streams.
    fn give_back(&self) {
        self.stdin.give_back();
        self.stdio.give_back();
    }

    /// Waits until the user has closed the screen, and restores the streams. Returns `false` if
    /// another thread has done so.
    ///
    /// The lock is held meanwhile: of two threads that end the program, the second one must not end it
    /// before the first one is ready.
    fn join(&self) -> bool {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(thread) = thread.take() else {
            return false;
        };
        drop(thread.join());
        self.give_back();
        true
    }
}

fn screen() -> Option<Arc<ScreenShared>> {
    SCREEN
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// A loop to be watched.
pub(super) struct NewLoop {
    pub(super) name: String,
    pub(super) is_main: bool,
    pub(super) meta: Meta,
}

/// Whether the screen is up.
pub(super) fn is_up() -> bool {
    screen().is_some()
}

/// Puts a loop on the screen, which comes up with the first one. Returns how the loop is watched;
/// `None` if the screen has enough loops.
pub(super) fn watch_loop(new: NewLoop) -> Result<Option<WatchOptions>, String> {
    let refused = |error: io::Error| format!("the terminal cannot be used: {error}");
    let mut screen = SCREEN.lock().unwrap_or_else(PoisonError::into_inner);
    let NewLoop {
        name,
        is_main,
        meta,
    } = new;
    let (live, control) = (LiveTrace::new(), LoopControl::new());
    let new = LiveLoop {
        name,
        is_main,
        meta,
        live: live.clone(),
        control: control.clone(),
    };
    let shared = match &*screen {
        Some(shared) => Arc::clone(shared),
        None => Arc::new(ScreenShared::new().map_err(refused)?),
    };
    let Some(index) = shared.loops.add(new) else {
        hidden_loops::note();
        return Ok(None);
    };
    if screen.is_none() {
        let of_thread = Arc::clone(&shared);
        let thread = Builder::new()
            .name("loopscope".into())
            .spawn(move || show(&of_thread))
            .map_err(refused)?;
        *shared.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        *screen = Some(Arc::clone(&shared));
    }
    let output = LoopOutput::new(Arc::clone(&shared.loops), Arc::clone(&shared.output), index);
    Ok(Some(WatchOptions {
        live: Some(live),
        control,
        store: None,
        bytes: true,
        output: Some(Box::new(output)),
    }))
}

/// The program ends by itself: from now on the screen's thread does not end it.
pub(super) fn program_ends() {
    if let Some(shared) = screen() {
        shared.ends.store(true, Ordering::SeqCst);
    }
}

/// Ends the traces of all loops, waits until the user closes the screen, and restores the streams.
/// Does nothing without a screen.
pub(super) fn wait_for_user() {
    let Some(shared) = screen() else { return };
    shared.ends.store(true, Ordering::SeqCst);
    shared.loops.close();
    if !shared.join() {
        return;
    }
    if let Some(line) = hidden_loops::line() {
        report_error(&line);
    }
}

/// Called when the process ends by `exit`, also by a return from `main`.
fn wait_at_exit() {
    if screen().is_some_and(|shared| !shared.is_ended.load(Ordering::SeqCst)) {
        wait_for_user();
    }
}

/// Called before a panic aborts the process.
fn restore_streams() {
    if let Some(shared) = screen() {
        shared.give_back();
    }
}

/// Waits for the screen's thread, after the first loop was stopped from the screen, and restores the
/// streams. Returns the program's exit code.
pub(super) fn close_after_stop() -> u8 {
    let Some(shared) = screen() else {
        return STOPPED;
    };
    wait_for_user();
    shared.code.load(Ordering::SeqCst)
}

/// Shows the screen until the user closes it. Then ends the program, unless the program is ending
/// by itself.
fn show(shared: &Arc<ScreenShared>) {
    let mut new = shared.loops.take_new().unwrap_or_default();
    if new.is_empty() {
        return;
    }
    let main = new.iter().position(|new| new.is_main);
    let mut first = WatchedLoop::new(new.remove(main.unwrap_or(0)), shared);
    first.started = new;
    let options = Options {
        palette: Palette::of(variable),
        ascii: !is_utf8(variable),
        start: Start::One(first.session()),
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
    // The thread of the first loop ends the program once all its tasks are cancelled. If that takes
    // too long, this thread ends the program.
    shared.loops.stop();
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
    shared.is_ended.store(true, Ordering::SeqCst);
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

/// A loop of the program as the screen sees it, with the program's input.
struct WatchedLoop {
    link: Link,
    name: String,
    meta: Meta,
    shared: Arc<ScreenShared>,
    input_watch: InputWatch,
    /// Loops that have started and were not announced yet.
    started: Vec<LiveLoop>,
}

impl WatchedLoop {
    fn new(watched: LiveLoop, shared: &Arc<ScreenShared>) -> WatchedLoop {
        WatchedLoop {
            link: Link::new(watched.live, watched.control, true),
            name: watched.name,
            meta: watched.meta,
            shared: Arc::clone(shared),
            input_watch: InputWatch::default(),
            started: Vec::new(),
        }
    }

    /// An empty replay, and this loop as the source that fills it.
    fn session(self) -> Session {
        Session {
            replay: Replay::new(Log {
                bytes: Vec::new(),
                meta: self.meta.clone(),
            }),
            source: Some(Box::new(self)),
        }
    }
}

impl tui::TraceSource for WatchedLoop {
    fn take(&mut self) -> Vec<u8> {
        self.link.take()
    }

    fn loop_name(&self) -> String {
        self.name.clone()
    }

    fn new_loops(&mut self) -> Option<Vec<LoopSession>> {
        let mut started = std::mem::take(&mut self.started);
        let more = self.shared.loops.take_new();
        if more.is_none() && started.is_empty() {
            return None;
        }
        started.extend(more.into_iter().flatten());
        let session = |started: LiveLoop| LoopSession {
            name: started.name.clone(),
            is_main: started.is_main,
            session: WatchedLoop::new(started, &self.shared).session(),
        };
        Some(started.into_iter().map(session).collect())
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

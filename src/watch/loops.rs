//! Which loops of a program are watched, and where each of them is recorded.
//!
//! | loop | `LOOPSCOPE=record:run.loopscope` | `LOOPSCOPE=tui` |
//! |---|---|---|
//! | of the first thread that calls `block_on` | `run.loopscope` | on the screen |
//! | of each further thread, up to [`MAX_FILES`] | `run-2.loopscope`, `run-3.loopscope`, … | in the list of the screen |
//! | the background loop | `run-background.loopscope` | in the list of the screen |
//!
//! If the main thread spawns into the background loop before it calls `block_on`, the background loop
//! brings the screen up, and the loop of the main thread then takes its place. What is not shown is said in
//! one line on standard error, when the screen is closed or the limit is reached.

use std::{
    cell::{Cell, RefCell},
    env,
    panic::Location,
    process,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
};

use crate::{
    runtime::{self, StoreHandle, WatchOptions},
    trace::{Meta, Outcome},
};

use super::{RecordOptions, Watch, Watcher, meta, report_error};
#[cfg(feature = "tui")]
use super::{hidden_loops, outcome, screen};

/// The most loops of threads that are recorded.
const MAX_FILES: u32 = 16;

thread_local! {
    /// Whether this thread has called `block_on` before.
    static HAS_STARTED: Cell<bool> = const { Cell::new(false) };
    /// Of the main thread: ends the files of the loops that still run, and waits for the screen.
    static PROGRAM_END: ProgramEnd = const { ProgramEnd };
    /// Dropped when the thread ends, also by `exit`, which ends the recording.
    static WATCHER: RefCell<Option<Watcher>> = const { RefCell::new(None) };
}

/// The choice for the whole program: that of the first loop.
static MODE: OnceLock<Watch> = OnceLock::new();

/// How many loops of threads are watched.
static WATCHED: AtomicU32 = AtomicU32::new(0);

/// The files of the loops that may still run when the program ends.
static FILES: Mutex<Vec<StoreHandle>> = Mutex::new(Vec::new());

/// Whether the main thread uses this crate, so that its end is noticed.
static MAIN_WAITS: AtomicBool = AtomicBool::new(false);

fn mode(watch: Option<Watch>) -> &'static Watch {
    MODE.get_or_init(|| {
        refuse_smol_threads();
        watch
            .map_or_else(Watch::from_environment, Ok)
            .unwrap_or_else(|error| give_up(&error))
    })
}

fn give_up(error: &str) -> ! {
    report_error(error);
    process::exit(2)
}

/// smol takes the number of its threads from this variable, and ignores what is no number.
fn refuse_smol_threads() {
    let value = env::var("SMOL_THREADS").ok();
    let threads = value.and_then(|threads| threads.parse::<usize>().ok());
    if let Some(threads) = threads.filter(|threads| *threads != 1) {
        report_error(&format!(
            "SMOL_THREADS={threads} has no effect: a task is polled on the thread of the block_on in which it \
             was spawned, or on the one background thread"
        ));
    }
}

/// Starts to watch the loop of this thread, before it first runs.
pub(super) fn start_watching(watch: Option<Watch>, at: &'static Location<'static>) {
    if HAS_STARTED.replace(true) {
        return;
    }
    let mode = mode(watch);
    if *mode == Watch::Off {
        return;
    }
    await_main_end();
    let number = WATCHED.fetch_add(1, Ordering::SeqCst);
    let started = match mode {
        Watch::Off => Ok(None),
        Watch::Record(options) => record_thread(options, at, number),
        #[cfg(feature = "tui")]
        Watch::Tui => show_thread(at, number),
        #[cfg(not(feature = "tui"))]
        Watch::Tui => {
            Err("this program was built without the screen: add the feature \"tui\"".into())
        }
    };
    match started {
        Ok(watcher) => WATCHER.set(watcher),
        Err(error) => give_up(&error),
    }
}

fn record_thread(
    options: &RecordOptions,
    at: &Location<'_>,
    number: u32,
) -> Result<Option<Watcher>, String> {
    let options = match number {
        0 => options.clone(),
        number if number < MAX_FILES => options.beside(&(number + 1).to_string()),
        MAX_FILES => {
            report_error(&format!(
                "the loops of {MAX_FILES} threads are recorded; those of further threads are not"
            ));
            return Ok(None);
        }
        _ => return Ok(None),
    };
    let mut meta = meta(at);
    if number > 0 {
        name_loop(&mut meta, thread::current().name().unwrap_or("a thread"));
    }
    let (watcher, file) = super::record(&options, &meta)?;
    if number > 0 {
        keep_open(file);
    }
    Ok(watcher)
}

/// Puts the loop of this thread on the screen.
#[cfg(feature = "tui")]
fn show_thread(at: &Location<'_>, number: u32) -> Result<Option<Watcher>, String> {
    let is_first = !screen::is_up();
    let current = thread::current();
    let name = current.name().map_or_else(
        || format!("thread {}", number + 1),
        |name| crate::trace::sanitized(name, ""),
    );
    let mut meta = meta(at);
    if !is_first && !is_main_thread() {
        name_loop(&mut meta, &name);
    }
    let options = screen::watch_loop(screen::NewLoop {
        name,
        is_main: is_main_thread(),
        meta,
    })?;
    let is_watched = options.is_some_and(runtime::watch);
    let ends_program = is_first || is_main_thread();
    Ok(is_watched.then_some(Watcher::Screen(ScreenGuard { ends_program })))
}

/// Ends the trace of a thread's loop when dropped, and waits for the screen if no other thread does.
#[cfg(feature = "tui")]
pub(super) struct ScreenGuard {
    /// Whether the program ends with this loop if the loops are stopped from the screen: that of the
    /// main thread, and the one that the screen came up with.
    pub(super) ends_program: bool,
}

#[cfg(feature = "tui")]
impl Drop for ScreenGuard {
    fn drop(&mut self) {
        if is_main_thread() || MAIN_WAITS.load(Ordering::SeqCst) || !self.ends_program {
            return end_of_thread(outcome());
        }
        // The program may end with this thread.
        screen::program_ends();
        runtime::end(outcome());
        screen::wait_for_user();
    }
}

/// Adds the name of a thread to that of the program.
fn name_loop(meta: &mut Meta, thread: &str) {
    meta.scenario = format!("{} ({thread})", meta.scenario);
}

/// Takes the watcher of this thread's loop.
pub(super) fn take_watcher() -> Option<Watcher> {
    WATCHER.take()
}

/// Called before the background loop first runs: makes it record, if a file is written.
pub(super) fn prepare_background(at: &Location<'static>, start: &mut dyn FnMut(WatchOptions)) {
    let options = match mode(None) {
        Watch::Off => return,
        #[cfg(feature = "tui")]
        Watch::Tui => return show_background(at, start),
        #[cfg(not(feature = "tui"))]
        Watch::Tui => return,
        Watch::Record(options) => options.beside("background"),
    };
    let mut meta = meta(at);
    name_loop(&mut meta, "background");
    match super::new_store(&options, &meta) {
        Ok(store) => {
            keep_open(store.handle());
            start(WatchOptions {
                store: Some(store),
                bytes: options.bytes,
                ..WatchOptions::default()
            });
        }
        Err(error) => report_error(&error),
    }
}

/// Puts the background loop on the screen. It brings the screen up only if it is started by the main
/// thread, which then waits for the user at its end.
#[cfg(feature = "tui")]
fn show_background(at: &Location<'static>, start: &mut dyn FnMut(WatchOptions)) {
    await_main_end();
    if !screen::is_up() && !is_main_thread() {
        return hidden_loops::note();
    }
    let mut meta = meta(at);
    name_loop(&mut meta, "background");
    let background = screen::NewLoop {
        name: "background".into(),
        is_main: false,
        meta,
    };
    match screen::watch_loop(background) {
        Ok(Some(options)) => start(options),
        Ok(None) => {}
        Err(error) => give_up(&error),
    }
}

/// On the main thread: makes its end also end the files of all loops, and wait for the screen.
fn await_main_end() {
    if is_main_thread() && PROGRAM_END.try_with(|_| {}).is_ok() {
        MAIN_WAITS.store(true, Ordering::SeqCst);
    }
}

fn is_main_thread() -> bool {
    thread::current().name() == Some("main")
}

/// Notes a file that has to be ended when the program ends.
fn keep_open(file: StoreHandle) {
    await_main_end();
    FILES
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(file);
}

/// Ends the recording of the loop of a thread that ends.
pub(super) fn end_of_thread(outcome: Outcome) {
    if is_main_thread() {
        runtime::end(outcome);
    } else {
        runtime::leave(outcome);
        // The program may end with this thread, too.
        for file in FILES.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = file.flush();
        }
    }
}

/// When the program ends: waits until the user closes the screen, and ends the files of the loops of
/// other threads, which may still run.
struct ProgramEnd;

impl Drop for ProgramEnd {
    fn drop(&mut self) {
        #[cfg(feature = "tui")]
        screen::wait_for_user();
        let files = std::mem::take(&mut *FILES.lock().unwrap_or_else(PoisonError::into_inner));
        for file in files {
            file.close();
        }
    }
}

//! Loads runs in a thread of its own. Meanwhile the screen says how much is read, and can be left.
//!
//! ```text
//!   thread "loading": reads, imports, runs ──> result ─┬─ within PATIENCE: shown at once
//!                     └─> Reporter: progress, notes    └─ later: a screen waits for it
//! ```
//!
//! A thread that still reads when the user leaves is not waited for: it ends with the process. One that
//! runs another program ends that first.

use std::{
    cell::RefCell,
    fmt, io,
    path::Path,
    rc::Rc,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel},
    },
    thread::Builder,
    time::Duration,
};

use loopscope::{
    trace::sanitized,
    tui::{Loading, LoadingProgress, LoadingStep, Start},
};

use super::{
    output::{CliError, CliResult, report_error, shown},
    wait::{self, SignalWait},
};

/// How long loading may take before a screen says how far it is.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long programs have to end when the user leaves.
const LEAVING: Duration = Duration::from_secs(3);

/// Where the reader of a file tells how far it is, and what it has noticed.
///
/// Without a screen, notes go to standard error at once, and the progress nowhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reporter(Option<Arc<Mutex<ReportedSoFar>>>);

#[derive(Debug, Default)]
struct ReportedSoFar {
    progress: LoadingProgress,
    notes: Vec<String>,
    /// What programs have printed meanwhile.
    output: Vec<u8>,
    /// Whether the user has left the screen.
    is_left: bool,
    /// How many programs run that have to be ended when the user leaves.
    held: u32,
}

impl Reporter {
    fn for_screen() -> Reporter {
        Reporter(Some(Arc::default()))
    }

    /// For a file that the user does not know of.
    pub(crate) fn silent() -> Reporter {
        Reporter::for_screen()
    }

    fn lock(&self) -> Option<MutexGuard<'_, ReportedSoFar>> {
        let shared = self.0.as_ref()?;
        Some(shared.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether a screen may be shown meanwhile, which attends to the signals.
    pub(crate) fn has_screen(&self) -> bool {
        self.0.is_some()
    }

    /// Says what is loaded from now on, and how many bytes that has.
    pub(crate) fn begin(&self, what: &str, of: Option<u64>) {
        if let Some(mut reported) = self.lock() {
            reported.progress = LoadingProgress {
                what: sanitized(what, ""),
                bytes: 0,
                of,
            };
        }
    }

    /// The same for a file. Its path may be longer than a row of the screen, so only its name is said.
    pub(crate) fn begin_file(&self, path: &Path, of: Option<u64>) {
        let name = path.file_name().map_or(path, Path::new);
        self.begin(&format!("reading {}", shown(name)), of);
    }

    /// Says how many more bytes were read.
    pub(crate) fn has_read(&self, bytes: usize) {
        if let Some(mut reported) = self.lock() {
            reported.progress.bytes += bytes as u64;
        }
    }

    /// Tells the user something about what is loaded.
    pub(crate) fn note(&self, words: String) {
        match self.lock() {
            Some(mut reported) => reported.notes.push(words),
            None => report_error(&words),
        }
    }

    /// Keeps what a program has printed until the screen is closed.
    pub(crate) fn keep_output(&self, output: &[u8]) {
        if let Some(mut reported) = self.lock() {
            reported.output.extend_from_slice(output);
        }
    }

    /// Whether the user has left the screen, so that nothing is shown of what is loaded.
    pub(crate) fn is_left(&self) -> bool {
        self.lock().is_some_and(|reported| reported.is_left)
    }

    /// Says that a program runs, until the value is dropped. The end of this process waits for that.
    pub(crate) fn hold(&self) -> HeldProcess {
        if let Some(mut reported) = self.lock() {
            reported.held += 1;
        }
        HeldProcess(self.clone())
    }

    /// Says that the user has left, and waits for the programs to end.
    fn leave(&self) {
        if let Some(mut reported) = self.lock() {
            reported.is_left = true;
        }
        let Ok(mut wait) = SignalWait::new() else {
            return;
        };
        let is_over = || self.lock().is_none_or(|reported| reported.held == 0);
        wait.until_so(Some(LEAVING), is_over);
    }

    /// Prints what was kept while there may have been a screen: the output of programs, and notes.
    fn print_notes(&self) {
        let output = self.lock().map(|mut it| std::mem::take(&mut it.output));
        if let Some(output) = output.filter(|output| !output.is_empty()) {
            wait::print_kept(output, io::stderr());
        }
        let notes = self.lock().map(|mut it| std::mem::take(&mut it.notes));
        for note in notes.unwrap_or_default() {
            report_error(&note);
        }
    }
}

/// A program that runs while something is loaded, see [`Reporter::hold`].
#[derive(Debug)]
pub(crate) struct HeldProcess(Reporter);

impl Drop for HeldProcess {
    fn drop(&mut self) {
        if let Some(mut reported) = self.0.lock() {
            reported.held -= 1;
        }
    }
}

/// Loads with `load` on a thread, makes what is shown of it with `start`, and shows it with `show`.
pub(crate) fn show<T: Send + 'static>(
    load: impl FnOnce(&Reporter) -> Result<T, CliError> + Send + 'static,
    start: impl FnOnce(T) -> Result<Start, CliError> + 'static,
    show: impl FnOnce(Start) -> CliResult,
) -> CliResult {
    let reporter = Reporter::for_screen();
    let (sender, receiver) = sync_channel(1);
    let thread = Builder::new().name("loading".into()).spawn({
        let reporter = reporter.clone();
        // The receiver is gone if the user has left.
        move || drop(sender.send(load(&reporter)))
    });
    thread.map_err(|error| CliError::new(format!("no thread can be started: {error}")))?;
    match receiver.recv_timeout(PATIENCE) {
        Ok(loaded) => {
            reporter.print_notes();
            show(start(loaded?)?)
        }
        Err(RecvTimeoutError::Disconnected) => Err(has_panicked()),
        Err(RecvTimeoutError::Timeout) => {
            let failure = Rc::new(RefCell::new(None));
            let loading = LoadingThread {
                receiver,
                reporter: reporter.clone(),
                start: Some(start),
                failure: Rc::clone(&failure),
            };
            let exit = show(Start::Loading(Box::new(loading)));
            reporter.leave();
            reporter.print_notes();
            let failure = failure.take();
            failure.map_or(exit, Err)
        }
    }
}

fn has_panicked() -> CliError {
    CliError::new("the thread that reads has panicked: this is a bug in loopscope")
}

/// The screen's end of a thread that loads.
struct LoadingThread<T, F> {
    receiver: Receiver<Result<T, CliError>>,
    reporter: Reporter,
    /// Makes what is shown of the result.
    start: Option<F>,
    /// Why nothing can be shown, once that is known.
    failure: Rc<RefCell<Option<CliError>>>,
}

impl<T, F> fmt::Debug for LoadingThread<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadingThread").finish_non_exhaustive()
    }
}

impl<T, F: FnOnce(T) -> Result<Start, CliError>> Loading for LoadingThread<T, F> {
    fn look(&mut self) -> LoadingStep {
        let loaded = match self.receiver.try_recv() {
            Ok(loaded) => loaded,
            Err(TryRecvError::Disconnected) => Err(has_panicked()),
            Err(TryRecvError::Empty) => {
                let progress = self.reporter.lock().map(|it| it.progress.clone());
                return LoadingStep::Loading(progress.unwrap_or_default());
            }
        };
        let start = loaded.and_then(|loaded| match self.start.take() {
            Some(start) => start(loaded),
            None => Err(has_panicked()),
        });
        match start {
            Ok(start) => LoadingStep::Loaded {
                start,
                notice: self
                    .reporter
                    .lock()
                    .and_then(|it| it.notes.first().cloned()),
            },
            Err(error) => {
                self.failure.replace(Some(error));
                LoadingStep::Failed
            }
        }
    }
}

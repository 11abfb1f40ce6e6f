//! Loads runs in a thread of its own. Meanwhile the screen says how much is read, and can be left.
//!
//! ```text
//!   thread "loading": reads, imports, runs ──> result ─┬─ within PATIENCE: shown at once
//!                     └─> Reporter: progress, notes    └─ later: a screen waits for it
//! ```
//!
//! A thread that still loads when the user leaves is not waited for: it ends with the process.

use std::{
    cell::RefCell,
    fmt,
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

use super::output::{CliError, CliResult, report_error, shown};

/// How long loading may take before a screen says how far it is.
const PATIENCE: Duration = Duration::from_millis(100);

/// Where the reader of a file tells how far it is, and what it has noticed.
///
/// Without a screen, notes go to standard error at once, and the progress nowhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reporter(Option<Arc<Mutex<ReportedSoFar>>>);

#[derive(Debug, Default)]
struct ReportedSoFar {
    progress: LoadingProgress,
    notes: Vec<String>,
}

impl Reporter {
    fn for_screen() -> Reporter {
        Reporter(Some(Arc::default()))
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

    /// The same for a file.
    pub(crate) fn begin_file(&self, path: &Path, of: Option<u64>) {
        self.begin(&format!("reading {}", shown(path)), of);
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

    /// Prints the notes that were kept while there may have been a screen.
    fn print_notes(&self) {
        let notes = self.lock().map(|mut it| std::mem::take(&mut it.notes));
        for note in notes.unwrap_or_default() {
            report_error(&note);
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

//! Where the screen gets its runs from: the traits that its caller implements, and what they
//! exchange.
//!
//! The screen does not know the runtime. Its caller implements [`TraceSource`] for a run, which may
//! still be growing, and [`Launcher`] for the ways to start runs.

use std::{
    collections::BTreeSet,
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    insight::{Language, text_in},
    replay::Replay,
    scene::findings::CheckSettings,
    trace::{ClockKind, Log, Moment, Schedule, TaskId, file::Damage},
};

use crate::tui::theme::{Background, Palette};

/// Where the bytes of a run come from, and how its loop is controlled.
pub trait TraceSource {
    /// Takes the bytes of the trace that have arrived since the last call.
    fn take(&mut self) -> Vec<u8>;
    /// Tells the loop to run, pause, step or stop.
    fn control(&mut self, control: Control);
    /// The current state of the source.
    fn status(&self) -> SourceStatus;
    /// Records the run to a new file, from its first event (`log` holds what has been read so far)
    /// to its end. Returns the file's full path.
    fn record(&mut self, _log: &Log) -> Result<PathBuf, RecordError> {
        Err(RecordError::Unsupported)
    }
    /// Gives the program a line of input; `None` ends its input. Most programs read none.
    fn input(&mut self, _line: Option<&str>) {}
    /// Whether the program wants the real terminal, because a debugger in it reads commands.
    fn wants_terminal(&self) -> bool {
        false
    }
    /// Gives a program that has the real terminal what was typed, and returns what it has printed.
    /// `None` once it has no more use for the terminal.
    fn exchange(&mut self, _typed: &[u8]) -> Option<Vec<u8>> {
        None
    }
    /// The user has taken the terminal back.
    fn decline_terminal(&mut self) {}
    /// The name of this loop among the loops of its program, such as the name of its thread. It is
    /// shown once the program has several loops.
    fn loop_name(&self) -> String {
        String::new()
    }
    /// The loops of the same program that have started since the last call. `None` once no further
    /// loop can start, which is at once for a program that has one loop.
    fn new_loops(&mut self) -> Option<Vec<LoopSession>> {
        None
    }
}

/// A further loop of a program whose first loop is on the screen: the loop of another thread, or of
/// a child process. The screen lists it; the user chooses which loop is shown.
#[derive(Debug, Default)]
pub struct LoopSession {
    /// Its name among the loops of the program, such as the name of its thread.
    pub name: String,
    /// Whether it is the loop of the program's main thread. Such a loop takes the place of a
    /// background loop that has started earlier.
    pub is_main: bool,
    /// Its run. It needs a source.
    pub session: Session,
}

/// Why a run cannot be recorded.
#[derive(Debug)]
#[non_exhaustive]
pub enum RecordError {
    /// The source cannot record.
    Unsupported,
    /// The file cannot be created or written.
    File {
        /// The file's full path.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl RecordError {
    /// A file that cannot be created or written.
    pub fn file(path: &Path, error: io::Error) -> RecordError {
        RecordError::File {
            path: path.to_owned(),
            error,
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordError::Unsupported => {
                f.write_str("this run was opened whole: there is nothing to record")
            }
            RecordError::File { path, error } => {
                write!(f, "cannot record to {}: {error}", path.display())
            }
        }
    }
}

impl Error for RecordError {}

/// A command for a live loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Run.
    Run,
    /// Pause before the next poll.
    Pause,
    /// Run to the end of the tick, then pause.
    Tick,
    /// Run one poll, then pause.
    Poll,
    /// Let the next poll be of this task, which is among those that the tick has yet to poll. The loop
    /// is paused.
    Choose(TaskId),
    /// End the run.
    Stop,
}

/// The state of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent of each other"
)]
pub struct SourceStatus {
    /// No more bytes will arrive.
    pub ended: bool,
    /// The program waits for a line of input.
    pub wants_input: bool,
    /// The loop is paused.
    pub paused: bool,
    /// While the loop is paused, the next poll can be given to another task.
    pub chooses: bool,
    /// The program can be returned to an earlier tick, and goes on from there beside this run.
    pub returns: bool,
    /// The loop runs on the real clock, so its newest event can be followed.
    pub live: bool,
    /// The loop's time while the loop waits on a real clock. This time advances although no event
    /// is recorded.
    pub now: Option<Moment>,
    /// The size of the file that is still being read; `None` once all of it has been read.
    pub reading: Option<FileProgress>,
    /// What is wrong with the file.
    pub damage: Option<Damage>,
    /// The task that is being polled, and for how long: the trace does not show a poll that has not
    /// returned.
    pub polling: Option<(TaskId, Duration)>,
}

impl SourceStatus {
    /// The current poll, if it is long enough to be shown.
    pub(super) fn long_poll(&self) -> Option<(TaskId, Duration)> {
        self.polling.filter(|(_, time)| *time >= LONG_POLL)
    }
}

/// A poll that lasts at least this long is shown while it lasts.
const LONG_POLL: Duration = Duration::from_millis(100);

/// The size of a file that is still being read. The replay knows how many of its events have been
/// read so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileProgress {
    /// The number of events in the whole file.
    pub events: u64,
}

/// A run to show: what is known of it so far, and the source of the rest.
#[derive(Default)]
pub struct Session {
    /// What is known so far.
    pub replay: Replay,
    /// Where more comes from; `None` if the replay is complete.
    pub source: Option<Box<dyn TraceSource>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("events", &self.replay.end())
            .field("has_source", &self.source.is_some())
            .finish()
    }
}

/// Starts runs for the screen.
pub trait Launcher {
    /// The scenarios that can be started.
    fn catalogue(&self) -> Vec<CatalogueEntry>;
    /// Starts a run.
    fn start(&mut self, what: &RunRequest) -> Result<Session, LaunchError>;
    /// Checks a request without starting it.
    fn check(&self, what: &RunRequest) -> Result<(), LaunchError>;
    /// Keeps the language that the user has chosen for the next start.
    fn remember(&mut self, _language: Language) -> io::Result<()> {
        Ok(())
    }
    /// Keeps what the user has finished, for the next start. Does nothing unless implemented.
    fn keep_progress(&mut self, progress: &Progress) {
        let _ = progress;
    }
}

/// What the user has finished: kept from one start to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Whether the tour was followed to its end.
    pub tour: bool,
    /// The numbers of the lessons whose answer was seen.
    pub lessons: BTreeSet<u8>,
}

/// Why a run cannot be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum LaunchError {
    /// The request is not valid: its scenario or variant does not exist, or a parameter does not
    /// take its value. Holds one line that says what is wrong.
    Invalid(String),
    /// The run has an effect outside of this process, and its description comes from a file. Holds
    /// one line that says so, and how to start the run.
    FromFile(String),
    /// This screen shows a program's own run and starts no others.
    Unsupported,
    /// The system could not start the run.
    Io(io::Error),
}

impl fmt::Display for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LaunchError::Invalid(words) | LaunchError::FromFile(words) => f.write_str(words),
            LaunchError::Unsupported => {
                f.write_str("this is a program of your own: to run it again, start it again")
            }
            LaunchError::Io(error) => write!(f, "cannot start the run: {error}"),
        }
    }
}

impl Error for LaunchError {}

/// A scenario that can be started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The names and titles of its variants.
    pub variants: Vec<(String, String)>,
    /// Its parameters.
    pub params: Vec<Parameter>,
    /// The subject under which it is listed.
    pub group: String,
    /// The text of its program.
    pub source: String,
    /// The text of the same program in Python; empty if there is none.
    pub twin: String,
    /// Whether it can serve outside clients.
    pub listens: bool,
    /// Its texts in the words of Python, see `CatalogueEntry::text`.
    pub pairs: String,
}

impl CatalogueEntry {
    /// A title or another text of this scenario, in this language.
    pub(super) fn text<'a>(&'a self, text: &'a str, language: Language) -> &'a str {
        text_in(&self.pairs, text, language)
    }
}

/// A parameter of a [`CatalogueEntry`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// The value if none is given.
    pub default: String,
    /// What it means.
    pub help: String,
    /// The values that it takes, in words: `0 to 3600 seconds`.
    pub range: String,
}

/// A run that the screen asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunRequest {
    /// The name of a [`CatalogueEntry`].
    pub scenario: String,
    /// The name of one of its variants.
    pub variant: String,
    /// The names and values of the parameters that differ from their defaults.
    pub params: Vec<(String, String)>,
    /// The seed of its random numbers.
    pub seed: u64,
    /// The clock; `None` for the variant's own.
    pub clock: Option<ClockKind>,
    /// The polls at which a task other than the first in the ready queue runs.
    pub schedule: Schedule,
    /// Whether any of this was read from a file, and not chosen by the user. A [`Launcher`] starts
    /// such a run only if the run does nothing outside of this process. The session that it returns
    /// is marked with [`Replay::mark_from_file`], so that a run derived from that one is refused in
    /// the same way.
    pub from_file: bool,
}

impl RunRequest {
    /// The request that starts the same run again.
    pub(super) fn of(replay: &Replay) -> RunRequest {
        let meta = &replay.log().meta;
        RunRequest {
            scenario: meta.scenario.clone(),
            variant: meta.variant.clone(),
            params: meta.params.clone(),
            seed: meta.seed,
            clock: Some(meta.clock),
            schedule: meta.schedule.clone(),
            from_file: replay.is_from_file(),
        }
    }
}

/// Runs that are read, or made, on a thread of the caller while the screen says how far that is.
pub trait Loading: fmt::Debug {
    /// How far it is, or what came of it. Is not called again after that.
    fn look(&mut self) -> LoadingStep;
}

/// How far loading is, or what came of it.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one value exists, for a moment")]
pub enum LoadingStep {
    /// It is under way.
    Loading(LoadingProgress),
    /// It is done.
    Loaded {
        /// What is shown now.
        start: Start,
        /// What was noticed meanwhile: a message for the status line.
        notice: Option<String>,
    },
    /// Nothing can be shown: the screen ends, and its caller says why.
    Failed,
}

/// How far loading is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadingProgress {
    /// What is loaded, such as the name of a file.
    pub what: String,
    /// How much of it has been read, in bytes.
    pub bytes: u64,
    /// How many bytes it has; `None` if that is not known, as for a pipe.
    pub of: Option<u64>,
}

/// What the screen shows first.
#[derive(Debug, Default)]
#[expect(clippy::large_enum_variant, reason = "one value exists, for a moment")]
pub enum Start {
    /// The list of scenarios.
    #[default]
    Picker,
    /// One run.
    One(Session),
    /// Two runs side by side.
    Two(Session, Session),
    /// The lesson that this scenario teaches.
    Lesson(String),
    /// How far the loading of runs is, and then the runs.
    Loading(Box<dyn Loading>),
}

/// How the screen looks and where it begins.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub struct Options {
    /// The colours that the terminal has.
    pub palette: Palette,
    /// Whether the terminal is dark or light.
    pub theme: Background,
    /// Write only ASCII characters.
    pub ascii: bool,
    /// The language in which runs are described.
    pub language: Language,
    /// Ask at the start which language the user reads.
    pub asks_language: bool,
    /// A message for the status line, until the first key.
    pub notice: Option<String>,
    /// Start playing at once.
    pub play: bool,
    /// Whether playing shows every event; if not, it goes from landmark to landmark.
    pub motion: bool,
    /// The speed of playing; 1 is normal.
    pub speed: f64,
    /// What to show first.
    pub start: Start,
    /// The position to begin at, as typed after `:`.
    pub at: Option<String>,
    /// What the user has finished before.
    pub progress: Progress,
    /// The address at which the run listens.
    pub listen: Option<String>,
    /// What counts as a finding.
    pub checks: CheckSettings,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            palette: Palette::TrueColor,
            theme: Background::Dark,
            ascii: false,
            language: Language::default(),
            asks_language: false,
            notice: None,
            play: false,
            motion: true,
            speed: 1.0,
            start: Start::Picker,
            at: None,
            progress: Progress::default(),
            listen: None,
            checks: CheckSettings::default(),
        }
    }
}

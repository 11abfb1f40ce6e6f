//! What the screen is given: runs, finished or still going on, and the way to start more of them.
//!
//! The screen cannot reach the runtime. Whoever starts it implements these two traits on top of it.

use std::{fmt, time::Duration};

use crate::{
    replay::Replay,
    trace::{ClockKind, Log, Moment, Schedule, TaskId, file::Damage},
};

use crate::tui::theme::{Background, Palette};

/// A run that may still be going on.
pub trait TraceSource {
    /// The bytes of the trace since the last time.
    fn take(&mut self) -> Vec<u8>;
    /// Tells the loop what to do.
    fn control(&mut self, control: Control);
    /// How it is.
    fn status(&self) -> SourceStatus;
    /// Writes the run into a file, what is there of it and what will come. Gives the file's name; the error is one line
    /// for people.
    fn record(&mut self, _log: &Log) -> Result<String, String> {
        Err("this run cannot be recorded from here".into())
    }
    /// Gives the program a line of input; none ends its input. Most programs read nothing.
    fn input(&mut self, _line: Option<&str>) {}
}

/// What a loop can be told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Run,
    /// Stand still before the next poll.
    Pause,
    /// Go on to the end of the tick.
    Tick,
    /// Go on for one poll.
    Poll,
    /// End.
    Stop,
}

/// How a loop is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct SourceStatus {
    /// No more bytes will come.
    pub ended: bool,
    /// The program waits for a line of input.
    pub wants_input: bool,
    /// It stands still until it is told to go on.
    pub paused: bool,
    /// It runs on a real clock: there is a present to follow.
    pub live: bool,
    /// Loop time, while the loop waits on a real clock: it goes on although nothing is written.
    pub now: Option<Moment>,
    /// More of a file than this has come in is still to be read.
    pub reading: Option<FileProgress>,
    /// What was found to be wrong with the file.
    pub damage: Option<Damage>,
    /// The task that has the slot, and for how long: a poll that does not return is seen here alone.
    pub polling: Option<(TaskId, Duration)>,
}

impl SourceStatus {
    /// The poll that does not return, if it has lasted long enough to be worth a word.
    pub(super) fn long_poll(&self) -> Option<(TaskId, Duration)> {
        self.polling.filter(|(_, time)| *time >= LONG)
    }
}

/// A poll that lasts longer than this holds the others up.
const LONG: Duration = Duration::from_millis(100);

/// A file that is still being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileProgress {
    /// How many events there will be.
    pub events: u32,
}

/// A trace, and where more of it comes from.
#[derive(Default)]
pub struct Session {
    /// What is there so far.
    pub replay: Replay,
    /// Where more comes from, if it does.
    pub feed: Option<Box<dyn TraceSource>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("events", &self.replay.end())
            .field("has_feed", &self.feed.is_some())
            .finish()
    }
}

/// Knows what can be run, and runs it.
pub trait Launcher {
    /// What can be run.
    fn catalogue(&self) -> Vec<CatalogueEntry>;
    /// Starts a run; the error is one line for people.
    fn start(&mut self, what: &RunRequest) -> Result<Session, String>;
    /// Whether a run could be started so; the error is one line for people.
    fn check(&self, what: &RunRequest) -> Result<(), String>;
}

/// Something that can be run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// Its variants: name and title.
    pub variants: Vec<(String, String)>,
    /// Its parameters.
    pub params: Vec<Parameter>,
}

/// Something that can be set about a [`CatalogueEntry`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// What it is called.
    pub name: String,
    /// The value if none is given.
    pub default: String,
    /// What it means.
    pub help: String,
    /// What values it takes, in words: `0 to 3600 seconds`.
    pub range: String,
}

/// What is to be run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunRequest {
    /// A [`CatalogueEntry`]'s name.
    pub scenario: String,
    /// One of its variants.
    pub variant: String,
    /// Parameters that differ from their defaults: name and value.
    pub params: Vec<(String, String)>,
    /// The seed of its random numbers.
    pub seed: u64,
    /// The clock, if it is not the variant's own.
    pub clock: Option<ClockKind>,
    /// Who runs first where the rules are not followed.
    pub schedule: Schedule,
}

impl RunRequest {
    /// What would start the same run again.
    pub(super) fn of(replay: &Replay) -> RunRequest {
        let meta = &replay.log().meta;
        RunRequest {
            scenario: meta.scenario.clone(),
            variant: meta.variant.clone(),
            params: meta.params.clone(),
            seed: meta.seed,
            clock: Some(meta.clock),
            schedule: meta.schedule.clone(),
        }
    }
}

/// What the screen starts with.
#[derive(Debug, Default)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one of it, for a moment"
)]
pub enum Start {
    /// The list of what can be run.
    #[default]
    Picker,
    /// One run.
    One(Session),
    /// Two runs side by side.
    Two(Session, Session),
}

/// How the screen is to look and where it begins.
#[derive(Debug)]
pub struct Options {
    /// How many colours there are.
    pub palette: Palette,
    /// Whether the terminal is dark or light.
    pub theme: Background,
    /// Write nothing but ASCII.
    pub ascii: bool,
    /// Play at once instead of standing at the first event.
    pub play: bool,
    /// Show what lies between two marks while playing; without it playing goes from mark to mark.
    pub motion: bool,
    /// How fast to play.
    pub speed: f64,
    /// What to start with.
    pub start: Start,
    /// Where to begin, as after `:`.
    pub at: Option<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            palette: Palette::TrueColor,
            theme: Background::Dark,
            ascii: false,
            play: false,
            motion: true,
            speed: 1.0,
            start: Start::Picker,
            at: None,
        }
    }
}

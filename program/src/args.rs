//! The arguments, and `--help`.

use std::ffi::OsString;

use clap::{
    Args, Parser, ValueEnum,
    error::{ContextKind, ContextValue, ErrorKind},
};
use loopscope::{
    export::Weight,
    import::ImportFormat,
    insight::{Language, LatencyBy, Lesson, LimitSetting},
    replay::Axis,
    scene::findings::{Allowed, CheckSettings},
    trace::{ClockKind, Schedule, file::Part},
    tui::{render::PictureFormat, theme::Background},
};

use super::config::Config;

/// Watch an event loop run: step through it tick by tick, forward and back, and compare two runs
/// side by side.
///
/// Without a command, loopscope shows a list of scenarios to choose from. Try `loopscope run
/// say_after`, or `loopscope compare say_after` to see why two awaits in a row are not concurrent.
/// On the screen, `?` lists the keys.
#[derive(Debug, Parser)]
#[command(
    name = "loopscope",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Subcommand>,
    #[command(flatten)]
    pub(crate) display: DisplayArgs,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Subcommand {
    /// List the scenarios with their variants and parameters
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the lessons, or open one: common beliefs about event loops, and what is true
    Lessons {
        /// The number of the lesson to open, such as 4
        lesson: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a scenario and watch it
    Run(RunCommand),
    /// Run a program of Python's asyncio and watch its event loop
    Python(PythonCommand),
    /// Watch a process of CPython 3.14 or newer that runs already, and leave it again
    Attach(AttachCommand),
    /// Compare two runs side by side on one clock
    Compare(CompareCommand),
    /// Look for what is wrong with a run, and say at which line
    Check(CheckCommand),
    /// Show what made a run as long as it was: its critical path, and what a shorter part would save
    Critical(CriticalCommand),
    /// Show how long tasks were ready before each poll, and how long polls were: p50, p95, p99, max
    Latency(LatencyCommand),
    /// Explain a rule of `check`: its proof, its harm and how to mend it
    Explain {
        /// The id of the rule, such as blocking; without it, the rules are listed
        id: Option<String>,
    },
    /// Open a recorded run
    Replay(ReplayCommand),
    /// Convert a run to the format of another program
    Export(ExportCommand),
    /// Draw a screen into a file, without a terminal
    Render(RenderCommand),
    /// Play a run into an asciicast file, without a terminal
    Cast(CastCommand),
    /// Block for this long: the child process of a scenario
    #[command(hide = true)]
    Work {
        #[arg(long, value_parser = seconds)]
        seconds: f64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RunCommand {
    /// SCENARIO or SCENARIO:VARIANT; the default is the first variant. A lesson can be named by its
    /// number
    pub(crate) scenario: String,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) mode: OutputMode,
    #[command(flatten)]
    pub(crate) recording: RecordArgs,
    /// Keep only the newest part of the run, in about this much memory, such as 64M or 1G.
    /// `--record` still writes all of it
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_memory: Option<usize>,
    /// Serve outside clients at this address, such as 127.0.0.1:8888 (only scenarios that are
    /// servers)
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    #[command(flatten)]
    pub(crate) findings: FindingArgs,
}

impl RunCommand {
    /// Whether a lesson is named and nothing else, not even a variant: it is then opened with its
    /// question, which a run of a variant would answer.
    pub(crate) fn is_bare_lesson(&self, scenario: &str) -> bool {
        let run = &self.run;
        Lesson::of(scenario).is_some()
            && !self.scenario.contains(':')
            && self.recording.record.is_none()
            && self.max_memory.is_none()
            && run.sets.is_empty()
            && run.schedule.is_empty()
            && (run.seed, run.clock, run.until, run.max_events) == (0, None, None, None)
    }
}

/// Where a run is recorded.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RecordArgs {
    /// Write the trace to this file. `python` then shows no screen, and child processes and other
    /// threads that run loops get files of their own
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<std::path::PathBuf>,
    /// Replace the file of `--record` also if it is not a recording
    #[arg(long, requires = "record")]
    pub(crate) force: bool,
    /// Write the recording to the disk itself every two seconds, so that a crash of the machine
    /// loses no more
    #[arg(long, requires = "record")]
    pub(crate) sync: bool,
}

/// A program of asyncio runs unchanged: the adapter is loaded through `PYTHONPATH`.
#[derive(Debug, Args)]
pub(crate) struct PythonCommand {
    #[command(flatten)]
    pub(crate) mode: OutputMode,
    #[command(flatten)]
    pub(crate) recording: RecordArgs,
    /// Keep only the newest part of the run, in about this much memory, such as 64M or 1G
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_memory: Option<usize>,
    /// Pause before the first tick
    #[arg(long)]
    pub(crate) paused: bool,
    /// The interpreter [default: that of the active environment, else python3]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<std::path::PathBuf>,
    /// Keep uvloop instead of asyncio's own loop. Its tasks, wakes and timers are recorded; its ticks
    /// and its ready queue are not
    #[arg(long)]
    pub(crate) keep_uvloop: bool,
    /// The clock of the loops. On the virtual clock a sleep takes no time, also `time.sleep`
    #[arg(long, value_enum, default_value_t = ClockKind::Real)]
    pub(crate) clock: ClockKind,
    /// Choose which task runs at a poll: POLL:TASK,... such as 12:2,15:1
    #[arg(long, value_name = "CHOICES", default_value_t = Schedule::default(), hide_default_value = true)]
    pub(crate) schedule: Schedule,
    /// Take no snapshots on the screen. Without them, a run cannot go on from an earlier tick
    #[arg(long)]
    pub(crate) no_snapshots: bool,
    #[command(flatten)]
    pub(crate) findings: FindingArgs,
    /// How much is recorded
    #[arg(long, value_enum, default_value_t = DetailArg::All)]
    pub(crate) detail: DetailArg,
    /// SCRIPT, `-m MODULE` or `-c CODE`, and its arguments; options of the interpreter may come first
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "SCRIPT"
    )]
    pub(crate) rest: Vec<OsString>,
}

/// The process continues unobserved after loopscope has left it: with `q`, Ctrl-C, or in any other way.
#[derive(Debug, Args)]
pub(crate) struct AttachCommand {
    /// The number of the process
    pub(crate) pid: u32,
    #[command(flatten)]
    pub(crate) mode: OutputMode,
    #[command(flatten)]
    pub(crate) recording: RecordArgs,
    /// Keep only the newest part of the run, in about this much memory, such as 64M or 1G
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_memory: Option<usize>,
    #[command(flatten)]
    pub(crate) findings: FindingArgs,
}

/// How much of a Python program is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DetailArg {
    /// Ticks, steps, the ready queue, and how each task ends. No timers, threads or output
    Ticks,
    /// Also timers, the threads that wake tasks, and output with its task. No waits
    Causes,
    /// Also what each task waits for, and at which line. No holders of locks, lengths of queues or
    /// free permits
    Waits,
    /// Also each use of a lock, semaphore, event or queue
    #[default]
    All,
}

impl DetailArg {
    /// The word of the adapter.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            DetailArg::Ticks => "ticks",
            DetailArg::Causes => "causes",
            DetailArg::Waits => "waits",
            DetailArg::All => "all",
        }
    }
}

/// How a scenario runs.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RunArgs {
    /// Set a parameter; may be given several times
    #[arg(long = "set", value_name = "K=V")]
    pub(crate) sets: Vec<String>,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// The clock of the loop [default: virtual, unless the variant uses real I/O or threads]
    #[arg(long, value_enum)]
    pub(crate) clock: Option<ClockKind>,
    /// Stop the run after this many seconds of loop time; a Python script or a command, after this
    /// many seconds. Those that hang are stopped by themselves
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) until: Option<f64>,
    /// Choose which task runs at a poll: POLL:TASK,... such as 12:2,15:1
    ///
    /// `12:2` runs task #2 at poll 12, `15:1` task #1 at poll 15; each must be ready in that tick.
    /// All other polls keep their order. Virtual clock only. `compare` applies the schedule to the
    /// second run; without a second run, the run is compared with its own variant under this
    /// schedule.
    #[arg(
        long,
        value_name = "CHOICES",
        default_value_t,
        hide_default_value = true
    )]
    pub(crate) schedule: Schedule,
    /// Stop the run after this many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=4_000_000_000))]
    pub(crate) max_events: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct CompareCommand {
    /// SCENARIO:VARIANT or a recorded file. A SCENARIO without a variant compares its first two
    /// variants; a lesson can be named by its number
    pub(crate) a: OsString,
    /// The second run
    pub(crate) b: Option<OsString>,
    /// Format of the files [default: detected from their content]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ImportFormat>,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) mode: OutputMode,
    #[command(flatten)]
    pub(crate) findings: FindingArgs,
}

/// Exit code 0: nothing was found. 1: something was. 2: the request is invalid.
#[derive(Debug, Args)]
pub(crate) struct CheckCommand {
    #[command(flatten)]
    pub(crate) runs: RunNames,
    /// The mildest finding that makes the check fail
    #[arg(long, value_enum, default_value_t = FailOn::Warning)]
    pub(crate) fail_on: FailOn,
    #[command(flatten)]
    pub(crate) rules_of: FindingArgs,
    /// List the rules with their thresholds
    #[arg(long, conflicts_with_all = ["what", "command"])]
    pub(crate) rules: bool,
    #[command(flatten)]
    pub(crate) output: CheckOutput,
}

/// What counts as a finding, in `check` and on the screen.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FindingArgs {
    /// Set a threshold of the findings, such as blocking=50ms or convoy.times=5; `loopscope check
    /// --rules` lists them
    #[arg(long = "limit", value_name = "ID=VALUE")]
    pub(crate) limits: Vec<LimitSetting>,
    /// Leave out what a rule finds, everywhere or at a line: unbounded or convoy@src/pool.rs:12
    #[arg(long = "allow", value_name = "ID[@FILE:LINE]")]
    pub(crate) allowed: Vec<Allowed>,
}

impl FindingArgs {
    pub(crate) fn settings(&self) -> CheckSettings {
        CheckSettings::new(&self.limits, &self.allowed)
    }
}

impl Subcommand {
    /// What counts as a finding on the screen of this command.
    pub(crate) fn check_settings(&self) -> CheckSettings {
        match self {
            Subcommand::Run(command) => command.findings.settings(),
            Subcommand::Python(command) => command.findings.settings(),
            Subcommand::Attach(command) => command.findings.settings(),
            Subcommand::Compare(command) => command.findings.settings(),
            Subcommand::Replay(command) => command.findings.settings(),
            Subcommand::List { .. }
            | Subcommand::Lessons { .. }
            | Subcommand::Check(_)
            | Subcommand::Critical(_)
            | Subcommand::Latency(_)
            | Subcommand::Explain { .. }
            | Subcommand::Export(_)
            | Subcommand::Render(_)
            | Subcommand::Cast(_)
            | Subcommand::Work { .. } => CheckSettings::default(),
        }
    }
}

/// Runs that are recorded already, or are made for the purpose.
#[derive(Debug, Args)]
pub(crate) struct RunNames {
    /// Recorded files, SCENARIO:VARIANT, Python scripts
    pub(crate) what: Vec<OsString>,
    /// Run this command, and read what it records: a program on loopscope's executor
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
    /// Format of the recorded files [default: detected from their content]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ImportFormat>,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// The path leads from the end of a run back to its start: to the task that woke the last one, to the
/// timer or the I/O that it waited for, and so on. Half of a part that is not on it saves nothing.
#[derive(Debug, Args)]
pub(crate) struct CriticalCommand {
    #[command(flatten)]
    pub(crate) runs: RunNames,
    /// Print JSON, with all segments
    #[arg(long)]
    pub(crate) json: bool,
}

/// The ready-to-run time of a poll is that from the wake of its task, or from the deadline of its sleep,
/// to the start of the poll. The run time is the duration of the poll. Quantiles are at most 1/32
/// above the exact ones.
#[derive(Debug, Args)]
pub(crate) struct LatencyCommand {
    #[command(flatten)]
    pub(crate) runs: RunNames,
    /// List all tasks, or all places, instead of the first ten of each
    #[arg(long, value_enum)]
    pub(crate) by: Option<LatencyByArg>,
    /// Print JSON, with histograms
    #[arg(long)]
    pub(crate) json: bool,
}

/// What times are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LatencyByArg {
    /// Each task by itself
    Task,
    /// Tasks by the place at which they are spawned
    Spawn,
    /// Polls by the await from which they continue
    Await,
}

impl From<LatencyByArg> for LatencyBy {
    fn from(by: LatencyByArg) -> LatencyBy {
        match by {
            LatencyByArg::Task => LatencyBy::Task,
            LatencyByArg::Spawn => LatencyBy::Spawn,
            LatencyByArg::Await => LatencyBy::Await,
        }
    }
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct CheckOutput {
    /// Print a line for each finding (the default)
    #[arg(long, conflicts_with = "json")]
    pub(crate) plain: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Print SARIF 2.1.0, for code review
    #[arg(long, conflicts_with_all = ["plain", "json", "rules"])]
    pub(crate) sarif: bool,
}

/// Which findings make a check fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Only errors
    Error,
    /// Warnings as well
    Warning,
}

impl CompareCommand {
    /// The comparison of a scenario's first two variants.
    pub(crate) fn of(scenario: &str, json: bool) -> CompareCommand {
        CompareCommand {
            a: scenario.into(),
            b: None,
            format: None,
            load: LoadArgs::default(),
            run: RunArgs::default(),
            mode: OutputMode { plain: false, json },
            findings: FindingArgs::default(),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ReplayCommand {
    /// A recording by `run --record` or by another program: JSON Lines, a Chrome trace, a
    /// console-subscriber recording. `-` is standard input
    pub(crate) file: std::path::PathBuf,
    /// Where to start: an event (15), a tick ("tick 3"), a time ("t 1.5"), a task ("task 2"), the
    /// longest poll ("longest")
    #[arg(long, value_name = "POSITION")]
    pub(crate) at: Option<String>,
    /// Format of the file [default: detected from its content]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ImportFormat>,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) mode: OutputMode,
    #[command(flatten)]
    pub(crate) findings: FindingArgs,
}

/// How much of a file is read.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct LoadArgs {
    /// Which events of a recorded file to load: FROM..TO, FROM.., ..TO, "last COUNT", or "all",
    /// however much memory and time they take
    #[arg(
        long = "load",
        value_name = "EVENTS",
        default_value = "..",
        hide_default_value = true
    )]
    pub(crate) part: Part,
}

#[derive(Debug, Args)]
pub(crate) struct ExportCommand {
    /// SCENARIO:VARIANT or a recorded file, also one of another program
    pub(crate) what: OsString,
    /// Format to write [default: by the name of the output file]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ExportFormatArg>,
    /// File to write to [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<std::path::PathBuf>,
    /// Replace the output file also if it holds something else
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// What the numbers of folded stacks count: microseconds or polls
    #[arg(long, value_enum, default_value_t = Weight::Time)]
    pub(crate) weight: Weight,
    /// The axis of the SVG; on a virtual clock polls take no time, so `polls` shows them better
    #[arg(long, value_enum, default_value_t = Axis::Time)]
    pub(crate) axis: Axis,
    /// Format of the recorded file [default: detected from its content]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) from: Option<ImportFormat>,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormatArg {
    /// Perfetto's protobuf, for ui.perfetto.dev
    Perfetto,
    /// Chrome trace JSON
    Chrome,
    /// JSON Lines, one line per event
    Jsonl,
    /// The timeline of the whole run as an SVG picture
    Svg,
    /// Folded stacks of the await tree, for flame graphs
    Folded,
}

#[derive(Debug, Args)]
pub(crate) struct RenderCommand {
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
    /// Format to write [default: by the name of the output file, else text]
    #[arg(long, value_enum)]
    pub(crate) format: Option<PictureFormat>,
    /// Draw the screen anew after each key of --press, each for this many seconds, in one SVG
    #[arg(long, value_name = "SECONDS", value_parser = cast_seconds)]
    pub(crate) animate: Option<f64>,
    /// Screen to draw [default: main for one run, compare for two]
    #[arg(long, value_enum)]
    pub(crate) screen: Option<ScreenArg>,
    /// File to write to [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<std::path::PathBuf>,
    /// Replace the output file also if it holds something else
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CastCommand {
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
    /// Stop after this many seconds of playing
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = cast_seconds)]
    pub(crate) length: f64,
    /// File to write to [default: standard output, which must be a pipe or a file]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<std::path::PathBuf>,
    /// Replace the output file also if it holds something else
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// What to draw.
#[derive(Debug, Args)]
pub(crate) struct PictureArgs {
    /// SCENARIO:VARIANT or a recorded file; two of them, separated by a comma, are compared
    pub(crate) what: Option<OsString>,
    /// Position in the run: an event (15), a tick ("tick 3"), a time ("t 1.5"), a task ("task 2"),
    /// the longest poll ("longest")
    #[arg(long, value_name = "POSITION")]
    pub(crate) at: Option<String>,
    /// Keys to press at that position before drawing, such as xu
    #[arg(long, value_name = "KEYS")]
    pub(crate) press: Option<String>,
    /// Size in columns and rows
    #[arg(long, value_name = "COLUMNSxROWS", default_value = "120x40", value_parser = cells)]
    pub(crate) size: (u16, u16),
    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScreenArg {
    Main,
    Compare,
    Picker,
    Help,
}

/// Output without a screen.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct OutputMode {
    /// Print events as lines instead of drawing a screen (the default in a pipe)
    #[arg(long, conflicts_with = "json")]
    pub(crate) plain: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// How the screen looks.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Screen")]
pub(crate) struct DisplayArgs {
    /// Number of colours [default: what the terminal supports; `NO_COLOR` turns colours off]
    #[arg(long, global = true, value_enum)]
    pub(crate) palette: Option<PaletteArg>,
    /// Colours for a dark or a light background
    #[arg(long, global = true, value_enum, default_value_t = Background::Dark)]
    pub(crate) theme: Background,
    /// The language you read: source, lines and words are in it, if the program exists in it
    /// [default: what the configuration file says, else rust]
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    pub(crate) lang: Option<Language>,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub(crate) ascii: bool,
    /// When playing, jump from landmark to landmark (output, spawn, error)
    #[arg(long, global = true)]
    pub(crate) no_motion: bool,
    /// Playing speed: 2 is twice as fast
    #[arg(long, global = true, value_name = "X", default_value_t = 1.0, value_parser = speed)]
    pub(crate) speed: f64,
    /// The settings that the user keeps; not an argument.
    #[arg(skip)]
    pub(crate) config: Config,
    /// What counts as a finding: from the arguments of the command.
    #[arg(skip)]
    pub(crate) checks: CheckSettings,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PaletteArg {
    Auto,
    Off,
    #[value(name = "16")]
    Sixteen,
    #[value(name = "256")]
    TwoFiftySix,
    Truecolor,
}

impl DisplayArgs {
    /// The language that the user reads: by the argument, or else by the configuration file.
    pub(crate) fn language(&self) -> Language {
        self.lang.or(self.config.language).unwrap_or_default()
    }

    /// The same for a Python program: it is described in Python unless the argument says otherwise,
    /// so no language is asked for.
    pub(crate) fn for_python(&self) -> DisplayArgs {
        DisplayArgs {
            lang: self.lang.or(Some(Language::Python)),
            ..self.clone()
        }
    }

    /// Whether the screen asks which language the user reads.
    pub(crate) fn asks_language(&self) -> bool {
        self.lang.is_none() && self.config.asks()
    }
}

/// Parses a size such as `64M`; at least 1 MiB.
fn size(text: &str) -> Result<usize, String> {
    let upper = text.trim().to_ascii_uppercase();
    let number = upper.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match upper.strip_prefix(number) {
        Some("" | "B") => 1,
        Some("K" | "KB" | "KIB") => 1 << 10,
        Some("M" | "MB" | "MIB") => 1 << 20,
        Some("G" | "GB" | "GIB") => 1 << 30,
        _ => 0,
    };
    let bytes = number
        .parse()
        .ok()
        .and_then(|number: usize| number.checked_mul(unit));
    bytes
        .filter(|bytes| *bytes >= 1 << 20)
        .ok_or_else(|| "a size of at least 1M, such as 64M or 1G".into())
}

fn seconds(text: &str) -> Result<f64, String> {
    in_range(text, 0.0, 1e9).ok_or_else(|| "seconds from 0 to 1000000000".into())
}

fn speed(text: &str) -> Result<f64, String> {
    in_range(text, 0.01, 1000.0).ok_or_else(|| "a number from 0.01 to 1000".into())
}

fn cast_seconds(text: &str) -> Result<f64, String> {
    in_range(text, 1.0, 3600.0).ok_or_else(|| "seconds from 1 to 3600".into())
}

/// Parses a size such as `120x40`. The limit only saves memory: no terminal is larger.
fn cells(text: &str) -> Result<(u16, u16), String> {
    let (columns, rows) = text
        .split_once('x')
        .ok_or("expected COLUMNSxROWS, such as 120x40")?;
    let side = |text: &str, most| {
        let number = text.parse().ok();
        number
            .filter(|number| (1..=most).contains(number))
            .ok_or("from 1x1 to 500x300")
    };
    Ok((side(columns, 500)?, side(rows, 300)?))
}

fn in_range(text: &str, least: f64, most: f64) -> Option<f64> {
    text.parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
}

/// Why parsing gives no command to carry out.
pub(crate) enum NoCommand {
    /// `--help` or `--version` was given: its text.
    Help(String),
    /// The arguments are invalid: one line that says why.
    Invalid(String),
    /// The first argument is no command. Holds it, and one line that says so.
    UnknownCommand(String, String),
}

/// Parses the arguments of the process.
pub(crate) fn parse() -> Result<Cli, NoCommand> {
    Cli::try_parse().map_err(|error| {
        let text = error.render().to_string();
        if !error.use_stderr() {
            return NoCommand::Help(text);
        }
        let line = one_line(&text);
        match (error.kind(), error.get(ContextKind::InvalidSubcommand)) {
            (ErrorKind::InvalidSubcommand, Some(ContextValue::String(typed))) => {
                NoCommand::UnknownCommand(typed.clone(), line)
            }
            _ => NoCommand::Invalid(line),
        }
    })
}

/// Puts the message and the tips of one of clap's errors on a line, without the usage below them.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let lines =
        lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let words: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    let line = words.join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    format!("{} (see loopscope --help)", line.replace("tip: ", "– "))
}

//! Arguments of the commands that run a program: `run`, `python`, `attach`, `compare`.

use std::ffi::OsString;

use clap::{Args, ValueEnum};
use loopscope::{
    import::ImportFormat,
    insight::Lesson,
    trace::{ClockKind, Schedule},
};

use super::{
    display::OutputMode,
    shared::{FindingArgs, LoadArgs, RecordArgs, RunArgs},
    values::size,
};

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

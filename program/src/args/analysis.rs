//! Arguments of the commands that judge a run: `check`, `critical`, `latency`.

use std::ffi::OsString;

use clap::{Args, ValueEnum};
use loopscope::{import::ImportFormat, insight::LatencyBy};

use super::shared::{FindingArgs, LoadArgs, RunArgs};

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

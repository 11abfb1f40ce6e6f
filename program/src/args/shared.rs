//! Arguments that several commands have.

use clap::Args;
use loopscope::{
    insight::LimitSetting,
    scene::findings::{Allowed, CheckSettings},
    trace::{ClockKind, Schedule, file::Part},
};

use super::values::seconds;

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

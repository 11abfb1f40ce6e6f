//! The arguments, and `--help`.
//!
//! | file | what it holds |
//! |---|---|
//! | `run` | the commands that run a program |
//! | `analysis` | the commands that judge a run |
//! | `files` | the commands that read and write files |
//! | `display` | how the output and the screen look |
//! | `shared` | arguments that several commands have |
//! | `values` | parsers of values |

mod analysis;
mod display;
mod files;
mod run;
mod shared;
mod values;

use clap::{
    Parser,
    error::{ContextKind, ContextValue, ErrorKind},
};
use loopscope::scene::findings::CheckSettings;

pub(crate) use analysis::{CheckCommand, CriticalCommand, FailOn, LatencyCommand, RunNames};
pub(crate) use display::{DisplayArgs, PaletteArg};
pub(crate) use files::{
    CastCommand, ExportCommand, ExportFormatArg, PictureArgs, RenderCommand, ReplayCommand,
    ScreenArg,
};
pub(crate) use run::{AttachCommand, CompareCommand, PythonCommand, RunCommand};
pub(crate) use shared::{LoadArgs, RecordArgs, RunArgs};
use values::seconds;

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

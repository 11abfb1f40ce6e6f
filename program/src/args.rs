//! What can be typed.

mod exchange;
mod picture;

use clap::{Args, Parser, ValueEnum};
use loopscope::{
    import::ImportFormat,
    trace::{ClockKind, Schedule},
};

pub(crate) use exchange::{ExportCommand, ExportFormatArg};
pub(crate) use picture::{CastCommand, PictureArgs, PictureFormatArg, RenderCommand, ScreenArg};

/// Watch an event loop run: step it tick by tick, forward and back, and lay two runs side by side.
///
/// Without a command: a list of scenarios to choose from. Try `loopscope run say_after`, or
/// `loopscope compare say_after` to see why two awaits in a row are not concurrent. On the screen, `?` lists the keys.
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
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// List the lessons: what many believe of event loops, and the rule
    Lessons {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a scenario and watch it
    Run(RunCommand),
    /// Lay two runs side by side on one clock
    Compare(CompareCommand),
    /// Open a recorded run
    Replay(ReplayCommand),
    /// Write a run in a form for other programs
    Export(ExportCommand),
    /// Draw a screen into a file, without a terminal
    Render(RenderCommand),
    /// Play a run into an asciicast file, without a terminal
    Cast(CastCommand),
    /// Work for so many seconds: what a scenario's child process does
    #[command(hide = true)]
    Work {
        #[arg(long, value_parser = seconds)]
        seconds: f64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RunCommand {
    /// SCENARIO or SCENARIO:VARIANT; without a variant, the first
    pub(crate) scenario: String,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) mode: OutputMode,
    /// Write the trace to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<std::path::PathBuf>,
    /// Keep the newest part of the run only, in about this much memory: 64M, 1G. `--record` writes all of it to a file
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_memory: Option<usize>,
    /// Serve clients from outside at this address, such as 127.0.0.1:8888 (servers only)
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
}

/// How to run.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RunArgs {
    /// Set a parameter (may be given several times)
    #[arg(long = "set", value_name = "K=V")]
    pub(crate) sets: Vec<String>,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// The clock [default: virtual, unless the variant does something real]
    #[arg(long, value_enum)]
    pub(crate) clock: Option<ClockArg>,
    /// End the run after so many seconds of loop time
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) until: Option<f64>,
    /// Let other tasks run first: POLL:TASK,.. such as 12:2,15:1
    ///
    /// At the 12th poll of the run task #2, at the 15th task #1, out of those that the tick has still to run. Everything
    /// else goes by the rules. Virtual clock only. In a comparison it is the second run that is changed; without a second
    /// run, the first is compared with what becomes of it.
    #[arg(
        long,
        value_name = "CHOICES",
        default_value_t,
        hide_default_value = true
    )]
    pub(crate) schedule: Schedule,
    /// End the run after so many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4_000_000_000))]
    pub(crate) max_events: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct CompareCommand {
    /// SCENARIO:VARIANT or a recorded file; a bare SCENARIO compares its first two variants, a lesson may be
    /// named by its number (`lesson_06`)
    pub(crate) a: String,
    /// The other one
    pub(crate) b: Option<String>,
    /// What wrote the files [default: by their content]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ImportFormat>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) mode: OutputMode,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayCommand {
    /// A file that `run --record` wrote, or another program: JSON Lines, a Chrome trace, console-subscriber's recording
    pub(crate) file: std::path::PathBuf,
    /// Where to begin: an event (15), a tick ("tick 3"), a time ("t 1.5"), a task ("task 2"), "longest" (poll)
    #[arg(long, value_name = "POSITION")]
    pub(crate) at: Option<String>,
    /// What wrote the file [default: by its content]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ImportFormat>,
    #[command(flatten)]
    pub(crate) mode: OutputMode,
}

/// Without a screen.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct OutputMode {
    /// Write what happens as lines instead of drawing a screen (as in a pipe)
    #[arg(long, conflicts_with = "json")]
    pub(crate) plain: bool,
    /// Write one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// How the screen looks.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Screen")]
pub(crate) struct DisplayArgs {
    /// How many colours [default: what the terminal says; `NO_COLOR` turns them off]
    #[arg(long, global = true, value_enum)]
    pub(crate) palette: Option<PaletteArg>,
    /// Colours for a dark or a light background
    #[arg(long, global = true, value_enum, default_value_t = ThemeArg::Dark)]
    pub(crate) theme: ThemeArg,
    /// Write nothing but ASCII
    #[arg(long, global = true)]
    pub(crate) ascii: bool,
    /// Play from mark to mark (output, spawn, error) without what lies between
    #[arg(long, global = true)]
    pub(crate) no_motion: bool,
    /// How fast to play: 2 is twice as fast
    #[arg(long, global = true, value_name = "X", default_value_t = 1.0, value_parser = speed)]
    pub(crate) speed: f64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ClockArg {
    Virtual,
    Real,
}

impl From<ClockKind> for ClockArg {
    fn from(clock: ClockKind) -> ClockArg {
        match clock {
            ClockKind::Virtual => ClockArg::Virtual,
            ClockKind::Real => ClockArg::Real,
        }
    }
}

impl From<ClockArg> for ClockKind {
    fn from(clock: ClockArg) -> ClockKind {
        match clock {
            ClockArg::Virtual => ClockKind::Virtual,
            ClockArg::Real => ClockKind::Real,
        }
    }
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

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ThemeArg {
    Dark,
    Light,
}

/// Bytes, with a letter for thousands of thousands: at least a mebibyte.
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

fn in_range(text: &str, least: f64, most: f64) -> Option<f64> {
    text.parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
}

/// Why there is nothing to be carried out.
pub(crate) enum NoCommand {
    /// Help or the version was asked for: this is it.
    Help(String),
    /// What was typed makes no sense: one line.
    Invalid(String),
}

/// What was typed.
pub(crate) fn parse() -> Result<Cli, NoCommand> {
    Cli::try_parse().map_err(|error| {
        let text = error.render().to_string();
        if error.use_stderr() {
            NoCommand::Invalid(one_line(&text))
        } else {
            NoCommand::Help(text)
        }
    })
}

/// clap tells an error in a paragraph: the message, its tips, the usage. The first two make a line.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let lines =
        lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let words: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    let line = words.join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    format!("{} (see loopscope --help)", line.replace("tip: ", "– "))
}

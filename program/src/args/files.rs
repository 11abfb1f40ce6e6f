//! Arguments of the commands that read and write files: `replay`, `export`, `render`, `cast`.

use std::ffi::OsString;

use clap::{Args, ValueEnum};
use loopscope::{export::Weight, import::ImportFormat, replay::Axis, tui::render::PictureFormat};

use super::{
    display::OutputMode,
    shared::{FindingArgs, LoadArgs, RunArgs},
    values::{cast_seconds, cells},
};

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

#[derive(Debug, Args)]
pub(crate) struct ExportCommand {
    /// SCENARIO:VARIANT or a recorded file, also one of another program
    pub(crate) what: OsString,
    /// Format to write [default: by the name of the output file]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ExportFormatArg>,
    /// File to write to; `-` is standard output [default: standard output]
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
    /// File to write to; `-` is standard output [default: standard output]
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
    /// File to write to; `-` is standard output [default: standard output, which must be a pipe or a file]
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

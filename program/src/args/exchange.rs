//! The arguments of `export`.

use clap::{Args, ValueEnum};
use loopscope::{export::Weight, import::ImportFormat, replay::Axis};

use super::RunArgs;

#[derive(Debug, Args)]
pub(crate) struct ExportCommand {
    /// SCENARIO:VARIANT or a recorded file, also one of another program
    pub(crate) what: String,
    /// Format to write [default: by the name of the output file]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ExportFormatArg>,
    /// File to write to [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<std::path::PathBuf>,
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

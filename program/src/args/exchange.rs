//! What can be typed about files for and from other programs.

use clap::{Args, ValueEnum};
use loopscope::{export::Weight, import::ImportFormat, replay::Axis};

use super::RunArgs;

#[derive(Debug, Args)]
pub(crate) struct ExportCommand {
    /// SCENARIO:VARIANT, or a recorded file, also one from another program
    pub(crate) what: String,
    /// What to write [default: by the file's name]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ExportFormatArg>,
    /// Where to write it [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<std::path::PathBuf>,
    /// What the numbers of folded stacks count: microseconds or polls
    #[arg(long, value_enum, default_value_t = Weight::Time)]
    pub(crate) weight: Weight,
    /// The axis of the SVG: on a virtual clock a poll takes no time
    #[arg(long, value_enum, default_value_t = Axis::Time)]
    pub(crate) axis: Axis,
    /// What wrote the file [default: by its content]
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
    /// Lines of JSON, one an event
    Jsonl,
    /// The timeline of the whole run as a picture
    Svg,
    /// Folded stacks of the await tree, for flame graphs
    Folded,
}

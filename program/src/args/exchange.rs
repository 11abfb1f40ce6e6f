//! What can be typed about files for and from other programs.

use clap::{Args, ValueEnum};
use loopscope::{export::Weight, import};

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
    /// What the numbers of folded stacks are: microseconds or polls
    #[arg(long, value_enum, default_value_t = WeightArg::Time)]
    pub(crate) weight: WeightArg,
    /// AxisArg what the SVG goes: on a virtual clock a turn takes no time
    #[arg(long, value_enum, default_value_t = AxisArg::Time)]
    pub(crate) axis: AxisArg,
    /// Which table of Parquet
    #[arg(long, value_enum, default_value_t = ParquetTable::Events)]
    pub(crate) table: ParquetTable,
    /// What wrote the file [default: by its content]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) from: Option<ImportFormatArg>,
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
    /// Columns; in a build with the feature `parquet`
    Parquet,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum WeightArg {
    Time,
    Polls,
}

impl From<WeightArg> for Weight {
    fn from(weight: WeightArg) -> Weight {
        match weight {
            WeightArg::Time => Weight::Time,
            WeightArg::Polls => Weight::Polls,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum AxisArg {
    Time,
    Turns,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ParquetTable {
    Events,
    Spans,
}

/// What wrote a file that is no trace of this program.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ImportFormatArg {
    /// Lines of JSON, as docs/jsonl.md has them
    Jsonl,
    /// console-subscriber's recording of tokio tasks
    Console,
    /// Chrome trace JSON: as tracing-chrome and others write it
    Chrome,
}

impl From<ImportFormatArg> for import::ImportFormat {
    fn from(format: ImportFormatArg) -> import::ImportFormat {
        match format {
            ImportFormatArg::Jsonl => import::ImportFormat::Jsonl,
            ImportFormatArg::Console => import::ImportFormat::Console,
            ImportFormatArg::Chrome => import::ImportFormat::Chrome,
        }
    }
}

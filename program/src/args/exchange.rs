//! What can be typed about files for and from other programs.

use clap::{Args, ValueEnum};
use loopscope::{export::Weight, import};

use super::How;

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// SCENARIO:VARIANT, or a recorded file, also one from another program
    pub(crate) what: String,
    /// What to write [default: by the file's name]
    #[arg(long, value_enum)]
    pub(crate) format: Option<ExportFormat>,
    /// Where to write it [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<std::path::PathBuf>,
    /// What the numbers of folded stacks are: microseconds or polls
    #[arg(long, value_enum, default_value_t = FoldedWeight::Time)]
    pub(crate) weight: FoldedWeight,
    /// Along what the SVG goes: on a virtual clock a turn takes no time
    #[arg(long, value_enum, default_value_t = Along::Time)]
    pub(crate) axis: Along,
    /// Which table of Parquet
    #[arg(long, value_enum, default_value_t = Table::Events)]
    pub(crate) table: Table,
    /// What wrote the file [default: by its content]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) from: Option<ImportFormat>,
    #[command(flatten)]
    pub(crate) how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
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
pub(crate) enum FoldedWeight {
    Time,
    Polls,
}

impl From<FoldedWeight> for Weight {
    fn from(weight: FoldedWeight) -> Weight {
        match weight {
            FoldedWeight::Time => Weight::Time,
            FoldedWeight::Polls => Weight::Polls,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Along {
    Time,
    Turns,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Table {
    Events,
    Spans,
}

/// What wrote a file that is no trace of this program.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ImportFormat {
    /// Lines of JSON, as docs/jsonl.md has them
    Jsonl,
    /// console-subscriber's recording of tokio tasks
    Console,
    /// Chrome trace JSON: as tracing-chrome and others write it
    Chrome,
}

impl From<ImportFormat> for import::ImportFormat {
    fn from(format: ImportFormat) -> import::ImportFormat {
        match format {
            ImportFormat::Jsonl => import::ImportFormat::Jsonl,
            ImportFormat::Console => import::ImportFormat::Console,
            ImportFormat::Chrome => import::ImportFormat::Chrome,
        }
    }
}

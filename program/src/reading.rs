//! How a file is read: as which format, which part of it, and where that is reported.

use loopscope::{import::ImportFormat, trace::file::Part};

use super::{args::LoadArgs, loading::Reporter};

/// How a file is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileReading {
    /// The format that was asked for.
    pub(crate) format: Option<ImportFormat>,
    /// The events to load.
    pub(crate) load: Part,
    /// Whether another run is read as well.
    pub(crate) is_one_of_two: bool,
    /// Where the reading is reported.
    pub(crate) reporter: Reporter,
}

impl FileReading {
    /// The same, with another place where it is reported.
    pub(crate) fn reported_to(self, reporter: &Reporter) -> FileReading {
        FileReading {
            reporter: reporter.clone(),
            ..self
        }
    }

    /// A reading of this format and part.
    pub(crate) fn of(format: Option<ImportFormat>, load: LoadArgs) -> FileReading {
        FileReading {
            format,
            load: load.part,
            ..FileReading::default()
        }
    }
}

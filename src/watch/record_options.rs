//! The file that the run of an ordinary program is recorded to.

use std::{
    ffi::OsStr,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    process,
};

use crate::runtime::RecordFile;

use super::report_error;

/// Where a run is recorded, and how.
///
/// ```
/// use loopscope::{RecordOptions, Watch};
///
/// let plain = Watch::Record("run.loopscope".into());
/// let synced = Watch::Record(RecordOptions::from("run.loopscope").synced());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOptions {
    path: PathBuf,
    pub(super) bytes: bool,
    sync: bool,
    force: bool,
}

impl<P: Into<PathBuf>> From<P> for RecordOptions {
    /// The file of this name; `%p` in the name stands for the number of the process.
    fn from(path: P) -> RecordOptions {
        RecordOptions {
            path: path.into(),
            bytes: false,
            sync: false,
            force: false,
        }
    }
}

impl RecordOptions {
    /// Also records the first bytes of what is read from sockets and written to them. Without them a
    /// file can be shown to others, whatever the program's clients have sent.
    #[must_use]
    pub fn with_bytes(self) -> RecordOptions {
        RecordOptions {
            bytes: true,
            ..self
        }
    }

    /// Writes the file to the disk itself every two seconds, so that a crash of the machine loses
    /// no more.
    #[must_use]
    pub fn synced(self) -> RecordOptions {
        RecordOptions { sync: true, ..self }
    }

    /// Replaces the file also if it is not a recording.
    #[must_use]
    pub fn forced(self) -> RecordOptions {
        RecordOptions {
            force: true,
            ..self
        }
    }

    /// The same for another loop of the program: `run.loopscope` and `2` give `run-2.loopscope`.
    pub(super) fn beside(&self, suffix: &str) -> RecordOptions {
        RecordOptions {
            path: with_suffix(&self.path, "-", suffix),
            ..self.clone()
        }
    }

    /// Parses the two parts of `record+sync:FILE`.
    pub(super) fn parse(how: &str, path: &OsStr) -> Option<RecordOptions> {
        let mut words = how.split('+');
        if path.is_empty() || words.next() != Some("record") {
            return None;
        }
        words.try_fold(RecordOptions::from(path), |options, word| match word {
            "bytes" => Some(options.with_bytes()),
            "sync" => Some(options.synced()),
            "force" => Some(options.forced()),
            _ => None,
        })
    }

    /// Opens the file.
    ///
    /// A child process inherits the variable `LOOPSCOPE`, and with it the name of the file. It must
    /// not write into the recording of its parent, which is locked; the child records to a file of
    /// its own, named after it.
    pub(super) fn open(&self) -> Result<RecordFile, String> {
        let id = process::id().to_string();
        let name = self.path.as_os_str().to_str();
        let path = match name {
            Some(name) if name.contains("%p") => PathBuf::from(name.replace("%p", &id)),
            _ => self.path.clone(),
        };
        let file = match RecordFile::create(&path, self.force) {
            Err(error) if error.kind() == ErrorKind::ResourceBusy => {
                let own = with_suffix(&path, ".", &id);
                let file = RecordFile::create(&own, self.force);
                let file = file.map_err(|error| cannot_record(&own, &error))?;
                report_error(&format!(
                    "another process is recording to {}; this one records to {}",
                    path.display(),
                    own.display()
                ));
                file
            }
            other => other.map_err(|error| cannot_record(&path, &error))?,
        };
        Ok(if self.sync { file.synced() } else { file })
    }
}

/// The same path with a separator and a suffix in front of its extension.
fn with_suffix(path: &Path, separator: &str, suffix: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(separator);
    name.push(suffix);
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

pub(super) fn cannot_record(path: &Path, error: &io::Error) -> String {
    let what = match error.kind() {
        ErrorKind::AlreadyExists => "; record+force: replaces it",
        _ => "",
    };
    format!("cannot record to {}: {error}{what}", path.display())
}

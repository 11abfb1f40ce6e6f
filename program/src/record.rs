//! `--record FILE`: writes a run to a file while it runs.

use std::{
    cell::Cell,
    fs::File,
    path::{Path, PathBuf},
};

use loopscope::{
    runtime::{Store, StoreHandle},
    trace::Meta,
};

use super::output::{CliError, cannot_write, report_error};

/// The state of a recording, while its [`Store`] belongs to the loop.
pub(crate) struct RunRecording {
    path: PathBuf,
    handle: StoreHandle,
    failed: Cell<bool>,
}

impl RunRecording {
    /// Creates the file, so that an error shows before the run and not after it. The store is for the loop.
    pub(crate) fn create(path: &Path, meta: &Meta) -> Result<(RunRecording, Store), CliError> {
        let file = File::create(path).map_err(|error| cannot_write(path, &error))?;
        let store = Store::new(file, meta).map_err(|error| cannot_write(path, &error))?;
        let recording = RunRecording {
            path: path.to_owned(),
            handle: store.handle(),
            failed: Cell::new(false),
        };
        Ok((recording, store))
    }

    /// Whether everything was written so far. Prints an error the first time that it sees one.
    pub(crate) fn check(&self) -> bool {
        if let Some(error) = self.handle.error()
            && !self.failed.replace(true)
        {
            let path = self.path.display();
            report_error(&format!(
                "recording to {path} has stopped: {error}; the run continues without it"
            ));
        }
        !self.failed.get()
    }
}

//! The file that a run goes into while it goes on.

use std::{
    cell::{Cell, RefCell},
    fs::File,
    path::{Path, PathBuf},
    rc::Rc,
};

use loopscope::{runtime::Store, trace::Meta};

use super::output::{CliError, cannot_write, report_error};

/// A file that is being written. Once it cannot be written any more that is said, once, and the run goes on without it.
pub(crate) struct RunRecording {
    path: PathBuf,
    /// None once it has ended.
    store: RefCell<Option<Store>>,
    ending: RecordingStatus,
}

/// How a recording has ended, for whoever does not have it any more.
#[derive(Clone, Default)]
pub(crate) struct RecordingStatus {
    /// What went wrong, until it is said.
    unsaid: Rc<RefCell<Option<String>>>,
    failed: Rc<Cell<bool>>,
}

impl RecordingStatus {
    /// Whether all was written so far. Says what went wrong, if nobody has yet.
    pub(crate) fn is_well(&self) -> bool {
        if let Some(error) = self.unsaid.take() {
            report_error(&error);
        }
        !self.failed.get()
    }
}

impl RunRecording {
    /// Begins a file. That it cannot be made is found out now, not after the run.
    pub(crate) fn create(path: &Path, meta: &Meta) -> Result<RunRecording, CliError> {
        let file = File::create(path).map_err(|error| cannot_write(path, &error))?;
        let store = Store::new(file, meta).map_err(|error| cannot_write(path, &error))?;
        Ok(RunRecording {
            path: path.to_owned(),
            store: RefCell::new(Some(store)),
            ending: RecordingStatus::default(),
        })
    }

    /// How it ends, to be asked when it has.
    pub(crate) fn ending(&self) -> RecordingStatus {
        self.ending.clone()
    }

    /// Hands over what was written since the last time.
    pub(crate) fn give(&self, bytes: &[u8]) {
        let written = match &*self.store.borrow() {
            Some(store) => {
                let mut block = store.block();
                block.extend_from_slice(bytes);
                store.give(block)
            }
            None => true,
        };
        if !written {
            self.end();
        }
    }

    /// Ends the file. Says what went wrong, unless that was said before; returns whether all is well.
    pub(crate) fn finish(self) -> bool {
        self.end();
        self.ending.is_well()
    }

    fn end(&self) {
        let Some(store) = self.store.take() else {
            return;
        };
        if let Err(error) = store.finish() {
            let path = self.path.display();
            self.ending.failed.set(true);
            *self.ending.unsaid.borrow_mut() = Some(format!(
                "recording to {path} has stopped: {error}; the run goes on without it"
            ));
        }
    }
}

impl Drop for RunRecording {
    fn drop(&mut self) {
        self.end();
    }
}

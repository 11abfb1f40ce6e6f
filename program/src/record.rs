//! The file that a run goes into while it goes on.

use std::{
    cell::{Cell, RefCell},
    fs::File,
    path::{Path, PathBuf},
    rc::Rc,
};

use loopscope::{runtime::Store, trace::Meta};

use super::{Wrong, complain, run::cannot_write};

/// A file that is being written. Once it cannot be written any more that is said, once, and the run goes on without it.
pub(crate) struct Recording {
    path: PathBuf,
    /// None once it has ended.
    store: RefCell<Option<Store>>,
    ending: Ending,
}

/// How a recording has ended, for whoever does not have it any more.
#[derive(Clone, Default)]
pub(crate) struct Ending {
    /// What went wrong, until it is said.
    unsaid: Rc<RefCell<Option<String>>>,
    failed: Rc<Cell<bool>>,
}

impl Ending {
    /// Whether all was written so far. Says what went wrong, if nobody has yet.
    pub(crate) fn is_well(&self) -> bool {
        if let Some(error) = self.unsaid.take() {
            complain(&error);
        }
        !self.failed.get()
    }
}

impl Recording {
    /// Begins a file. That it cannot be made is found out now, not after the run.
    pub(crate) fn create(path: &Path, meta: &Meta) -> Result<Recording, Wrong> {
        let file = File::create(path).map_err(|error| cannot_write(path, &error))?;
        let store = Store::new(file, meta).map_err(|error| cannot_write(path, &error))?;
        Ok(Recording {
            path: path.to_owned(),
            store: RefCell::new(Some(store)),
            ending: Ending::default(),
        })
    }

    /// How it ends, to be asked when it has.
    pub(crate) fn ending(&self) -> Ending {
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

impl Drop for Recording {
    fn drop(&mut self) {
        self.end();
    }
}

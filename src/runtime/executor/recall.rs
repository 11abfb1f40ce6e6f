//! The request of a thread to have its loop back from a host.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// What a hosted loop has to know of its own thread.
#[derive(Debug)]
pub(super) struct Recall {
    /// Set while the own thread waits for the loop.
    pub(super) recalled: Arc<AtomicBool>,
    /// The loop is kept when it has no task: the background loop.
    pub(super) permanent: bool,
}

impl Recall {
    pub(super) fn new(permanent: bool) -> Recall {
        Recall {
            recalled: Arc::default(),
            permanent,
        }
    }

    pub(super) fn set(&self, recalled: bool) {
        self.recalled.store(recalled, Ordering::SeqCst);
    }

    pub(super) fn is_recalled(&self) -> bool {
        self.recalled.load(Ordering::SeqCst)
    }
}

//! Whether a program has loops that the screen does not show.

use std::sync::atomic::{AtomicBool, Ordering};

static EXISTS: AtomicBool = AtomicBool::new(false);

/// Notes that there is one.
pub(super) fn note() {
    EXISTS.store(true, Ordering::SeqCst);
}

/// The line for a user who has closed the screen.
#[cfg(feature = "tui")]
pub(super) fn line() -> Option<String> {
    let words = || {
        format!(
            "the screen shows at most {} loops, and the background loop if the main thread or a watched \
             loop has started before it; LOOPSCOPE=record:FILE records others",
            super::live_loops::MOST
        )
    };
    EXISTS.load(Ordering::SeqCst).then(words)
}

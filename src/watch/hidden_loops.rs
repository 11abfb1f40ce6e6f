//! Whether a program has loops that the screen does not show.

use std::sync::atomic::{AtomicBool, Ordering};

static EXISTS: AtomicBool = AtomicBool::new(false);

/// Notes that there is one.
pub(super) fn note() {
    EXISTS.store(true, Ordering::SeqCst);
}

/// The line for a user who has closed the screen.
#[cfg(feature = "tui")]
pub(super) fn line() -> Option<&'static str> {
    EXISTS.load(Ordering::SeqCst).then_some(
        "the screen showed the loop of one thread; LOOPSCOPE=record:FILE records those of other \
         threads, and the background loop, too",
    )
}

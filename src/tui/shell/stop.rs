//! SIGTSTP: the process stops until the shell of the user continues it (`fg`), after the terminal was given
//! back.
//!
//! The screen handles the signal, so the process does not stop by itself. It stops with SIGSTOP, which
//! cannot be handled.

use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use rustix::process::{Signal, getpgrp, getpid, getsid, kill_process};
use signal_hook::{consts::SIGTSTP, flag};

/// Whether no screen is there that handles the signal.
static NO_SCREEN: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Stops the process. Returns once it continues. Does nothing if the process leads its session, as in a
/// terminal window that was opened for it: no shell is there that could continue it.
pub(super) fn stop_process() -> io::Result<()> {
    if getsid(None)? != getpgrp() {
        kill_process(getpid(), Signal::STOP)?;
    }
    Ok(())
}

/// Makes SIGTSTP stop the process again as it does by default, once [`screen_ended`] was called: the
/// handler of a signal stays where it is after the screen.
pub(super) fn stop_after_screen() -> io::Result<()> {
    if let Some(no_screen) = NO_SCREEN.get() {
        no_screen.store(false, Ordering::SeqCst);
        return Ok(());
    }
    let no_screen = Arc::clone(NO_SCREEN.get_or_init(Arc::default));
    flag::register_conditional_default(SIGTSTP, no_screen)?;
    Ok(())
}

/// From now on no screen handles the signal.
pub(super) fn screen_ended() {
    if let Some(no_screen) = NO_SCREEN.get() {
        no_screen.store(true, Ordering::SeqCst);
    }
}

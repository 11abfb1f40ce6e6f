//! SIGQUIT: the terminal is given back, then the process ends as the signal ends it by default.

use std::{
    io,
    sync::{Arc, atomic::AtomicBool},
};

use signal_hook::{consts::SIGQUIT, flag, low_level::emulate_default_handler};

/// The exit code that stands for SIGQUIT: 128 plus its number.
const CODE: u8 = 131;

/// Ends the process by SIGQUIT if this is the exit code of a screen that SIGQUIT has closed. The
/// shell of the user then sees the signal, and a core is dumped where that is enabled.
pub fn end_if_quit(code: u8) {
    if code == CODE {
        let _ = emulate_default_handler(SIGQUIT);
    }
}

/// Makes a second SIGQUIT end the process at once, in case the screen cannot handle the first one.
pub(super) fn end_at_second_quit() -> io::Result<()> {
    let second = Arc::new(AtomicBool::new(false));
    // The actions of a signal are called in this order.
    flag::register_conditional_default(SIGQUIT, Arc::clone(&second))?;
    flag::register(SIGQUIT, second)?;
    Ok(())
}

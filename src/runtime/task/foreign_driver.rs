//! An executor that is run where no loop of this crate is: under the `block_on` of another crate.

use std::{
    env,
    io::{self, IsTerminal, Write},
    sync::Once,
};

use crate::runtime::executor::core;

/// Says once that an executor is not recorded, if no loop runs on this thread and the user wants to
/// see the program: that is what its polls would be recorded in.
pub(super) fn note_unless_in_loop() {
    static SAID: Once = Once::new();
    if SAID.is_completed() || core::with_current(|_| ()).is_some() {
        return;
    }
    SAID.call_once(|| {
        if is_wanted() {
            let _ = writeln!(
                io::stderr(),
                "loopscope: an Executor is run outside of loopscope's block_on, so it is not recorded; \
                 loopscope::block_on records it"
            );
        }
    });
}

/// Whether the user wants to see the program: on a terminal, or as the variable `LOOPSCOPE` says.
fn is_wanted() -> bool {
    match env::var_os("LOOPSCOPE") {
        Some(value) => !value.is_empty() && value != "off",
        None => cfg!(feature = "tui") && io::stdout().is_terminal(),
    }
}

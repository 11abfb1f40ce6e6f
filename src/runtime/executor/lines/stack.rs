//! The line at which another thread is.

mod program_line;
mod return_addresses;

use super::DebugLine;

/// Whether the line of a thread can be known here.
pub(super) const IS_KNOWN: bool = true;

/// The line at which a thread is: the innermost of the program in the poll that is open. `None` if there is
/// none, if the program has no debug information, or if the thread may not be asked.
pub(super) fn line_of(thread: u32) -> Option<DebugLine> {
    program_line::innermost(&return_addresses::ask(thread)?)
}

/// Reads the debug information of the program, which takes up to a second the first time.
pub(super) fn prepare() {
    program_line::prepare();
}

//! The line at which another thread is.

mod noted_waker;
mod program_line;
mod return_addresses;

use super::{ClonedWaker, DebugLine};

pub(in super::super) use noted_waker::noted_waker;

/// Whether the line of a thread can be known here.
pub(super) const IS_KNOWN: bool = true;

/// The line at which a thread is: the innermost of the program in the poll that is open. `None` if there is
/// none, if the program has no debug information, or if the thread may not be asked.
pub(super) fn line_of(thread: u32) -> Option<DebugLine> {
    let addresses = return_addresses::ask(thread)?;
    program_line::prepare();
    program_line::innermost(&addresses)
}

/// The return addresses of this thread, the innermost first, up to one that is known to be of the program.
pub(in super::super) fn addresses_here() -> Vec<usize> {
    return_addresses::own(program_line::is_known_end)
}

/// The innermost line of the program among these return addresses. `None` also if the debug information was not
/// read yet.
pub(in super::super) fn line_among(addresses: &[usize]) -> Option<DebugLine> {
    let is_ready = program_line::is_ready();
    is_ready.then(|| program_line::innermost(addresses))?
}

//! The line at which another thread is, where that is not known.

use std::{sync::Arc, task::Waker};

use super::{ClonedWaker, DebugLine};

/// Whether the line of a thread can be known here.
pub(super) const IS_KNOWN: bool = false;

/// The return addresses of this thread: none.
pub(in super::super) fn addresses_here() -> Vec<usize> {
    Vec::new()
}

/// The innermost line of the program among return addresses.
pub(in super::super) fn line_among(_addresses: &[usize]) -> Option<DebugLine> {
    None
}

/// A waker, which does not tell of its clones.
pub(in super::super) fn noted_waker<W: ClonedWaker>(handle: Arc<W>) -> Waker {
    // Named, so that the trait is the same in both cases.
    let _: fn(&W) = W::is_cloned;
    Waker::from(handle)
}

/// The line at which a thread is.
pub(super) fn line_of(_thread: u32) -> Option<DebugLine> {
    None
}

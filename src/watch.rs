//! A program's own run, watched: what [`block_on`] does besides running it.

use std::{future::Future, process};

use crate::runtime;

/// Runs a future to its end on this thread's loop: `smol::block_on`.
///
/// Tasks of [`spawn`](crate::spawn) that are left when it returns go on in the next one on this thread. Inside of a task
/// the future has a loop of its own, which ends with it, and the task's loop stands still meanwhile.
///
/// ```
/// let hello = loopscope::block_on(async { "hello" });
/// assert_eq!(hello, "hello");
/// ```
///
/// # Panics
///
/// If the future panics, with its panic.
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    match runtime::block_on_standing(future) {
        Some(value) => value,
        // The person has stopped the loop, and it was stopped in order: as if by Ctrl-C.
        None => process::exit(130),
    }
}

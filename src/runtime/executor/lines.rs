//! The program's own line of a poll that lasts long, and of a wait that is not declared.
//!
//! A trace knows where a task awaits. It does not know where the task is between two awaits, so it has no line
//! for a poll that blocks its thread or computes for long. This module finds that line:
//!
//! 1. The loop notes the number of each poll that begins, with one store.
//! 2. A second thread, the `watchdog`, looks every 20 ms whether the number is still the same. It sleeps
//!    without an end while all loops wait.
//! 3. If it is the same, the watchdog asks the thread of the loop by a signal for its return addresses, and
//!    takes from the debug information which lines they belong to.
//! 4. When the poll ends, the loop records the line that was seen most often, with how long its thread has
//!    computed: a [`PollSample`](crate::trace::PollSample).
//!
//! | file | content |
//! |---|---|
//! | `lines.rs` | what the recorder calls |
//! | `sampled_loop` | what a loop and the watchdog tell each other |
//! | `watchdog` | the second thread |
//! | `thread_times` | how long a thread has computed and waited for a processor |
//! | `stack` | the line at which another thread is |
//! | `stack/return_addresses` | the signal and its handler |
//! | `stack/program_line` | the line of an address |
//! | `stack/noted_waker` | wakers that tell of their clones |
//!
//! A wait of which the loop does not know what it is for has a line for the same reason: that at which the task
//! has cloned its waker, or has woken itself. The [uses of wakers](super::waker_uses) tell it.
//!
//! Without the feature `lines`, and on other systems than Linux with glibc on x86-64 and ARM64, all of this does
//! nothing.

#[cfg(all(
    feature = "lines",
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod stack;
#[cfg(not(all(
    feature = "lines",
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
#[path = "lines/no_stack.rs"]
mod stack;

mod line;
mod sampled_loop;
mod thread_times;
mod watchdog;

use std::{env, sync::Arc, task::Wake};

pub(super) use line::DebugLine;
pub(super) use sampled_loop::{SHORTEST, SeenPoll};
pub(super) use stack::{addresses_here, line_among, noted_waker};

use sampled_loop::SampledLoop;

/// The name of the threads of this module. It tells other parts of the program that they are none of the
/// program's own.
const THREAD_NAME: &str = "loopscope";

/// A handle whose waker calls it before each clone.
pub(super) trait ClonedWaker: Wake + Send + Sync + 'static {
    /// The waker is about to be cloned.
    fn is_cloned(&self);
}

/// Tells the watchdog which poll is open. Does nothing if the loop is not watched.
#[derive(Debug, Default)]
pub(super) struct PollWatch(Option<Arc<SampledLoop>>);

impl PollWatch {
    /// Watches a loop on a real clock. On a virtual one, no poll takes time.
    ///
    /// `LOOPSCOPE_LINES=off` turns it off, for a program that a signal disturbs.
    pub(super) fn new() -> PollWatch {
        let is_wanted =
            stack::IS_KNOWN && env::var_os("LOOPSCOPE_LINES").is_none_or(|value| value != "off");
        PollWatch(is_wanted.then(Arc::default))
    }

    /// Whether the loop is watched.
    pub(super) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// A poll begins. `number` is another one for each poll of the loop.
    #[expect(
        clippy::inline_always,
        reason = "called at every poll: a call would save and restore registers"
    )]
    #[inline(always)]
    pub(super) fn poll_starts(&self, number: u64) {
        if let Some(watched) = &self.0 {
            watched.poll_starts(number);
        }
    }

    /// The loop runs on this thread from now on.
    pub(super) fn enters(&self) {
        if let Some(watched) = &self.0 {
            watched.set_thread(thread_times::this_thread());
            watchdog::watch(watched);
            self.continues();
        }
    }

    /// The loop waits, is paused, or does not run on this thread any longer.
    pub(super) fn waits(&self) {
        if let Some(watched) = &self.0 {
            watched.waits();
        }
    }

    /// The loop waits no longer.
    pub(super) fn continues(&self) {
        if let Some(watched) = &self.0 {
            watched.continues();
            watchdog::wake();
        }
    }

    /// What was seen of the poll that ends, which took that many nanoseconds.
    pub(super) fn take(&self, took: u64) -> Option<SeenPoll> {
        self.0.as_ref()?.take(took)
    }
}

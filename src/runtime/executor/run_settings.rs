//! The settings of a run that also hold for a `block_on` inside of it.

use crate::trace::TickPolicy;

/// What a loop does when no task is ready, no timer is set and no operation is in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnIdle {
    /// Wait: another thread may still wake a task.
    #[default]
    Wait,
    /// End the run: as a deadlock, or as stalled if a task waits for something unknown to the loop.
    End,
}

/// The settings of a run that also hold for a `block_on` inside of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RunSettings {
    pub(super) on_idle: OnIdle,
    pub(super) tick_policy: TickPolicy,
    /// The run ends at this loop time, in nanoseconds.
    pub(super) until: Option<u64>,
    /// The loop is that of a thread, and not that of a [`Builder`](super::Builder).
    pub(super) is_of_thread: bool,
}

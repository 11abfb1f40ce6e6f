//! How the loop addresses a task, and what a timer wakes.

use std::task::Waker;

/// The address of a task: its slot and its number.
///
/// Slots are used again, task numbers are not. A key whose number is no longer that of its slot is
/// stale: its task has ended, and a request for it has no effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::runtime) struct TaskKey {
    pub(in crate::runtime) slot: u32,
    pub(in crate::runtime) task: u32,
}

/// The task number of a slot that is free.
pub(in crate::runtime) const VACANT: u32 = u32::MAX;

/// The slot of an entry in the ready queue that is a callback and no task.
pub(in crate::runtime) const CALLBACK: u32 = u32::MAX;

/// What a timer wakes when it fires.
#[derive(Debug)]
pub(in crate::runtime) enum WakeTarget {
    /// A task of this loop. A key is copied at no cost. A waker would be cloned, called and
    /// dropped, and with thousands of sleeping tasks each of these three is a cache miss.
    Task(TaskKey),
    /// The waker of a combinator that polls several futures with wakers of its own.
    Waker(Waker),
}

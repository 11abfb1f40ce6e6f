//! The room of a task: its future, its waker, and what it last said.

use std::{
    any::Any,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use crate::{
    runtime::executor::waker::WakeHandle,
    trace::{LocationId, Wait},
};

/// The room of one task. It is kept until the task has ended and its handle is gone.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each stands for itself, and a poll touches one or two"
)]
pub(in crate::runtime) struct Slot {
    /// The task that lives here; [`NOBODY`] if it is free.
    pub(in crate::runtime) task: u32,
    /// How many things it waits for, as far as it said.
    pub(in crate::runtime) said: u32,
    /// What it last said it waits for.
    pub(in crate::runtime) wait: (Wait, LocationId),
    /// It stands in the ready queue.
    pub(in crate::runtime) queued: bool,
    /// Its next turn is its last: it will be told that it is cancelled.
    pub(in crate::runtime) cancelled: bool,
    /// It has ended, in whatever way.
    pub(in crate::runtime) ended: bool,
    /// Its future is kept and polled by an executor.
    pub(in crate::runtime) guest: bool,
    /// Somebody holds its handle.
    pub(in crate::runtime) held: bool,
    /// There is a [`Watcher`] for its end.
    pub(super) watched: bool,
    /// None while it is being polled, and for the main task, whose future belongs to whoever runs the loop.
    pub(in crate::runtime) body: Option<Body>,
    /// None before its first turn: a task that is never polled needs none.
    pub(in crate::runtime) waker: Option<TaskWaker>,
    /// Who awaits its handle. Boxed, for most of a million tasks are awaited when they are done: a small slot is a fast one.
    pub(in crate::runtime) joining: Option<Box<Waker>>,
}

/// Told when a task ends, and whether it panicked.
pub(in crate::runtime) type Watcher = Box<dyn FnOnce(bool)>;

/// A waker, and the handle inside of it.
#[derive(Debug)]
pub(in crate::runtime) struct TaskWaker {
    pub(in crate::runtime) waker: Waker,
    pub(in crate::runtime) handle: Arc<WakeHandle>,
}

impl TaskWaker {
    /// How many wakers there are besides this one.
    pub(super) fn clones(&self) -> usize {
        // One owner is the handle, one the waker.
        Arc::strong_count(&self.handle).saturating_sub(2)
    }
}

impl Slot {
    /// Whether somebody may wake this task whom the loop does not know: it said so, or its waker has more owners than it
    /// named things that it waits for.
    pub(in crate::runtime) fn waits_for_unknown(&self) -> bool {
        let clones = self.waker.as_ref().map_or(0, TaskWaker::clones);
        matches!(self.wait.0, Wait::Unknown | Wait::Operation(_)) || clones > self.said as usize
    }
}

pub(in crate::runtime) const NOBODY: u32 = u32::MAX;

/// A task's future, and later its result, whatever their types.
pub(in crate::runtime) trait Job {
    /// Gives the future a turn. When it is done it is dropped, and the result kept.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;
    /// Drops the future, and keeps this as its end.
    fn fail(self: Pin<&mut Self>, end: Failure);
    /// Moves the result into an `Option` of its type; or says why there is none.
    fn take(self: Pin<&mut Self>, into: &mut dyn Any) -> Result<(), Failure>;
}

/// Why a task has no result.
pub(in crate::runtime) enum Failure {
    Panicked(Box<dyn Any + Send>),
    Cancelled,
}

/// A task's job, where it lives.
pub(in crate::runtime) type Body = Pin<Box<dyn Job>>;

/// What a task is called.
#[derive(Clone, Copy, Debug)]
pub(in crate::runtime) enum Name<'a> {
    /// After the type of its future.
    Type(&'static str),
    /// As the program says.
    Given(&'a str),
}

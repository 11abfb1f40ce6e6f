//! A task's slot: its future, its waker, and the state that the loop keeps of it.

use std::{
    any::Any,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use crate::trace::{LocationId, Wait};

use super::{task_key::VACANT, waker::WakeHandle};

/// The slot of one task.
///
/// A slot is taken by [`Scheduler::insert`](super::scheduler::Scheduler::insert) and freed by
/// [`Scheduler::reclaim`](super::scheduler::Scheduler::reclaim), once the task has ended *and* its
/// handle is gone: until then the slot keeps the result.
///
/// ```text
///              spawn               returns, panics, is cancelled           handle dropped
///   VACANT ───────────> Live ──────────────────────────────────> Ended ─────────────────> VACANT
///          ───────────> External ─────────────────────────────────────────────────────────> VACANT
///             register                       unregister
/// ```
///
/// The flags beside that state:
///
/// * `queued`: a key of this task is in the ready queue. A wake sets it and adds the key; with the
///   flag set, a wake is redundant. The loop clears it before it polls, so a task that is woken
///   while it is polled is queued again. A task that ends in such a poll stays `queued`; its key is
///   skipped when it comes up. For an external task the flag only says that its last wake has not
///   led to a poll yet.
/// * `cancelled`: cancellation was requested. Set at most once, and always together with a wake:
///   the next poll drops the future instead of polling it. Never set once the task has ended, or
///   for an external task.
/// * `has_handle`: a [`Task`](crate::runtime::Task) handle exists. Never set for the main task and
///   for external tasks, whose handles are smol's.
/// * `has_on_complete`: the scheduler has an [`OnComplete`] for this task, or a handle on another
///   thread. Saves the hash lookups for the many that have neither. Set only while the task is live.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the flags are independent of each other, and a poll reads or writes one or two of them"
)]
pub(in crate::runtime) struct TaskSlot {
    /// The task's number; [`VACANT`] if the slot is free.
    pub(in crate::runtime) task: u32,
    /// How many waits the task declared in its last poll, without those that keep its key and no
    /// clone of its waker.
    pub(in crate::runtime) declared_waits: u32,
    /// The wait that was declared last, and where it is awaited.
    pub(in crate::runtime) wait: (Wait, LocationId),
    pub(in crate::runtime) life: Life,
    pub(in crate::runtime) queued: bool,
    pub(in crate::runtime) cancelled: bool,
    pub(in crate::runtime) has_handle: bool,
    pub(super) has_on_complete: bool,
    /// The future, then its result. `None` while the task is polled, and for the tasks whose future
    /// is kept elsewhere: the main task's by the event loop, an external task's by its executor.
    pub(in crate::runtime) body: Option<Body>,
    /// Whether the wait that the task declared last is for a socket.
    pub(in crate::runtime) waits_for_socket: bool,
    /// `None` before the first poll: a task that is never polled needs no waker.
    /// Boxed, because each poll takes it out and puts it back.
    pub(in crate::runtime) waker: Option<Box<TaskWaker>>,
    /// Wakes the task that awaits the handle. Boxed to keep the slot small: most tasks have ended
    /// already when they are awaited.
    pub(in crate::runtime) joining: Option<Box<Waker>>,
}

/// A slot fills one line of the processor's cache.
const _: () = assert!(size_of::<TaskSlot>() <= 64);

/// The state of the task in a slot; [`TaskSlot`] shows the transitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runtime) enum Life {
    /// The loop polls the task.
    Live,
    /// The task has returned, panicked or been cancelled. Its key is stale for everything but its
    /// result.
    Ended,
    /// One of smol's executors keeps and polls the task's future; the loop only records the task.
    External,
}

/// A callback for the end of a task. The argument says whether the task panicked.
pub(in crate::runtime) type OnComplete = Box<dyn FnOnce(bool)>;

/// A waker, and the handle inside of it.
#[derive(Debug)]
pub(in crate::runtime) struct TaskWaker {
    pub(in crate::runtime) waker: Waker,
    pub(in crate::runtime) handle: Arc<WakeHandle>,
}

impl TaskWaker {
    /// How many clones of this waker exist.
    pub(super) fn clones(&self) -> usize {
        // Two owners are this struct's own fields.
        Arc::strong_count(&self.handle).saturating_sub(2)
    }
}

impl TaskSlot {
    /// Whether the slot has a task that the loop polls and that has not ended.
    #[inline]
    pub(in crate::runtime) fn is_live(&self) -> bool {
        self.task != VACANT && self.life == Life::Live
    }

    /// Whether the slot's task has returned, panicked or been cancelled.
    #[inline]
    pub(in crate::runtime) fn has_ended(&self) -> bool {
        self.life == Life::Ended
    }

    /// Whether the slot's body may not leave this thread.
    pub(super) fn is_thread_bound(&self) -> bool {
        self.body
            .as_ref()
            .is_some_and(|body| body.is_thread_bound())
    }

    /// Whether something unknown to the loop may still wake this task. That is so if the task waits
    /// for something undeclared or for an operation, or if more clones of its waker exist than
    /// waits were declared: a declared wait accounts for one clone, and any other clone is kept by
    /// code unknown to the loop.
    pub(in crate::runtime) fn waits_for_unknown(&self) -> bool {
        let clones = self.waker.as_deref().map_or(0, TaskWaker::clones);
        matches!(self.wait.0, Wait::Unknown | Wait::Operation(_))
            || clones > self.declared_waits as usize
    }
}

/// A task's future and later its result, with their types erased.
pub(in crate::runtime) trait Job {
    /// Polls the future. When the future completes, it is dropped and its result is kept.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;
    /// Drops the future, and keeps `end` in place of a result.
    fn fail(self: Pin<&mut Self>, end: Failure);
    /// Moves the result into an `Option` of its type, or returns the reason why the task has no
    /// result.
    fn take(self: Pin<&mut Self>, into: &mut dyn Any) -> Result<(), Failure>;
    /// Whether the job can only be polled, and its result only be taken, on the thread that made it.
    fn is_thread_bound(&self) -> bool {
        false
    }
}

/// Why a task has no result.
pub(in crate::runtime) enum Failure {
    Panicked(Box<dyn Any + Send>),
    Cancelled,
}

/// A boxed [`Job`]. It is `Send`, because the loop may continue on another thread.
pub(in crate::runtime) type Body = Pin<Box<dyn Job + Send>>;

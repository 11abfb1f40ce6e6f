//! A loop that is not running, in a form that may be sent to another thread.

use std::{rc::Rc, time::Instant};

use crate::trace::Outcome;

use super::{
    clock::Clock,
    core::{Core, Inbox, ResourceNumbers},
    gate::LoopControl,
    scheduler::MovedScheduler,
    task_key::TaskKey,
    timers::Timers,
    waker::Registration,
};

/// All of a [`Core`] that outlives the moment between two ticks.
pub(super) struct LoopState {
    pub(super) id: u64,
    pub(super) recording: bool,
    pub(super) clock: Clock,
    pub(super) sched: MovedScheduler,
    pub(super) timers: Timers,
    pub(super) resources: ResourceNumbers,
    pub(super) in_flight: u32,
    pub(super) inbox: Inbox,
    pub(super) woken: Vec<TaskKey>,
    pub(super) made: Instant,
    pub(super) control: LoopControl,
    pub(super) registration: Registration,
}

impl std::fmt::Debug for LoopState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoopState")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl LoopState {
    /// Takes a loop apart. Returns the loop as an error if it has to stay on its thread: because of
    /// a task or callback that is bound to the thread, or because something still refers to it.
    pub(super) fn of(core: Rc<Core>) -> Result<Box<LoopState>, Rc<Core>> {
        if !core.sched.borrow().is_movable() {
            return Err(core);
        }
        Ok(Box::new(Rc::try_unwrap(core)?.into_state()))
    }

    /// Ends a loop whose thread no longer exists, and its recording.
    pub(super) fn end(self: Box<Self>) {
        Core::from_state(self).finish(Outcome::Finished);
    }
}

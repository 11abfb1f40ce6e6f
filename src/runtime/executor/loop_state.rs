//! A loop that is not running, in a form that may be sent to another thread.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Instant,
};

use crate::trace::{Outcome, ResourceId};

use super::{
    clock::Clock,
    core::{Core, Inbox},
    gate::LoopControl,
    other_threads::OtherThreads,
    resource_numbers::ResourceNumbers,
    scheduler::{MovedScheduler, Scheduler},
    task_key::TaskKey,
    timers::Timers,
    waker::Registration,
};

/// All of a [`Core`] that outlives the moment between two ticks.
pub(super) struct LoopState {
    id: u64,
    recording: bool,
    clock: Clock,
    sched: MovedScheduler,
    timers: Timers,
    resources: ResourceNumbers,
    in_flight: u32,
    threads: OtherThreads,
    inbox: Inbox,
    woken: Vec<TaskKey>,
    made: Instant,
    control: LoopControl,
    elsewhere: Option<ResourceId>,
    registration: Registration,
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
        let core = Rc::try_unwrap(core)?;
        Ok(Box::new(LoopState {
            id: core.id,
            recording: core.recording.get(),
            clock: core.clock,
            sched: core.sched.into_inner().into_moved(),
            timers: core.timers.into_inner(),
            resources: core.resources.into_inner(),
            in_flight: core.in_flight.get(),
            threads: core.threads.into_inner(),
            inbox: core.inbox,
            woken: core.woken.into_inner(),
            made: core.made,
            control: core.control.into_inner(),
            elsewhere: core.elsewhere.get(),
            registration: core.registration,
        }))
    }

    /// The loop, on its new thread.
    pub(super) fn into_core(self: Box<Self>) -> Rc<Core> {
        let state = *self;
        Rc::new(Core {
            id: state.id,
            recording: Cell::new(state.recording),
            accepting: Cell::new(false),
            clock: state.clock,
            sched: RefCell::new(Scheduler::from_moved(state.sched)),
            timers: RefCell::new(state.timers),
            resources: RefCell::new(state.resources),
            in_flight: Cell::new(state.in_flight),
            threads: RefCell::new(state.threads),
            inbox: state.inbox,
            woken: RefCell::new(state.woken),
            loop_waker: Cell::new(None),
            await_site: Cell::new(None),
            made: state.made,
            control: RefCell::new(state.control),
            settings: Cell::default(),
            nested: Cell::new(0),
            elsewhere: Cell::new(state.elsewhere),
            registration: state.registration,
        })
    }

    /// Ends a loop whose thread no longer exists, and its recording.
    pub(super) fn end(self: Box<Self>) {
        self.into_core().finish(Outcome::Finished);
    }
}

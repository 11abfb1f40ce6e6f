//! A loop is driven on this thread until a main task has ended.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    future::Future,
    panic::Location,
    pin::pin,
    rc::Rc,
};

use crate::trace::{Advance, Outcome, Schedule, TickPolicy};

use super::{
    builder::OnIdle,
    core::Core,
    current_loop::EnterGuard,
    gate::{Gate, LoopControl},
    output::Silenced,
    run::{Chooser, EventLoop},
    task_name::TaskName,
};

/// RunOptions a loop is driven.
pub(in crate::runtime) struct RunOptions<'a> {
    pub(in crate::runtime) name: TaskName<'a>,
    pub(in crate::runtime) at: &'static Location<'static>,
    pub(in crate::runtime) control: LoopControl,
    pub(in crate::runtime) on_idle: OnIdle,
    pub(in crate::runtime) tick_policy: TickPolicy,
    /// In nanoseconds of loop time.
    pub(in crate::runtime) until: Option<u64>,
    pub(in crate::runtime) schedule: &'a Schedule,
    /// Panics of tasks stand in the trace alone.
    pub(in crate::runtime) silent: bool,
    /// The tasks that are left when the main task has ended wait for the next time; else they are cancelled.
    pub(in crate::runtime) keep_tasks: bool,
}

/// What came of it.
pub(in crate::runtime) struct RunResult<T> {
    /// What the main task returned.
    pub(in crate::runtime) value: Option<T>,
    pub(in crate::runtime) outcome: Outcome,
    /// What the main task panicked with.
    pub(in crate::runtime) panic: Option<Box<dyn Any + Send>>,
    /// A choice of the schedule that could not be made.
    pub(in crate::runtime) refused: Option<String>,
}

/// Drives a loop with a future as the main task.
pub(in crate::runtime) fn drive<F: Future>(
    core: &Rc<Core>,
    how: RunOptions<'_>,
    future: F,
) -> RunResult<F::Output> {
    let _entered = EnterGuard::new(core);
    let _silenced = Silenced::new(how.silent);
    let now = core.clock.now();
    core.sched
        .borrow_mut()
        .recorder
        .advance(now, Advance::Waited);

    let mut value = None;
    let main_end = Cell::new(None);
    let main_panic = RefCell::new(None);
    let (outcome, refused) = {
        let main = pin!(async { value = Some(future.await) });
        let main_entry = core.spawn(how.name, how.at, None);
        let mut event_loop = EventLoop {
            core,
            gate: Gate::new(how.control, core.inbox.0.clone()),
            on_idle: how.on_idle,
            tick_policy: how.tick_policy,
            until: how.until,
            main: Some(main),
            main_entry,
            main_panic: &main_panic,
            main_end: &main_end,
            keep_tasks: how.keep_tasks,
            timer: smol::Timer::never(),
            polls_since_reactor: 0,
            chooser: Chooser::new(how.schedule),
        };
        let outcome = smol::block_on(event_loop.run());
        (outcome, event_loop.chooser.and_then(Chooser::refused))
    };
    RunResult {
        value,
        outcome,
        panic: main_panic.into_inner(),
        refused,
    }
}

//! A loop is driven on this thread until a main task has ended.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    future::Future,
    panic::Location,
    pin::pin,
    rc::Rc,
};

use crate::trace::{Advance, Outcome, Schedule, Turns};

use super::{
    builder::Quiet,
    core::{Core, Entered, Name},
    gate::{Gate, Remote},
    output::Silenced,
    run::{Chooser, Looper},
};

/// How a loop is driven.
pub(super) struct How<'a> {
    pub(super) name: Name<'a>,
    pub(super) at: &'static Location<'static>,
    pub(super) remote: Remote,
    pub(super) quiet: Quiet,
    pub(super) turns: Turns,
    /// In nanoseconds of loop time.
    pub(super) until: Option<u64>,
    pub(super) schedule: &'a Schedule,
    /// Panics of tasks stand in the trace alone.
    pub(super) silent: bool,
    /// The tasks that are left when the main task has ended wait for the next time; else they are cancelled.
    pub(super) stays: bool,
}

/// What came of it.
pub(super) struct Driven<T> {
    /// What the main task returned.
    pub(super) value: Option<T>,
    pub(super) outcome: Outcome,
    /// What the main task panicked with.
    pub(super) panic: Option<Box<dyn Any + Send>>,
    /// A choice of the schedule that could not be made.
    pub(super) refused: Option<String>,
}

/// Drives a loop with a future as the main task.
pub(super) fn drive<F: Future>(core: &Rc<Core>, how: How<'_>, future: F) -> Driven<F::Output> {
    let _entered = Entered::new(core);
    let _silenced = Silenced::new(how.silent);
    let now = core.clock.now();
    core.hot.borrow_mut().recorder.advance(now, Advance::Waited);

    let mut value = None;
    let main_end = Cell::new(None);
    let main_panic = RefCell::new(None);
    let (outcome, refused) = {
        let main = pin!(async { value = Some(future.await) });
        let main_entry = core.spawn(how.name, how.at, None);
        let mut looper = Looper {
            core,
            gate: Gate::new(how.remote, core.inbox.0.clone()),
            quiet: how.quiet,
            turns: how.turns,
            until: how.until,
            main: Some(main),
            main_entry,
            main_panic: &main_panic,
            main_end: &main_end,
            stays: how.stays,
            timer: smol::Timer::never(),
            polls_since_look: 0,
            chooser: Chooser::new(how.schedule),
        };
        let outcome = smol::block_on(looper.run());
        (outcome, looper.chooser.and_then(Chooser::refused))
    };
    Driven {
        value,
        outcome,
        panic: main_panic.into_inner(),
        refused,
    }
}

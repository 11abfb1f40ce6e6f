//! The loop of a thread: it stays from one `block_on` to the next, and so do its tasks.
//!
//! smol has one executor for all, which runs on a thread of its own from the first `spawn` on. Here the futures need
//! not be `Send`, so they stay where they were made: each thread has a loop, which runs while that thread is in `block_on`.
//! What is spawned before waits for it; what is left after it waits for the next one.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    mem::ManuallyDrop,
    panic::{Location, resume_unwind},
    rc::Rc,
};

use crate::trace::{ClockKind, Outcome, Schedule, TickPolicy};

use super::{
    builder::Quiet,
    clock::Clock,
    core::{self, Body, Core, Entry, Name},
    drive::{Driven, How, drive},
    feed::Feed,
    gate::Remote,
    outlet::Outlet,
    recorder::{Printed, Recorder, place_name},
};
use crate::runtime::task::short_name;

thread_local! {
    /// Never dropped: a thread that ends does not cancel its tasks, as smol does not when the program ends.
    static STANDING: RefCell<Option<ManuallyDrop<Rc<Standing>>>> = const { RefCell::new(None) };
}

/// A thread's loop.
struct Standing {
    core: Rc<Core>,
    remote: RefCell<Remote>,
    /// Tasks that were spawned before the loop has run: their names, and where they were spawned.
    early: RefCell<Vec<(String, &'static Location<'static>)>>,
    has_run: Cell<bool>,
}

impl Standing {
    fn new() -> Standing {
        let recorder = Recorder::new(false, u32::MAX - 1, None, Outlet::default(), false);
        Standing {
            core: Core::new(Clock::new(ClockKind::Real), recorder),
            remote: RefCell::default(),
            early: RefCell::default(),
            has_run: Cell::new(false),
        }
    }
}

fn standing() -> Rc<Standing> {
    STANDING.with(|standing| {
        let mut standing = standing.borrow_mut();
        let new = || ManuallyDrop::new(Rc::new(Standing::new()));
        Rc::clone(standing.get_or_insert_with(new))
    })
}

/// Puts a task into the loop that runs on this thread; if none does, into the thread's own. Gives the loop's number, too.
#[inline]
pub(in crate::runtime) fn spawn(
    name: Name<'_>,
    at: &'static Location<'static>,
    body: Body,
) -> (Entry, u64) {
    let mut body = Some(body);
    core::with(|core| (core.spawn(name, at, body.take()), core.id))
        .unwrap_or_else(|| spawn_early(name, at, body))
}

#[cold]
fn spawn_early(name: Name<'_>, at: &'static Location<'static>, body: Option<Body>) -> (Entry, u64) {
    let standing = standing();
    if !standing.has_run.get() {
        let name = match name {
            Name::Type(name) => short_name(name).map_or_else(|| place_name(at), str::to_owned),
            Name::Given(name) => name.to_owned(),
        };
        standing.early.borrow_mut().push((name, at));
    }
    let core = &standing.core;
    (core.spawn(name, at, body), core.id)
}

/// What is wanted of a loop that is watched.
#[derive(Debug)]
pub struct Wanted {
    /// Takes what is recorded.
    pub feed: Feed,
    /// Pauses the loop, steps it, ends it.
    pub remote: Remote,
    /// What the program prints, if it is to be recorded.
    pub printed: Option<Box<dyn Printed>>,
}

/// Has the loop of this thread recorded. False if it has run before: a recording begins at the beginning.
pub fn watch(wanted: Wanted) -> bool {
    let standing = standing();
    if standing.has_run.get() {
        return false;
    }
    let mut recorder = Recorder::new(
        true,
        u32::MAX - 1,
        Some(wanted.feed),
        Outlet::default(),
        true,
    );
    recorder.listen(wanted.printed);
    standing.core.record(recorder, &standing.early.take());
    standing.remote.replace(wanted.remote);
    true
}

/// Whether a loop runs on this thread: a `block_on` now would be inside of one of its tasks.
pub fn is_inside() -> bool {
    core::with(|_| ()).is_some()
}

/// What is recorded is over.
pub fn end(outcome: Outcome) {
    // A thread that ends may have no loop any more.
    let _ = STANDING.try_with(|standing| {
        if let Some(standing) = standing
            .try_borrow()
            .ok()
            .and_then(|held| held.as_deref().cloned())
            && let Ok(mut hot) = standing.core.hot.try_borrow_mut()
        {
            hot.recorder.end(outcome);
            hot.recorder.finish();
        }
    });
}

/// Runs a future to its end on this thread's loop. None if the loop was stopped by its [`Remote`].
///
/// Inside of a task of that loop, the future has a loop of its own, which ends with it.
///
/// # Panics
///
/// If the future panics, with its panic.
#[track_caller]
pub fn block_on_standing<F: Future>(future: F) -> Option<F::Output> {
    let at = Location::caller();
    let nested = is_inside();
    let standing = if nested {
        Rc::new(Standing::new())
    } else {
        standing()
    };
    standing.has_run.set(true);
    let how = How {
        name: Name::Type(std::any::type_name::<F>()),
        at,
        remote: standing.remote.borrow().clone(),
        quiet: Quiet::Wait,
        tick_policy: TickPolicy::default(),
        until: None,
        schedule: &Schedule::default(),
        silent: false,
        stays: !nested,
    };
    let Driven { value, panic, .. } = drive(&standing.core, how, future);
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
    value
}

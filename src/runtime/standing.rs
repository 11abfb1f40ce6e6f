//! The loop of a thread: it stays from one `block_on` to the next, and so do its tasks.
//!
//! smol has one executor for all, which runs on a thread of its own from the first `spawn` on. Here the futures need
//! not be `Send`, so they stay where they were made: each thread has a loop, which runs while that thread is in `block_on`.
//! What is spawned before waits for it; what is left after it waits for the next one.

use std::{
    cell::RefCell,
    future::Future,
    mem::ManuallyDrop,
    panic::{Location, resume_unwind},
    rc::Rc,
};

use crate::trace::{ClockKind, Outcome, Schedule, Turns};

use super::{
    builder::Quiet,
    clock::Clock,
    core::{self, Core, Name},
    drive::{Driven, How, drive},
    feed::Feed,
    gate::Remote,
    recorder::Recorder,
};

thread_local! {
    /// Never dropped: a thread that ends does not cancel its tasks, as smol does not when the program ends.
    static STANDING: RefCell<Option<ManuallyDrop<Rc<Standing>>>> = const { RefCell::new(None) };
}

/// A thread's loop.
struct Standing {
    core: Rc<Core>,
    remote: Remote,
}

/// Hands over what a thread's loop records, and steers it.
#[derive(Clone, Debug)]
pub struct Handles {
    /// What is recorded.
    pub feed: Feed,
    /// Pauses the loop, steps it, ends it.
    pub remote: Remote,
}

fn standing(handles: Option<Handles>) -> Rc<Standing> {
    STANDING.with(|standing| {
        let mut standing = standing.borrow_mut();
        let new = || {
            let (feed, remote) = match handles {
                Some(Handles { feed, remote }) => (Some(feed), remote),
                None => (None, Remote::new()),
            };
            let recorder = Recorder::new(feed.is_some(), u32::MAX - 1, feed, true);
            let core = Core::new(Clock::new(ClockKind::Real), recorder);
            ManuallyDrop::new(Rc::new(Standing { core, remote }))
        };
        Rc::clone(standing.get_or_insert_with(new))
    })
}

/// Does something with the loop that runs on this thread; if none does, with the thread's own.
#[inline]
pub(super) fn with<R>(f: impl FnOnce(&Rc<Core>) -> R) -> R {
    let mut f = Some(f);
    let mut call = |core: &Rc<Core>| f.take().map(|f| f(core));
    match core::with(&mut call).flatten() {
        Some(result) => result,
        None => match call(&standing(None).core) {
            Some(result) => result,
            None => unreachable!("called once: above only where there is a loop"),
        },
    }
}

/// Makes the loop of this thread one that records. False if it has one already.
pub fn watch(handles: Handles) -> bool {
    let is_new = STANDING.with(|standing| standing.borrow().is_none());
    if is_new {
        standing(Some(handles));
    }
    is_new
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
        let recorder = Recorder::new(false, u32::MAX - 1, None, false);
        let core = Core::new(Clock::new(ClockKind::Real), recorder);
        let remote = Remote::new();
        Rc::new(Standing { core, remote })
    } else {
        standing(None)
    };
    let how = How {
        name: Name::Type(std::any::type_name::<F>()),
        at,
        remote: standing.remote.clone(),
        quiet: Quiet::Wait,
        turns: Turns::default(),
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

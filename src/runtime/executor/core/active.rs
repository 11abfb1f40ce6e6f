//! The loop that runs on this thread, and the way to it.

use std::{cell::RefCell, rc::Rc};

use super::{Core, Entry};

thread_local! {
    /// The loop that runs on this thread.
    static ACTIVE: RefCell<Option<Rc<Core>>> = const { RefCell::new(None) };
}

/// How far a wake got.
pub(in crate::runtime) enum Reach {
    /// It is done.
    Done,
    /// This is the loop's thread, but it is in the middle of something.
    NotNow,
    /// This is another thread.
    Elsewhere,
}

/// Wakes a task of the loop on this thread, if it is that loop: at once, or, while the loop waits, when it looks.
#[inline]
pub(in crate::runtime) fn wake(loop_id: u64, slot: u32, task: u32) -> Reach {
    let reach = ACTIVE.try_with(|active| match active.try_borrow().as_deref() {
        Ok(Some(core)) if core.id == loop_id => {
            let entry = Entry { slot, task };
            let done = if core.accepting.get() {
                core.wake(entry)
            } else {
                core.wake_later(entry)
            };
            if done { Reach::Done } else { Reach::NotNow }
        }
        _ => Reach::Elsewhere,
    });
    reach.unwrap_or(Reach::Elsewhere)
}

/// Does something with the loop on this thread; none if there is none.
#[inline]
pub(in crate::runtime) fn with<R>(f: impl FnOnce(&Rc<Core>) -> R) -> Option<R> {
    ACTIVE
        .try_with(|active| {
            active
                .try_borrow()
                .ok()
                .and_then(|core| core.as_ref().map(f))
        })
        .ok()
        .flatten()
}

/// Does something with the loop of this number, if it is the one on this thread.
#[inline]
pub(in crate::runtime) fn with_loop<R>(loop_id: u64, f: impl FnOnce(&Rc<Core>) -> R) -> Option<R> {
    with(|core| (core.id == loop_id).then(|| f(core))).flatten()
}

/// The loop on this thread.
///
/// # Panics
///
/// If there is none: timers, channels and the like of this crate work inside of a loop.
pub(in crate::runtime) fn active() -> Rc<Core> {
    match with(Rc::clone) {
        Some(core) => core,
        None => {
            panic!("there is no event loop on this thread: call this inside of loopscope::block_on")
        }
    }
}

/// Makes a loop the active one of this thread, until dropped.
pub(in crate::runtime) struct Entered {
    before: Option<Rc<Core>>,
}

impl Entered {
    pub(in crate::runtime) fn new(core: &Rc<Core>) -> Entered {
        let before = ACTIVE.with(|active| active.replace(Some(Rc::clone(core))));
        Entered { before }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let before = self.before.take();
        drop(ACTIVE.try_with(|active| active.replace(before)));
    }
}

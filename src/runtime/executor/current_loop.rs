//! The loop that runs on this thread, in a thread-local variable. Wakers, timers and channels find
//! their loop there.

use std::{cell::RefCell, mem::ManuallyDrop, rc::Rc};

use super::{core::Core, task_key::TaskKey};

thread_local! {
    /// Without a destructor, so that an access need not look whether the thread is about to end. It is
    /// `None` then: each [`EnterGuard`] restores what was there before it.
    static CURRENT: RefCell<Option<CurrentCore>> = const { RefCell::new(None) };
}

type CurrentCore = ManuallyDrop<Rc<Core>>;

/// The result of [`wake`].
pub(super) enum WakeResult {
    /// The task is queued, or will be when the loop stops waiting.
    Done,
    /// The loop of this thread has its scheduler borrowed.
    Busy,
    /// The loop of the task is not that of this thread.
    OtherThread,
}

/// Wakes a task if its loop is that of this thread.
///
/// In the timer and run phases the task joins the ready queue at once. In the wait phase the task
/// is put into `woken`, and the loop is woken to queue it.
#[expect(
    clippy::inline_always,
    reason = "the path of a waker: each call in it would save and restore registers"
)]
#[inline(always)]
pub(super) fn wake(loop_id: u64, key: TaskKey) -> WakeResult {
    let result = CURRENT.try_with(|current| match current.try_borrow().as_deref() {
        Ok(Some(core)) if core.id == loop_id => {
            let done = if core.accepting.get() {
                core.wake(key)
            } else {
                core.wake_later(key)
            };
            if done {
                WakeResult::Done
            } else {
                WakeResult::Busy
            }
        }
        _ => WakeResult::OtherThread,
    });
    result.unwrap_or(WakeResult::OtherThread)
}

/// Calls `f` with the loop of this thread. `None` if no loop runs on it.
#[inline]
pub(in crate::runtime) fn with_current<R>(f: impl FnOnce(&Rc<Core>) -> R) -> Option<R> {
    CURRENT
        .try_with(|current| {
            current
                .try_borrow()
                .ok()
                .and_then(|core| core.as_deref().map(f))
        })
        .ok()
        .flatten()
}

/// Calls `f` with the loop of this thread, if that is the one with this id.
#[inline]
pub(in crate::runtime) fn with_current_if<R>(
    loop_id: u64,
    f: impl FnOnce(&Rc<Core>) -> R,
) -> Option<R> {
    with_current(|core| (core.id == loop_id).then(|| f(core))).flatten()
}

/// The loop of this thread.
///
/// # Panics
///
/// If no loop runs on this thread: the caller needs a loop.
pub(in crate::runtime) fn current_loop() -> Rc<Core> {
    match with_current(Rc::clone) {
        Some(core) => core,
        None => {
            panic!("there is no event loop on this thread: call this inside of loopscope::block_on")
        }
    }
}

/// Makes a loop the current one of this thread. When dropped, restores the previous one: the outer
/// loop, if this one runs in a nested `block_on`.
pub(super) struct EnterGuard {
    before: Option<CurrentCore>,
}

impl EnterGuard {
    pub(super) fn new(core: &Rc<Core>) -> EnterGuard {
        let core = ManuallyDrop::new(Rc::clone(core));
        let before = CURRENT.with(|current| current.replace(Some(core)));
        EnterGuard { before }
    }
}

impl Drop for EnterGuard {
    fn drop(&mut self) {
        let before = self.before.take();
        let core = CURRENT.with(|current| current.replace(before));
        drop(core.map(ManuallyDrop::into_inner));
    }
}

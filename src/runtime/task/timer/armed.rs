//! A timer in the loop's timer queue.

use std::{
    panic::Location,
    task::{Context, Poll},
};

use crate::{
    runtime::executor::{
        core::{self, Core},
        task_key::WakeTarget,
        timers::TimerKey,
    },
    trace::Wait,
};

/// A timer that was put into the timer queue of a loop. Dropping this value cancels the timer.
#[derive(Debug)]
pub(super) struct Armed {
    key: TimerKey,
    loop_id: u64,
    /// Set by the poll that finds that the timer has fired.
    fired: bool,
}

impl Armed {
    /// Puts a timer into the queue, and declares that the current task waits for it.
    #[inline]
    pub(super) fn set(
        core: &Core,
        deadline: u64,
        cx: &Context<'_>,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) -> Armed {
        let key = insert_timer(core, deadline, core.wake_target(cx.waker()));
        core.wait(Wait::Timer(key.slot), awaited, made);
        Armed {
            key,
            loop_id: core.id,
            fired: false,
        }
    }

    /// Whether the timer is in the queue of this loop.
    pub(super) fn is_of(&self, core: &Core) -> bool {
        self.loop_id == core.id
    }

    /// Changes the deadline, and keeps the target. Returns `false` if the timer is not in the queue
    /// of this loop, because it has fired or belongs to another loop.
    pub(super) fn reset(&mut self, core: &Core, deadline: u64) -> bool {
        if self.is_of(core)
            && !self.fired
            && let Some(sleeper) = remove_timer(core, self.key)
        {
            self.key = insert_timer(core, deadline, sleeper);
            true
        } else {
            false
        }
    }

    /// Ready once the timer has fired. Polled in another loop than its own, or outside of any loop,
    /// the timer counts as fired, because no queue there has it.
    #[inline]
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) -> Poll<()> {
        let waits = core::with_current(|core| {
            if core.id != self.loop_id {
                return false;
            }
            let sleeper = core.wake_target(cx.waker());
            let before = core.timers.borrow_mut().rewake(self.key, sleeper);
            if before.is_ok() {
                core.wait(Wait::Timer(self.key.slot), awaited, made);
            }
            before.is_ok()
        });
        if waits == Some(true) {
            return Poll::Pending;
        }
        self.fired = true;
        Poll::Ready(())
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        if !self.fired {
            core::with_current_if(self.loop_id, |core| drop(remove_timer(core, self.key)));
        }
    }
}

/// Puts a timer into the queue of a loop.
#[inline]
fn insert_timer(core: &Core, deadline: u64, sleeper: WakeTarget) -> TimerKey {
    let key = core.timers.borrow_mut().set(deadline, sleeper);
    let mut sched = core.sched.borrow_mut();
    let after = deadline.saturating_sub(sched.recorder.now());
    sched
        .recorder
        .write(|writer| writer.timer_set(key.slot, after));
    key
}

/// Removes a timer from the queue of a loop. Returns its target, or `None` if the timer has fired.
fn remove_timer(core: &Core, key: TimerKey) -> Option<WakeTarget> {
    let sleeper = core.timers.borrow_mut().cancel(key);
    if sleeper.is_some() {
        core.sched
            .borrow_mut()
            .recorder
            .write(|writer| writer.timer_cancelled(key.slot));
    }
    sleeper
}

//! A timer in the loop's timer queue.

use std::{
    future::Future,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use crate::{
    runtime::executor::{
        core::{self, Core},
        task_key::WakeTarget,
        timers::TimerKey,
        waker::Message,
    },
    trace::Wait,
};

/// How much later than the loop's timer the one of the reactor fires, so that the loop's own thread,
/// if it is free, comes first and the timer is the recorded cause.
const SLACK: Duration = Duration::from_millis(1);

/// A timer that was put into the timer queue of a loop. Dropping this value cancels the timer.
///
/// A loop fires its timers between two polls, so a timer of a loop whose thread is busy, or is not
/// in `block_on`, fires late or never. That is right for a task of that loop, which cannot be polled
/// either. A future with another waker may be polled on another thread: by an executor that several
/// threads run, or after it was sent there. On a real clock, such a future has a timer of the
/// reactor as well, and the one that fires first counts.
#[derive(Debug)]
pub(super) struct Armed {
    key: TimerKey,
    loop_id: u64,
    /// Set by the poll that finds that the timer has fired.
    fired: bool,
    /// The deadline in the time of the loop.
    deadline: u64,
    /// The system time at loop time 0; `None` on a virtual clock, which no other thread can wait for.
    origin: Option<Instant>,
    reactor: Option<Box<async_io::Timer>>,
}

impl Armed {
    /// Puts a timer into the queue, and declares that the current task waits for it.
    #[inline]
    pub(super) fn set(
        core: &Core,
        deadline: u64,
        cx: &mut Context<'_>,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) -> Armed {
        let target = core.wake_target(cx.waker());
        let is_foreign = matches!(target, WakeTarget::Waker(_));
        let key = insert_timer(core, deadline, target);
        core.wait(Wait::Timer(key.slot), awaited, made);
        let mut armed = Armed {
            key,
            loop_id: core.id,
            fired: false,
            deadline,
            origin: (!core.clock.is_virtual()).then_some(core.made),
            reactor: None,
        };
        if is_foreign && armed.origin.is_some() {
            armed.set_reactor(core, cx);
        }
        armed
    }

    #[cold]
    fn set_reactor(&mut self, core: &Core, cx: &mut Context<'_>) {
        let left = self.deadline.saturating_sub(core.clock.now());
        let mut timer = async_io::Timer::after(Duration::from_nanos(left).saturating_add(SLACK));
        // It has not fired: its time is at least the slack.
        let _ = Pin::new(&mut timer).poll(cx);
        self.reactor = Some(Box::new(timer));
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
            self.deadline = deadline;
            if let Some(timer) = &mut self.reactor {
                let left = deadline.saturating_sub(core.clock.now());
                timer.set_after(Duration::from_nanos(left).saturating_add(SLACK));
            }
            true
        } else {
            false
        }
    }

    /// Wakes the task that waits for the timer, on another thread than that of its loop, so that the
    /// task polls the timer anew. The timer of the loop is cancelled.
    pub(super) fn wake_elsewhere(&mut self) {
        if !self.fired {
            self.fired = true;
            core::send_to(self.loop_id, Message::CancelTimer(self.key, true));
            if let Some(timer) = &mut self.reactor {
                timer.set_after(Duration::ZERO);
            }
        }
    }

    /// Ready once the timer has fired.
    #[inline]
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) -> Poll<()> {
        let polled = core::with_current(|core| {
            if core.id != self.loop_id {
                return None;
            }
            let sleeper = core.wake_target(cx.waker());
            let is_foreign = matches!(sleeper, WakeTarget::Waker(_));
            let before = core.timers.borrow_mut().rewake(self.key, sleeper);
            if before.is_err() || self.reactor_has_fired(cx) {
                drop(before);
                drop(remove_timer(core, self.key));
                return Some(Poll::Ready(()));
            }
            if is_foreign && self.reactor.is_none() && self.origin.is_some() {
                self.set_reactor(core, cx);
            }
            core.wait(Wait::Timer(self.key.slot), awaited, made);
            Some(Poll::Pending)
        });
        let polled = polled.flatten().unwrap_or_else(|| self.poll_elsewhere(cx));
        self.fired |= polled.is_ready();
        polled
    }

    #[inline]
    fn reactor_has_fired(&mut self, cx: &mut Context<'_>) -> bool {
        self.reactor
            .as_mut()
            .is_some_and(|timer| Pin::new(&mut **timer).poll(cx).is_ready())
    }

    /// Polls the timer where its loop does not run: the reactor has to fire it. A virtual clock has
    /// no time there, so its timers count as fired.
    #[cold]
    fn poll_elsewhere(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(origin) = self.origin else {
            return Poll::Ready(());
        };
        if self.reactor.is_none() {
            let when = origin + Duration::from_nanos(self.deadline);
            self.reactor = Some(Box::new(async_io::Timer::at(when)));
        }
        if self.reactor_has_fired(cx) {
            self.cancel();
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Removes the timer from the queue of its loop, wherever that runs.
    fn cancel(&self) {
        let here = core::with_current_if(self.loop_id, |core| {
            core.withdraw_wait(Wait::Timer(self.key.slot));
            drop(remove_timer(core, self.key));
        });
        if here.is_none() {
            core::send_to(self.loop_id, Message::CancelTimer(self.key, false));
        }
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        if !self.fired {
            self.cancel();
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

//! What a task declares of its waits: what it waits for, and where the program awaits that.

use std::{panic::Location, task::Waker};

use crate::trace::{LocationId, TaskId, Wait};

use super::{
    clock::Clock,
    core::{AwaitSite, Core},
    scheduler::{DECLARED, Scheduler},
    task_key::TaskKey,
    waker_uses::WakerUse,
};

impl Core {
    /// Sets the [`AwaitSite`] while a wrapper, which is polled at `awaited` and was made at `made`,
    /// polls the future inside of it. A wrapper inside of a wrapper keeps the site of the outer one,
    /// unless the program itself polls it. Returns the previous site.
    pub(in crate::runtime) fn set_await_site(
        &self,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) -> Option<AwaitSite> {
        let before = self.await_site.get();
        if !self.recording.get() {
            return before;
        }
        let is_program = self.sched.borrow_mut().recorder.is_program(awaited);
        if is_program {
            self.await_site.set(Some(AwaitSite {
                at: awaited,
                at_creation: false,
            }));
        } else if before.is_none() {
            self.await_site.set(Some(AwaitSite {
                at: made,
                at_creation: true,
            }));
        }
        before
    }

    /// Declares what the current task waits for. `awaited` is where the future is polled, `made`
    /// where it was made.
    ///
    /// A task may declare several waits in one poll, for example when it awaits a select. The trace
    /// marks the second and each later one as an additional wait. A single wait that equals the one
    /// of the previous poll is not recorded again.
    #[inline]
    pub(in crate::runtime) fn wait(
        &self,
        on: Wait,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) {
        let mut sched = self.sched.borrow_mut();
        if let Some(also) = sched.count_wait(on) {
            self.record_wait(&mut sched, also, (on, awaited, made));
        }
    }

    /// The same for a wait whose queue has a [`Waiter`](super::waiter::Waiter) of the future, which is
    /// polled with `waker`.
    #[inline]
    pub(in crate::runtime) fn wait_queued(
        &self,
        on: Wait,
        waker: &Waker,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) {
        let mut sched = self.sched.borrow_mut();
        let is_keyed = sched.polled_with(waker).is_some();
        if let Some(current) = &mut sched.current {
            current.keyed_waits += u32::from(is_keyed);
        }
        let also = sched.count_wait(on);
        if is_keyed {
            sched.declared_is_keyed();
        }
        if let Some(also) = also {
            self.record_wait(&mut sched, also, (on, awaited, made));
        }
    }

    /// The current task yields: it is woken, and declares that. `waker` is what its future is polled
    /// with. Nearly always that is the waker of the task; then the task is queued here, as the call
    /// of the waker would do.
    #[inline]
    pub(in crate::runtime) fn yield_now(
        &self,
        waker: &Waker,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) {
        let mut sched = self.sched.borrow_mut();
        match sched.polled_with(waker) {
            Some(key) if self.accepting.get() => sched.wake_current(key),
            Some(_) | None => {
                drop(sched);
                waker.wake_by_ref();
                sched = self.sched.borrow_mut();
            }
        }
        if let Some(also) = sched.count_wait(Wait::Yield)
            && (also || !sched.has_yielded_at(awaited))
        {
            self.record_wait(&mut sched, also, (Wait::Yield, awaited, made));
        }
    }

    /// A future that waits is dropped. If the current task has declared that wait in this poll, then it
    /// no longer waits for it: of a select, one branch completes and the others are dropped.
    #[cold]
    #[inline(never)]
    pub(in crate::runtime) fn withdraw_wait(&self, on: Wait) {
        if self.recording.get()
            && let Ok(mut sched) = self.sched.try_borrow_mut()
        {
            sched.withdraw_wait(on);
        }
    }

    /// Records a wait of the current task, which is an additional one if `also`.
    #[inline(never)]
    fn record_wait(
        &self,
        sched: &mut Scheduler,
        also: bool,
        (on, awaited, made): (Wait, &'static Location<'static>, &'static Location<'static>),
    ) {
        let Some(current) = sched.current else {
            return;
        };
        let (at, at_creation) = match sched.recorder.known_program(awaited) {
            Some(at) => (at, false),
            None => self.await_location(sched, awaited, made),
        };
        let slot = &mut sched.slots[current.slot as usize];
        slot.waits_for_socket = false;
        if also || !is_same_wait(slot.wait, (on, at)) {
            slot.wait = (on, at);
            if at_creation {
                sched.recorder.writer.wait_at_creation(on, at, also);
            } else {
                sched.recorder.writer.wait(on, at, also);
            }
        }
    }

    /// Where the program awaits a future that is polled at `awaited` and was made at `made`, and
    /// whether that is only known as the place where it was made.
    #[inline(never)]
    fn await_location(
        &self,
        sched: &mut Scheduler,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) -> (LocationId, bool) {
        let (at, at_creation) = if sched.recorder.is_program(awaited) {
            (awaited, false)
        } else if let Some(site) = self.await_site.get() {
            (site.at, site.at_creation)
        } else {
            (made, true)
        };
        (sched.recorder.location(at), at_creation)
    }

    /// Notes that the last wait of the current task has `wakers` clones of its waker instead of one.
    pub(in crate::runtime) fn count_wakers(&self, wakers: usize) {
        if let Some(current) = &mut self.sched.borrow_mut().current {
            let more = u32::try_from(wakers.saturating_sub(1)).unwrap_or(u32::MAX);
            current.declared_waits = current.declared_waits.saturating_add(more);
        }
    }

    /// Notes that the last wait of the current task is for a socket.
    pub(in crate::runtime) fn waits_for_socket(&self) {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        if let Some(current) = sched.current {
            sched.slots[current.slot as usize].waits_for_socket = true;
        }
    }

    /// Records that the current task awaits a task that has ended.
    pub(in crate::runtime) fn joined(&self, joined: TaskId, awaited: &'static Location<'static>) {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        if sched.recorder.on && sched.current.is_some() {
            let at = sched.recorder.program_location(awaited);
            sched.recorder.writer.joined(joined, at);
        }
    }
}

impl Scheduler {
    /// Counts a wait that the current task declares. If the wait is to be recorded, returns whether it
    /// is an additional one.
    ///
    /// The loop needs the wait even without a recording, to tell a deadlock from a stall.
    #[inline]
    fn count_wait(&mut self, on: Wait) -> Option<bool> {
        let current = self.current.as_mut()?;
        let number = current.declared_waits;
        current.declared_waits += 1;
        if self.recorder.on {
            if let Some(declared) = self.declared.get_mut(number as usize) {
                *declared = (on, false);
            }
            Some(number > 0)
        } else {
            current.declared_wait = on;
            None
        }
    }

    /// Notes that the wait that was declared last keeps the key of the task.
    #[inline]
    fn declared_is_keyed(&mut self) {
        let number = self.current.map_or(0, |current| current.declared_waits);
        if let Some((_, is_keyed)) = self.declared.get_mut(number.wrapping_sub(1) as usize) {
            *is_keyed = true;
        }
    }

    /// See [`Core::withdraw_wait`].
    fn withdraw_wait(&mut self, on: Wait) {
        let Some(current) = self.current.as_mut() else {
            return;
        };
        let declared = current.declared_waits as usize;
        let known = &mut self.declared[..declared.min(DECLARED)];
        let Some(at) = known.iter().position(|(declared, _)| *declared == on) else {
            return;
        };
        let (_, was_keyed) = known[at];
        current.declared_waits -= 1;
        current.keyed_waits -= u32::from(was_keyed);
        let last = known.len() - 1;
        known[at] = std::mem::replace(&mut known[last], (Wait::Unknown, false));
        // The next wait is recorded even if it is the same.
        self.slots[current.slot as usize].wait = (on, LocationId::UNKNOWN);
    }

    /// Whether the current task yields where it yielded in its previous poll, so that nothing need be
    /// recorded.
    #[inline]
    fn has_yielded_at(&mut self, awaited: &'static Location<'static>) -> bool {
        let Some(current) = self.current else {
            return false;
        };
        let slot = &mut self.slots[current.slot as usize];
        slot.waits_for_socket = false;
        slot.wait.0 == Wait::Yield && self.recorder.known_program(awaited) == Some(slot.wait.1)
    }
}

impl Scheduler {
    /// Records the wait of a task that suspends, unless it has declared one: it waits for something unknown, where
    /// it has used its waker.
    #[inline(never)]
    pub(super) fn end_uses(&mut self, key: TaskKey, has_declared: bool, clock: &Clock) {
        let used = self.recorder.uses.take(key.task);
        let slot = &mut self.slots[key.slot as usize];
        if let (Some(_), Some(waker)) = (&used, &slot.waker) {
            waker.handle.last_use.set_declared(has_declared);
        }
        if has_declared {
            return;
        }
        let at = match used {
            Some(WakerUse::Walked(addresses)) => self.recorder.location_among(&addresses, clock),
            // It may have kept the clone that it made in an earlier poll.
            Some(WakerUse::Same) | None if slot.wait.0 == Wait::Unknown => slot.wait.1,
            Some(WakerUse::Same | WakerUse::Other) | None => LocationId::UNKNOWN,
        };
        if slot.wait != (Wait::Unknown, at) {
            slot.wait = (Wait::Unknown, at);
            self.recorder.writer.wait(Wait::Unknown, at, false);
        }
    }
}

/// Whether a task waits for the same thing at the same place as before, so that nothing need be
/// recorded. For timers the number is ignored: the preceding
/// [`TimerEvent::Set`](crate::trace::TimerEvent::Set) has recorded it.
#[inline]
fn is_same_wait(before: (Wait, LocationId), now: (Wait, LocationId)) -> bool {
    let same_thing = match (before.0, now.0) {
        (Wait::Timer(_), Wait::Timer(_)) => true,
        (before, now) => before == now,
    };
    same_thing && before.1 == now.1
}

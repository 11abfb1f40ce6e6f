//! The loop: its ticks, its timer phase, its end.

mod choose;
mod poll;
mod wait;

use std::{
    any::Any,
    cell::{Cell, RefCell},
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
};

use smol::future as smol_future;

use crate::trace::{Outcome, TickPolicy, TimerId, Writer};

pub(in crate::runtime) use choose::Chooser;

use super::{
    builder::OnIdle,
    core::Core,
    gate::{Checkpoint, Gate, Verdict},
    task_key::{TaskKey, WakeTarget},
};

/// With I/O under way, the reactor gets a look after this many polls even if the ready queue never runs empty.
const POLLS_PER_REACTOR_CHECK: u32 = 61;

/// The loop, as it runs.
pub(in crate::runtime) struct EventLoop<'a> {
    pub(in crate::runtime) core: &'a Rc<Core>,
    pub(in crate::runtime) gate: Gate,
    pub(in crate::runtime) on_idle: OnIdle,
    pub(in crate::runtime) tick_policy: TickPolicy,
    /// The run ends when loop time comes to this.
    pub(in crate::runtime) until: Option<u64>,
    /// The main task's future; the other tasks' are in their slots.
    pub(in crate::runtime) main: Option<Pin<&'a mut dyn Future<Output = ()>>>,
    pub(in crate::runtime) main_entry: TaskKey,
    /// What the main task panicked with.
    pub(in crate::runtime) main_panic: &'a RefCell<Option<Box<dyn Any + Send>>>,
    /// Set when the main task has ended.
    pub(in crate::runtime) main_end: &'a Cell<Option<Outcome>>,
    /// The tasks that are left when the main task has ended wait for the next time.
    pub(in crate::runtime) keep_tasks: bool,
    /// Reused from one wait to the next.
    pub(in crate::runtime) timer: smol::Timer,
    pub(in crate::runtime) polls_since_reactor: u32,
    /// Makes the choices of a schedule; none if all goes by the rules.
    pub(in crate::runtime) chooser: Option<Chooser>,
}

/// Why a phase cannot go on.
struct Stop(Outcome);

impl EventLoop<'_> {
    /// Runs until the main task has ended, or for as long as something can happen.
    pub(in crate::runtime) async fn run(&mut self) -> Outcome {
        let outcome = loop {
            if let Some(outcome) = self.main_end.get() {
                break outcome;
            }
            if let Err(Stop(outcome)) = self.tick().await {
                break outcome;
            }
        };
        if self.keep_tasks && self.main_end.get().is_some() {
            return outcome;
        }
        // What hangs is shown as it hangs; what is cut off in order is shown being cut off.
        let hangs = matches!(
            outcome,
            Outcome::Deadlock | Outcome::Stalled | Outcome::Limit
        );
        if hangs {
            self.core.sched.borrow_mut().recorder.end(outcome);
        }
        self.cancel_all();
        if !hangs {
            self.core.sched.borrow_mut().recorder.end(outcome);
        }
        outcome
    }

    /// One iteration of the loop.
    async fn tick(&mut self) -> Result<(), Stop> {
        self.checkpoint(Checkpoint::Tick).await?;
        {
            let recorder = &mut self.core.sched.borrow_mut().recorder;
            // A loop that is never idle does not come to `wait`, where time is up otherwise.
            if self.until.is_some_and(|until| recorder.now() > until) {
                return Err(Stop(Outcome::Stopped));
            }
            // What was printed since the last poll was printed by others.
            recorder.capture_output(false);
            recorder.write(Writer::tick_start);
        }

        // 1: what I/O and other threads woke. With nothing ready, wait for it.
        if self.core.sched.borrow().ready.is_empty() {
            self.wait().await?;
        } else if self.core.in_flight.get() > 0
            && self.polls_since_reactor >= POLLS_PER_REACTOR_CHECK
        {
            self.polls_since_reactor = 0;
            smol_future::yield_now().await;
        }
        self.drain();

        // 2: due timers.
        self.core.accepting.set(true);
        self.fire_timers();

        // 3: exactly what is in the ready queue now. A loop that drains does so again until it is empty.
        self.run_ready().await?;
        while self.tick_policy == TickPolicy::Drain
            && self.main_end.get().is_none()
            && !self.core.sched.borrow().ready.is_empty()
        {
            self.run_ready().await?;
        }
        self.core.accepting.set(false);
        self.core
            .sched
            .borrow_mut()
            .recorder
            .write(Writer::tick_end);
        Ok(())
    }

    /// Gives every entry that the ready queue has now its turn.
    #[inline]
    async fn run_ready(&mut self) -> Result<(), Stop> {
        let ready = {
            let mut sched = self.core.sched.borrow_mut();
            let ready = sched.ready.len();
            sched
                .recorder
                .write(|writer| writer.run(u32::try_from(ready).unwrap_or(u32::MAX)));
            sched.recorder.publish_if_due();
            ready
        };
        for run in 0..ready {
            self.checkpoint(Checkpoint::Poll).await?;
            self.core.accepting.set(true);
            if self.chooser.is_some() {
                self.choose(ready - run)?;
            }
            self.poll_next();
            if self.main_end.get() == Some(Outcome::Limit) {
                return Err(Stop(Outcome::Limit));
            }
        }
        Ok(())
    }

    /// Asks the gate, and stands there while the loop is paused.
    #[inline]
    async fn checkpoint(&mut self, at: Checkpoint) -> Result<(), Stop> {
        match self.gate.ask(at) {
            Verdict::Go => Ok(()),
            Verdict::Stop => Err(Stop(Outcome::Stopped)),
            Verdict::Wait => self.wait_open(at).await,
        }
    }

    #[cold]
    async fn wait_open(&mut self, at: Checkpoint) -> Result<(), Stop> {
        self.core.accepting.set(false);
        self.core.sched.borrow_mut().recorder.paused(true);
        let paused = self.core.clock.pause();
        let verdict = self.gate.wait_open(at).await;
        self.core.clock.resume(paused);
        self.core.sched.borrow_mut().recorder.paused(false);
        if verdict == Verdict::Stop {
            Err(Stop(Outcome::Stopped))
        } else {
            Ok(())
        }
    }

    fn fire_timers(&mut self) {
        let mut due: Vec<(TimerId, WakeTarget)> = Vec::new();
        self.core
            .timers
            .borrow_mut()
            .take_due(self.core.sched.borrow().recorder.now(), &mut due);
        if due.is_empty() {
            return;
        }
        let count = u32::try_from(due.len()).unwrap_or(u32::MAX);
        self.core
            .sched
            .borrow_mut()
            .recorder
            .write(|writer| writer.timers(count));
        for (timer, sleeper) in due {
            let mut sched = self.core.sched.borrow_mut();
            sched.recorder.write(|writer| writer.timer_fired(timer));
            match sleeper {
                WakeTarget::Task(key) => sched.wake(key),
                WakeTarget::Waker(waker) => {
                    drop(sched);
                    waker.wake();
                }
            }
        }
    }

    /// Cancels every task that is left, in the order of their numbers, and lets each be told.
    fn cancel_all(&mut self) {
        self.core.accepting.set(true);
        // A task that is dropped may spawn others; one that does so for ever is left behind.
        for _ in 0..100 {
            if self.core.sched.borrow().unfinished == 0 {
                break;
            }
            let mut left: Vec<TaskKey> = {
                let sched = self.core.sched.borrow();
                sched
                    .slots
                    .iter()
                    .zip(0..)
                    .filter(|(slot, _)| slot.is_live())
                    .map(|(slot, number)| TaskKey {
                        slot: number,
                        task: slot.task,
                    })
                    .collect()
            };
            left.sort_by_key(|entry| entry.task);
            self.core
                .sched
                .borrow_mut()
                .recorder
                .write(Writer::tick_start);
            for &entry in &left {
                self.core.cancel(entry, false);
            }
            let ready = self.core.sched.borrow().ready.len();
            let count = u32::try_from(ready).unwrap_or(u32::MAX);
            self.core
                .sched
                .borrow_mut()
                .recorder
                .write(|writer| writer.run(count));
            for _ in 0..ready {
                self.poll_next();
            }
            self.core
                .sched
                .borrow_mut()
                .recorder
                .write(Writer::tick_end);
        }
        self.core.accepting.set(false);
        // Callbacks that were never called, and results that were never taken.
        let callbacks = std::mem::take(&mut self.core.sched.borrow_mut().callbacks);
        let slots = std::mem::take(&mut self.core.sched.borrow_mut().slots);
        drop(catch_unwind(AssertUnwindSafe(|| drop((callbacks, slots)))));
    }
}

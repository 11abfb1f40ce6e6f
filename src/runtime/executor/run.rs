//! The event loop: from its first tick to its end.
//!
//! | file | content |
//! |---|---|
//! | `run.rs` | a run, a tick, the timer phase, the end |
//! | `run/wait.rs` | phase 1: waiting, and what arrives from outside |
//! | `run/poll.rs` | phase 3: one entry of the ready queue |
//! | `run/elsewhere.rs` | the loop inside of a poll, and on a host |
//! | `run/choose.rs` | polls in another order than that of the ready queue |

mod choose;
mod elsewhere;
mod poll;
mod wait;

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, Location, catch_unwind},
    pin::{Pin, pin},
    rc::Rc,
};

use futures_lite::future as smol_future;

use crate::trace::{Advance, Outcome, Schedule, TickPolicy, TimerId, Writer};

use super::{
    core::Core,
    current_loop::EnterGuard,
    gate::{Checkpoint, Gate, LoopControl, Verdict},
    output::SilenceGuard,
    scheduler::CurrentTask,
    task_key::{TaskKey, WakeTarget},
    task_name::TaskName,
};

use super::run_settings::{OnIdle, RunSettings};
pub use choose::ChoiceRefused;
use choose::Chooser;
pub(super) use elsewhere::{run_hosted, run_nested};

/// While operations are in flight, the reactor is asked for I/O after this many polls, even if the
/// ready queue is never empty. Otherwise a task that yields forever would starve the I/O of the
/// others.
const POLLS_PER_REACTOR_CHECK: u32 = 61;

/// The most rounds of cancellation at the end of a run. While the future of a cancelled task is
/// dropped, it may spawn a task, which the next round cancels. The limit ends a run whose tasks do
/// so forever.
const MAX_CANCEL_ROUNDS: u32 = 100;

/// The settings of one run.
pub(super) struct RunOptions<'a> {
    /// The name of the main task.
    pub(super) name: TaskName<'a>,
    /// The call that runs the loop, where the main task is spawned.
    pub(super) at: &'static Location<'static>,
    pub(super) control: LoopControl,
    pub(super) settings: RunSettings,
    pub(super) schedule: Option<&'a Schedule>,
    /// Record panics of tasks in the trace and keep them off standard error.
    pub(super) silent: bool,
    /// Keep unfinished tasks for the next `block_on` instead of cancelling them.
    pub(super) keep_tasks: bool,
}

/// The result of a run.
pub(super) struct RunResult<T> {
    /// What the main task returned.
    pub(super) value: Option<T>,
    pub(super) outcome: Outcome,
    /// What the main task panicked with.
    pub(super) panic: Option<Box<dyn Any + Send>>,
    /// A choice of the schedule that could not be made.
    pub(super) refused: Option<ChoiceRefused>,
}

/// Runs a loop on this thread, with `future` as its main task, until that task has ended or the run
/// ends early: at a limit, by a request to stop, as a deadlock or as stalled.
pub(super) fn run_loop<F: Future>(
    core: &Rc<Core>,
    options: RunOptions<'_>,
    future: F,
) -> RunResult<F::Output> {
    let _entered = EnterGuard::new(core);
    let _silence = SilenceGuard::new(options.silent);
    let now = core.clock.now();
    core.sched
        .borrow_mut()
        .recorder
        .advance(now, Advance::Waited);

    let mut value = None;
    let (outcome, panic, refused) = {
        // The wrapper gives the main task's future the output `()`, so that the event loop is not
        // generic over its type.
        let main = pin!(async { value = Some(future.await) });
        let main_key = core.spawn(options.name, options.at, None);
        core.settings.set(options.settings);
        core.control.replace(options.control.clone());
        let gate = Gate::new(options.control, core.inbox.0.clone());
        let mut event_loop = EventLoop::new(core, gate, Some(main), main_key);
        event_loop.keep_tasks = options.keep_tasks;
        event_loop.chooser = options.schedule.and_then(Chooser::new);
        core.sched.borrow_mut().recorder.runs_here(true);
        let outcome = async_io::block_on(event_loop.run());
        core.sched.borrow_mut().recorder.runs_here(false);
        let refused = event_loop.chooser.and_then(Chooser::refused);
        (outcome, event_loop.main_panic, refused)
    };
    RunResult {
        value,
        outcome,
        panic,
        refused,
    }
}

/// The state of one run of a loop.
struct EventLoop<'a> {
    core: &'a Core,
    gate: Gate,
    on_idle: OnIdle,
    tick_policy: TickPolicy,
    until: Option<u64>,
    /// The main task's future; `None` once it was cancelled. The futures of other tasks are in
    /// their slots.
    main: Option<Pin<&'a mut dyn Future<Output = ()>>>,
    main_key: TaskKey,
    /// What the main task panicked with.
    main_panic: Option<Box<dyn Any + Send>>,
    /// Set when the main task has ended.
    main_end: Option<Outcome>,
    keep_tasks: bool,
    /// Used for every wait with a deadline.
    timer: async_io::Timer,
    polls_since_reactor: u32,
    /// Makes the choices of a schedule. `None` if the schedule has no choices.
    chooser: Option<Chooser>,
    /// The task that is blocked by this run, which is inside of its poll.
    outer: Option<CurrentTask>,
    /// Tasks that were woken while they are blocked further up the stack.
    deferred: Vec<TaskKey>,
    /// The call that blocks the outer task. `None` in an outermost run, and once it was reported as
    /// one that keeps another task from being polled.
    blocked_at: Option<&'static Location<'static>>,
}

/// How far [`EventLoop::tick_now`] has come.
enum TickProgress {
    /// The tick is over.
    Done,
    /// Something has to be awaited before.
    NotBegun,
    /// The gate has closed before that many polls of the run phase.
    Left(usize),
}

/// The error of a tick that ends the run, with the outcome of the run.
struct Stop(Outcome);

impl<'a> EventLoop<'a> {
    /// A run with the settings of the loop. Without a main future, `main_key` is of no task.
    fn new(
        core: &'a Core,
        gate: Gate,
        main: Option<Pin<&'a mut dyn Future<Output = ()>>>,
        main_key: TaskKey,
    ) -> EventLoop<'a> {
        let RunSettings {
            on_idle,
            tick_policy,
            until,
            ..
        } = core.settings.get();
        EventLoop {
            core,
            gate,
            on_idle,
            tick_policy,
            until,
            main,
            main_key,
            main_panic: None,
            main_end: None,
            keep_tasks: true,
            timer: async_io::Timer::never(),
            polls_since_reactor: 0,
            chooser: None,
            outer: None,
            deferred: Vec::new(),
            blocked_at: None,
        }
    }
}

impl EventLoop<'_> {
    /// Runs ticks until the main task has ended or a tick ends the run. Then cancels the unfinished
    /// tasks, unless they are kept for the next run.
    async fn run(&mut self) -> Outcome {
        let outcome = loop {
            if let Some(outcome) = self.main_end {
                break outcome;
            }
            let done = match self.tick_now() {
                Ok(TickProgress::Done) => continue,
                Ok(TickProgress::NotBegun) => self.tick().await,
                Ok(TickProgress::Left(left)) => self.rest_of_tick(left).await,
                Err(stop) => Err(stop),
            };
            if let Err(Stop(outcome)) = done {
                break outcome;
            }
        };
        if self.outer.is_some() || self.keep_tasks && self.main_end.is_some() {
            return outcome;
        }
        // The end of a hung run is recorded before its tasks are cancelled, so that the trace ends
        // with what they wait for. In other runs the cancellations are recorded first.
        let hangs = matches!(
            outcome,
            Outcome::Deadlock | Outcome::Stalled | Outcome::Limit
        );
        if hangs {
            self.core.end_recording(outcome);
        }
        self.cancel_all();
        if !hangs {
            self.core.end_recording(outcome);
        }
        outcome
    }

    /// One iteration of the loop.
    async fn tick(&mut self) -> Result<(), Stop> {
        if self.gate.ask(Checkpoint::Tick) != Verdict::Go {
            self.checkpoint(Checkpoint::Tick).await?;
        }
        self.begin_tick()?;
        // Phase 1. If no task is ready, wait. Otherwise give the reactor a chance from time to
        // time: yielding returns to smol's `block_on`, which then handles I/O events without
        // waiting. Last, queue the tasks that I/O and other threads have woken.
        if self.core.sched.borrow().ready.is_empty() {
            self.wait().await?;
        } else if self.is_reactor_due() {
            self.polls_since_reactor = 0;
            smol_future::yield_now().await;
        }
        self.drain_and_fire();
        let left = self.begin_run();
        self.rest_of_tick(left).await
    }

    /// A tick in which nothing has to be awaited, which nearly all are of a loop that is busy. No
    /// `async fn`: the state of one is in memory.
    fn tick_now(&mut self) -> Result<TickProgress, Stop> {
        let has_ready = !self.core.sched.borrow().ready.is_empty();
        if !has_ready || !self.gate.is_open() || self.is_reactor_due() {
            return Ok(TickProgress::NotBegun);
        }
        self.begin_tick()?;
        self.drain_and_fire();
        loop {
            let ready = self.begin_run();
            if !self.gate.is_open() {
                return Ok(TickProgress::Left(ready));
            }
            let left = self.poll_while_open(ready)?;
            if left > 0 {
                return Ok(TickProgress::Left(left));
            }
            self.note_time();
            if !self.runs_again() {
                break;
            }
        }
        self.end_tick();
        Ok(TickProgress::Done)
    }

    /// The rest of the tick, of whose run phase `left` entries have not been polled. With the policy
    /// `Drain`, the phase is repeated until the ready queue is empty.
    async fn rest_of_tick(&mut self, left: usize) -> Result<(), Stop> {
        self.run_ready(left).await?;
        while self.runs_again() {
            let ready = self.begin_run();
            self.run_ready(ready).await?;
        }
        self.end_tick();
        Ok(())
    }

    fn begin_tick(&self) -> Result<(), Stop> {
        let recorder = &mut self.core.sched.borrow_mut().recorder;
        // `wait` checks the time limit, too, but a loop that is always busy never calls it.
        if self.until.is_some_and(|until| recorder.now() > until) {
            return Err(Stop(Outcome::Stopped));
        }
        // Output since the last poll came from other threads.
        recorder.capture_output(false);
        recorder.write(Writer::tick_start);
        Ok(())
    }

    fn is_reactor_due(&self) -> bool {
        self.core.in_flight.get() > 0 && self.polls_since_reactor >= POLLS_PER_REACTOR_CHECK
    }

    /// The end of phase 1 and phase 2: queues the tasks that were woken from outside and those whose
    /// timers are due. From here on a wake puts the task into the ready queue.
    #[inline]
    fn drain_and_fire(&self) {
        self.drain();
        self.core.accepting.set(true);
        if !self.core.timers.borrow().is_empty() {
            self.fire_timers();
        }
    }

    /// Begins phase 3, which polls exactly the entries that are in the ready queue now. Returns how
    /// many there are.
    #[inline]
    fn begin_run(&self) -> usize {
        let mut sched = self.core.sched.borrow_mut();
        let ready = sched.ready.len();
        sched
            .recorder
            .write(|writer| writer.run(u32::try_from(ready).unwrap_or(u32::MAX)));
        sched.recorder.publish_if_due();
        ready
    }

    /// Whether phase 3 is repeated in this tick.
    #[inline]
    fn runs_again(&self) -> bool {
        self.tick_policy == TickPolicy::Drain
            && self.main_end.is_none()
            && !self.core.sched.borrow().ready.is_empty()
    }

    #[inline]
    fn end_tick(&self) {
        self.core.accepting.set(false);
        self.core
            .sched
            .borrow_mut()
            .recorder
            .write(Writer::tick_end);
    }

    /// Polls the next `left` entries of the ready queue.
    async fn run_ready(&mut self, mut left: usize) -> Result<(), Stop> {
        while left > 0 {
            // Nearly always the gate is open. Then no future of a checkpoint need be made.
            if self.gate.ask(Checkpoint::Poll) != Verdict::Go {
                self.checkpoint(Checkpoint::Poll).await?;
                // A wait at the gate has cleared it.
                self.core.accepting.set(true);
            }
            left = self.poll_while_open(left)?;
        }
        self.note_time();
        Ok(())
    }

    /// Polls an entry of the ready queue, and then others, at most `left` in all, until the gate has
    /// to be asked. Returns how many are left.
    ///
    /// No `async fn`: the state of one is in memory, and this loop keeps its own in registers.
    fn poll_while_open(&mut self, mut left: usize) -> Result<usize, Stop> {
        loop {
            if self.chooser.is_some() {
                self.choose(left)?;
            }
            let is_full = self.poll_next();
            if is_full {
                return Err(Stop(Outcome::Limit));
            }
            left -= 1;
            if left == 0 || !self.gate.is_open() {
                return Ok(left);
            }
        }
    }

    /// Notes the time at which the polls of a tick have ended: timers that are due then fire in the
    /// next tick. A recorder that is on has noted the end of each poll.
    #[inline]
    fn note_time(&self) {
        let needs_time = self.until.is_some() || !self.core.timers.borrow().is_empty();
        let recorder = &mut self.core.sched.borrow_mut().recorder;
        if needs_time && !recorder.on {
            recorder.stamp(self.core.clock.now());
        }
    }

    /// Asks the gate whether the loop may continue, and waits while the loop is paused.
    #[inline]
    async fn checkpoint(&mut self, at: Checkpoint) -> Result<(), Stop> {
        match self.gate.ask(at) {
            Verdict::Go => Ok(()),
            Verdict::Stop => Err(Stop(Outcome::Stopped)),
            Verdict::Wait => self.wait_open(at).await,
        }
    }

    /// Waits until the gate opens or the run is stopped. Meanwhile a wake puts the task into
    /// `woken`, and the clock is stopped.
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

    /// Fires all timers that are due, the earliest deadline first. The tasks that they wake join
    /// the ready queue in the same order.
    fn fire_timers(&self) {
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
        for (timer, target) in due {
            let mut sched = self.core.sched.borrow_mut();
            sched.recorder.write(|writer| writer.timer_fired(timer));
            match target {
                WakeTarget::Task(key) => sched.wake(key),
                // A foreign waker may call anything: the scheduler must not be borrowed.
                WakeTarget::Waker(waker) => {
                    drop(sched);
                    waker.wake();
                }
            }
        }
    }

    /// Cancels all unfinished tasks in the order of their numbers. Each cancellation is delivered
    /// in a last poll, which drops the future.
    fn cancel_all(&mut self) {
        self.core.accepting.set(true);
        for _ in 0..MAX_CANCEL_ROUNDS {
            if self.core.sched.borrow().unfinished == 0 {
                break;
            }
            self.cancel_round();
        }
        self.core.accepting.set(false);
        // Drop the callbacks that were never called and the results that were never taken. Their
        // destructors may do anything, so the scheduler must not be borrowed.
        let left = self.core.sched.borrow_mut().clear();
        drop(catch_unwind(AssertUnwindSafe(|| drop(left))));
    }

    /// Polls the entry at the front of the ready queue, whatever the limit of events is.
    #[inline(never)]
    fn poll_for_end(&mut self) {
        self.poll_next();
    }

    /// A tick that cancels all tasks that exist when it begins.
    fn cancel_round(&mut self) {
        let mut unfinished: Vec<TaskKey> = {
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
        unfinished.sort_by_key(|key| key.task);
        self.core
            .sched
            .borrow_mut()
            .recorder
            .write(Writer::tick_start);
        for &key in &unfinished {
            self.core.cancel(key, false);
        }
        let ready = self.core.sched.borrow().ready.len();
        let count = u32::try_from(ready).unwrap_or(u32::MAX);
        self.core
            .sched
            .borrow_mut()
            .recorder
            .write(|writer| writer.run(count));
        for _ in 0..ready {
            self.poll_for_end();
        }
        self.core
            .sched
            .borrow_mut()
            .recorder
            .write(Writer::tick_end);
    }
}

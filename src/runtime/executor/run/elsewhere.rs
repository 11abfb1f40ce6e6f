//! A loop in two unusual places: inside of a poll of its own, and on a host.
//!
//! # Inside of a poll
//!
//! A task may call `block_on`, or an operation that blocks such as `recv_blocking`. Its thread then
//! is the loop's thread, so what the task waits for could never happen. The loop therefore continues
//! inside of that poll, with the future of the inner `block_on` as a second main task. The outer
//! task cannot be polled meanwhile, because its future is on the stack. If it is woken, its entry of
//! the ready queue is kept in `deferred`, and is put back at the end.
//!
//! In a trace polls never nest, so the outer poll is closed and reopened, as in
//! the polls of executors:
//!
//! ```text
//!   PollStart outer
//!   Spawn     inner
//!   Wait      outer, for inner     ┐
//!   PollEnd   outer, Pending       │ open_nested
//!   TickEnd                        ┘
//!      ...                           ticks that poll all tasks but the outer one
//!   Wake      outer, by inner      ─ wake_outer
//!   PollEnd   inner, Ready
//!   TickEnd
//!   TickStart                      ┐
//!   RunPhase                       │ close_nested
//!   PollStart outer                ┘
//!      ...                           the rest of the outer poll
//! ```
//!
//! # On a host
//!
//! A loop on a [`host`](crate::runtime::executor::host) has no main task. It runs until its own
//! thread wants it back, or until it has no work.

use std::{
    future::Future,
    io::{self, Write},
    panic::Location,
    pin::pin,
    rc::Rc,
};

use crate::{
    runtime::executor::{
        core::Core,
        current_loop::EnterGuard,
        gate::Gate,
        loop_state::LoopState,
        recall::Recall,
        run_settings::RunSettings,
        scheduler::CurrentTask,
        task_key::{TaskKey, VACANT},
        task_name::TaskName,
    },
    trace::{PollOutcome, TaskId, Wait, WakeEffect, Writer},
};

use super::{EventLoop, RunResult, Stop};

/// The most calls of `block_on` that may be under way inside of each other in one loop. Each takes
/// space on the stack.
pub(super) const MAX_NESTED: u32 = 32;

/// Runs a future to completion inside of the poll that is under way on this thread, and lets the
/// loop continue meanwhile. Returns the future if that is not possible here.
pub(in crate::runtime::executor) fn run_nested<F: Future>(
    core: &Rc<Core>,
    name: TaskName<'_>,
    at: &'static Location<'static>,
    future: F,
) -> Result<RunResult<F::Output>, F> {
    let is_in_poll = core.accepting.get()
        && core.nested.get() < MAX_NESTED
        && core
            .sched
            .try_borrow_mut()
            .is_ok_and(|sched| sched.current.is_some());
    if !is_in_poll {
        return Err(future);
    }
    let mut value = None;
    let (outcome, panic) = {
        let main = pin!(async { value = Some(future.await) });
        let main_key = core.spawn(name, at, None);
        let outer = core.open_nested(main_key, at);
        let gate = Gate::new(core.control.borrow().clone(), core.inbox.0.clone());
        let mut event_loop = EventLoop::new(core, gate, Some(main), main_key);
        event_loop.outer = outer;
        event_loop.blocked_at = Some(at);
        let site = core.await_site.take();
        let outcome = async_io::block_on(event_loop.run());
        core.await_site.set(site);
        core.close_nested(outer, std::mem::take(&mut event_loop.deferred));
        (outcome, event_loop.main_panic)
    };
    Ok(RunResult {
        value,
        outcome,
        panic,
        refused: None,
    })
}

impl Core {
    /// Closes the poll that is under way, whose task waits for the nested main task. Returns the
    /// outer task.
    fn open_nested(&self, main: TaskKey, at: &'static Location<'static>) -> Option<CurrentTask> {
        self.wait(Wait::Join(TaskId(main.task)), at, at);
        let mut sched = self.sched.borrow_mut();
        sched.recorder.poll_end(PollOutcome::Pending, &self.clock);
        sched.recorder.write(Writer::tick_end);
        self.accepting.set(false);
        self.nested.set(self.nested.get() + 1);
        let outer = sched.current.take();
        if let Some(outer) = outer.filter(|_| !sched.recorder.on) {
            sched.slots[outer.slot as usize].wait.0 = outer.declared_wait;
        }
        outer
    }

    /// Reopens the outer poll. `deferred` are the tasks that were woken while they were on the stack.
    fn close_nested(&self, outer: Option<CurrentTask>, deferred: Vec<TaskKey>) {
        let mut sched = self.sched.borrow_mut();
        self.nested.set(self.nested.get() - 1);
        self.accepting.set(true);
        sched.recorder.write(Writer::tick_start);
        let ready = u32::try_from(sched.ready.len() + 1).unwrap_or(u32::MAX);
        sched.recorder.write(|writer| writer.run(ready));
        sched.current = outer;
        if let Some(outer) = outer {
            sched.recorder.poll_start(outer.task());
        }
        for key in deferred {
            sched.ready.push(key);
            if outer.is_some_and(|outer| outer.task() == TaskId(key.task)) {
                // Its wake was used up by the reopened poll.
                sched.recorder.wake(TaskId(key.task), WakeEffect::Enqueued);
            }
        }
    }
}

impl EventLoop<'_> {
    /// Records that the nested main task, which has ended, lets the outer task continue.
    #[inline]
    pub(super) fn wake_outer(&self) {
        if let Some(outer) = self.outer {
            let mut sched = self.core.sched.borrow_mut();
            let is_queued = sched
                .slots
                .get(outer.slot as usize)
                .is_some_and(|slot| slot.queued);
            if !is_queued {
                sched.recorder.wake(outer.task(), WakeEffect::Enqueued);
            }
        }
    }

    /// Whether a task was woken that cannot be polled, because the outer task blocks the thread above
    /// it on the stack.
    pub(super) fn blocks_another(&self) -> bool {
        let outer = self.outer.map(|outer| outer.task());
        self.blocked_at.is_some()
            && self
                .deferred
                .iter()
                .any(|key| outer != Some(TaskId(key.task)))
    }

    /// Says that the program may hang. On smol, the main task has a thread of its own.
    #[cold]
    pub(super) fn report_blocked(&mut self) {
        if let Some(at) = self.blocked_at.take() {
            let _ = writeln!(
                io::stderr(),
                "loopscope: the call at {}:{} blocks its thread, so another task that is ready, such \
                 as the main task, cannot be polled: await there, or use unblock",
                at.file(),
                at.line()
            );
        }
    }

    /// Runs ticks until the own thread wants the loop back, the loop has no work, or the run is
    /// stopped.
    async fn run_hosted(&mut self, recall: &Recall) {
        loop {
            if recall.is_recalled() && self.core.sched.borrow().is_movable() {
                return;
            }
            if !recall.permanent && !self.core.has_work() {
                return;
            }
            if let Err(Stop(outcome)) = self.tick().await {
                if recall.is_recalled() {
                    continue;
                }
                self.cancel_all();
                self.core.end_recording(outcome);
                if !recall.permanent {
                    return;
                }
            }
        }
    }
}

impl Core {
    /// Whether anything is left to run or to be handled.
    fn has_work(&self) -> bool {
        self.sched.borrow().has_work() || !self.inbox.1.is_empty()
    }
}

/// Runs a loop on this thread without a main task. Returns the loop when its own thread wants it
/// back, or when it has no work.
pub(in crate::runtime::executor) fn run_hosted(
    state: Box<LoopState>,
    recall: &Recall,
) -> Box<LoopState> {
    let mut core = state.into_core();
    loop {
        {
            let _entered = EnterGuard::new(&core);
            core.settings.set(RunSettings {
                is_of_thread: true,
                ..RunSettings::default()
            });
            let control = core.control.borrow().clone();
            let gate = Gate::hosted(control, core.inbox.0.clone(), &recall.recalled);
            let no_main = TaskKey {
                slot: VACANT,
                task: VACANT,
            };
            let mut event_loop = EventLoop::new(&core, gate, None, no_main);
            core.sched.borrow_mut().recorder.runs_here(true);
            async_io::block_on(event_loop.run_hosted(recall));
            let recorder = &mut core.sched.borrow_mut().recorder;
            recorder.runs_here(false);
            recorder.publish();
        }
        match LoopState::of(core) {
            Ok(state) => return state,
            // A task was spawned that may not leave this thread.
            Err(kept) => core = kept,
        }
    }
}

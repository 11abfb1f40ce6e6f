//! The state of a loop, and the operations on it that tasks, timers, channels and locks call.
//!
//! A loop and everything that belongs to it share one [`Core`] on one thread, through `RefCell`s.
//! Code of the program must not run while `sched` is borrowed, because that code may spawn, wake or
//! wait, and then borrows `sched` itself. Therefore a future is polled, a waker called and a result
//! dropped only after the borrow has ended.

use std::{
    cell::{Cell, RefCell},
    panic::Location,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
    task::{Poll, Waker},
    time::Instant,
};

use async_channel::{Receiver, Sender};

use crate::trace::{
    CallbackId, ClockKind, LocationId, Outcome, PollOutcome, ResourceId, ResourceKind, TaskId, Wait,
};

use super::{
    clock::Clock,
    gate::LoopControl,
    other_threads::OtherThreads,
    recorder::Recorder,
    remote_task::{RemoteEnd, RemoteSpawn},
    resource_numbers::ResourceNumbers,
    run_settings::RunSettings,
    scheduler::Scheduler,
    task_key::{CALLBACK, TaskKey, WakeTarget},
    task_name::TaskName,
    task_slot::{Body, Life},
    timers::Timers,
    waker::{Message, PolledElsewhere, Registration},
};

pub(in crate::runtime) use super::{
    current_loop::{current_loop, with_current, with_current_if},
    waker::send_to,
};

/// The state of a loop. It belongs to one thread.
pub(in crate::runtime) struct Core {
    /// Unique in the process.
    pub(in crate::runtime) id: u64,
    /// Whether the loop is recorded: the same as `sched.recorder.on`, but readable while `sched` is
    /// borrowed.
    pub(in crate::runtime) recording: Cell<bool>,
    /// Set while the loop is in its timer or run phase. A wake on the loop's own thread then puts
    /// the task into the ready queue; at other times it puts the task into `woken`.
    pub(in crate::runtime) accepting: Cell<bool>,
    pub(in crate::runtime) clock: Clock,
    pub(in crate::runtime) sched: RefCell<Scheduler>,
    pub(in crate::runtime) timers: RefCell<Timers>,
    pub(super) resources: RefCell<ResourceNumbers>,
    /// How many operations are in flight: I/O and jobs of the thread pool, which complete outside
    /// of the loop and then wake a task. While there are any, a virtual clock does not jump,
    /// because one of them may complete before the deadline.
    pub(super) in_flight: Cell<u32>,
    /// The other threads of the program.
    pub(super) threads: RefCell<OtherThreads>,
    /// Messages from other threads.
    pub(super) inbox: Inbox,
    /// Tasks that were woken on the loop's own thread while `accepting` was not set.
    pub(super) woken: RefCell<Vec<TaskKey>>,
    /// The waker of the event loop's own future, set while the loop waits.
    pub(super) loop_waker: Cell<Option<Waker>>,
    /// Where the program awaits the future that a library polls at the moment.
    pub(in crate::runtime) await_site: Cell<Option<AwaitSite>>,
    /// The system time at which the loop was made: loop time 0.
    pub(in crate::runtime) made: Instant,
    /// Pauses, steps and stops the loop.
    pub(super) control: RefCell<LoopControl>,
    /// The settings of the run that is under way, for a `block_on` inside of it.
    pub(super) settings: Cell<RunSettings>,
    /// How many calls of `block_on` are under way inside of polls of this loop.
    pub(super) nested: Cell<u32>,
    /// What executors' tasks wait for that are polled on another thread.
    pub(super) elsewhere: Cell<Option<ResourceId>>,
    pub(super) registration: Registration,
}

/// The two ends of the channel of messages to a loop.
pub(super) type Inbox = (Sender<Message>, Receiver<Message>);

/// Where the program awaits a future that a library polls.
#[derive(Clone, Copy, Debug)]
pub(in crate::runtime) struct AwaitSite {
    pub(super) at: &'static Location<'static>,
    /// The `.await` is not known either; this is the call that created the future.
    pub(super) at_creation: bool,
}

impl Core {
    /// The loop of a thread: on a real clock.
    pub(super) fn for_thread(recorder: Recorder) -> Rc<Core> {
        Core::new(Clock::new(ClockKind::Real), recorder)
    }

    pub(super) fn new(clock: Clock, recorder: Recorder) -> Rc<Core> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let inbox = async_channel::unbounded();
        #[expect(
            clippy::disallowed_methods,
            reason = "once for each loop, to translate loop time"
        )]
        let made = Instant::now();
        Rc::new(Core {
            id,
            made,
            registration: Registration::new(id, &inbox),
            recording: Cell::new(recorder.on),
            accepting: Cell::new(false),
            clock,
            sched: RefCell::new(Scheduler::new(recorder)),
            timers: RefCell::default(),
            resources: RefCell::default(),
            in_flight: Cell::new(0),
            threads: RefCell::default(),
            inbox,
            woken: RefCell::default(),
            loop_waker: Cell::new(None),
            await_site: Cell::new(None),
            control: RefCell::default(),
            settings: Cell::default(),
            nested: Cell::new(0),
            elsewhere: Cell::new(None),
        })
    }

    /// Makes a task and puts it at the end of the ready queue. `body` is `None` for the main task
    /// only: its future may borrow from the caller, so the event loop keeps it.
    #[inline]
    pub(super) fn spawn(
        &self,
        name: TaskName<'_>,
        at: &'static Location<'static>,
        body: Option<Body>,
    ) -> TaskKey {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        let task = sched.spawned;
        sched.spawned += 1;
        sched.unfinished += 1;
        if sched.recorder.on {
            sched.recorder.spawn(name, at, sched.current.is_some());
        }
        let key = TaskKey {
            slot: sched.insert(task, body, Life::Live),
            task,
        };
        sched.ready.push(key);
        key
    }

    /// Makes a task that another thread has spawned, and puts it at the end of the ready queue.
    pub(super) fn spawn_remote(&self, spawn: RemoteSpawn) {
        let RemoteSpawn {
            name,
            at,
            body,
            end,
        } = spawn;
        let key = self.spawn(name.borrow(), at, Some(body));
        end.seen_as(key);
        self.sched.borrow_mut().set_remote(key, end);
    }

    /// Gives the handle of a task to another thread. Returns the body that nothing wants, for the
    /// caller to drop.
    pub(super) fn export(&self, key: TaskKey, end: RemoteEnd) -> Option<Body> {
        let mut sched = self.sched.borrow_mut();
        let is_live = sched.slot(key).map(|slot| !slot.has_ended());
        if is_live == Some(true) {
            end.seen_as(key);
            sched.set_remote(key, end);
            return None;
        }
        let is_movable = sched.slot(key).is_some_and(|slot| !slot.is_thread_bound());
        let body = if is_movable {
            sched.slot(key).and_then(|slot| {
                slot.has_handle = false;
                slot.body.take()
            })
        } else {
            None
        };
        if is_movable {
            let left = sched.reclaim(key.slot);
            debug_assert!(left.is_none(), "the body was taken");
        }
        drop(sched);
        end.end(body)
    }

    /// Starts recording. The tasks that exist already are recorded as spawned by no task, before
    /// the first tick.
    pub(super) fn record(
        &self,
        recorder: Recorder,
        tasks: &[(String, &'static Location<'static>)],
    ) {
        let mut sched = self.sched.borrow_mut();
        sched.recorder = recorder;
        for (name, at) in tasks {
            sched.recorder.spawn(TaskName::Given(name), at, false);
        }
        self.recording.set(true);
    }

    /// Records the end of the run. From now on nothing is recorded: a trace has no event after its
    /// end.
    pub(super) fn end_recording(&self, outcome: Outcome) {
        self.record_polls_elsewhere();
        self.sched.borrow_mut().recorder.end(outcome);
        self.recording.set(false);
    }

    /// Ends the recording, and its file.
    pub(super) fn finish(&self, outcome: Outcome) {
        if self.sched.try_borrow_mut().is_err() {
            return;
        }
        self.end_recording(outcome);
        let mut sched = self.sched.borrow_mut();
        let (_, store) = sched.recorder.finish();
        drop(sched);
        if let Some(store) = store {
            // An error was reported when it happened.
            let _ = store.finish();
        }
    }

    /// Records the polls on other threads that the loop was told of during its last poll. The main
    /// task may have awaited a task that has ended there meanwhile. In a poll that ends the process,
    /// no other poll can be recorded.
    fn record_polls_elsewhere(&self) {
        if self.sched.borrow().current.is_some() {
            return;
        }
        for _ in 0..self.inbox.1.len() {
            match self.inbox.1.try_recv() {
                Ok(Message::PolledElsewhere(polled)) => self.polled_elsewhere(&polled),
                // The loop may continue without a recording.
                Ok(other) => drop(self.inbox.0.try_send(other)),
                Err(_) => return,
            }
        }
    }

    /// Registers a task whose future is kept and polled by one of smol's executors. Only to be
    /// called while a trace is recorded.
    pub(in crate::runtime) fn register(
        &self,
        name: TaskName<'_>,
        at: &'static Location<'static>,
    ) -> TaskKey {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        let task = sched.spawned;
        sched.spawned += 1;
        sched.recorder.spawn(name, at, sched.current.is_some());
        let slot = sched.insert(task, None, Life::External);
        TaskKey { slot, task }
    }

    /// Defines the resource that stands for a poll on another thread.
    fn define_elsewhere(&self) -> ResourceId {
        let id = ResourceId(self.resources.borrow_mut().take());
        self.elsewhere.set(Some(id));
        let recorder = &mut self.sched.borrow_mut().recorder;
        let name = recorder.text("poll on another thread");
        let at = LocationId::UNKNOWN;
        recorder.write(|writer| writer.resource_first_used(id, ResourceKind::Foreign, name, at, 0));
        id
    }

    /// Records that an executor's task was polled on another thread, or has ended there: by a poll of
    /// no length, because this trace has no room for polls that overlap.
    pub(super) fn polled_elsewhere(&self, polled: &PolledElsewhere) {
        let key = polled.key;
        if !self.recording.get() || self.sched.borrow_mut().slot(key).is_none() {
            return;
        }
        let resource = self
            .elsewhere
            .get()
            .unwrap_or_else(|| self.define_elsewhere());
        let mut sched = self.sched.borrow_mut();
        let thread = polled.thread.as_deref().unwrap_or("a thread");
        sched.recorder.thread(Some(thread));
        sched.wake_for_poll(key);
        sched.recorder.poll_start(TaskId(key.task));
        let wait = (Wait::Operation(resource), LocationId::UNKNOWN);
        if polled.outcome.is_none() {
            sched
                .recorder
                .write(|writer| writer.wait(wait.0, wait.1, false));
            if let Some(slot) = sched.slot(key) {
                slot.wait = wait;
            }
        }
        let outcome = polled.outcome.unwrap_or(PollOutcome::Pending);
        if outcome == PollOutcome::Cancelled {
            let cancelled = TaskId(key.task);
            sched
                .recorder
                .write(|writer| writer.cancel_delivered(cancelled));
        }
        sched.recorder.poll_end(outcome, &self.clock);
        if polled.outcome.is_some() {
            sched.unregister(key);
        }
    }

    /// Puts a task into the ready queue at once. Returns `false` if the scheduler is borrowed: a
    /// waker may be called from anywhere, also from code that the loop calls during a borrow.
    #[expect(
        clippy::inline_always,
        reason = "the path of a waker: each call in it would save and restore registers"
    )]
    #[inline(always)]
    pub(super) fn wake(&self, key: TaskKey) -> bool {
        let Ok(mut sched) = self.sched.try_borrow_mut() else {
            return false;
        };
        sched.wake_here(key);
        true
    }

    /// Notes that a task was woken while the loop waits, and wakes the loop. Returns `false` if the
    /// list is borrowed.
    #[inline(never)]
    pub(super) fn wake_later(&self, key: TaskKey) -> bool {
        let Ok(mut woken) = self.woken.try_borrow_mut() else {
            return false;
        };
        woken.push(key);
        drop(woken);
        if let Some(waker) = self.loop_waker.take() {
            waker.wake();
        }
        true
    }

    /// Renames the current task in the trace.
    pub(in crate::runtime) fn name_current(&self, name: &str) {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        if let Some(current) = sched.current {
            sched
                .recorder
                .write(|writer| writer.name_task(current.task(), name));
        }
    }

    /// Renames a task in the trace.
    pub(in crate::runtime) fn name_task(&self, task: TaskId, name: &str) {
        let mut sched = self.sched.borrow_mut();
        sched.recorder.write(|writer| writer.name_task(task, name));
    }

    /// Requests the cancellation of a task: explicitly, or because its handle was dropped.
    pub(in crate::runtime) fn cancel(&self, key: TaskKey, dropped: bool) {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        let Some(slot) = sched.slots.get_mut(key.slot as usize) else {
            return;
        };
        if slot.task == key.task && !slot.cancelled && !slot.has_ended() {
            slot.cancelled = true;
            sched
                .recorder
                .write(|writer| writer.cancel_asked(TaskId(key.task), dropped));
            sched.wake(key);
        }
    }

    /// Takes the body of a task that has ended, for its handle, which has no other use for the task.
    /// `Ready(None)` if the handle has taken it before.
    #[inline]
    pub(in crate::runtime) fn take_ended(&self, key: TaskKey) -> Poll<Option<Body>> {
        let mut sched = self.sched.borrow_mut();
        match sched.slot(key) {
            Some(slot) if !slot.has_ended() => Poll::Pending,
            Some(slot) => {
                slot.has_handle = false;
                Poll::Ready(sched.reclaim(key.slot))
            }
            None => Poll::Ready(None),
        }
    }

    /// Notes that the handle of a task is gone. If the task has ended, frees its slot and returns
    /// the body that was left in it. The caller drops the body: a destructor may do anything, so
    /// the scheduler must not be borrowed.
    #[inline]
    pub(in crate::runtime) fn drop_handle(&self, key: TaskKey) -> Option<Body> {
        let mut sched = self.sched.borrow_mut();
        sched.slot(key)?.has_handle = false;
        sched.reclaim(key.slot)
    }

    /// Notes that the current task is about to return an error, and records its message, unless it has
    /// been recorded.
    pub(in crate::runtime) fn report_error(&self, message: &str) {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        if let Some(current) = &mut sched.current
            && !current.reports_error
        {
            current.reports_error = true;
            sched.recorder.write(|writer| writer.failed(message));
        }
    }

    /// Puts a callback at the end of the ready queue.
    pub(in crate::runtime) fn call_soon(&self, name: &str, callback: Box<dyn FnOnce()>) {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        let mut id = CallbackId(0);
        if sched.recorder.on {
            let name = sched.recorder.text(name);
            id = sched.recorder.writer.callback_scheduled(name);
        }
        sched.callbacks.push_back((id, callback));
        sched.ready.push(TaskKey {
            slot: CALLBACK,
            task: 0,
        });
    }

    /// The target of a timer that is polled with `waker`.
    #[inline]
    pub(in crate::runtime) fn wake_target(&self, waker: &Waker) -> WakeTarget {
        self.sched.borrow().wake_target(waker)
    }

    /// Counts an operation as in flight.
    pub(in crate::runtime) fn begin_operation(&self) {
        self.in_flight.set(self.in_flight.get() + 1);
    }

    /// Ends an operation that was counted by [`Core::begin_operation`].
    pub(in crate::runtime) fn end_operation(&self) {
        self.in_flight.set(self.in_flight.get().saturating_sub(1));
    }
}

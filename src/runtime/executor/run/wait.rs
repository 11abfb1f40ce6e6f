//! Phase 1: waiting, and taking in what arrived from outside of the loop.
//!
//! If the ready queue is empty, the loop decides in this order:
//!
//! 1. A wake has arrived already: do not wait.
//! 2. A timer is due: do not wait.
//! 3. A timer is set, the clock is virtual, and no operation is in flight: park, and jump to the
//!    deadline. If the time limit of the run is before the deadline, jump to the limit and stop
//!    instead.
//! 4. Otherwise park, and wait for the first of: a wake, the deadline, the time limit of the run, a
//!    change of the gate.
//! 5. Without a deadline and a time limit, wait without a limit if an operation is in flight or the
//!    run may wait when idle. Otherwise the run hangs: it ends as a deadlock if every task waits
//!    for something known to the loop; if not, it ends as stalled, after [`STALL_TIMEOUT`] without
//!    a wake.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Poll,
    time::Duration,
};

use futures_lite::future;

use crate::{
    runtime::executor::{
        gate::Checkpoint,
        task_key::{TaskKey, VACANT, WakeTarget},
        timers::TimerKey,
        waker::{Message, WakeOrigin},
    },
    trace::{Advance, Outcome, TaskId},
};

use super::{EventLoop, OnIdle, Stop};

/// How long a call may block the thread of a task that is ready before that is reported.
const BLOCKED_TIMEOUT: Duration = Duration::from_secs(1);

/// How long an idle loop waits for a wake from something unknown to it before it reports a stall.
const STALL_TIMEOUT: Duration = Duration::from_secs(1);

impl EventLoop<'_> {
    /// Waits until a task is woken or a timer is due. Returns an error if the run ends instead: at
    /// its time limit, by a request to stop, as a deadlock or as stalled.
    pub(super) async fn wait(&mut self) -> Result<(), Stop> {
        if self.has_pending() {
            return Ok(());
        }
        let deadline = self.core.timers.borrow_mut().next();
        let can_jump = self.core.clock.is_virtual() && self.core.in_flight.get() == 0;
        if let (Some(until), Some(deadline)) = (self.until, deadline)
            && deadline > until
            && can_jump
        {
            self.jump(until);
            return Err(Stop(Outcome::Stopped));
        }
        match deadline {
            Some(deadline) if deadline <= self.core.sched.borrow().recorder.now() => Ok(()),
            Some(deadline) if can_jump => {
                self.park(Some(deadline));
                self.jump(deadline);
                Ok(())
            }
            _ => {
                self.look_at_threads(deadline);
                self.park(deadline);
                let real = deadline.filter(|_| !self.core.clock.is_virtual());
                self.core.sched.borrow_mut().recorder.parked(true);
                let message = self.wait_for_wake(real).await;
                self.core.sched.borrow_mut().recorder.parked(false);
                // Advance the clock before recording the wake; otherwise the wait would count as
                // time in the ready queue.
                let now = self.core.clock.now();
                self.core
                    .sched
                    .borrow_mut()
                    .recorder
                    .advance(now, Advance::Waited);
                if let Some(message) = message? {
                    self.handle(message);
                }
                Ok(())
            }
        }
    }

    /// Records which other threads may wake a task, if the run may wait for them.
    fn look_at_threads(&self, deadline: Option<u64>) {
        if !self.core.recording.get() || self.on_idle != OnIdle::Wait {
            return;
        }
        let for_ever = deadline.is_none() && self.core.in_flight.get() == 0;
        let (mut sched, mut resources) = (
            self.core.sched.borrow_mut(),
            self.core.resources.borrow_mut(),
        );
        let mut threads = self.core.threads.borrow_mut();
        let now = self.core.clock.now();
        threads.look(&mut sched.recorder, &mut resources, (now, for_ever));
    }

    /// Records that the loop parks, and publishes the records if that is due, because none are
    /// added until the loop wakes.
    fn park(&self, deadline: Option<u64>) {
        let mut sched = self.core.sched.borrow_mut();
        sched.recorder.capture_output(true);
        let now = sched.recorder.now();
        sched
            .recorder
            .write(|writer| writer.park(deadline.map(|deadline| deadline.saturating_sub(now))));
        sched.recorder.publish_if_due();
    }

    /// Moves the virtual clock forward to `to`, and records the jump.
    fn jump(&self, to: u64) {
        self.core.clock.jump(to);
        self.core
            .sched
            .borrow_mut()
            .recorder
            .advance(to, Advance::Jumped);
    }

    /// Waits for a wake, at most until a deadline on a real clock. Returns the message that ended
    /// the wait; `None` if the deadline has passed, or if a task was put into `woken`.
    async fn wait_for_wake(&mut self, deadline: Option<u64>) -> Result<Option<Message>, Stop> {
        loop {
            let until = deadline
                .into_iter()
                .chain(self.until.filter(|_| !self.core.clock.is_virtual()))
                .min();
            let timeout = match until {
                Some(until) => Some(Duration::from_nanos(
                    until.saturating_sub(self.core.clock.now()),
                )),
                None => self.idle_timeout()?,
            };
            let is_blocking =
                self.blocks_another() && timeout.is_none_or(|timeout| timeout > BLOCKED_TIMEOUT);
            let timeout = if is_blocking {
                Some(BLOCKED_TIMEOUT)
            } else {
                timeout
            };
            match self.next_message(timeout).await {
                None if is_blocking => self.report_blocked(),
                Some(Message::LocalWake | Message::Recall) => return Ok(None),
                Some(Message::Gate) => self.pause_while_waiting().await?,
                Some(message) => return Ok(Some(message)),
                None => match until {
                    // A timeout without a deadline is that of an idle loop.
                    None => return Err(Stop(Outcome::Stalled)),
                    Some(until) if self.until == Some(until) => return Err(Stop(Outcome::Stopped)),
                    Some(_) => return Ok(None),
                },
            }
        }
    }

    /// Handles a change of the gate during a wait. A paused loop stays here, with its clock
    /// stopped, until it is resumed.
    async fn pause_while_waiting(&mut self) -> Result<(), Stop> {
        let now = self.core.clock.now();
        {
            let recorder = &mut self.core.sched.borrow_mut().recorder;
            recorder.advance(now, Advance::Waited);
            recorder.parked(false);
        }
        self.checkpoint(Checkpoint::Wait).await?;
        self.core.sched.borrow_mut().recorder.parked(true);
        Ok(())
    }

    /// How long to wait without a deadline; `None` means without a limit.
    fn idle_timeout(&self) -> Result<Option<Duration>, Stop> {
        if self.core.in_flight.get() > 0 || self.on_idle == OnIdle::Wait {
            return Ok(None);
        }
        if self.waits_for_unknown() {
            Ok(Some(STALL_TIMEOUT))
        } else {
            Err(Stop(Outcome::Deadlock))
        }
    }

    /// Whether a task waits for something unknown to the loop.
    fn waits_for_unknown(&self) -> bool {
        let sched = self.core.sched.borrow();
        sched
            .slots
            .iter()
            .any(|slot| slot.task != VACANT && !slot.has_ended() && slot.waits_for_unknown())
    }

    /// The next message, or [`Message::LocalWake`]; `None` on timeout.
    async fn next_message(&mut self, timeout: Option<Duration>) -> Option<Message> {
        let core = self.core;
        // Ready when `woken` has a task. `Core::wake_later` wakes the waker that is set here.
        let local = poll_fn(|cx| {
            core.loop_waker.set(Some(cx.waker().clone()));
            if core.woken.borrow().is_empty() {
                Poll::Pending
            } else {
                Poll::Ready(Some(Message::LocalWake))
            }
        });
        let message = future::or(local, async { core.inbox.1.recv().await.ok() });
        let Some(timeout) = timeout else {
            return message.await;
        };
        self.timer.set_after(timeout);
        let timer = &mut self.timer;
        future::or(message, async {
            timer.await;
            None
        })
        .await
    }

    fn has_pending(&self) -> bool {
        !self.core.woken.borrow().is_empty() || !self.core.inbox.1.is_empty()
    }

    /// Handles everything that arrived by the routes 2 to 4 of
    /// [`waker`](crate::runtime::executor::waker).
    #[inline]
    pub(super) fn drain(&self) {
        if !self.core.woken.borrow().is_empty() {
            let mut sched = self.core.sched.borrow_mut();
            sched.recorder.thread(None);
            for key in self.core.woken.borrow_mut().drain(..) {
                sched.wake(key);
            }
        }
        if !self.core.inbox.1.is_empty() {
            while let Ok(message) = self.core.inbox.1.try_recv() {
                self.handle(message);
            }
        }
    }

    fn handle(&self, message: Message) {
        match message {
            Message::Wake(handle, origin) => {
                // Clear the handle's flag before the wake: a wake that arrives during or after this
                // one has to send a new message.
                handle.received();
                self.wake_from(handle.key(), &origin);
            }
            Message::WakeTask(key, origin) => self.wake_from(key, &origin),
            Message::Cancel(key, dropped) => self.core.cancel(key, dropped),
            Message::DropHandle(key) => {
                // The destructor of a result may do anything, so the scheduler must not be
                // borrowed.
                let left = self.core.drop_handle(key);
                drop(catch_unwind(AssertUnwindSafe(|| drop(left))));
            }
            Message::EndOperation(ended) => {
                self.core.end_operation();
                if let Some(resource) = ended.resource {
                    let mut sched = self.core.sched.borrow_mut();
                    sched
                        .recorder
                        .write(|writer| writer.used(resource, ended.op, ended.kind.value()));
                }
            }
            Message::Spawn(spawn) => self.core.spawn_remote(*spawn),
            Message::Export(key, end) => {
                let unwanted = self.core.export(key, end);
                drop(catch_unwind(AssertUnwindSafe(|| drop(unwanted))));
            }
            Message::CancelRemote(task, dropped) => {
                if let Some(key) = task.key() {
                    self.core.cancel(key, dropped);
                }
            }
            Message::Name(key, name) => self.core.name_task(TaskId(key.task), &name),
            Message::NameRemote(task, name) => {
                if let Some(key) = task.key() {
                    self.core.name_task(TaskId(key.task), &name);
                }
            }
            Message::PolledElsewhere(polled) => self.core.polled_elsewhere(&polled),
            Message::CancelTimer(key, wakes) => self.cancel_timer(key, wakes),
            Message::Gate | Message::LocalWake | Message::Recall => {}
        }
    }

    /// Cancels a timer for another thread. If the timer was set anew there, wakes the task that waits
    /// for it, which then puts it into a queue again.
    fn cancel_timer(&self, key: TimerKey, wakes: bool) {
        let target = self.core.timers.borrow_mut().cancel(key);
        let Some(target) = target else { return };
        let mut sched = self.core.sched.borrow_mut();
        sched
            .recorder
            .write(|writer| writer.timer_cancelled(key.slot));
        match target {
            _ if !wakes => {
                // A foreign waker may do anything when it is dropped.
                drop(sched);
                drop(target);
            }
            WakeTarget::Task(key) => {
                sched.recorder.thread(Some("a thread"));
                sched.wake(key);
            }
            WakeTarget::Waker(foreign) => {
                drop(sched);
                foreign.wake();
            }
        }
    }

    /// Wakes a task for another thread, or for I/O.
    #[inline]
    fn wake_from(&self, key: TaskKey, origin: &WakeOrigin) {
        let mut sched = self.core.sched.borrow_mut();
        // Any thread that is in `smol::block_on`, such as that of the screen, may handle the events of
        // sockets for the others. Its wakes are I/O, whatever its name.
        let is_socket = sched.slot(key).is_some_and(|slot| slot.waits_for_socket);
        match origin {
            WakeOrigin::Io => sched.recorder.thread(None),
            WakeOrigin::Thread(_) if is_socket => sched.recorder.thread(None),
            WakeOrigin::Thread(name) => {
                self.core.threads.borrow_mut().has_woken();
                let name = name.as_deref().unwrap_or("a thread");
                sched.recorder.thread(Some(name));
            }
        }
        sched.wake(key);
    }
}

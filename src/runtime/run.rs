//! The loop.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use smol::future as smol_future;

use crate::trace::{Advance, Outcome, PollOutcome, TaskId, TimerId, Wait};

use super::{
    builder::Quiet,
    core::{Body, CALLBACK, Core, Current, Entry, Failure, NOBODY, TaskWaker},
    gate::{Answer, Before, Gate},
    waker::{Message, Origin},
};

/// With I/O under way, the reactor gets a look after this many polls even if the ready queue never runs empty.
const POLLS_PER_LOOK: u32 = 61;

/// How long a quiet loop waits for somebody it does not know before it gives up.
const GRACE: Duration = Duration::from_secs(1);

/// The loop, as it runs.
pub(super) struct Looper<'a> {
    pub(super) core: &'a Rc<Core>,
    pub(super) gate: Gate,
    pub(super) quiet: Quiet,
    /// The run ends when loop time comes to this.
    pub(super) until: Option<u64>,
    /// The main task's future; the other tasks' are in their slots.
    pub(super) main: Option<Pin<&'a mut dyn Future<Output = ()>>>,
    /// What the main task panicked with.
    pub(super) main_panic: &'a RefCell<Option<Box<dyn Any + Send>>>,
    /// Set when the main task has ended.
    pub(super) main_end: &'a Cell<Option<Outcome>>,
    /// Reused from one wait to the next.
    pub(super) timer: smol::Timer,
    pub(super) polls_since_look: u32,
}

/// Why a phase cannot go on.
struct Over(Outcome);

impl Looper<'_> {
    /// Runs until the main task has ended, or for as long as something can happen.
    pub(super) async fn run(&mut self) -> Outcome {
        let outcome = loop {
            if let Some(outcome) = self.main_end.get() {
                break outcome;
            }
            if let Err(Over(outcome)) = self.tick().await {
                break outcome;
            }
        };
        // What hangs is shown as it hangs; what is cut off in order is shown being cut off.
        let hangs = matches!(
            outcome,
            Outcome::Deadlock | Outcome::Stalled | Outcome::Limit
        );
        if hangs {
            self.core.hot.borrow_mut().recorder.end(outcome);
        }
        self.clear();
        if !hangs {
            self.core.hot.borrow_mut().recorder.end(outcome);
        }
        outcome
    }

    /// One iteration of the loop.
    async fn tick(&mut self) -> Result<(), Over> {
        self.pass(Before::Tick).await?;
        self.core
            .hot
            .borrow_mut()
            .recorder
            .write(|writer| writer.tick_start());

        // 1: what I/O and other threads woke. With nothing ready, wait for it.
        if self.core.hot.borrow().ready.is_empty() {
            self.wait().await?;
        } else if self.core.in_flight.get() > 0 && self.polls_since_look >= POLLS_PER_LOOK {
            self.polls_since_look = 0;
            smol_future::yield_now().await;
        }
        self.drain();

        // 2: due timers.
        self.core.accepting.set(true);
        self.fire_timers();

        // 3: exactly what is in the ready queue now.
        let ready = {
            let mut hot = self.core.hot.borrow_mut();
            let ready = hot.ready.len();
            hot.recorder
                .write(|writer| writer.run(u32::try_from(ready).unwrap_or(u32::MAX)));
            hot.recorder.publish_some();
            ready
        };
        for _ in 0..ready {
            self.pass(Before::Poll).await?;
            self.core.accepting.set(true);
            self.poll_next();
            if self.main_end.get() == Some(Outcome::Limit) {
                return Err(Over(Outcome::Limit));
            }
        }
        self.core.accepting.set(false);
        self.core
            .hot
            .borrow_mut()
            .recorder
            .write(|writer| writer.tick_end());
        Ok(())
    }

    /// Asks the gate, and stands there while the loop is paused.
    #[inline]
    async fn pass(&mut self, before: Before) -> Result<(), Over> {
        match self.gate.ask(before) {
            Answer::Go => Ok(()),
            Answer::Stop => Err(Over(Outcome::Stopped)),
            Answer::Wait => self.stand(before).await,
        }
    }

    #[cold]
    async fn stand(&mut self, before: Before) -> Result<(), Over> {
        self.core.accepting.set(false);
        self.core.hot.borrow_mut().recorder.paused(true);
        let paused = self.core.clock.pause();
        self.gate.stand(before).await;
        self.core.clock.resume(paused);
        self.core.hot.borrow_mut().recorder.paused(false);
        if self.gate.ask(before) == Answer::Stop {
            Err(Over(Outcome::Stopped))
        } else {
            Ok(())
        }
    }

    // ---- phase 1

    /// Waits until something is ready or a timer is due, or finds that this will never be.
    async fn wait(&mut self) -> Result<(), Over> {
        if !self.core.inbox.1.is_empty() {
            return Ok(());
        }
        let deadline = self.core.timers.borrow_mut().next();
        if let (Some(until), Some(deadline)) = (self.until, deadline)
            && deadline > until
            && self.core.clock.is_virtual()
            && self.core.in_flight.get() == 0
        {
            self.jump(until);
            return Err(Over(Outcome::Stopped));
        }
        match deadline {
            Some(deadline) if deadline <= self.core.hot.borrow().recorder.now() => Ok(()),
            Some(deadline) if self.core.clock.is_virtual() && self.core.in_flight.get() == 0 => {
                self.park(Some(deadline));
                self.jump(deadline);
                Ok(())
            }
            _ => {
                self.park(deadline);
                let real = deadline.filter(|_| !self.core.clock.is_virtual());
                let waited = self.wait_outside(real).await;
                self.core
                    .hot
                    .borrow_mut()
                    .recorder
                    .advance(self.core.clock.now(), Advance::Waited);
                waited
            }
        }
    }

    fn park(&self, deadline: Option<u64>) {
        let mut hot = self.core.hot.borrow_mut();
        let now = hot.recorder.now();
        hot.recorder
            .write(|writer| writer.park(deadline.map(|deadline| deadline.saturating_sub(now))));
        hot.recorder.publish_some();
    }

    fn jump(&self, to: u64) {
        self.core.clock.jump(to);
        self.core
            .hot
            .borrow_mut()
            .recorder
            .advance(to, Advance::Jumped);
    }

    /// Waits for the inbox, at most until a deadline on a real clock.
    async fn wait_outside(&mut self, deadline: Option<u64>) -> Result<(), Over> {
        loop {
            let until = deadline
                .into_iter()
                .chain(self.until.filter(|_| !self.core.clock.is_virtual()))
                .min();
            let patience = match until {
                Some(until) => Some(Duration::from_nanos(
                    until.saturating_sub(self.core.clock.now()),
                )),
                None => self.patience()?,
            };
            match self.next_message(patience).await {
                Some(Message::Wake(handle, origin)) => {
                    self.take_in(Message::Wake(handle, origin));
                    return Ok(());
                }
                Some(Message::Gate) => self.pass(Before::Wait).await?,
                None => match until {
                    None => return Err(Over(Outcome::Stalled)),
                    Some(until) if self.until == Some(until) => return Err(Over(Outcome::Stopped)),
                    Some(_) => return Ok(()),
                },
            }
        }
    }

    /// How long to wait with no deadline: for ever, if something outside is under way.
    fn patience(&self) -> Result<Option<Duration>, Over> {
        if self.core.in_flight.get() > 0 || self.quiet == Quiet::Wait {
            return Ok(None);
        }
        if self.waits_for_unknown() {
            Ok(Some(GRACE))
        } else {
            Err(Over(Outcome::Deadlock))
        }
    }

    /// Whether some task waits for what the loop knows nothing about.
    fn waits_for_unknown(&self) -> bool {
        let hot = self.core.hot.borrow();
        hot.slots
            .iter()
            .any(|slot| slot.task != NOBODY && !slot.ended && slot.waits_for_unknown())
    }

    /// The next message; none if `patience` ends first.
    async fn next_message(&mut self, patience: Option<Duration>) -> Option<Message> {
        let message = async { self.core.inbox.1.recv().await.ok() };
        let Some(patience) = patience else {
            return message.await;
        };
        self.timer.set_after(patience);
        let timer = &mut self.timer;
        smol_future::or(message, async {
            timer.await;
            None
        })
        .await
    }

    /// Takes in what the inbox holds.
    #[inline]
    fn drain(&self) {
        if !self.core.inbox.1.is_empty() {
            while let Ok(message) = self.core.inbox.1.try_recv() {
                self.take_in(message);
            }
        }
    }

    fn take_in(&self, message: Message) {
        if let Message::Wake(handle, origin) = message {
            // First this, so that a wake from now on makes a new message.
            handle.taken();
            let mut hot = self.core.hot.borrow_mut();
            match origin {
                Origin::Io => hot.recorder.thread(None),
                Origin::Thread(name) => hot
                    .recorder
                    .thread(Some(name.as_deref().unwrap_or("a thread"))),
            }
            hot.wake(handle.slot(), handle.task());
        }
    }

    // ---- phase 2

    fn fire_timers(&mut self) {
        let mut due: Vec<(TimerId, Waker)> = Vec::new();
        self.core
            .timers
            .borrow_mut()
            .take_due(self.core.hot.borrow().recorder.now(), &mut due);
        if due.is_empty() {
            return;
        }
        let count = u32::try_from(due.len()).unwrap_or(u32::MAX);
        self.core
            .hot
            .borrow_mut()
            .recorder
            .write(|writer| writer.timers(count));
        for (timer, waker) in due {
            self.core
                .hot
                .borrow_mut()
                .recorder
                .write(|writer| writer.timer_fired(timer));
            waker.wake();
        }
    }

    // ---- phase 3

    /// Polls whatever is at the head of the ready queue.
    #[inline]
    fn poll_next(&mut self) {
        let taken = {
            let mut hot = self.core.hot.borrow_mut();
            let hot = &mut *hot;
            let Some(Entry { slot, task }) = hot.ready.pop_front() else {
                return;
            };
            if slot == CALLBACK {
                None
            } else {
                let Some(room) = hot.slots.get_mut(slot as usize) else {
                    return;
                };
                if room.task != task || room.ended {
                    return;
                }
                room.queued = false;
                let (waker, body, cancelled) =
                    (room.waker.take(), room.body.take(), room.cancelled);
                let waker = waker.unwrap_or_else(|| hot.new_waker(self.core, slot, task));
                let task = TaskId(task);
                hot.current = Some(Current { slot, said: 0 });
                hot.recorder.poll_start(task);
                Some((slot, task, body, waker, cancelled))
            }
        };
        self.polls_since_look += 1;
        match taken {
            None => self.call_back(),
            Some((slot, task, body, waker, true)) => self.tell_cancelled(slot, task, body, waker),
            Some((slot, task, body, waker, false)) => self.poll(slot, task, body, waker),
        }
        if self.core.hot.borrow().recorder.is_full() {
            self.main_end
                .set(Some(self.main_end.get().unwrap_or(Outcome::Limit)));
        }
    }

    #[inline]
    fn poll(&mut self, slot: u32, task: TaskId, mut body: Option<Body>, waker: TaskWaker) {
        let main = &mut self.main;
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let cx = &mut Context::from_waker(&waker.waker);
            match (&mut body, main) {
                (Some(body), _) => body.as_mut().poll(cx),
                (None, Some(main)) => main.as_mut().poll(cx),
                (None, None) => Poll::Ready(()),
            }
        }));
        if let Ok(Poll::Pending) = polled {
            let now = self.core.clock.now();
            let mut hot = self.core.hot.borrow_mut();
            let hot = &mut *hot;
            let room = &mut hot.slots[slot as usize];
            room.body = body;
            room.waker = Some(waker);
            room.said = hot.current.map_or(0, |current| current.said);
            if room.said == 0 && room.wait.0 != Wait::Unknown {
                let nowhere = crate::trace::LocationId::UNKNOWN;
                room.wait = (Wait::Unknown, nowhere);
                hot.recorder
                    .write(|writer| writer.wait(Wait::Unknown, nowhere, false));
            }
            hot.current = None;
            hot.recorder.poll_end(PollOutcome::Pending, now);
            return;
        }
        let outcome = match polled {
            Ok(_) => PollOutcome::Ready,
            Err(payload) => {
                self.failed(&mut body, payload);
                PollOutcome::Panicked
            }
        };
        self.end(slot, task, body, waker, outcome);
    }

    /// A task's last turn, if it was cancelled: its future is dropped.
    #[cold]
    fn tell_cancelled(
        &mut self,
        slot: u32,
        task: TaskId,
        mut body: Option<Body>,
        waker: TaskWaker,
    ) {
        self.core
            .hot
            .borrow_mut()
            .recorder
            .write(|writer| writer.cancel_delivered(task));
        if task.0 == 0 {
            self.main = None;
        }
        fail(&mut body, Failure::Cancelled);
        self.end(slot, task, body, waker, PollOutcome::Cancelled);
    }

    #[cold]
    fn failed(&self, body: &mut Option<Body>, payload: Box<dyn Any + Send>) {
        let message = super::output::panic_message(payload.as_ref());
        self.core
            .hot
            .borrow_mut()
            .recorder
            .write(|writer| writer.failed(&message));
        if body.is_some() {
            fail(body, Failure::Panicked(payload));
        } else {
            *self.main_panic.borrow_mut() = Some(payload);
        }
    }

    /// A task has ended: who waits for it is woken, in its last turn.
    #[inline]
    fn end(
        &mut self,
        slot: u32,
        task: TaskId,
        body: Option<Body>,
        waker: TaskWaker,
        outcome: PollOutcome,
    ) {
        let panicked = outcome == PollOutcome::Panicked;
        if task.0 == 0 && self.main_end.get().is_none() {
            self.main_end.set(Some(if panicked {
                Outcome::Panicked
            } else {
                Outcome::Finished
            }));
        }
        let (joining, watcher) = {
            let mut hot = self.core.hot.borrow_mut();
            hot.slots[slot as usize].body = body;
            hot.end(slot)
        };
        if let Some(joining) = joining {
            joining.wake();
        }
        if let Some(watcher) = watcher {
            watcher(panicked);
        }
        // Nobody will take what a detached task returned. Dropping it may do anything, with no borrow held.
        let unwanted = self.core.hot.borrow_mut().move_out(slot);
        if unwanted.is_some() {
            drop(catch_unwind(AssertUnwindSafe(|| drop(unwanted))));
        }
        let now = self.core.clock.now();
        let mut hot = self.core.hot.borrow_mut();
        hot.return_waker(waker);
        hot.living -= 1;
        hot.current = None;
        hot.recorder.poll_end(outcome, now);
    }

    #[cold]
    fn call_back(&self) {
        let Some((id, callback)) = self.core.hot.borrow_mut().callbacks.pop_front() else {
            return;
        };
        self.core
            .hot
            .borrow_mut()
            .recorder
            .write(|writer| writer.callback_start(id));
        drop(catch_unwind(AssertUnwindSafe(callback)));
        let now = self.core.clock.now();
        let mut hot = self.core.hot.borrow_mut();
        let took = hot.recorder.stamp(now);
        hot.recorder.write(|writer| writer.callback_end(id, took));
    }

    // ---- the end

    /// Cancels every task that is left, in the order of their numbers, and lets each be told.
    fn clear(&mut self) {
        self.core.accepting.set(true);
        // A task that is dropped may spawn others; one that does so for ever is left behind.
        for _ in 0..100 {
            let mut left: Vec<Entry> = {
                let hot = self.core.hot.borrow();
                let rooms = hot
                    .slots
                    .iter()
                    .zip(0..)
                    .filter(|(room, _)| room.task != NOBODY && !room.ended);
                rooms
                    .map(|(room, slot)| Entry {
                        slot,
                        task: room.task,
                    })
                    .collect()
            };
            if left.is_empty() {
                break;
            }
            left.sort_by_key(|entry| entry.task);
            self.core
                .hot
                .borrow_mut()
                .recorder
                .write(|writer| writer.tick_start());
            for &entry in &left {
                self.core.cancel(entry);
            }
            let ready = self.core.hot.borrow().ready.len();
            let count = u32::try_from(ready).unwrap_or(u32::MAX);
            self.core
                .hot
                .borrow_mut()
                .recorder
                .write(|writer| writer.run(count));
            for _ in 0..ready {
                self.poll_next();
            }
            self.core
                .hot
                .borrow_mut()
                .recorder
                .write(|writer| writer.tick_end());
        }
        self.core.accepting.set(false);
        // Callbacks that were never called, and results that were never taken.
        let callbacks = std::mem::take(&mut self.core.hot.borrow_mut().callbacks);
        let slots = std::mem::take(&mut self.core.hot.borrow_mut().slots);
        drop(catch_unwind(AssertUnwindSafe(|| drop((callbacks, slots)))));
    }
}

/// Drops a task's future. A panic in a destructor ends the destructor, not the loop.
fn fail(body: &mut Option<Body>, end: Failure) {
    if let Some(body) = body {
        drop(catch_unwind(AssertUnwindSafe(|| body.as_mut().fail(end))));
    }
}

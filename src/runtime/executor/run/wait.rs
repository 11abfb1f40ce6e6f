//! Phase 1: what I/O and other threads woke; with nothing ready, waiting for it.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Poll,
    time::Duration,
};

use smol::future;

use crate::{
    runtime::executor::{
        builder::OnIdle,
        gate::Checkpoint,
        task_key::VACANT,
        waker::{Message, Origin, WakeHandle},
    },
    trace::{Advance, Outcome},
};

use super::{EventLoop, Stop};

/// RunOptions long a quiet loop waits for somebody it does not know before it gives up.
const STALL_TIMEOUT: Duration = Duration::from_secs(1);

impl EventLoop<'_> {
    /// Waits until something is ready or a timer is due, or finds that this will never be.
    pub(super) async fn wait(&mut self) -> Result<(), Stop> {
        if self.has_pending() {
            return Ok(());
        }
        let deadline = self.core.timers.borrow_mut().next();
        if let (Some(until), Some(deadline)) = (self.until, deadline)
            && deadline > until
            && self.core.clock.is_virtual()
            && self.core.in_flight.get() == 0
        {
            self.jump(until);
            return Err(Stop(Outcome::Stopped));
        }
        match deadline {
            Some(deadline) if deadline <= self.core.sched.borrow().recorder.now() => Ok(()),
            Some(deadline) if self.core.clock.is_virtual() && self.core.in_flight.get() == 0 => {
                self.park(Some(deadline));
                self.jump(deadline);
                Ok(())
            }
            _ => {
                self.park(deadline);
                let real = deadline.filter(|_| !self.core.clock.is_virtual());
                self.core.sched.borrow_mut().recorder.parked(true);
                let message = self.wait_for_wake(real).await;
                self.core.sched.borrow_mut().recorder.parked(false);
                // First the time, then the wake: until now the task has waited, and was not ready.
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

    fn park(&self, deadline: Option<u64>) {
        let mut sched = self.core.sched.borrow_mut();
        sched.recorder.capture_output(true);
        let now = sched.recorder.now();
        sched
            .recorder
            .write(|writer| writer.park(deadline.map(|deadline| deadline.saturating_sub(now))));
        sched.recorder.publish_if_due();
    }

    fn jump(&self, to: u64) {
        self.core.clock.jump(to);
        self.core
            .sched
            .borrow_mut()
            .recorder
            .advance(to, Advance::Jumped);
    }

    /// Waits for a wake, at most until a deadline on a real clock.
    async fn wait_for_wake(&mut self, deadline: Option<u64>) -> Result<Option<Message>, Stop> {
        loop {
            let until = deadline
                .into_iter()
                .chain(self.until.filter(|_| !self.core.clock.is_virtual()))
                .min();
            let patience = match until {
                Some(until) => Some(Duration::from_nanos(
                    until.saturating_sub(self.core.clock.now()),
                )),
                None => self.idle_timeout()?,
            };
            match self.next_message(patience).await {
                Some(Message::LocalWake) => return Ok(None),
                Some(Message::Gate) => self.pause_while_waiting().await?,
                Some(message) => return Ok(Some(message)),
                None => match until {
                    None => return Err(Stop(Outcome::Stalled)),
                    Some(until) if self.until == Some(until) => return Err(Stop(Outcome::Stopped)),
                    Some(_) => return Ok(None),
                },
            }
        }
    }

    /// The gate has changed while the loop waits: its clock stands still for as long as it is paused.
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

    /// RunOptions long to wait with no deadline: for ever, if something outside is under way.
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

    /// Whether some task waits for what the loop knows nothing about.
    fn waits_for_unknown(&self) -> bool {
        let sched = self.core.sched.borrow();
        sched
            .slots
            .iter()
            .any(|slot| slot.task != VACANT && !slot.has_ended() && slot.waits_for_unknown())
    }

    /// The next message, or that there is news on this thread; none if `patience` ends first.
    async fn next_message(&mut self, patience: Option<Duration>) -> Option<Message> {
        let core = self.core;
        let nearby = poll_fn(|cx| {
            core.loop_waker.set(Some(cx.waker().clone()));
            if core.woken.borrow().is_empty() {
                Poll::Pending
            } else {
                Poll::Ready(Some(Message::LocalWake))
            }
        });
        let message = future::or(nearby, async { core.inbox.1.recv().await.ok() });
        let Some(patience) = patience else {
            return message.await;
        };
        self.timer.set_after(patience);
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

    /// Takes in what the inbox holds.
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
            Message::Wake(handle, origin) => self.handle_wake(&handle, &origin),
            Message::Cancel(entry, dropped) => self.core.cancel(entry, dropped),
            Message::DropHandle(entry) => {
                // What it left is dropped with no borrow held.
                let left = self.core.drop_handle(entry);
                drop(catch_unwind(AssertUnwindSafe(|| drop(left))));
            }
            Message::Gate | Message::LocalWake => {}
        }
    }

    #[inline]
    fn handle_wake(&self, handle: &WakeHandle, origin: &Origin) {
        // First this, so that a wake from now on makes a new message.
        handle.taken();
        let mut sched = self.core.sched.borrow_mut();
        match origin {
            Origin::Io => sched.recorder.thread(None),
            Origin::Thread(name) => sched
                .recorder
                .thread(Some(name.as_deref().unwrap_or("a thread"))),
        }
        sched.wake(handle.key());
    }
}

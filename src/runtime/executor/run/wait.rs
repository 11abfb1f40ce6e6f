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
        builder::Quiet,
        core::NOBODY,
        gate::Before,
        waker::{Message, Origin, WakeHandle},
    },
    trace::{Advance, Outcome},
};

use super::{Looper, Over};

/// How long a quiet loop waits for somebody it does not know before it gives up.
const GRACE: Duration = Duration::from_secs(1);

impl Looper<'_> {
    /// Waits until something is ready or a timer is due, or finds that this will never be.
    pub(super) async fn wait(&mut self) -> Result<(), Over> {
        if self.is_news() {
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
                self.core.hot.borrow_mut().recorder.parked(true);
                let message = self.wait_outside(real).await;
                self.core.hot.borrow_mut().recorder.parked(false);
                // First the time, then the wake: until now the task has waited, and was not ready.
                let now = self.core.clock.now();
                self.core
                    .hot
                    .borrow_mut()
                    .recorder
                    .advance(now, Advance::Waited);
                if let Some(message) = message? {
                    self.take_in(message);
                }
                Ok(())
            }
        }
    }

    fn park(&self, deadline: Option<u64>) {
        let mut hot = self.core.hot.borrow_mut();
        hot.recorder.hear(true);
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

    /// Waits for a wake, at most until a deadline on a real clock.
    async fn wait_outside(&mut self, deadline: Option<u64>) -> Result<Option<Message>, Over> {
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
                Some(Message::Nearby) => return Ok(None),
                Some(Message::Gate) => self.stand_waiting().await?,
                Some(message) => return Ok(Some(message)),
                None => match until {
                    None => return Err(Over(Outcome::Stalled)),
                    Some(until) if self.until == Some(until) => return Err(Over(Outcome::Stopped)),
                    Some(_) => return Ok(None),
                },
            }
        }
    }

    /// The gate has changed while the loop waits: its clock stands still for as long as it is paused.
    async fn stand_waiting(&mut self) -> Result<(), Over> {
        let now = self.core.clock.now();
        {
            let recorder = &mut self.core.hot.borrow_mut().recorder;
            recorder.advance(now, Advance::Waited);
            recorder.parked(false);
        }
        self.pass(Before::Wait).await?;
        self.core.hot.borrow_mut().recorder.parked(true);
        Ok(())
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

    /// The next message, or that there is news on this thread; none if `patience` ends first.
    async fn next_message(&mut self, patience: Option<Duration>) -> Option<Message> {
        let core = self.core;
        let nearby = poll_fn(|cx| {
            core.sleeper.set(Some(cx.waker().clone()));
            if core.woken.borrow().is_empty() {
                Poll::Pending
            } else {
                Poll::Ready(Some(Message::Nearby))
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

    fn is_news(&self) -> bool {
        !self.core.woken.borrow().is_empty() || !self.core.inbox.1.is_empty()
    }

    /// Takes in what the inbox holds.
    #[inline]
    pub(super) fn drain(&self) {
        if !self.core.woken.borrow().is_empty() {
            let mut hot = self.core.hot.borrow_mut();
            hot.recorder.thread(None);
            for entry in self.core.woken.borrow_mut().drain(..) {
                hot.wake(entry.slot, entry.task);
            }
        }
        if !self.core.inbox.1.is_empty() {
            while let Ok(message) = self.core.inbox.1.try_recv() {
                self.take_in(message);
            }
        }
    }

    fn take_in(&self, message: Message) {
        match message {
            Message::Wake(handle, origin) => self.take_wake(&handle, &origin),
            Message::Cancel(entry, dropped) => self.core.cancel(entry, dropped),
            Message::LetGo(entry) => {
                // What it left is dropped with no borrow held.
                let left = self.core.let_go(entry);
                drop(catch_unwind(AssertUnwindSafe(|| drop(left))));
            }
            Message::Gate | Message::Nearby => {}
        }
    }

    #[inline]
    fn take_wake(&self, handle: &WakeHandle, origin: &Origin) {
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

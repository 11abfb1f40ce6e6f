//! Sleeping, time limits, and work that holds the loop.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
    thread,
    time::Duration,
};

use crate::trace::{Advance, Moment, Wait};

use super::{
    clock::nanoseconds,
    core::{self, Core},
    timers::TimerKey,
};

/// Loop time.
///
/// # Panics
///
/// If there is no loop on this thread.
pub fn now() -> Moment {
    Moment(core::active().clock.now())
}

/// Loop time as a clock on the wall would show it that was started with the loop: `00:00:02`.
pub fn clock_text() -> String {
    let seconds = now().0 / 1_000_000_000;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Work for so long without giving way: nothing else runs meanwhile, and due timers fire late.
///
/// On a virtual clock the work takes no real time. On a thread without a loop, such as one of
/// [`unblock`](crate::unblock)'s, it always does.
pub fn block_for(duration: Duration) {
    core::with(|core| {
        if core.clock.is_virtual() {
            core.clock
                .jump(core.clock.now().saturating_add(nanoseconds(duration)));
        } else {
            hold_thread(duration);
        }
        let now = core.clock.now();
        core.hot.borrow_mut().recorder.advance(now, Advance::Worked);
    })
    .unwrap_or_else(|| hold_thread(duration));
}

#[expect(
    clippy::disallowed_methods,
    reason = "blocking the thread is what this is for"
)]
fn hold_thread(duration: Duration) {
    thread::sleep(duration);
}

/// Sleeps, from when it is first polled. Sleeping for no time at all gives way once, as `asyncio.sleep(0)`.
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    Sleep {
        state: SleepState::Asleep(duration),
        made: Location::caller(),
    }
}

/// The future of [`sleep`].
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct Sleep {
    state: SleepState,
    made: &'static Location<'static>,
}

#[derive(Debug)]
enum SleepState {
    /// Not polled yet.
    Asleep(Duration),
    /// In the timer queue.
    Armed(Armed),
    /// It only gave way.
    Yielded,
}

impl Future for Sleep {
    type Output = ();

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (made, awaited) = (self.made, Location::caller());
        match &mut self.state {
            SleepState::Asleep(Duration::ZERO) => {
                self.state = SleepState::Yielded;
                cx.waker().wake_by_ref();
                core::with(|core| core.wait(Wait::Yield, awaited, made));
                Poll::Pending
            }
            SleepState::Asleep(duration) => {
                let core = core::active();
                let deadline = core.clock.now().saturating_add(nanoseconds(*duration));
                self.state = SleepState::Armed(Armed::set(&core, deadline, cx, awaited, made));
                Poll::Pending
            }
            SleepState::Armed(armed) => armed.poll(cx, awaited, made),
            SleepState::Yielded => Poll::Ready(()),
        }
    }
}

/// A timer in the queue; taken out when dropped.
#[derive(Debug)]
struct Armed {
    key: TimerKey,
    loop_id: u64,
    fired: bool,
}

impl Armed {
    #[inline]
    fn set(
        core: &Core,
        deadline: u64,
        cx: &Context<'_>,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) -> Armed {
        let sleeper = core.sleeper(cx.waker());
        let key = core.timers.borrow_mut().set(deadline, sleeper);
        {
            let mut hot = core.hot.borrow_mut();
            let after = deadline.saturating_sub(hot.recorder.now());
            hot.recorder
                .write(|writer| writer.timer_set(key.slot, after));
        }
        core.wait(Wait::Timer(key.slot), awaited, made);
        Armed {
            key,
            loop_id: core.id,
            fired: false,
        }
    }

    #[inline]
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) -> Poll<()> {
        let waits = core::with(|core| {
            if core.id != self.loop_id {
                return false;
            }
            let sleeper = core.sleeper(cx.waker());
            let before = core.timers.borrow_mut().rewake(self.key, sleeper);
            if before.is_ok() {
                core.wait(Wait::Timer(self.key.slot), awaited, made);
            }
            before.is_ok()
        });
        if waits == Some(true) {
            return Poll::Pending;
        }
        self.fired = true;
        Poll::Ready(())
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        if self.fired {
            return;
        }
        core::with(|core| {
            if core.id != self.loop_id {
                return;
            }
            let sleeper = core.timers.borrow_mut().cancel(self.key);
            if sleeper.is_some() {
                let slot = self.key.slot;
                core.hot
                    .borrow_mut()
                    .recorder
                    .write(|writer| writer.timer_cancelled(slot));
            }
            drop(sleeper);
        });
    }
}

/// A point in loop time that can be awaited, once or again and again: `smol::Timer` on this loop's clock.
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct Timer {
    /// In nanoseconds of loop time; none for never.
    deadline: Option<u64>,
    /// 0 for a timer that fires once.
    period: u64,
    armed: Option<Armed>,
    made: &'static Location<'static>,
}

impl Timer {
    /// Fires so long from now.
    #[track_caller]
    pub fn after(duration: Duration) -> Timer {
        Timer::at(now() + duration)
    }

    /// Fires at a moment of loop time.
    #[track_caller]
    pub fn at(moment: Moment) -> Timer {
        Timer {
            deadline: Some(moment.0),
            period: 0,
            armed: None,
            made: Location::caller(),
        }
    }

    /// Fires every so often, first in `period`. Await [`Timer::tick`], or use it as a stream.
    #[track_caller]
    pub fn interval(period: Duration) -> Timer {
        let mut timer = Timer::after(period);
        timer.period = nanoseconds(period).max(1);
        timer
    }

    /// Never fires.
    #[track_caller]
    pub fn never() -> Timer {
        Timer {
            deadline: None,
            period: 0,
            armed: None,
            made: Location::caller(),
        }
    }

    /// Makes it fire so long from now instead.
    pub fn set_after(&mut self, duration: Duration) {
        self.set_at(now() + duration);
    }

    /// Makes it fire at a moment instead.
    pub fn set_at(&mut self, moment: Moment) {
        self.armed = None;
        self.deadline = Some(moment.0);
    }

    /// The next time it fires.
    pub async fn tick(&mut self) -> Moment {
        self.await
    }

    #[track_caller]
    fn poll_fire(&mut self, cx: &mut Context<'_>) -> Poll<Moment> {
        let awaited = Location::caller();
        let Some(deadline) = self.deadline else {
            core::with(|core| core.wait(Wait::Unknown, awaited, self.made));
            return Poll::Pending;
        };
        if let Some(armed) = &mut self.armed {
            if armed.poll(cx, awaited, self.made).is_pending() {
                return Poll::Pending;
            }
        } else {
            let core = core::active();
            if core.clock.now() < deadline {
                self.armed = Some(Armed::set(&core, deadline, cx, awaited, self.made));
                return Poll::Pending;
            }
        }
        self.armed = None;
        self.deadline = (self.period > 0).then(|| deadline.saturating_add(self.period));
        Poll::Ready(Moment(deadline))
    }
}

impl Future for Timer {
    type Output = Moment;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Moment> {
        self.poll_fire(cx)
    }
}

impl smol::stream::Stream for Timer {
    type Item = Moment;

    #[track_caller]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Moment>> {
        self.poll_fire(cx).map(Some)
    }
}

/// Gives a future so long, and drops it when the time is up.
///
/// A future that is done at its deadline is done.
#[track_caller]
pub fn timeout<F: Future>(duration: Duration, future: F) -> Timeout<F> {
    Timeout {
        future: Some(Box::pin(future)),
        sleep: sleep(duration.max(Duration::from_nanos(1))),
    }
}

/// The future of [`timeout`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Timeout<F> {
    /// None once it has come to its end.
    future: Option<Pin<Box<F>>>,
    sleep: Sleep,
}

impl<F> fmt::Debug for Timeout<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout")
            .field("sleep", &self.sleep)
            .finish_non_exhaustive()
    }
}

/// The time was up before the future was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time limit has passed")]
pub struct Elapsed;

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The timer speaks first, so that what the future waits for is what the task says last.
        let elapsed = Pin::new(&mut self.sleep).poll(cx).is_ready();
        if let Some(future) = &mut self.future
            && let Poll::Ready(value) = future.as_mut().poll(cx)
        {
            self.future = None;
            return Poll::Ready(Ok(value));
        }
        if elapsed {
            self.future = None;
            return Poll::Ready(Err(Elapsed));
        }
        Poll::Pending
    }
}

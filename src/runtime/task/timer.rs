//! Sleeping, time limits, and work that blocks the loop.
//!
//! All times are loop time: the time since the loop was created, on the clock of the run. When
//! nothing is ready, the virtual clock jumps to the next deadline, so a sleep takes no real time.

mod armed;
mod point;

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    thread,
    time::Duration,
};

use crate::{
    runtime::executor::{clock::nanoseconds, core},
    trace::{Advance, Moment, Wait},
};

use super::located::SiteGuard;
use armed::Armed;
pub use point::Timer;

/// The current loop time.
///
/// # Panics
///
/// If no loop runs on this thread.
///
/// ```
/// use loopscope::{Builder, now, sleep, sleep_until, trace::{ClockKind, Moment}};
/// use std::time::Duration;
///
/// let run = Builder::new().clock(ClockKind::Virtual).run(async {
///     sleep(Duration::from_secs(2)).await;
///     sleep_until(Moment(3_000_000_000)).await;
///     now().seconds()
/// });
/// assert_eq!(run.value, Some(3.0));
/// ```
pub fn now() -> Moment {
    Moment(core::current_loop().clock.now())
}

/// The current loop time in hours, minutes and seconds: `00:00:02`.
pub fn clock_text() -> String {
    let seconds = now().0 / 1_000_000_000;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Blocks the thread for a duration, as a long computation would: no other task runs, and timers
/// that become due fire late.
///
/// On the virtual clock this takes no real time. On a thread without a loop, such as a thread of
/// [`unblock`](crate::unblock), the thread always sleeps for real.
///
/// ```
/// use loopscope::{Builder, block_for, clock_text, trace::ClockKind};
/// use std::time::Duration;
///
/// let run = Builder::new().clock(ClockKind::Virtual).run(async {
///     block_for(Duration::from_secs(62));
///     clock_text()
/// });
/// assert_eq!(run.value.as_deref(), Some("00:01:02"));
/// ```
pub fn block_for(duration: Duration) {
    core::with_current(|core| {
        if core.clock.is_virtual() {
            core.clock
                .jump(core.clock.now().saturating_add(nanoseconds(duration)));
        } else {
            hold_thread(duration);
        }
        let now = core.clock.now();
        core.sched
            .borrow_mut()
            .recorder
            .advance(now, Advance::Worked);
    })
    .unwrap_or_else(|| hold_thread(duration));
}

#[expect(
    clippy::disallowed_methods,
    reason = "blocking the thread is the purpose of this function"
)]
fn hold_thread(duration: Duration) {
    thread::sleep(duration);
}

/// Sleeps for a duration, counted from the first poll. A sleep of no duration yields once, like
/// `asyncio.sleep(0)`.
///
/// ```
/// use loopscope::{Builder, now, sleep, spawn, trace::ClockKind};
/// use std::time::Duration;
///
/// let run = Builder::new().clock(ClockKind::Virtual).run(async {
///     let other = spawn(sleep(Duration::from_secs(2)));
///     sleep(Duration::from_secs(1)).await;
///     other.await; // it has slept for one second already
///     now().seconds()
/// });
/// assert_eq!(run.value, Some(2.0));
/// ```
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    Sleep {
        state: SleepState::For(duration),
        made: Location::caller(),
    }
}

/// Sleeps until a moment of loop time. Does not yield if the moment has passed.
#[track_caller]
pub fn sleep_until(moment: Moment) -> Sleep {
    Sleep {
        state: SleepState::Until(moment),
        made: Location::caller(),
    }
}

/// The future of [`sleep`] and [`sleep_until`].
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct Sleep {
    state: SleepState,
    made: &'static Location<'static>,
}

#[derive(Debug)]
enum SleepState {
    /// Not polled yet. The duration is counted from the first poll.
    For(Duration),
    /// Not polled yet.
    Until(Moment),
    /// In the timer queue of a loop.
    Armed(Armed),
    /// First polled where no loop runs: in the timer queue of the reactor.
    Foreign(async_io::Timer),
    /// The duration is zero, and the sleep has yielded.
    Yielded,
}

impl Future for Sleep {
    type Output = ();

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (made, awaited) = (self.made, Location::caller());
        match &mut self.state {
            SleepState::For(Duration::ZERO) => {
                self.state = SleepState::Yielded;
                cx.waker().wake_by_ref();
                core::with_current(|core| core.wait(Wait::Yield, awaited, made));
                Poll::Pending
            }
            SleepState::Until(moment) if moment.0 <= now().0 => Poll::Ready(()),
            SleepState::Until(moment) => {
                let armed = Armed::set(&core::current_loop(), moment.0, cx, awaited, made);
                self.state = SleepState::Armed(armed);
                Poll::Pending
            }
            SleepState::For(duration) => {
                let duration = *duration;
                let Some(core) = core::with_current(Rc::clone) else {
                    self.state = SleepState::Foreign(async_io::Timer::after(duration));
                    return self.poll(cx);
                };
                let deadline = core.clock.now().saturating_add(nanoseconds(duration));
                self.state = SleepState::Armed(Armed::set(&core, deadline, cx, awaited, made));
                Poll::Pending
            }
            SleepState::Armed(armed) => armed.poll(cx, awaited, made),
            SleepState::Foreign(timer) => Pin::new(timer).poll(cx).map(drop),
            SleepState::Yielded => Poll::Ready(()),
        }
    }
}

/// Limits the time of a future. A future that has not completed within `duration` is dropped, and
/// the result is [`Elapsed`].
///
/// A future that completes at its deadline has completed in time.
///
/// ```
/// use loopscope::{Builder, future, sleep, timeout, trace::ClockKind};
/// use std::time::Duration;
///
/// let run = Builder::new().clock(ClockKind::Virtual).run(async {
///     let limit = Duration::from_secs(1);
///     assert!(timeout(limit, future::pending::<()>()).await.is_err());
///     timeout(limit, sleep(limit)).await.is_ok()
/// });
/// assert_eq!(run.value, Some(true));
/// ```
#[track_caller]
pub fn timeout<F: Future>(duration: Duration, future: F) -> Timeout<F> {
    Timeout {
        future: Some(Box::pin(future)),
        // A sleep of zero would yield once instead of setting a timer.
        sleep: sleep(duration.max(Duration::from_nanos(1))),
    }
}

/// The future of [`timeout`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Timeout<F> {
    /// `None` once the future has completed or was dropped.
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

/// The time limit has passed before the future completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time limit has passed")]
pub struct Elapsed;

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Poll the timer before the future. If a task declares several waits in one poll, the trace
        // shows the last one as the main wait, and the main wait should be that of the future.
        let _site = SiteGuard::new(Location::caller(), self.sleep.made);
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

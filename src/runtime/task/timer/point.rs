//! `smol::Timer`, in the timer queue of the loop.

use std::{
    future::Future,
    panic::Location,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use futures_lite::stream::Stream;

use crate::{
    runtime::executor::{
        clock::nanoseconds,
        core::{self, Core},
    },
    trace::Wait,
};

use super::armed::Armed;

/// A point in time that can be awaited, once or periodically: `smol::Timer`.
///
/// Times are [`Instant`]s, as in smol. On the virtual clock they are the instant at which the loop
/// was made plus the loop time. A timer that is polled outside of the loops of this crate works as
/// smol's own timer does, and so does one that an executor on several threads polls.
///
/// ```
/// use loopscope::{Builder, Timer, now, stream::StreamExt, trace::ClockKind};
/// use std::time::Duration;
///
/// let run = Builder::new().clock(ClockKind::Virtual).run(async {
///     let begin = Timer::after(Duration::from_secs(1)).await;
///     Timer::at(begin + Duration::from_secs(1)).await; // at 2 s
///     let mut every = Timer::interval(Duration::from_secs(1));
///     every.next().await; // at 3 s
///     every.tick().await; // at 4 s
///     every.set_interval_at(begin + Duration::from_secs(5), Duration::from_secs(1));
///     every.tick().await; // at 6 s
///     every.set_interval(Duration::from_secs(1));
///     every.set_at(begin + Duration::from_secs(6));
///     every.set_after(Duration::from_secs(2));
///     assert!(every.will_fire() && !Timer::never().will_fire());
///     (&mut every).await; // at 8 s
///     drop(Timer::interval_at(begin, Duration::from_secs(1)));
///     now().seconds()
/// });
/// assert_eq!(run.value, Some(8.0));
/// ```
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct Timer {
    /// The next time; `None` for never.
    when: Option<Instant>,
    /// The time from one firing to the next; `Duration::MAX` for a timer that fires once.
    period: Duration,
    state: Arming,
    made: &'static Location<'static>,
}

#[derive(Debug)]
enum Arming {
    /// In no timer queue: the timer has not been polled since it was last set or last fired.
    Unset,
    /// In the timer queue of a loop of this crate.
    InLoop(Armed),
    /// In the timer queue of smol.
    InSmol(async_io::Timer),
}

impl Timer {
    #[track_caller]
    fn new(when: Option<Instant>, period: Duration) -> Timer {
        Timer {
            when,
            period,
            state: Arming::Unset,
            made: Location::caller(),
        }
    }

    /// A timer that does not fire unless it is set.
    #[track_caller]
    pub fn never() -> Timer {
        Timer::new(None, Duration::MAX)
    }

    /// A timer that fires once, after a duration. It never fires if the time is too far away for an
    /// [`Instant`].
    #[track_caller]
    pub fn after(duration: Duration) -> Timer {
        Timer::new(now().checked_add(duration), Duration::MAX)
    }

    /// A timer that fires once, at an instant.
    #[track_caller]
    pub fn at(instant: Instant) -> Timer {
        Timer::new(Some(instant), Duration::MAX)
    }

    /// A timer that fires every `period`, first in one `period` from now. Await it repeatedly, or
    /// use it as a stream.
    #[track_caller]
    pub fn interval(period: Duration) -> Timer {
        Timer::new(now().checked_add(period), period)
    }

    /// A timer that fires every `period`, first at `start`.
    #[track_caller]
    pub fn interval_at(start: Instant, period: Duration) -> Timer {
        Timer::new(Some(start), period)
    }

    /// Whether the timer will ever fire.
    pub fn will_fire(&self) -> bool {
        self.when.is_some()
    }

    /// Sets the timer to fire once, after a duration.
    pub fn set_after(&mut self, duration: Duration) {
        self.set(now().checked_add(duration), Duration::MAX);
    }

    /// Sets the timer to fire once, at an instant.
    pub fn set_at(&mut self, instant: Instant) {
        self.set(Some(instant), Duration::MAX);
    }

    /// Sets the timer to fire every `period`, first in one `period` from now.
    pub fn set_interval(&mut self, period: Duration) {
        self.set(now().checked_add(period), period);
    }

    /// Sets the timer to fire every `period`, first at `start`.
    pub fn set_interval_at(&mut self, start: Instant, period: Duration) {
        self.set(Some(start), period);
    }

    /// Makes the timer one that does not fire until it is set again.
    ///
    /// ```
    /// use loopscope::{Timer, block_on, future::poll_once};
    /// use std::time::Duration;
    ///
    /// let mut timer = Timer::after(Duration::ZERO);
    /// timer.clear();
    /// assert!(!timer.will_fire());
    /// assert!(block_on(poll_once(&mut timer)).is_none());
    /// ```
    pub fn clear(&mut self) {
        self.set(None, self.period);
    }

    /// Sets the next time and the period. A timer that is in a timer queue is moved there at once,
    /// so that a task that waits for it is woken at the new time. A timer that has fired, but was
    /// not polled since, forgets that: its next poll puts it into the queue anew.
    fn set(&mut self, when: Option<Instant>, period: Duration) {
        (self.when, self.period) = (when, period);
        let is_moved = match (&mut self.state, when) {
            (Arming::InLoop(armed), Some(when)) => {
                let here = |core: &Rc<Core>| {
                    (armed.is_of(core)).then(|| armed.reset(core, deadline(core, when)))
                };
                core::with_current(here).flatten().unwrap_or_else(|| {
                    armed.wake_elsewhere();
                    false
                })
            }
            (Arming::InSmol(timer), Some(when)) => {
                timer.set_at(when);
                true
            }
            (Arming::Unset, _) | (_, None) => false,
        };
        if !is_moved {
            self.state = Arming::Unset;
        }
    }

    /// Waits until the timer fires, and returns the time for which the timer was set.
    pub async fn tick(&mut self) -> Instant {
        self.await
    }

    #[track_caller]
    fn poll_fire(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        let awaited = Location::caller();
        let Some(when) = self.when else {
            core::with_current(|core| core.wait(Wait::Unknown, awaited, self.made));
            return Poll::Pending;
        };
        let fired = core::with_current(|core| self.poll_in_loop(core, when, cx, awaited))
            .unwrap_or_else(|| self.poll_in_smol(when, cx));
        if fired {
            self.state = Arming::Unset;
            // The sum overflows for a timer that fires once, which then never fires again.
            self.when = when.checked_add(self.period);
            return Poll::Ready(when);
        }
        Poll::Pending
    }

    /// Polls the timer in the timer queue of the loop. Returns whether it has fired.
    #[inline]
    fn poll_in_loop(
        &mut self,
        core: &Core,
        when: Instant,
        cx: &mut Context<'_>,
        awaited: &'static Location<'static>,
    ) -> bool {
        match &mut self.state {
            Arming::InLoop(armed) if armed.is_of(core) => {
                armed.poll(cx, awaited, self.made).is_ready()
            }
            // The time has passed already, so the timer does not go through the queue.
            _ if now_in(core) >= when => true,
            _ => {
                let deadline = deadline(core, when);
                self.state = Arming::InLoop(Armed::set(core, deadline, cx, awaited, self.made));
                false
            }
        }
    }

    fn poll_in_smol(&mut self, when: Instant, cx: &mut Context<'_>) -> bool {
        if !matches!(self.state, Arming::InSmol(_)) {
            self.state = Arming::InSmol(async_io::Timer::at(when));
        }
        match &mut self.state {
            Arming::InSmol(timer) => Pin::new(timer).poll(cx).is_ready(),
            _ => false,
        }
    }
}

impl Future for Timer {
    type Output = Instant;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        self.poll_fire(cx)
    }
}

impl Stream for Timer {
    type Item = Instant;

    #[track_caller]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Instant>> {
        self.poll_fire(cx).map(Some)
    }
}

/// The current time: that of the loop on this thread, or the system's.
#[inline]
fn now() -> Instant {
    core::with_current(|core| now_in(core)).unwrap_or_else(system_now)
}

#[inline]
fn now_in(core: &Core) -> Instant {
    if core.clock.is_virtual() {
        core.made + Duration::from_nanos(core.clock.now())
    } else {
        system_now()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "smol's timers are set in the time of the system"
)]
fn system_now() -> Instant {
    Instant::now()
}

/// An instant, in nanoseconds of loop time.
#[inline]
fn deadline(core: &Core, when: Instant) -> u64 {
    let left = when.saturating_duration_since(now_in(core));
    core.clock.now().saturating_add(nanoseconds(left))
}

//! Points in time that can be awaited: `smol::Timer`.

use std::{
    future::Future,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use smol::stream::Stream;

use crate::{
    runtime::executor::{
        clock::nanoseconds,
        core::{self, Core},
    },
    trace::Wait,
};

use super::armed::Armed;

/// A point in time that can be awaited, once or again and again: `smol::Timer`, in the timer queue of the loop.
///
/// Times are those of the system, as in smol; on a virtual clock they count from when the loop was made. Where no loop of
/// this crate runs, it is smol's own timer.
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct Timer {
    /// The next time; none for never.
    when: Option<Instant>,
    period: Duration,
    state: TimerState,
    made: &'static Location<'static>,
}

#[derive(Debug)]
enum TimerState {
    /// Not polled yet for its next time.
    Unset,
    /// In the timer queue of a loop.
    InLoop(Armed),
    /// In that of smol.
    InSmol(smol::Timer),
}

impl Timer {
    #[track_caller]
    fn new(when: Option<Instant>, period: Duration) -> Timer {
        Timer {
            when,
            period,
            state: TimerState::Unset,
            made: Location::caller(),
        }
    }

    /// Never fires, unless it is set.
    #[track_caller]
    pub fn never() -> Timer {
        Timer::new(None, Duration::MAX)
    }

    /// Fires so long from now. A time too far away to be counted is never.
    #[track_caller]
    pub fn after(duration: Duration) -> Timer {
        Timer::new(now().checked_add(duration), Duration::MAX)
    }

    /// Fires at an instant.
    #[track_caller]
    pub fn at(instant: Instant) -> Timer {
        Timer::new(Some(instant), Duration::MAX)
    }

    /// Fires every so often, first in `period`. Await it again and again, or use it as a stream.
    #[track_caller]
    pub fn interval(period: Duration) -> Timer {
        Timer::new(now().checked_add(period), period)
    }

    /// Fires every so often, first at `start`.
    #[track_caller]
    pub fn interval_at(start: Instant, period: Duration) -> Timer {
        Timer::new(Some(start), period)
    }

    /// Whether it will ever fire.
    pub fn will_fire(&self) -> bool {
        self.when.is_some()
    }

    /// Makes it fire so long from now instead, once.
    pub fn set_after(&mut self, duration: Duration) {
        self.set(now().checked_add(duration), Duration::MAX);
    }

    /// Makes it fire at an instant instead, once.
    pub fn set_at(&mut self, instant: Instant) {
        self.set(Some(instant), Duration::MAX);
    }

    /// Makes it fire every so often instead, first in `period`.
    pub fn set_interval(&mut self, period: Duration) {
        self.set(now().checked_add(period), period);
    }

    /// Makes it fire every so often instead, first at `start`.
    pub fn set_interval_at(&mut self, start: Instant, period: Duration) {
        self.set(Some(start), period);
    }

    /// Whoever waits for it waits for the new time.
    fn set(&mut self, when: Option<Instant>, period: Duration) {
        (self.when, self.period) = (when, period);
        match (&mut self.state, when) {
            (TimerState::InLoop(armed), Some(when)) => {
                core::with_current(|core| armed.reset(core, deadline(core, when)));
            }
            (TimerState::InSmol(timer), Some(when)) => timer.set_at(when),
            _ => self.state = TimerState::Unset,
        }
    }

    /// The next time it fires.
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
            self.state = TimerState::Unset;
            self.when = when.checked_add(self.period);
            return Poll::Ready(when);
        }
        Poll::Pending
    }

    /// True if it has fired.
    #[inline]
    fn poll_in_loop(
        &mut self,
        core: &Core,
        when: Instant,
        cx: &mut Context<'_>,
        awaited: &'static Location<'static>,
    ) -> bool {
        match &mut self.state {
            TimerState::InLoop(armed) if armed.is_of(core) => {
                armed.poll(cx, awaited, self.made).is_ready()
            }
            _ if now_in(core) >= when => true,
            _ => {
                let deadline = deadline(core, when);
                self.state = TimerState::InLoop(Armed::set(core, deadline, cx, awaited, self.made));
                false
            }
        }
    }

    fn poll_in_smol(&mut self, when: Instant, cx: &mut Context<'_>) -> bool {
        if !matches!(self.state, TimerState::InSmol(_)) {
            self.state = TimerState::InSmol(smol::Timer::at(when));
        }
        match &mut self.state {
            TimerState::InSmol(timer) => Pin::new(timer).poll(cx).is_ready(),
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

/// What time it is for the loop of this thread, if there is one.
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

//! Sleeping, and work that holds the loop.

mod armed;
mod point;
mod timeout;

use std::{
    future::Future,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
    thread,
    time::Duration,
};

use crate::trace::{Advance, Moment, Wait};

use crate::runtime::executor::{clock::nanoseconds, core};

use armed::Armed;
pub use point::Timer;
pub use timeout::{Elapsed, Timeout, timeout};

/// Loop time.
///
/// # Panics
///
/// If there is no loop on this thread.
pub fn now() -> Moment {
    Moment(core::current_loop().clock.now())
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

/// Sleeps until a moment of loop time. One that has passed is no reason to give way.
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
    /// Not polled yet.
    Asleep(Duration),
    /// Not polled yet.
    Until(Moment),
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
                core::with_current(|core| core.wait(Wait::Yield, awaited, made));
                Poll::Pending
            }
            SleepState::Until(moment) if moment.0 <= now().0 => Poll::Ready(()),
            SleepState::Until(moment) => {
                let armed = Armed::set(&core::current_loop(), moment.0, cx, awaited, made);
                self.state = SleepState::Armed(armed);
                Poll::Pending
            }
            SleepState::Asleep(duration) => {
                let core = core::current_loop();
                let deadline = core.clock.now().saturating_add(nanoseconds(*duration));
                self.state = SleepState::Armed(Armed::set(&core, deadline, cx, awaited, made));
                Poll::Pending
            }
            SleepState::Armed(armed) => armed.poll(cx, awaited, made),
            SleepState::Yielded => Poll::Ready(()),
        }
    }
}

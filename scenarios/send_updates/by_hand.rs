//! What the loops that are made by hand resume: the sender as an iterator, and the sender as a future. Look at `pause`: it
//! is all that `.await` needs, a place for the time and a future that is pending once.

use std::{cell::Cell, future::poll_fn, rc::Rc, task::Poll, time::Duration};

use loopscope::{now, println, trace::Moment};

use super::update;

/// Which one is due first. Of those that are due at once, the one that has waited longest.
pub(super) fn earliest<T>(timers: &[(Moment, T)]) -> Option<usize> {
    (0..timers.len()).min_by_key(|&index| timers[index].0)
}

/// Resumed by asking for the next pause, runs up to there; at the end there is none.
pub(super) fn pauses((count, seconds): (u32, u64)) -> impl Iterator<Item = Duration> {
    (0..=count).filter_map(move |number| {
        if number > 0 {
            println!("{}", update(number, count, seconds));
        }
        (number < count).then_some(Duration::from_secs(seconds))
    })
}

/// Where a future leaves word when it wants to be polled again.
pub(super) type Alarm = Rc<Cell<Moment>>;

/// Sets the alarm, gives way, and is done the next time it is polled.
async fn pause(alarm: &Alarm, duration: Duration) {
    alarm.set(now() + duration);
    let mut paused = false;
    poll_fn(|_| {
        if std::mem::replace(&mut paused, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

pub(super) async fn send_with_alarm((count, seconds): (u32, u64), alarm: Alarm) {
    for number in 1..=count {
        pause(&alarm, Duration::from_secs(seconds)).await;
        println!("{}", update(number, count, seconds));
    }
}

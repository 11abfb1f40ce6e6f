// Three senders of updates, every 1, 2 and 3 seconds, and how to run them at once: on a thread each, or in a loop.
// The loop is built here from nothing, twice; compare it with the tasks of the `concurrent` variant.
//
// A loop is a list of functions that can be resumed, each with the time when it wants to be. Take the earliest,
// wait until then, resume it, and put it back with its new time: that is all. In `generators` a function is resumed
// by asking an iterator for its next pause; in `mini_loop` by polling a future, which is what `.await` is made of.
// Look at main: it is the only task, and its turns are the turns of the little loop. Only the waiting itself is
// borrowed from the loop below.

mod threads;

use std::{
    cell::Cell,
    future::poll_fn,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use loopscope::{gather, now, println, sleep, sleep_until, trace::Moment};

use threads::threads;

/// How many updates each sender sends, and how many seconds it waits before each.
const SENDERS: [(u32, u64); 3] = [(10, 1), (5, 2), (4, 3)];

fn update(number: u32, count: u32, seconds: u64) -> String {
    format!("[{seconds}.0] Sending update {number}/{count}.")
}

async fn send_updates((count, seconds): (u32, u64)) {
    for number in 1..=count {
        sleep(Duration::from_secs(seconds)).await;
        println!("{}", update(number, count, seconds));
    }
}

async fn sequential() {
    for sender in SENDERS {
        send_updates(sender).await;
    }
}

async fn concurrent() {
    gather(SENDERS.map(send_updates)).await;
}

/// Which one is due first. Of those that are due at once, the one that has waited longest.
fn earliest<T>(timers: &[(Moment, T)]) -> Option<usize> {
    (0..timers.len()).min_by_key(|&index| timers[index].0)
}

/// Resumed by asking for the next pause, runs up to there; at the end there is none.
fn pauses((count, seconds): (u32, u64)) -> impl Iterator<Item = Duration> {
    (0..=count).filter_map(move |number| {
        if number > 0 {
            println!("{}", update(number, count, seconds));
        }
        (number < count).then_some(Duration::from_secs(seconds))
    })
}

async fn generators() {
    let mut timers = Vec::from(SENDERS.map(|sender| (now(), pauses(sender))));
    while let Some(next) = earliest(&timers) {
        let (due, mut sender) = timers.remove(next);
        sleep_until(due).await;
        if let Some(pause) = sender.next() {
            timers.push((now() + pause, sender));
        }
    }
}

/// Where a future leaves word when it wants to be polled again.
type Alarm = Rc<Cell<Moment>>;

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

async fn send_with_alarm((count, seconds): (u32, u64), alarm: Alarm) {
    for number in 1..=count {
        pause(&alarm, Duration::from_secs(seconds)).await;
        println!("{}", update(number, count, seconds));
    }
}

async fn mini_loop() {
    let alarm = Alarm::new(Cell::new(now()));
    let start = |sender| (now(), Box::pin(send_with_alarm(sender, Rc::clone(&alarm))));
    let mut timers = Vec::from(SENDERS.map(start));
    while let Some(next) = earliest(&timers) {
        let (due, mut future) = timers.remove(next);
        sleep_until(due).await;
        let context = &mut Context::from_waker(Waker::noop());
        if future.as_mut().poll(context).is_pending() {
            timers.push((alarm.get(), future));
        }
    }
}

loopscope::scenario! {
    name: "send_updates",
    title: "Senders of updates, and a loop built from nothing",
    parts: ["threads.rs"],
    twin: true,
    variants: [
        sequential() "one sender after the other",
        threads() real "a thread for each sender",
        generators() "a loop of iterators, made by hand",
        mini_loop() "a loop of futures, polled by hand",
        concurrent() "tasks, as everywhere else",
    ],
    params: [],
}

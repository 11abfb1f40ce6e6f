// Three senders of updates, every 1, 2 and 3 seconds, and how to run them at once: on a thread each, or in a loop.
// The loop is built here from nothing, twice; compare it with the tasks of the `concurrent` variant.
//
// A loop is a list of functions that can be resumed, each with the time when it wants to be. Take the earliest,
// wait until then, resume it, and put it back with its new time: that is all. In `generators` a function is resumed
// by asking an iterator for its next pause; in `mini_loop` by polling a future, which is what `.await` is made of.
// Both loops stand on this page, so that they can be read side by side; what they resume is in `by_hand.rs`.
// Look at main: it is the only task, and its turns are the turns of the little loop. Only the waiting itself is
// borrowed from the loop below.

mod by_hand;
mod threads;

use std::{
    cell::Cell,
    rc::Rc,
    task::{Context, Waker},
    time::Duration,
};

use loopscope::{gather, now, println, sleep, sleep_until};

use by_hand::{Alarm, earliest, pauses, send_with_alarm};
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
    parts: ["by_hand.rs", "threads.rs"],
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

// Three senders of updates, every 1, 2 and 3 seconds, run by a loop that is built here from
// nothing.
//
// A loop is a list of functions that can be resumed, each with the time when it wants to be. Take
// the earliest one, wait until that time, resume it, and put it back with its new time. Here the
// functions are futures: polling one resumes it up to its next `pause`, which says when to poll it
// again. `.await` is made of nothing else.
//
// Look at main in `mini_loop`: it is the only task, and each of its polls is one round of the small
// loop. Compare it with the tasks of the `concurrent` variant. The same senders as iterators and as
// threads are in `others.rs`.

mod others;

use std::{
    cell::Cell,
    future::poll_fn,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use loopscope::{FutureExt, gather, now, println, resumable, sleep, sleep_until, trace::Moment};

use others::{generators, sequential, threads};

/// How many updates each sender sends, and how many seconds it waits before each.
const SENDERS: [(u32, u64); 3] = [(10, 1), (5, 2), (4, 3)];

fn update(number: u32, count: u32, seconds: u64) -> String {
    format!("[{seconds}.0] Sending update {number}/{count}.")
}

fn name((_, seconds): (u32, u64)) -> String {
    format!("sender {seconds}s")
}

async fn send_updates((count, seconds): (u32, u64)) {
    for number in 1..=count {
        sleep(Duration::from_secs(seconds)).await;
        println!("{}", update(number, count, seconds));
    }
}

async fn concurrent() {
    gather(SENDERS.map(|sender| send_updates(sender).task_named(&name(sender)))).await;
}

/// The time at which a future wants to be polled again.
type Alarm = Rc<Cell<Moment>>;

/// Sets the alarm, is pending once, and is done at the next poll.
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

async fn send_with_pauses((count, seconds): (u32, u64), alarm: Alarm) {
    for number in 1..=count {
        pause(&alarm, Duration::from_secs(seconds)).await;
        println!("{}", update(number, count, seconds));
    }
}

/// The index of the earliest time; of equal times, the one that has waited longest.
fn earliest<T>(timers: &[(Moment, T)]) -> Option<usize> {
    (0..timers.len()).min_by_key(|&index| timers[index].0)
}

async fn mini_loop() {
    let alarm = Alarm::new(Cell::new(now()));
    let start = |sender: (u32, u64)| {
        let sending = send_with_pauses(sender, Rc::clone(&alarm));
        (now(), Box::pin(resumable(&name(sender), sending))) // each poll is in the trace
    };
    let mut timers = Vec::from(SENDERS.map(start));
    while let Some(next) = earliest(&timers) {
        let (due, mut future) = timers.remove(next);
        sleep_until(due).await; // only the waiting is left to the loop below
        let context = &mut Context::from_waker(Waker::noop());
        if future.as_mut().poll(context).is_pending() {
            timers.push((alarm.get(), future));
        }
    }
}

loopscope::scenario! {
    name: "send_updates",
    title: "Senders of updates, and a loop built from nothing",
    parts: ["others.rs"],
    twin: true,
    pairs: true,
    variants: [
        sequential() "one sender after the other",
        threads() threads "a thread for each sender",
        generators() "a loop of iterators, written by hand",
        mini_loop() "a loop of futures, polled by hand",
        concurrent() "tasks of the loop",
    ],
    params: [],
}

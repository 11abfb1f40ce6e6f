//! The same senders without tasks: one after the other, as iterators that a small loop resumes, and
//! on threads. A thread cannot print for a task, so it sends its lines to the loop: look at
//! the channel `lines`.

use std::time::Duration;

use loopscope::{block_for, channel, now, println, resumable, sleep_until, spawn, unblock};

use super::{SENDERS, earliest, name, send_updates, update};

pub(super) async fn sequential() {
    for sender in SENDERS {
        send_updates(sender).await;
    }
}

/// A sender as an iterator: `next` runs it up to its next pause.
fn pauses((count, seconds): (u32, u64)) -> impl Iterator<Item = Duration> {
    (0..=count).filter_map(move |number| {
        if number > 0 {
            println!("{}", update(number, count, seconds));
        }
        (number < count).then_some(Duration::from_secs(seconds))
    })
}

/// The loop of `mini_loop`, with iterators in place of futures.
pub(super) async fn generators() {
    let start = |sender| (now(), resumable(&name(sender), pauses(sender)));
    let mut timers = Vec::from(SENDERS.map(start));
    while let Some(next) = earliest(&timers) {
        let (due, mut sender) = timers.remove(next);
        sleep_until(due).await;
        if let Some(pause) = sender.next() {
            timers.push((now() + pause, sender));
        }
    }
}

pub(super) async fn threads() {
    let (sender, lines) = channel::named("lines", 0);
    for (count, seconds) in SENDERS {
        let sender = sender.clone();
        let thread = unblock(move || {
            for number in 1..=count {
                block_for(Duration::from_secs(seconds));
                let _ = sender.try_send(update(number, count, seconds));
            }
        });
        spawn(thread).named(&format!("thread {seconds}")).detach();
    }
    drop(sender); // the channel closes when the last thread is done
    while let Ok(line) = lines.recv().await {
        println!("{line}");
    }
}

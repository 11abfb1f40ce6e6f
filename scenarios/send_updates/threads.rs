//! The senders as threads. Look at `lines`: a thread must not print for a task, so it sends its lines to the loop.

use std::time::Duration;

use loopscope::{block_for, channel, println, spawn, unblock};

use super::{SENDERS, update};

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
    drop(sender); // the threads hold the others; when they are done the channel closes
    while let Ok(line) = lines.recv().await {
        println!("{line}");
    }
}

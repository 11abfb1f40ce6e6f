//! A program of three loops: one on the main thread, one on a thread of its own, and the background
//! loop, which runs what is spawned where no loop runs.
//!
//! `cargo run --example threads`, then `o` for the list of loops. With the argument `forever` the
//! loops run until they are stopped.

#![expect(clippy::print_stdout, reason = "a program prints")]

use std::{env, thread, time::Duration};

use loopscope as smol; // the one line

use smol::{Timer, channel};

/// Counts with a pause before each number.
async fn count(name: &str, pause: u64, last: u32) {
    for number in 1..=last {
        Timer::after(Duration::from_millis(pause)).await;
        println!("{name} counts {number}");
    }
}

fn main() -> thread::Result<()> {
    let forever = env::args().nth(1).is_some_and(|word| word == "forever");
    let last = if forever { u32::MAX } else { 3 };
    // No loop runs on this thread yet, so the task is of the background loop.
    let background = smol::spawn(count("the background", 30, last));
    let (sender, receiver) = channel::bounded(1);
    let worker = thread::Builder::new().name("worker".into());
    let worker = worker.spawn(move || {
        smol::block_on(async {
            let number: u32 = receiver.recv().await.unwrap_or_default();
            count("the worker", 20, number).await;
        });
    });
    smol::block_on(async {
        sender.send(last).await.ok();
        count("main", 10, last).await;
        background.await;
    });
    worker.map_or(Ok(()), thread::JoinHandle::join)
}

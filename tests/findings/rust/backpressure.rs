//! A slow consumer that holds up the others, because one task sends to all of them.

use std::time::Duration;

use loopscope::{channel, gather, sleep, spawn};

use super::ms;

async fn take(from: channel::Receiver<u32>, time: Duration) {
    while from.recv().await.is_ok() {
        sleep(time).await;
    }
}

pub(crate) async fn wrong() {
    let (mut senders, mut takers) = (Vec::new(), Vec::new());
    for time in [1, 1, 100] {
        let (sender, receiver) = channel::bounded(2);
        senders.push(sender);
        takers.push(spawn(take(receiver, ms(time))));
    }
    for number in 0..30 {
        for sender in &senders {
            let _ = sender.send(number).await; // WRONG: backpressure
        }
    }
    drop(senders);
    gather(takers).await;
}

/// A producer that has nothing else to do, and a chain of stages behind it.
pub(crate) async fn right() {
    let (raw, raw_out) = channel::bounded(4);
    let (parsed, parsed_out) = channel::bounded(4);
    let parser = spawn(async move {
        while let Ok(item) = raw_out.recv().await {
            let _ = parsed.send(item).await;
        }
    });
    let stores = spawn(take(parsed_out, ms(20)));
    for number in 0..40 {
        let _ = raw.send(number).await;
    }
    drop(raw);
    parser.await;
    stores.await;
}

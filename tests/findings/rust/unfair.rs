//! A choice that always prefers one channel.

use loopscope::{channel, future::or, gather, println, sleep, spawn};

use super::ms;

pub(crate) async fn wrong() {
    let (fast, fast_out) = channel::bounded(8);
    let (slow, slow_out) = channel::bounded::<u32>(8);
    let feeds = spawn(async move {
        for number in 0..200_u32 {
            let _ = fast.send(number).await;
        }
    });
    let asks = spawn(async move {
        sleep(ms(100)).await;
        let _ = slow.send(1).await;
    });
    loop {
        let next = or(fast_out.recv(), slow_out.recv()).await; // WRONG: unfair
        if next.is_err() {
            break;
        }
        sleep(ms(10)).await;
    }
    feeds.await;
    asks.await;
}

/// A priority that drains: a burst on one channel, after which the other one is served. And two
/// channels that are read one after the other.
pub(crate) async fn right() {
    let (urgent, urgent_out) = channel::unbounded();
    let (bulk, bulk_out) = channel::unbounded();
    for number in 0..60 {
        let _ = urgent.try_send(number);
        let _ = bulk.try_send(number);
    }
    drop((urgent, bulk));
    let mut taken = 0;
    while or(urgent_out.recv(), bulk_out.recv()).await.is_ok() {
        taken += 1;
        sleep(ms(10)).await;
    }
    println!("{taken}");
    while bulk_out.recv().await.is_ok() {
        sleep(ms(10)).await;
    }
    let (left, left_out) = channel::bounded(4);
    let (right, right_out) = channel::bounded(4);
    let feeds = [left, right].map(|sender| {
        spawn(async move {
            for number in 0..120 {
                let _ = sender.send(number).await;
            }
        })
    });
    for _ in 0..2 {
        for source in [&left_out, &right_out] {
            for _ in 0..60 {
                let _ = source.recv().await;
                sleep(ms(2)).await;
            }
        }
    }
    gather(feeds).await;
}

//! A channel without a limit, and a slow receiver.

use loopscope::{channel, sleep, spawn};

use super::ms;

pub(crate) async fn wrong() {
    let (sender, receiver) = channel::named::<u32>("lines", 0); // WRONG: unbounded
    let writer = spawn(async move {
        while receiver.recv().await.is_ok() {
            sleep(ms(20)).await;
        }
    });
    for line in 0..300 {
        let _ = sender.send(line).await;
        sleep(ms(5)).await;
    }
    drop(sender);
    writer.await;
}

/// Bursts that are drained, and a queue that is filled first.
pub(crate) async fn right() {
    let (sender, receiver) = channel::named::<u32>("bursts", 0);
    let writer = spawn(async move {
        while receiver.recv().await.is_ok() {
            sleep(ms(2)).await;
        }
    });
    for _ in 0..20 {
        for line in 0..50 {
            let _ = sender.send(line).await;
        }
        sleep(ms(500)).await;
    }
    drop(sender);
    writer.await;
    let (sender, receiver) = channel::named::<u32>("list", 0);
    for line in 0..500 {
        let _ = sender.send(line).await;
    }
    drop(sender);
    while receiver.recv().await.is_ok() {}
}

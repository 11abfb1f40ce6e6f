//! A task for each request, which waits for an answer that does not come.

use loopscope::{channel, sleep, spawn};

use super::ms;

pub(crate) async fn wrong() {
    let mut kept = Vec::new();
    for _ in 0..100 {
        let (sender, receiver) = channel::bounded::<u32>(1);
        kept.push(sender);
        spawn(async move {
            let _ = receiver.recv().await;
        }) // WRONG: taskleak
        .detach();
        sleep(ms(50)).await;
    }
}

/// A pool of fixed size, and tasks that end.
pub(crate) async fn right() {
    let (sender, receiver) = channel::bounded::<u32>(1);
    for _ in 0..50 {
        let receiver = receiver.clone();
        spawn(async move { while receiver.recv().await.is_ok() {} }).detach();
    }
    for number in 0..200 {
        let _ = sender.send(number).await;
        spawn(sleep(ms(120))).detach();
        sleep(ms(50)).await;
    }
}

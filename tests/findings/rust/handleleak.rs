//! Subscriptions that are never removed.

use loopscope::{channel, sleep, spawn};

use super::ms;

/// A subscriber that takes one message, and keeps its end or drops it.
async fn listen(receiver: channel::Receiver<u32>) -> channel::Receiver<u32> {
    let _ = receiver.recv().await;
    receiver
}

pub(crate) async fn wrong() {
    let (mut hub, mut old) = (Vec::new(), Vec::new());
    for number in 0..80 {
        let (sender, receiver) = channel::unbounded(); // WRONG: handleleak
        hub.push(sender);
        for subscriber in &hub {
            let _ = subscriber.try_send(number);
        }
        old.push(listen(receiver).await);
        sleep(ms(10)).await;
    }
}

/// Subscribers that leave; a table that is filled once; an inbox for each of many tasks.
pub(crate) async fn right() {
    let table: Vec<_> = (0..80).map(|_| channel::bounded::<u32>(1)).collect();
    let (mut inboxes, mut tasks) = (Vec::new(), Vec::new());
    for number in 0..80 {
        let (sender, receiver) = channel::unbounded();
        let _ = sender.try_send(number);
        drop(listen(receiver).await);
        let (inbox, letters) = channel::unbounded::<u32>();
        inboxes.push(inbox);
        tasks.push(spawn(async move { while letters.recv().await.is_ok() {} }));
        sleep(ms(10)).await;
    }
    drop((inboxes, table));
    for task in tasks {
        task.await;
    }
}

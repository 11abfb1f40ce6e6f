//! A clone of the sender in the task that receives.

use loopscope::{channel, println, sleep, spawn};

use super::ms;

pub(crate) async fn wrong() {
    let (sender, receiver) = channel::named::<u32>("items", 4);
    let own = sender.clone();
    let producer = spawn(async move {
        for item in 0..3 {
            let _ = sender.send(item).await;
        }
    });
    while let Ok(item) = receiver.recv().await {
        // WRONG: senderalive
        println!("{item}");
    }
    producer.await;
    drop(own);
}

pub(crate) async fn right() {
    let (sender, receiver) = channel::named::<u32>("items", 4);
    let producer = spawn(async move {
        for item in 0..3 {
            sleep(ms(500)).await;
            let _ = sender.send(item).await;
        }
    });
    while let Ok(item) = receiver.recv().await {
        println!("{item}");
    }
    producer.await;
}

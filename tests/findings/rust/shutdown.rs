//! A writer that has lines left when main ends.

use loopscope::{channel, println, sleep, spawn};

use super::ms;

pub(crate) async fn wrong() {
    let (sender, receiver) = channel::named::<u32>("log", 0);
    let writer = spawn(async move {
        // WRONG: shutdown
        while let Ok(line) = receiver.recv().await {
            sleep(ms(20)).await;
            println!("{line}");
        }
    });
    writer.detach();
    for line in 0..10 {
        let _ = sender.send(line).await;
    }
    sleep(ms(50)).await;
}

pub(crate) async fn right() {
    let (sender, receiver) = channel::named::<u32>("log", 0);
    let writer = spawn(async move {
        while let Ok(line) = receiver.recv().await {
            sleep(ms(20)).await;
            println!("{line}");
        }
    });
    spawn(async {
        loop {
            sleep(ms(30)).await;
        }
    })
    .detach();
    for line in 0..10 {
        let _ = sender.send(line).await;
    }
    drop(sender);
    writer.await;
}

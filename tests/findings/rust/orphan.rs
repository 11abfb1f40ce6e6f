//! A task whose handle is dropped.

use loopscope::{channel, println, sleep, spawn};

use super::ms;

async fn save() {
    println!("saving");
    sleep(ms(100)).await;
    println!("saved");
}

pub(crate) async fn wrong() {
    drop(spawn(save())); // WRONG: orphan
    sleep(ms(500)).await;
}

pub(crate) async fn right() {
    spawn(save()).detach();
    let (sender, receiver) = channel::bounded::<u32>(1);
    let watcher = spawn(async move { while receiver.recv().await.is_ok() {} });
    sleep(ms(500)).await;
    drop(watcher);
    drop(sender);
}

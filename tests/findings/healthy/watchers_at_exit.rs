//! Looks like `shutdown` and `orphan`: idle watchers that exist when main returns.

use loopscope::{channel, sleep, spawn};

use super::ms;

pub(crate) async fn healthy() {
    let (sender, receiver) = channel::unbounded::<u32>();
    spawn(async move { while receiver.recv().await.is_ok() {} }).detach();
    spawn(async {
        loop {
            sleep(ms(50)).await;
        }
    })
    .detach();
    for number in 0..5 {
        let _ = sender.send(number).await;
        sleep(ms(40)).await;
    }
}

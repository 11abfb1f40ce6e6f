//! Looks like `halfopen` and `senderalive`: a client that asks again after each time limit.

use loopscope::{channel, sleep, spawn, timeout};

use super::ms;

pub(crate) async fn healthy() {
    let (sender, receiver) = channel::bounded::<u32>(4);
    let source = spawn(async move {
        for number in 0..3 {
            sleep(ms(350)).await;
            let _ = sender.send(number).await;
        }
    });
    let mut seen = 0;
    while seen < 3 {
        if let Ok(Ok(_)) = timeout(ms(100), receiver.recv()).await {
            seen += 1;
        }
    }
    source.await;
}

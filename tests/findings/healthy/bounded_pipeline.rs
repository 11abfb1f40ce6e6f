//! Looks like `backpressure` and `chandeadlock`: three stages with small channels between them.

use loopscope::{
    channel::{self, Receiver, Sender},
    sleep, spawn,
};

use super::ms;

async fn stage(source: Receiver<u32>, sink: Sender<u32>) {
    while let Ok(item) = source.recv().await {
        sleep(ms(2)).await;
        if sink.send(item).await.is_err() {
            return;
        }
    }
}

pub(crate) async fn healthy() {
    let (input, first) = channel::bounded(2);
    let (middle, second) = channel::bounded(2);
    let (output, last) = channel::bounded(2);
    let stages = [spawn(stage(first, middle)), spawn(stage(second, output))];
    let feeding = spawn(async move {
        for number in 0..50 {
            let _ = input.send(number).await;
            sleep(ms(2)).await;
        }
    });
    while last.recv().await.is_ok() {}
    feeding.await;
    for stage in stages {
        stage.await;
    }
}

//! Looks like `orphan` and `cancelswallowed`: tasks that are cancelled, and whose end is awaited.

use loopscope::{sleep, spawn};

use super::ms;

pub(crate) async fn healthy() {
    let tasks: Vec<_> = (0..5)
        .map(|_| {
            spawn(async {
                loop {
                    sleep(ms(20)).await;
                }
            })
        })
        .collect();
    sleep(ms(100)).await;
    for task in tasks {
        task.cancel().await;
    }
}

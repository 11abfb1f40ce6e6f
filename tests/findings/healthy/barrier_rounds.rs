//! Looks like `herd`: workers that meet at a barrier after each round.

use std::sync::Arc;

use loopscope::{gather, lock::Barrier, sleep};

use super::ms;

pub(crate) async fn healthy() {
    let barrier = Arc::new(Barrier::new(6));
    let workers = (0..6).map(|number| {
        let barrier = Arc::clone(&barrier);
        async move {
            for _ in 0..5 {
                sleep(ms(5 * number)).await;
                barrier.wait().await;
            }
        }
    });
    gather(workers).await;
}

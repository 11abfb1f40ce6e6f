//! Looks like `convoy`: short sections under one lock, with the slow part outside of it.

use std::sync::Arc;

use loopscope::{future::yield_now, gather, lock::Mutex, sleep};

use super::ms;

pub(crate) async fn healthy() {
    let total = Arc::new(Mutex::new(0));
    let clients = (0..8).map(|_| {
        let total = Arc::clone(&total);
        async move {
            for _ in 0..10 {
                sleep(ms(3)).await;
                let mut total = total.lock().await;
                *total += 1;
                yield_now().await;
            }
        }
    });
    gather(clients).await;
}

//! Looks like `sequential` and `convoy`: calls through a limiter of fifty a second.

use std::sync::Arc;

use loopscope::{gather, lock::Mutex, sleep};

use super::ms;

pub(crate) async fn healthy() {
    let calls = Arc::new(Mutex::new(0_u64));
    let clients = (0..30).map(|_| {
        let calls = Arc::clone(&calls);
        async move {
            let mut number = calls.lock().await;
            let before = *number;
            *number += 1;
            drop(number);
            sleep(ms(20 * before)).await;
            sleep(ms(10)).await;
        }
    });
    gather(clients).await;
}

//! A permit that is forgotten.

use std::sync::Arc;

use loopscope::{lock::Semaphore, sleep, spawn};

use super::ms;

pub(crate) async fn wrong() {
    let permits = Arc::new(Semaphore::named("connections", 2));
    for _ in 0..3 {
        let permits = Arc::clone(&permits);
        let job = spawn(async move {
            let permit = permits.acquire().await; // WRONG: permitleak
            sleep(ms(10)).await;
            std::mem::forget(permit);
        });
        job.await;
    }
}

pub(crate) async fn right() {
    let permits = Arc::new(Semaphore::named("connections", 2));
    for _ in 0..3 {
        let permits = Arc::clone(&permits);
        let job = spawn(async move {
            let _permit = permits.acquire().await;
            sleep(ms(10)).await;
        });
        job.await;
    }
}

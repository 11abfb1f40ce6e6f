//! A lock that is held across a slow call.

use std::sync::Arc;

use loopscope::{gather, lock::Mutex, sleep};

use super::ms;

pub(crate) async fn wrong() {
    let cache = Arc::new(Mutex::named("cache", 0));
    let tasks = (0..6).map(|_| {
        let cache = Arc::clone(&cache);
        async move {
            let mut held = cache.lock().await;
            sleep(ms(50)).await; // WRONG: convoy
            *held += 1;
        }
    });
    gather(tasks).await;
}

pub(crate) async fn right() {
    let cache = Arc::new(Mutex::named("cache", 0));
    let tasks = (0..6).map(|_| {
        let cache = Arc::clone(&cache);
        async move {
            sleep(ms(50)).await;
            *cache.lock().await += 1;
        }
    });
    gather(tasks).await;
}

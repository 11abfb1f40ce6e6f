//! Two locks, taken in two orders.

use std::sync::Arc;

use loopscope::{gather, lock::Mutex, sleep, spawn};

use super::ms;

pub(crate) async fn wrong() {
    let from = Arc::new(Mutex::named("from", 0));
    let to = Arc::new(Mutex::named("to", 0));
    let (a, b) = (Arc::clone(&from), Arc::clone(&to));
    let one = spawn(async move {
        let _a = a.lock().await;
        sleep(ms(10)).await;
        let _b = b.lock().await;
    });
    let two = spawn(async move {
        let _b = to.lock().await;
        sleep(ms(15)).await;
        let _a = from.lock().await; // WRONG: lockorder
    });
    one.await;
    two.await;
}

pub(crate) async fn right() {
    let from = Arc::new(Mutex::named("from", 0));
    let to = Arc::new(Mutex::named("to", 0));
    let tasks = (0..4).map(|_| {
        let (a, b) = (Arc::clone(&from), Arc::clone(&to));
        async move {
            let _a = a.lock().await;
            sleep(ms(5)).await;
            let _b = b.lock().await;
        }
    });
    gather(tasks).await;
}

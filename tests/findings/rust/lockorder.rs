//! Two locks, taken in two orders.

use std::sync::Arc;

use loopscope::{gather, lock::Mutex, sleep, spawn};

use super::ms;

/// Nothing waits, but in another order of polls both tasks would wait for ever.
async fn possible() {
    let shelf = Arc::new(Mutex::named("shelf", 0));
    let till = Arc::new(Mutex::named("till", 0));
    let (a, b) = (Arc::clone(&shelf), Arc::clone(&till));
    let sale = spawn(async move {
        let _shelf = a.lock().await;
        let _till = b.lock().await;
    });
    let refund = spawn(async move {
        let _till = till.lock().await;
        let _shelf = shelf.lock().await; // WRONG: lockorder
    });
    sale.await;
    refund.await;
}

pub(crate) async fn wrong() {
    possible().await;
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
    // The other order, once no task of the first order is left.
    let other = spawn(async move {
        let _b = to.lock().await;
        let _a = from.lock().await;
    });
    other.await;
}

//! A task that takes a third permit of two.

use std::rc::Rc;

use loopscope::{gather, lock::Semaphore, sleep};

use super::ms;

pub(crate) async fn wrong() {
    let permits = Semaphore::named("pool", 2);
    let _first = permits.acquire().await;
    let _second = permits.acquire().await;
    let _third = permits.acquire().await; // WRONG: selfdeadlock
}

pub(crate) async fn right() {
    let permits = Rc::new(Semaphore::named("pool", 2));
    gather((0..6).map(|_| {
        let permits = Rc::clone(&permits);
        async move {
            let _permit = permits.acquire().await;
            sleep(ms(10)).await;
        }
    }))
    .await;
}

//! Main waits for a worker, and the worker for an event that only main would set.

use std::rc::Rc;

use loopscope::{lock::ManualResetEvent, sleep, spawn_local};

use super::ms;

async fn run(first: bool) {
    let ready = Rc::new(ManualResetEvent::new());
    let waited = Rc::clone(&ready);
    let worker = spawn_local(async move {
        waited.wait().await; // WRONG: deadlock
    });
    sleep(ms(10)).await;
    if first {
        ready.set();
    }
    worker.await; // WRONG: deadlock
    ready.set();
}

pub(crate) async fn wrong() {
    run(false).await;
}

/// The event is set before main waits.
pub(crate) async fn right() {
    run(true).await;
}

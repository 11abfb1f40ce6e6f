//! Thirty tasks that are always ready, and a task that is late each time.

use loopscope::{block_for, future::yield_now, gather, sleep, spawn};

use super::ms;

async fn ticker() {
    for _ in 0..20 {
        sleep(ms(50)).await;
    }
}

async fn crunch() {
    for _ in 0..40 {
        block_for(ms(9));
        yield_now().await; // WRONG: starvation
    }
}

pub(crate) async fn wrong() {
    let ticker = spawn(ticker());
    let crunching = (0..30).map(|_| crunch());
    gather(crunching).await;
    ticker.await;
}

/// A burst that drains.
pub(crate) async fn right() {
    let ticker = spawn(ticker());
    gather((0..30).map(|_| async { block_for(ms(9)) })).await;
    let worker = spawn(crunch());
    worker.await;
    ticker.await;
}

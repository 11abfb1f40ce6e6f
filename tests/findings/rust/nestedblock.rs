//! `block_on` inside of a task.

use loopscope::{block_on, sleep, spawn};

use super::ms;

async fn ticker() {
    for _ in 0..20 {
        sleep(ms(10)).await;
    }
}

/// A synchronous interface that has to call an async function.
fn lookup() {
    block_on(sleep(ms(60))); // WRONG: nestedblock
}

pub(crate) async fn wrong() {
    let ticker = spawn(ticker());
    for _ in 0..2 {
        lookup();
        sleep(ms(5)).await;
    }
    ticker.await;
}

/// Nothing else has to run meanwhile; and a spawned task that is awaited.
pub(crate) async fn right() {
    lookup();
    let ticker = spawn(ticker());
    spawn(sleep(ms(60))).await;
    ticker.await;
}

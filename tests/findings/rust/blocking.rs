//! A poll of 280 ms while the timer of another task is due.

use loopscope::{block_for, future::yield_now, sleep, spawn};

use super::ms;

async fn ticker() {
    for _ in 0..20 {
        sleep(ms(50)).await;
    }
}

pub(crate) async fn wrong() {
    let ticker = spawn(ticker());
    sleep(ms(30)).await;
    block_for(ms(280)); // WRONG: blocking
    ticker.await;
}

/// A long poll while nothing else exists; chunks that yield; work on the pool.
pub(crate) async fn right() {
    block_for(ms(500));
    let ticker = spawn(ticker());
    for _ in 0..20 {
        block_for(ms(30));
        yield_now().await;
    }
    ticker.await;
    block_for(ms(500));
}

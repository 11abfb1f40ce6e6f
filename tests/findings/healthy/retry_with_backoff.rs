//! Looks like `retrystorm`: a client that waits longer after each refusal.

use loopscope::{gather, sleep};

use super::ms;

async fn flaky(attempt: u32) -> Result<u32, &'static str> {
    sleep(ms(2)).await;
    if attempt < 6 { Err("refused") } else { Ok(attempt) }
}

async fn fetch() -> Option<u32> {
    for attempt in 0..10 {
        match flaky(attempt).await {
            Ok(answer) => return Some(answer),
            Err(_) => sleep(ms(10 << attempt)).await,
        }
    }
    None
}

pub(crate) async fn healthy() {
    gather((0..3).map(|_| fetch())).await;
}

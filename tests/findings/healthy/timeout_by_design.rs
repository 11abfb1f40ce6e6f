//! Looks like `deadtimeout` and `cancelunsafe`: slow calls that a timeout ends, and a race of mirrors.

use loopscope::{future, sleep, timeout};

use super::ms;

pub(crate) async fn healthy() {
    for delay in [10, 500, 20, 500] {
        let _ = timeout(ms(100), sleep(ms(delay))).await;
    }
    future::or(sleep(ms(50)), sleep(ms(200))).await;
}

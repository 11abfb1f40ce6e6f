//! Work that holds the loop beyond its own limit.

use loopscope::{block_for, sleep, timeout};

use super::ms;

pub(crate) async fn wrong() {
    let limited = timeout(ms(100), async {
        sleep(ms(10)).await;
        block_for(ms(400)); // WRONG: deadtimeout
    });
    let _ = limited.await;
}

pub(crate) async fn right() {
    let _ = timeout(ms(100), sleep(ms(400))).await;
    let _ = timeout(ms(400), sleep(ms(100))).await;
}

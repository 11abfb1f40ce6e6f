//! Looks like `starvation`: a checksum that yields between its chunks.

use loopscope::{block_for, future::yield_now, sleep, spawn};

use super::ms;

pub(crate) async fn healthy() {
    let beat = spawn(async {
        for _ in 0..20 {
            sleep(ms(20)).await;
        }
    });
    for _ in 0..60 {
        block_for(ms(5));
        yield_now().await;
    }
    beat.await;
}

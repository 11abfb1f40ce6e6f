//! A deadline that passes while another task computes.

use loopscope::{block_for, sleep, spawn, unblock};

use super::ms;

async fn heartbeat() {
    for _ in 0..10 {
        sleep(ms(100)).await;
    }
}

pub(crate) async fn wrong() {
    let heartbeat = spawn(heartbeat());
    sleep(ms(50)).await;
    block_for(ms(400)); // WRONG: latetimer
    heartbeat.await;
}

/// The computation is on a thread, or ends before the deadline.
pub(crate) async fn right() {
    let heartbeat = spawn(heartbeat());
    sleep(ms(50)).await;
    block_for(ms(40));
    unblock(|| ()).await;
    heartbeat.await;
}

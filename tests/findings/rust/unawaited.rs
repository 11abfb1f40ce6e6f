//! A flush whose future is made and dropped.

use loopscope::{FutureExt, sleep};

use super::ms;

async fn flush(lines: Vec<u32>) -> usize {
    sleep(ms(5)).await;
    lines.len()
}

pub(crate) async fn wrong() {
    for number in 0..3 {
        sleep(ms(10)).await;
        drop(flush(vec![number]).named("flush")); // WRONG: unawaited
    }
}

/// One that is awaited, and one that is started and then dropped.
pub(crate) async fn right() {
    flush(vec![1]).named("flush").await;
    let slow = flush(vec![2]).named("flush");
    loopscope::future::or(
        async {
            slow.await;
        },
        async {
            sleep(ms(1)).await;
        },
    )
    .await;
}

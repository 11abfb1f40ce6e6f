//! Looks like `interval`: a poller whose period is random on purpose.

use loopscope::sleep;

use super::ms;

pub(crate) async fn healthy() {
    for round in 0..20_u64 {
        sleep(ms(20)).await;
        sleep(ms(70 + round * 37 % 60)).await;
    }
}

//! Looks like `ordering`: results that come in another order, and that `gather` puts in order.

use loopscope::{gather, sleep};

use super::ms;

pub(crate) async fn healthy() {
    let answers = gather((0..5).map(|number| async move {
        sleep(ms(50 - 10 * number)).await;
        number * 10
    }))
    .await;
    assert_eq!(answers, [0, 10, 20, 30, 40]);
}

//! Looks like `permitleak`: long holders of permits that all give them back.

use std::sync::Arc;

use loopscope::{gather, lock::Semaphore, sleep};

use super::ms;

pub(crate) async fn healthy() {
    let slots = Arc::new(Semaphore::new(3));
    let jobs = (0..12).map(|number| {
        let slots = Arc::clone(&slots);
        async move {
            let _slot = slots.acquire().await;
            sleep(ms(40 + 5 * number)).await;
        }
    });
    gather(jobs).await;
}

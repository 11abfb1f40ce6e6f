//! Looks like `herd`: an event that all ten subscribers need each time.

use std::sync::Arc;

use loopscope::{lock::ManualResetEvent, sleep, spawn};

use super::ms;

pub(crate) async fn healthy() {
    let rounds: Vec<_> = (0..20).map(|_| Arc::new(ManualResetEvent::new())).collect();
    let subscribers: Vec<_> = (0..10)
        .map(|_| {
            let rounds = rounds.clone();
            spawn(async move {
                for round in rounds {
                    round.wait().await;
                }
            })
        })
        .collect();
    for round in rounds {
        sleep(ms(10)).await;
        round.set();
    }
    for subscriber in subscribers {
        subscriber.await;
    }
}

//! Looks like `lockorder`: two locks in two orders, the second of which is only tried.

use std::sync::Arc;

use loopscope::{lock::Mutex, sleep, spawn};

use super::ms;

pub(crate) async fn healthy() {
    let from = Arc::new(Mutex::named("from", 0));
    let to = Arc::new(Mutex::named("to", 0));
    let mut tasks = Vec::new();
    for turned in [false, true, false, true] {
        let (mut a, mut b) = (Arc::clone(&from), Arc::clone(&to));
        if turned {
            std::mem::swap(&mut a, &mut b);
        }
        tasks.push(spawn(async move {
            loop {
                let first = a.lock().await;
                if b.try_lock().is_some() {
                    return;
                }
                drop(first);
                sleep(ms(3)).await;
            }
        }));
    }
    for task in tasks {
        task.await;
    }
}

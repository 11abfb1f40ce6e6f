//! A small program: two workers take jobs from a channel, a producer makes them.

use std::time::Duration;

use tokio::{sync::mpsc, task::JoinSet, time::sleep};

/// Three jobs for two workers that share a channel.
pub async fn main() {
    let (jobs, queue) = mpsc::channel::<u32>(1);
    let queue = std::sync::Arc::new(tokio::sync::Mutex::new(queue));
    let mut workers = JoinSet::new();
    for name in ["worker one", "worker two"] {
        let queue = queue.clone();
        let worker = async move {
            loop {
                let job = queue.lock().await.recv().await;
                let Some(job) = job else { break };
                sleep(Duration::from_millis(2 * u64::from(job))).await;
            }
        };
        tokio::task::Builder::new()
            .name(name)
            .spawn(async { workers_turn(worker).await })
            .map(|handle| workers.spawn(async move { drop(handle.await) }))
            .expect("inside of a runtime");
    }
    let producer = tokio::spawn(async move {
        for job in 1..=3 {
            if jobs.send(job).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
    });
    producer.await.expect("it does not fail");
    while workers.join_next().await.is_some() {}
}

async fn workers_turn(worker: impl Future<Output = ()>) {
    worker.await;
}

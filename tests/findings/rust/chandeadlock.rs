//! Two bounded channels, and a circle of two tasks that send.

use loopscope::{channel, sleep, spawn};

use super::ms;

pub(crate) async fn wrong() {
    let (requests, jobs) = channel::named::<u32>("requests", 1);
    let (answers, results) = channel::named::<u32>("answers", 1);
    let worker = spawn(async move {
        while let Ok(job) = jobs.recv().await {
            let _ = answers.send(job).await;
        }
    });
    for job in 0..10 {
        let _ = requests.send(job).await; // WRONG: chandeadlock
    }
    while results.recv().await.is_ok() {}
    worker.await;
}

pub(crate) async fn right() {
    let (requests, jobs) = channel::named::<u32>("requests", 1);
    let (answers, results) = channel::named::<u32>("answers", 1);
    let worker = spawn(async move {
        while let Ok(job) = jobs.recv().await {
            sleep(ms(10)).await;
            let _ = answers.send(job).await;
        }
    });
    let reader = spawn(async move { while results.recv().await.is_ok() {} });
    for job in 0..10 {
        let _ = requests.send(job).await;
    }
    drop(requests);
    worker.await;
    reader.await;
}

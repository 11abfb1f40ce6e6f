//! A time limit that drops a job which was taken out of its queue.

use loopscope::{
    channel::{self, Receiver},
    future, println, sleep, spawn, timeout,
};

use super::ms;

async fn handle(jobs: &Receiver<u32>) -> Option<u32> {
    let job = jobs.recv().await.ok()?;
    sleep(ms(80)).await; // WRONG: cancelunsafe
    Some(job)
}

fn jobs() -> Receiver<u32> {
    let (sender, jobs) = channel::named("jobs", 8);
    spawn(async move {
        for job in 0..8 {
            sleep(ms(60)).await;
            let _ = sender.send(job).await;
        }
    })
    .detach();
    jobs
}

pub(crate) async fn wrong() {
    let jobs = jobs();
    for _ in 0..12 {
        match timeout(ms(100), handle(&jobs)).await {
            Ok(Some(job)) => println!("did {job}"),
            Ok(None) => return,
            Err(_) => {}
        }
    }
}

/// Losers that have only waited; a limit around the work alone; a future that is kept.
pub(crate) async fn right() {
    let queue = jobs();
    for _ in 0..12 {
        if let Ok(job) = timeout(ms(50), queue.recv()).await {
            let Ok(job) = job else { break };
            sleep(ms(20)).await;
            println!("did {job}");
        }
    }
    let queue = jobs();
    while let Ok(job) = queue.recv().await {
        let _ = timeout(ms(10), sleep(ms(30))).await;
        println!("did {job}, or gave up");
    }
    let queue = jobs();
    let mut kept = Box::pin(handle(&queue));
    for _ in 0..20 {
        let done = future::or(async { Some((&mut kept).await) }, async {
            sleep(ms(50)).await;
            None
        });
        if let Some(job) = done.await {
            let Some(job) = job else { return };
            println!("did {job}");
            kept = Box::pin(handle(&queue));
        }
    }
}

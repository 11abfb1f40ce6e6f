//! Looks like `senderalive` and `shutdown`: workers that end once the last sender is dropped.

use loopscope::{channel, sleep, spawn};

use super::ms;

pub(crate) async fn healthy() {
    let (jobs, queue) = channel::bounded::<u32>(4);
    let workers: Vec<_> = (0..3)
        .map(|_| {
            let queue = queue.clone();
            spawn(async move {
                let mut done = 0;
                while queue.recv().await.is_ok() {
                    sleep(ms(5)).await;
                    done += 1;
                }
                done
            })
        })
        .collect();
    drop(queue);
    for job in 0..30 {
        let _ = jobs.send(job).await;
    }
    drop(jobs);
    for worker in workers {
        worker.await;
    }
}

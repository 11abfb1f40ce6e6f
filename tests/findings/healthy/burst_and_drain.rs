//! Looks like `unbounded` and `taskleak`: bursts of requests that are all served before the next.

use loopscope::{channel, sleep, spawn};

use super::ms;

pub(crate) async fn healthy() {
    let (jobs, queue) = channel::unbounded::<u32>();
    let server = spawn(async move {
        while queue.recv().await.is_ok() {
            sleep(ms(1)).await;
        }
    });
    for _ in 0..8 {
        for job in 0..60 {
            let _ = jobs.send(job).await;
        }
        let requests: Vec<_> = (0..40).map(|_| spawn(sleep(ms(30)))).collect();
        for request in requests {
            request.await;
        }
        sleep(ms(100)).await;
    }
    drop(jobs);
    server.await;
}

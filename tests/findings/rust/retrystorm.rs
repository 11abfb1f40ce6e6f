//! A client that connects again at once whenever it is refused, and one that waits longer each time.

use std::time::Duration;

use loopscope::{Task, net::TcpStream, println, sleep, try_spawn};

use super::ms;

/// Nothing listens there.
const NOWHERE: &str = "127.0.0.1:9";

fn upload(attempt: u32) -> Task<Result<(), &'static str>> {
    try_spawn(async move {
        sleep(ms(3)).await;
        if attempt < 40 {
            Err("no route")
        } else {
            Ok(())
        }
    })
}

pub(crate) async fn wrong() {
    for _ in 0..30 {
        if TcpStream::connect(NOWHERE).await.is_ok() {
            // WRONG: retrystorm
            return;
        }
    }
    for attempt in 0.. {
        if upload(attempt).await.is_ok() {
            return;
        }
    }
}

pub(crate) async fn right() {
    let mut pause = Duration::from_millis(1);
    for _ in 0..12 {
        if TcpStream::connect(NOWHERE).await.is_ok() {
            return;
        }
        sleep(pause).await;
        pause *= 2;
    }
    // A batch whose jobs all fail is no retry.
    let jobs: Vec<_> = (0..20).map(upload).collect();
    for job in jobs {
        if let Err(error) = job.await {
            println!("{error}");
        }
    }
}

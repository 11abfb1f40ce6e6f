//! Requests that are started together, and not polled while one is handled.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
};

use loopscope::{
    Timer, channel,
    future::or,
    println, sleep, spawn,
    stream::{Stream, StreamExt},
    timeout,
};

use super::ms;

type Request = Pin<Box<dyn Future<Output = u32>>>;

/// Futures that are polled together.
struct Together(Vec<Option<Request>>);

impl Together {
    fn new(times: &[u64]) -> Together {
        let start = |time: &u64| -> Request {
            let time = *time;
            Box::pin(async move {
                sleep(ms(time)).await;
                1
            })
        };
        Together(times.iter().map(start).map(Some).collect())
    }
}

impl Stream for Together {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u32>> {
        for slot in &mut self.0 {
            if let Some(future) = slot
                && let Poll::Ready(value) = future.as_mut().poll(cx)
            {
                *slot = None;
                return Poll::Ready(Some(value));
            }
        }
        let done = self.0.iter().all(Option::is_none);
        if done {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    }
}

pub(crate) async fn wrong() {
    let mut requests = pin!(Together::new(&[20, 60, 80, 400, 450]));
    while let Some(value) = requests.next().await {
        println!("{value}");
        sleep(ms(300)).await; // WRONG: unpolled
    }
}

/// A timer that ticks while a message is handled; futures that are polled without a wait between.
pub(crate) async fn right() {
    let (sender, receiver) = channel::bounded(8);
    let sends = spawn(async move {
        for number in 0..10 {
            sleep(ms(70)).await;
            let _ = sender.send(number).await;
        }
    });
    let mut ticks = Timer::interval(ms(50));
    loop {
        let tick = async {
            ticks.next().await;
            Ok(0)
        };
        match or(receiver.recv(), tick).await {
            Ok(0) => {}
            Ok(_) => sleep(ms(180)).await,
            Err(_) => break,
        }
    }
    sends.await;
    let mut together = pin!(Together::new(&[20, 60, 80, 400]));
    while together.next().await.is_some() {}
    let _ = timeout(ms(200), sleep(ms(500))).await;
}

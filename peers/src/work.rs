//! The same work on three runtimes: tasks that yield, pairs of tasks with a channel between them,
//! and tasks that are spawned and joined.

use std::hint::black_box;

const TASKS: u32 = 200;
const YIELDS: u32 = 200;
const PAIRS: u32 = 20;
const MESSAGES: u32 = 1_000;
const SPAWNS: u32 = 20_000;

/// On tokio.
pub async fn on_tokio() {
    let yields = (0..TASKS).map(|_| {
        tokio::spawn(async {
            for _ in 0..YIELDS {
                tokio::task::yield_now().await;
            }
        })
    });
    let mut tasks: Vec<_> = yields.collect();
    for _ in 0..PAIRS {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        tasks.push(tokio::spawn(async move {
            for number in 0..MESSAGES {
                let sent = sender.send(number).await;
                sent.expect("the receiver still exists");
            }
        }));
        tasks.push(tokio::spawn(async move {
            while receiver.recv().await.is_some() {}
        }));
    }
    for number in 0..SPAWNS {
        let task = tokio::spawn(async move {
            black_box(number);
        });
        task.await.expect("the task does not fail");
    }
    for task in tasks {
        task.await.expect("the task does not fail");
    }
}

/// On loopscope's loop.
pub async fn on_ours() {
    use loopscope::{channel, future::yield_now, spawn};
    let yields = (0..TASKS).map(|_| {
        spawn(async {
            for _ in 0..YIELDS {
                yield_now().await;
            }
        })
    });
    let mut tasks: Vec<_> = yields.collect();
    for _ in 0..PAIRS {
        let (sender, receiver) = channel::bounded(1);
        tasks.push(spawn(async move {
            for number in 0..MESSAGES {
                let sent = sender.send(number).await;
                sent.expect("the receiver still exists");
            }
        }));
        tasks.push(spawn(async move { while receiver.recv().await.is_ok() {} }));
    }
    for number in 0..SPAWNS {
        spawn(async move {
            black_box(number);
        })
        .await;
    }
    for task in tasks {
        task.await;
    }
}

/// On smol's own `LocalExecutor`, whose place loopscope's loop takes.
pub async fn on_smol(executor: &smol::LocalExecutor<'_>) {
    let yields = (0..TASKS).map(|_| {
        executor.spawn(async {
            for _ in 0..YIELDS {
                smol::future::yield_now().await;
            }
        })
    });
    let mut tasks: Vec<_> = yields.collect();
    for _ in 0..PAIRS {
        let (sender, receiver) = async_channel::bounded(1);
        tasks.push(executor.spawn(async move {
            for number in 0..MESSAGES {
                let sent = sender.send(number).await;
                sent.expect("the receiver still exists");
            }
        }));
        tasks.push(executor.spawn(async move { while receiver.recv().await.is_ok() {} }));
    }
    for number in 0..SPAWNS {
        executor
            .spawn(async move {
                black_box(number);
            })
            .await;
    }
    for task in tasks {
        task.await;
    }
}

//! The same work for this crate's loop and for its peers.

use std::{future::Future, hint::black_box, time::Duration};

use loopscope::{Builder, Run, trace::ClockKind};

pub(crate) const TASKS: usize = 1_000;
pub(crate) const YIELDS: usize = 1_000;
pub(crate) const SPAWNS: u32 = 1_000_000;
pub(crate) const MESSAGES: u32 = 1_000_000;
pub(crate) const SLEEPERS: u64 = 10_000;
pub(crate) const SLEEPS: u64 = 20;
pub(crate) const PAIRS: u64 = 500;

/// Runs a future on this crate's loop.
pub(crate) fn ours<F: Future<Output = ()>>(clock: ClockKind, record: bool, future: F) -> Run<()> {
    let run = Builder::new().clock(clock).record(record).run(future);
    assert_eq!(run.value, Some(()));
    run
}

/// Runs a future on a smol executor, which it receives.
pub(crate) fn smol<F: Future<Output = ()>>(
    future: impl FnOnce(&'static smol::LocalExecutor<'static>) -> F,
) {
    // Spawned tasks borrow the executor, so it is leaked: a few hundred bytes per run.
    let executor: &'static smol::LocalExecutor<'static> =
        Box::leak(Box::new(smol::LocalExecutor::new()));
    smol::block_on(executor.run(future(executor)));
}

/// The length of a task's n-th sleep: 0 to 2 ms, the same on every loop.
pub(crate) fn nap(task: u64, sleep: u64) -> Duration {
    let mut random = fastrand::Rng::with_seed(task * 1_000 + sleep);
    Duration::from_micros(random.u64(0..2_000))
}

pub(crate) mod on_ours {
    use super::{MESSAGES, PAIRS, SLEEPERS, SLEEPS, SPAWNS, TASKS, YIELDS, black_box, nap};
    use loopscope::{channel, future::yield_now, sleep, spawn};

    pub(crate) async fn yields() {
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                spawn(async {
                    for _ in 0..YIELDS {
                        yield_now().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
    }

    pub(crate) async fn spawns() {
        let tasks: Vec<_> = (0..SPAWNS)
            .map(|number| spawn(async move { black_box(number) }))
            .collect();
        for task in tasks {
            task.await;
        }
    }

    pub(crate) async fn ping_pong() {
        let (sender, receiver) = channel::bounded(1);
        let sending = spawn(async move {
            for number in 0..MESSAGES {
                sender.send(number).await.unwrap();
            }
        });
        let receiving = spawn(async move { while receiver.recv().await.is_ok() {} });
        sending.await;
        receiving.await;
    }

    /// Never ends: pairs of tasks with a channel between them, which also sleep, yield, spawn and
    /// await.
    pub(crate) async fn mixed() {
        let pairs: Vec<_> = (0..PAIRS)
            .flat_map(|pair| {
                let (sender, receiver) = channel::bounded(4);
                let sending = spawn(async move {
                    for number in 0.. {
                        sender.send(number).await.unwrap();
                        match number % 16 {
                            3 | 9 => yield_now().await,
                            7 => drop(spawn(async move { black_box(number) }).await),
                            15 => sleep(nap(pair, number)).await,
                            _ => {}
                        }
                    }
                });
                let receiving = spawn(async move { while receiver.recv().await.is_ok() {} });
                [sending, receiving]
            })
            .collect();
        for task in pairs {
            task.await;
        }
    }

    pub(crate) async fn sleeps() {
        let tasks: Vec<_> = (0..SLEEPERS)
            .map(|task| {
                spawn(async move {
                    for number in 0..SLEEPS {
                        sleep(nap(task, number)).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
    }
}

pub(crate) mod on_smol {
    use super::{MESSAGES, SLEEPERS, SLEEPS, SPAWNS, TASKS, YIELDS, black_box, nap};
    use smol::{LocalExecutor, Timer, future::yield_now};

    type Executor = &'static LocalExecutor<'static>;

    pub(crate) async fn yields(executor: Executor) {
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                executor.spawn(async {
                    for _ in 0..YIELDS {
                        yield_now().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
    }

    pub(crate) async fn spawns(executor: Executor) {
        let tasks: Vec<_> = (0..SPAWNS)
            .map(|number| executor.spawn(async move { black_box(number) }))
            .collect();
        for task in tasks {
            task.await;
        }
    }

    pub(crate) async fn ping_pong(executor: Executor) {
        let (sender, receiver) = async_channel::bounded(1);
        let sending = executor.spawn(async move {
            for number in 0..MESSAGES {
                sender.send(number).await.unwrap();
            }
        });
        let receiving = executor.spawn(async move { while receiver.recv().await.is_ok() {} });
        sending.await;
        receiving.await;
    }

    pub(crate) async fn sleeps(executor: Executor) {
        let tasks: Vec<_> = (0..SLEEPERS)
            .map(|task| {
                executor.spawn(async move {
                    for number in 0..SLEEPS {
                        Timer::after(nap(task, number)).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
    }
}

/// The sleeps on tokio's paused clock.
pub(crate) fn tokio_paused() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime.unwrap(), async {
        let tasks: Vec<_> = (0..SLEEPERS)
            .map(|task| {
                tokio::task::spawn_local(async move {
                    for number in 0..SLEEPS {
                        tokio::time::sleep(nap(task, number)).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

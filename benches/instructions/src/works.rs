//! The works, each on this crate's loop and on its peers.

use std::{future::Future, hint::black_box, time::Duration};

use loopscope::{
    Builder,
    runtime::{self, Store},
    trace::{ClockKind, Meta},
};
use smol::LocalExecutor;

use crate::{echo, floor};

const TASKS: u64 = 1_000;

/// Does `count` units of a work. Returns `false` if there is no such work or runtime.
pub(crate) fn run(work: &str, runtime: &str, count: u64) -> bool {
    match (work, runtime) {
        ("yield", "floor") => floor_yields(count),
        ("yield", "smol") => on_smol(|executor| smol_yields(executor, count)),
        ("yield", "tokio") => on_tokio(tokio_yields(count)),
        ("yield", _) => return on_ours(runtime, yields(count)),
        ("spawn", "smol") => on_smol(|executor| smol_spawns(executor, count)),
        ("spawn", "tokio") => on_tokio(tokio_spawns(count)),
        ("spawn", _) => return on_ours(runtime, spawns(count)),
        ("message", "smol") => on_smol(|executor| smol_messages(executor, count)),
        ("message", "tokio") => on_tokio(tokio_messages(count)),
        ("message", _) => return on_ours(runtime, messages(count)),
        ("message.async_channel", _) => return on_ours(runtime, async_channel_messages(count)),
        ("sleep", "smol") => on_smol(|executor| smol_sleeps(executor, count)),
        ("sleep", "tokio") => on_tokio(tokio_sleeps(count)),
        ("sleep", _) => return on_ours(runtime, sleeps(count)),
        // Always as much: for `strace -f -c`, which counts system calls.
        ("echo", "smol") => on_smol(echo::on_smol),
        ("echo", _) => return on_ours(runtime, echo::on_ours()),
        _ => return false,
    }
    true
}

fn on_ours(runtime: &str, future: impl Future<Output = ()>) -> bool {
    match runtime {
        "off" => drop(runtime::block_on(future)),
        "memory" => {
            let builder = Builder::new().clock(ClockKind::Real).record(true);
            black_box(builder.run(future));
        }
        // On this clock the deadlines of a run, and so its number of ticks, are always the same.
        "virtual.off" | "virtual.memory" => {
            let builder = Builder::new().clock(ClockKind::Virtual);
            black_box(builder.record(runtime == "virtual.memory").run(future));
        }
        "file" => {
            let Ok(store) = Store::new(std::io::sink(), &Meta::default()) else {
                return false;
            };
            let builder = Builder::new().clock(ClockKind::Real).store(store);
            black_box(builder.run(future));
        }
        _ => return false,
    }
    true
}

fn on_smol<F: Future<Output = ()>>(future: impl FnOnce(&'static LocalExecutor<'static>) -> F) {
    let executor: &'static LocalExecutor<'static> = Box::leak(Box::new(LocalExecutor::new()));
    smol::block_on(executor.run(future(executor)));
}

fn on_tokio(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    if let Ok(runtime) = runtime {
        tokio::task::LocalSet::new().block_on(&runtime, future);
    }
}

fn floor_yields(count: u64) {
    let task = || async move {
        for _ in 0..count / TASKS {
            floor::Yield(false).await;
        }
    };
    floor::run((0..TASKS).map(|_| Box::pin(task()) as _).collect());
}

async fn yields(count: u64) {
    let task = || async move {
        for _ in 0..count / TASKS {
            loopscope::future::yield_now().await;
        }
    };
    let tasks: Vec<_> = (0..TASKS).map(|_| loopscope::spawn(task())).collect();
    for task in tasks {
        task.await;
    }
}

async fn smol_yields(executor: &'static LocalExecutor<'static>, count: u64) {
    let task = || async move {
        for _ in 0..count / TASKS {
            smol::future::yield_now().await;
        }
    };
    let tasks: Vec<_> = (0..TASKS).map(|_| executor.spawn(task())).collect();
    for task in tasks {
        task.await;
    }
}

async fn tokio_yields(count: u64) {
    let task = || async move {
        for _ in 0..count / TASKS {
            tokio::task::yield_now().await;
        }
    };
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| tokio::task::spawn_local(task()))
        .collect();
    for task in tasks {
        drop(task.await);
    }
}

/// How many tasks exist at once.
const BATCH: u64 = 10_000;

async fn spawns(count: u64) {
    for _ in 0..count / BATCH {
        let tasks: Vec<_> = (0..BATCH)
            .map(|number| loopscope::spawn(async move { black_box(number) }))
            .collect();
        for task in tasks {
            task.await;
        }
    }
}

async fn smol_spawns(executor: &'static LocalExecutor<'static>, count: u64) {
    for _ in 0..count / BATCH {
        let tasks: Vec<_> = (0..BATCH)
            .map(|number| executor.spawn(async move { black_box(number) }))
            .collect();
        for task in tasks {
            task.await;
        }
    }
}

async fn tokio_spawns(count: u64) {
    for _ in 0..count / BATCH {
        let tasks: Vec<_> = (0..BATCH)
            .map(|number| tokio::task::spawn_local(async move { black_box(number) }))
            .collect();
        for task in tasks {
            drop(task.await);
        }
    }
}

async fn messages(count: u64) {
    let (sender, receiver) = loopscope::channel::bounded(1);
    let sending = loopscope::spawn(async move {
        for number in 0..count {
            let _ = sender.send(number).await;
        }
    });
    let receiving = loopscope::spawn(async move { while receiver.recv().await.is_ok() {} });
    sending.await;
    receiving.await;
}

async fn async_channel_messages(count: u64) {
    let (sender, receiver) = async_channel::bounded(1);
    let sending = loopscope::spawn(async move {
        for number in 0..count {
            let _ = sender.send(number).await;
        }
    });
    let receiving = loopscope::spawn(async move { while receiver.recv().await.is_ok() {} });
    sending.await;
    receiving.await;
}

async fn smol_messages(executor: &'static LocalExecutor<'static>, count: u64) {
    let (sender, receiver) = async_channel::bounded(1);
    let sending = executor.spawn(async move {
        for number in 0..count {
            let _ = sender.send(number).await;
        }
    });
    let receiving = executor.spawn(async move { while receiver.recv().await.is_ok() {} });
    sending.await;
    receiving.await;
}

async fn tokio_messages(count: u64) {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let sending = tokio::task::spawn_local(async move {
        for number in 0..count {
            let _ = sender.send(number).await;
        }
    });
    let receiving =
        tokio::task::spawn_local(async move { while receiver.recv().await.is_some() {} });
    drop(sending.await);
    drop(receiving.await);
}

/// How many tasks sleep at once.
const SLEEPERS: u64 = 10_000;

/// The length of a task's n-th sleep: 0 to 2 ms.
fn nap(task: u64, number: u64) -> Duration {
    let mixed = (task * 1_000 + number).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    Duration::from_micros(mixed % 2_000)
}

async fn sleeps(count: u64) {
    let tasks: Vec<_> = (0..SLEEPERS)
        .map(|task| {
            loopscope::spawn(async move {
                for number in 0..count / SLEEPERS {
                    loopscope::sleep(nap(task, number)).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await;
    }
}

async fn smol_sleeps(executor: &'static LocalExecutor<'static>, count: u64) {
    let tasks: Vec<_> = (0..SLEEPERS)
        .map(|task| {
            executor.spawn(async move {
                for number in 0..count / SLEEPERS {
                    smol::Timer::after(nap(task, number)).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await;
    }
}

async fn tokio_sleeps(count: u64) {
    let tasks: Vec<_> = (0..SLEEPERS)
        .map(|task| {
            tokio::task::spawn_local(async move {
                for number in 0..count / SLEEPERS {
                    tokio::time::sleep(nap(task, number)).await;
                }
            })
        })
        .collect();
    for task in tasks {
        drop(task.await);
    }
}

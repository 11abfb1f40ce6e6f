//! Random programs that are healthy by construction: every wait ends, and nothing that was taken is dropped.
//!
//! A program is a few *groups* of tasks that run beside each other. Each group keeps to a rule that makes
//! it healthy, whatever the numbers are:
//!
//! | group | rule |
//! |---|---|
//! | workers | no poll is long, and a worker yields or sleeps between two pieces of work |
//! | family | a task awaits each task that it spawns |
//! | pipeline | the senders of a channel end, and its receivers read to the end |
//! | locks | all tasks take the locks in one order, and hold them for a few milliseconds |
//! | permits | each permit is given back by the task that took it |
//! | limits | a timeout drops nothing but a wait |
//! | tickers | a cancelled task is awaited, and only sleeps |
//! | signals | an event that tasks wait for is set once, and stays set |
//! | rounds | as many tasks as a barrier needs, and as many rounds for each |
//! | sources | a task receives from two channels, without a preference, until both have ended |

use std::{pin::Pin, rc::Rc, sync::Arc, time::Duration};

use fastrand::Rng;
use loopscope::{
    SharedValue, Task, block_for, channel,
    future::{self, yield_now},
    gather,
    lock::{Barrier, ManualResetEvent, Mutex, Semaphore},
    println, sleep, spawn_local, timeout,
};

type Tasks = Vec<Task<()>>;

/// The random program with this number.
pub(crate) async fn healthy(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let mut tasks = Tasks::new();
    for _ in 0..random.usize(1..=4) {
        tasks.extend(group(&mut random));
    }
    if random.bool() {
        gather(tasks).await;
        return;
    }
    for task in tasks {
        task.await;
    }
}

/// The tasks of a random group.
fn group(random: &mut Rng) -> Tasks {
    let groups: [fn(&mut Rng) -> Tasks; 10] = [
        workers, family, pipeline, locks, permits, limits, tickers, signals, rounds, sources,
    ];
    groups[random.usize(..groups.len())](random)
}

/// A few tasks, each with random numbers of its own.
fn some<F>(random: &mut Rng, most: usize, mut task: impl FnMut(Rng) -> F) -> Tasks
where
    F: Future<Output = ()> + 'static,
{
    let count = random.usize(1..=most);
    (0..count)
        .map(|_| spawn_local(task(random.fork())))
        .collect()
}

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// Sleeps, yields, computes for a moment or prints.
async fn step(random: &mut Rng, longest: u64) {
    match random.u8(..5) {
        0 | 1 => sleep(ms(random.u64(0..=longest))).await,
        2 => yield_now().await,
        3 => block_for(Duration::from_micros(random.u64(1..900))),
        _ => println!("step"),
    }
}

fn workers(random: &mut Rng) -> Tasks {
    some(random, 6, |mut random| async move {
        for _ in 0..random.usize(1..20) {
            block_for(Duration::from_micros(random.u64(1..900)));
            if random.bool() {
                sleep(ms(random.u64(1..200))).await;
            } else {
                yield_now().await;
            }
        }
    })
}

fn family(random: &mut Rng) -> Tasks {
    fn member(mut random: Rng, depth: u32) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move {
            step(&mut random, 300).await;
            let children = if depth == 0 { 0 } else { random.usize(0..4) };
            let children = (0..children).map(|_| spawn_local(member(random.fork(), depth - 1)));
            let children: Tasks = children.collect();
            step(&mut random, 300).await;
            if random.bool() {
                gather(children).await;
            } else {
                for child in children {
                    child.await;
                    step(&mut random, 20).await;
                }
            }
        })
    }
    some(random, 3, |random| member(random, 3))
}

/// A channel, with a limit or without.
fn some_channel(random: &mut Rng) -> (channel::Sender<u32>, channel::Receiver<u32>) {
    match random.usize(0..6) {
        0 | 1 => channel::unbounded(),
        capacity => channel::bounded(capacity),
    }
}

/// Tasks that send some items each. The channel ends with the last of them.
fn senders(random: &mut Rng, sender: &channel::Sender<u32>) -> Tasks {
    some(random, 3, |mut random| {
        let sender = sender.clone();
        async move {
            for item in 0..random.u32(1..20) {
                if sender.send(item).await.is_err() {
                    return;
                }
                if random.bool() {
                    step(&mut random, 30).await;
                }
            }
        }
    })
}

fn pipeline(random: &mut Rng) -> Tasks {
    let (sender, mut receiver) = some_channel(random);
    let mut tasks = senders(random, &sender);
    drop(sender);
    for _ in 0..random.usize(0..2) {
        let (on, next) = some_channel(random);
        tasks.extend(some(random, 2, |mut random| {
            let (receiver, on) = (receiver.clone(), on.clone());
            async move {
                while let Ok(item) = receiver.recv().await {
                    step(&mut random, 5).await;
                    if on.send(item).await.is_err() {
                        return;
                    }
                }
            }
        }));
        receiver = next;
    }
    tasks.extend(some(random, 3, |mut random| {
        let receiver = receiver.clone();
        async move {
            while receiver.recv().await.is_ok() {
                step(&mut random, 5).await;
            }
        }
    }));
    tasks
}

fn locks(random: &mut Rng) -> Tasks {
    let locks: Vec<Mutex<u32>> = (0..random.usize(1..4)).map(|_| Mutex::new(0)).collect();
    let (locks, total) = (Arc::new(locks), Rc::new(SharedValue::new("total", 0)));
    some(random, 5, |mut random| {
        let (locks, total) = (Arc::clone(&locks), Rc::clone(&total));
        async move {
            for _ in 0..random.usize(1..8) {
                let mut held = Vec::new();
                // The first one guards the value; the others are taken or not, in their order.
                for (at, lock) in locks.iter().enumerate() {
                    if at == 0 || random.bool() {
                        held.push(lock.lock().await);
                    }
                }
                let before = total.get();
                step(&mut random, 4).await;
                total.set(before + 1);
                while let Some(mut value) = held.pop() {
                    *value += 1;
                }
                step(&mut random, 60).await;
            }
        }
    })
}

fn permits(random: &mut Rng) -> Tasks {
    let permits = Arc::new(Semaphore::new(random.usize(1..4)));
    some(random, 8, |mut random| {
        let permits = Arc::clone(&permits);
        async move {
            for _ in 0..random.usize(1..5) {
                let permit = permits.acquire().await;
                step(&mut random, 10).await;
                drop(permit);
                step(&mut random, 40).await;
            }
        }
    })
}

fn limits(random: &mut Rng) -> Tasks {
    let (sender, receiver) = some_channel(random);
    let mut tasks = senders(random, &sender);
    drop(sender);
    tasks.push(spawn_local(async move {
        loop {
            // What is dropped has only waited, so nothing is lost.
            match timeout(ms(7), receiver.recv()).await {
                Ok(Ok(_)) | Err(_) => {}
                Ok(Err(_)) => return,
            }
        }
    }));
    tasks.extend(some(random, 4, |mut random| async move {
        for _ in 0..random.usize(1..6) {
            let (limit, work) = (random.u64(1..100), random.u64(1..100));
            let _ = timeout(ms(limit), sleep(ms(work))).await;
            future::or(sleep(ms(random.u64(1..50))), sleep(ms(random.u64(1..50)))).await;
        }
    }));
    tasks
}

fn tickers(random: &mut Rng) -> Tasks {
    some(random, 3, |mut random| async move {
        let tickers = some(&mut random, 4, |mut random| async move {
            let period = ms(random.u64(2..80));
            loop {
                sleep(period).await;
                println!("tick");
            }
        });
        sleep(ms(random.u64(1..400))).await;
        for ticker in tickers {
            ticker.cancel().await;
        }
    })
}

fn signals(random: &mut Rng) -> Tasks {
    let event = Arc::new(ManualResetEvent::new());
    let mut tasks = some(random, 5, |mut random| {
        let event = Arc::clone(&event);
        async move {
            step(&mut random, 90).await;
            event.wait().await;
            step(&mut random, 90).await;
        }
    });
    let mut random = random.fork();
    tasks.push(spawn_local(async move {
        step(&mut random, 90).await;
        event.set();
    }));
    tasks
}

fn rounds(random: &mut Rng) -> Tasks {
    let (tasks, rounds) = (random.usize(1..7), random.usize(1..6));
    let barrier = Arc::new(Barrier::new(tasks));
    let tasks = (0..tasks).map(|_| {
        let (barrier, mut random) = (Arc::clone(&barrier), random.fork());
        spawn_local(async move {
            for _ in 0..rounds {
                step(&mut random, 50).await;
                barrier.wait().await;
            }
        })
    });
    tasks.collect()
}

fn sources(random: &mut Rng) -> Tasks {
    let ((one, first), (other, second)) = (some_channel(random), some_channel(random));
    let mut tasks = senders(random, &one);
    tasks.extend(senders(random, &other));
    drop((one, other));
    let mut random = random.fork();
    tasks.push(spawn_local(async move {
        let (mut first_ended, mut second_ended) = (false, false);
        while !(first_ended && second_ended) {
            if first_ended {
                second_ended = second.recv().await.is_err();
            } else if second_ended {
                first_ended = first.recv().await.is_err();
            } else {
                let first = async { (first.recv().await.is_err(), false) };
                let second = async { (false, second.recv().await.is_err()) };
                (first_ended, second_ended) = future::race(first, second).await;
            }
            step(&mut random, 3).await;
        }
    }));
    tasks
}

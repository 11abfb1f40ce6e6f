//! Small programs for the rules: each wrong one with a mark at the line of its mistake, each right
//! one alike and healthy.

use std::{rc::Rc, sync::Arc, time::Duration};

use loopscope::{
    block_for, channel,
    future::yield_now,
    gather,
    lock::{ManualResetEvent, Mutex, Semaphore},
    println,
    replay::Replay,
    sleep, spawn, spawn_local, timeout, try_spawn,
};

use super::replay_of;

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// A pair of programs.
pub(crate) struct Pair {
    pub(crate) rule: &'static str,
    pub(crate) wrong: fn() -> Replay,
    pub(crate) right: fn() -> Replay,
}

macro_rules! pairs {
    ($($rule:literal $wrong:ident $right:ident),* $(,)?) => {
        pub(crate) const PAIRS: &[Pair] = &[$(Pair {
            rule: $rule,
            wrong: || replay_of($wrong()),
            right: || replay_of($right()),
        }),*];
    };
}

pairs! {
    "blocking" blocking_wrong blocking_right,
    "starvation" starvation_wrong starvation_right,
    "wakestorm" wakestorm_wrong wakestorm_right,
    "deadtimeout" deadtimeout_wrong deadtimeout_right,
    "joincycle" joincycle_wrong joincycle_right,
    "selfdeadlock" semaphore_wrong semaphore_right,
    "lockorder" lockorder_wrong lockorder_right,
    "chandeadlock" chandeadlock_wrong chandeadlock_right,
    "senderalive" senderalive_wrong senderalive_right,
    "lostwakeup" lostwakeup_wrong lostwakeup_right,
    "unretrieved" unretrieved_wrong unretrieved_right,
    "orphan" orphan_wrong orphan_right,
    "shutdown" shutdown_wrong shutdown_right,
    "convoy" convoy_wrong convoy_right,
    "permitleak" permitleak_wrong permitleak_right,
    "unbounded" unbounded_wrong unbounded_right,
    "taskleak" taskleak_wrong taskleak_right,
}

// ---- blocking

async fn ticker() {
    for _ in 0..20 {
        sleep(ms(50)).await;
    }
}

async fn blocking_wrong() {
    let ticker = spawn(ticker());
    sleep(ms(30)).await;
    block_for(ms(280)); // WRONG: blocking
    ticker.await;
}

/// A long poll while nothing else exists; chunks that yield; work on the pool.
async fn blocking_right() {
    block_for(ms(500));
    let ticker = spawn(ticker());
    for _ in 0..20 {
        block_for(ms(30));
        yield_now().await;
    }
    ticker.await;
    block_for(ms(500));
}

// ---- starvation

async fn crunch() {
    for _ in 0..40 {
        block_for(ms(9));
        yield_now().await; // WRONG: starvation
    }
}

async fn starvation_wrong() {
    let ticker = spawn(ticker());
    let crunching = (0..30).map(|_| crunch());
    gather(crunching).await;
    ticker.await;
}

/// A burst that drains.
async fn starvation_right() {
    let ticker = spawn(ticker());
    gather((0..30).map(|_| async { block_for(ms(9)) })).await;
    let worker = spawn(crunch());
    worker.await;
    ticker.await;
}

// ---- wakestorm

async fn wakestorm_wrong() {
    let done = Rc::new(std::cell::Cell::new(false));
    let asked = Rc::clone(&done);
    let asks = spawn_local(async move {
        while !asked.get() {
            yield_now().await; // WRONG: wakestorm
        }
    });
    for _ in 0..200 {
        block_for(ms(5));
        yield_now().await;
    }
    done.set(true);
    asks.await;
}

async fn wakestorm_right() {
    let (sender, receiver) = channel::bounded(1000);
    let sends = spawn(async move {
        for number in 0..200 {
            let _ = sender.try_send(number);
            yield_now().await;
        }
    });
    for _ in 0..200 {
        block_for(ms(5));
        yield_now().await;
    }
    sends.await;
    drop(receiver);
}

// ---- deadtimeout

async fn deadtimeout_wrong() {
    let limited = timeout(ms(100), async {
        sleep(ms(10)).await;
        block_for(ms(400)); // WRONG: deadtimeout
    });
    let _ = limited.await;
}

async fn deadtimeout_right() {
    let _ = timeout(ms(100), sleep(ms(400))).await;
    let _ = timeout(ms(400), sleep(ms(100))).await;
}

// ---- circles

type Handle = loopscope::Task<()>;

async fn joincycle_wrong() {
    let (to_a, for_a) = channel::bounded::<Handle>(1);
    let (to_b, for_b) = channel::bounded::<Handle>(1);
    let a = spawn(async move {
        let other = for_a.recv().await;
        sleep(ms(10)).await;
        if let Ok(other) = other {
            other.await;
        }
    });
    let b = spawn(async move {
        let other = for_b.recv().await;
        sleep(ms(20)).await;
        if let Ok(other) = other {
            other.await; // WRONG: joincycle
        }
    });
    let _ = to_a.send(b).await;
    let _ = to_b.send(a).await;
    sleep(ms(100)).await;
}

async fn joincycle_right() {
    let a = spawn(sleep(ms(10)));
    let b = spawn(async move {
        a.await;
    });
    b.await;
}

async fn semaphore_wrong() {
    let permits = Semaphore::named("pool", 2);
    let _first = permits.acquire().await;
    let _second = permits.acquire().await;
    let _third = permits.acquire().await; // WRONG: selfdeadlock
}

async fn semaphore_right() {
    let permits = Rc::new(Semaphore::named("pool", 2));
    gather((0..6).map(|_| {
        let permits = Rc::clone(&permits);
        async move {
            let _permit = permits.acquire().await;
            sleep(ms(10)).await;
        }
    }))
    .await;
}

// ---- lock order

async fn lockorder_wrong() {
    let from = Arc::new(Mutex::named("from", 0));
    let to = Arc::new(Mutex::named("to", 0));
    let (a, b) = (Arc::clone(&from), Arc::clone(&to));
    let one = spawn(async move {
        let _a = a.lock().await;
        sleep(ms(10)).await;
        let _b = b.lock().await;
    });
    let two = spawn(async move {
        let _b = to.lock().await;
        sleep(ms(15)).await;
        let _a = from.lock().await; // WRONG: lockorder
    });
    one.await;
    two.await;
}

async fn lockorder_right() {
    let from = Arc::new(Mutex::named("from", 0));
    let to = Arc::new(Mutex::named("to", 0));
    let tasks = (0..4).map(|_| {
        let (a, b) = (Arc::clone(&from), Arc::clone(&to));
        async move {
            let _a = a.lock().await;
            sleep(ms(5)).await;
            let _b = b.lock().await;
        }
    });
    gather(tasks).await;
}

// ---- channels

async fn chandeadlock_wrong() {
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

async fn chandeadlock_right() {
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

async fn senderalive_wrong() {
    let (sender, receiver) = channel::named::<u32>("items", 4);
    let own = sender.clone();
    let producer = spawn(async move {
        for item in 0..3 {
            let _ = sender.send(item).await;
        }
    });
    while let Ok(item) = receiver.recv().await {
        // WRONG: senderalive
        println!("{item}");
    }
    producer.await;
    drop(own);
}

async fn senderalive_right() {
    let (sender, receiver) = channel::named::<u32>("items", 4);
    let producer = spawn(async move {
        for item in 0..3 {
            sleep(ms(500)).await;
            let _ = sender.send(item).await;
        }
    });
    while let Ok(item) = receiver.recv().await {
        println!("{item}");
    }
    producer.await;
}

/// A future that is ready once a flag is set, and that nothing wakes then.
async fn flag_is_set(flag: Rc<std::cell::Cell<bool>>) {
    std::future::poll_fn(|_| {
        if flag.get() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

async fn lostwakeup_wrong() {
    let flag = Rc::new(std::cell::Cell::new(false));
    let waiter = spawn_local(flag_is_set(Rc::clone(&flag)));
    sleep(ms(10)).await;
    flag.set(true);
    waiter.await; // WRONG: lostwakeup
}

async fn lostwakeup_right() {
    let ready = Rc::new(ManualResetEvent::new());
    let in_task = Rc::clone(&ready);
    let waiter = spawn_local(async move {
        sleep(ms(50)).await;
        in_task.wait().await;
    });
    ready.set();
    waiter.await;
}

// ---- ends

async fn unretrieved_wrong() {
    let job = try_spawn(async {
        // WRONG: unretrieved
        sleep(ms(10)).await;
        Err::<(), _>("disk full")
    });
    job.detach();
    sleep(ms(100)).await;
}

async fn unretrieved_right() {
    let job = try_spawn(async {
        sleep(ms(10)).await;
        Err::<(), _>("disk full")
    });
    sleep(ms(100)).await;
    if let Err(error) = job.await {
        println!("{error}");
    }
    let told = try_spawn(async {
        sleep(ms(10)).await;
        println!("the disk is full");
        Err::<(), _>("disk full")
    });
    told.detach();
    sleep(ms(100)).await;
}

async fn save() {
    println!("saving");
    sleep(ms(100)).await;
    println!("saved");
}

async fn orphan_wrong() {
    drop(spawn(save())); // WRONG: orphan
    sleep(ms(500)).await;
}

async fn orphan_right() {
    spawn(save()).detach();
    let (sender, receiver) = channel::bounded::<u32>(1);
    let watcher = spawn(async move { while receiver.recv().await.is_ok() {} });
    sleep(ms(500)).await;
    drop(watcher);
    drop(sender);
}

async fn shutdown_wrong() {
    let (sender, receiver) = channel::named::<u32>("log", 0);
    let writer = spawn(async move {
        // WRONG: shutdown
        while let Ok(line) = receiver.recv().await {
            sleep(ms(20)).await;
            println!("{line}");
        }
    });
    writer.detach();
    for line in 0..10 {
        let _ = sender.send(line).await;
    }
    sleep(ms(50)).await;
}

async fn shutdown_right() {
    let (sender, receiver) = channel::named::<u32>("log", 0);
    let writer = spawn(async move {
        while let Ok(line) = receiver.recv().await {
            sleep(ms(20)).await;
            println!("{line}");
        }
    });
    spawn(async {
        loop {
            sleep(ms(30)).await;
        }
    })
    .detach();
    for line in 0..10 {
        let _ = sender.send(line).await;
    }
    drop(sender);
    writer.await;
}

// ---- locks and permits

async fn convoy_wrong() {
    let cache = Arc::new(Mutex::named("cache", 0));
    let tasks = (0..6).map(|_| {
        let cache = Arc::clone(&cache);
        async move {
            let mut held = cache.lock().await;
            sleep(ms(50)).await; // WRONG: convoy
            *held += 1;
        }
    });
    gather(tasks).await;
}

async fn convoy_right() {
    let cache = Arc::new(Mutex::named("cache", 0));
    let tasks = (0..6).map(|_| {
        let cache = Arc::clone(&cache);
        async move {
            sleep(ms(50)).await;
            *cache.lock().await += 1;
        }
    });
    gather(tasks).await;
}

async fn permitleak_wrong() {
    let permits = Arc::new(Semaphore::named("connections", 2));
    for _ in 0..3 {
        let permits = Arc::clone(&permits);
        let job = spawn(async move {
            let permit = permits.acquire().await; // WRONG: permitleak
            sleep(ms(10)).await;
            std::mem::forget(permit);
        });
        job.await;
    }
}

async fn permitleak_right() {
    let permits = Arc::new(Semaphore::named("connections", 2));
    for _ in 0..3 {
        let permits = Arc::clone(&permits);
        let job = spawn(async move {
            let _permit = permits.acquire().await;
            sleep(ms(10)).await;
        });
        job.await;
    }
}

// ---- growth

async fn unbounded_wrong() {
    let (sender, receiver) = channel::named::<u32>("lines", 0); // WRONG: unbounded
    let writer = spawn(async move {
        while receiver.recv().await.is_ok() {
            sleep(ms(20)).await;
        }
    });
    for line in 0..300 {
        let _ = sender.send(line).await;
        sleep(ms(5)).await;
    }
    drop(sender);
    writer.await;
}

/// Bursts that are drained, and a queue that is filled first.
async fn unbounded_right() {
    let (sender, receiver) = channel::named::<u32>("bursts", 0);
    let writer = spawn(async move {
        while receiver.recv().await.is_ok() {
            sleep(ms(2)).await;
        }
    });
    for _ in 0..20 {
        for line in 0..50 {
            let _ = sender.send(line).await;
        }
        sleep(ms(500)).await;
    }
    drop(sender);
    writer.await;
    let (sender, receiver) = channel::named::<u32>("list", 0);
    for line in 0..500 {
        let _ = sender.send(line).await;
    }
    drop(sender);
    while receiver.recv().await.is_ok() {}
}

async fn taskleak_wrong() {
    let mut kept = Vec::new();
    for _ in 0..100 {
        let (sender, receiver) = channel::bounded::<u32>(1);
        kept.push(sender);
        spawn(async move {
            let _ = receiver.recv().await;
        }) // WRONG: taskleak
        .detach();
        sleep(ms(50)).await;
    }
}

/// A pool of fixed size, and tasks that end.
async fn taskleak_right() {
    let (sender, receiver) = channel::bounded::<u32>(1);
    for _ in 0..50 {
        let receiver = receiver.clone();
        spawn(async move { while receiver.recv().await.is_ok() {} }).detach();
    }
    for number in 0..200 {
        let _ = sender.send(number).await;
        spawn(sleep(ms(120))).detach();
        sleep(ms(50)).await;
    }
}

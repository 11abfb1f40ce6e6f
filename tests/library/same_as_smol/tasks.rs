// Included twice by `same_as_smol.rs`: `rt` is smol or loopscope.

use std::{cell::Cell, rc::Rc, sync::{Arc, atomic::{AtomicUsize, Ordering}}, time::Duration};

use rt::{Executor, LocalExecutor, Task, Timer, block_on, future, spawn, unblock};

pub(super) const ALL: &[crate::same_as_smol::Program] = &[
    ("spawn and await", spawn_and_await),
    ("spawn before block_on", spawn_before),
    ("a task outlives a block_on", outlives),
    ("detach", detach),
    ("cancel", cancel),
    ("cancel gives what is done", cancel_done),
    ("dropping cancels", dropping),
    ("fallible", fallible),
    ("is_finished", is_finished),
    ("a panic comes to who awaits", panics),
    ("a handle may go to another thread", sent),
    ("handles of all kinds have one type", one_type),
    ("local executor", local_executor),
    ("local executor with borrowed futures", borrowed),
    ("executor in a static", static_executor),
    ("executor on several threads", threads),
    ("ticks by hand", ticks),
    ("spawn_many", many),
    ("an executor's panic", executor_panics),
    ("dropping an executor", executor_dropped),
    ("unblock", pool),
];

fn spawn_and_await() -> String {
    block_on(async {
        let tasks: Vec<Task<usize>> = (0..10).map(|n| spawn(async move { n * n })).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await;
        }
        sum.to_string()
    })
}

fn spawn_before() -> String {
    let task = spawn(async { 6 * 7 });
    block_on(task).to_string()
}

fn outlives() -> String {
    let (sender, receiver) = rt::channel::unbounded();
    block_on(async {
        spawn(async move {
            for n in 0..3 {
                Timer::after(Duration::from_millis(2)).await;
                sender.send(n).await.unwrap();
            }
        })
        .detach();
    });
    let mut got = Vec::new();
    while let Ok(n) = block_on(receiver.recv()) {
        got.push(n);
    }
    format!("{got:?}")
}

fn detach() -> String {
    let (sender, receiver) = rt::channel::bounded(1);
    block_on(async {
        spawn(async move { sender.send("detached").await }).detach();
        receiver.recv().await.unwrap().to_owned()
    })
}

/// Counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn cancel() -> String {
    let drops = Arc::new(AtomicUsize::new(0));
    let counted = Counted(Arc::clone(&drops));
    block_on(async {
        let task = spawn(async move {
            let _counted = counted;
            future::pending::<()>().await;
        });
        Timer::after(Duration::from_millis(5)).await;
        format!("{:?} {}", task.cancel().await, drops.load(Ordering::SeqCst))
    })
}

fn cancel_done() -> String {
    block_on(async {
        let task = spawn(async { 5 });
        while !task.is_finished() {
            Timer::after(Duration::from_millis(1)).await;
        }
        format!("{:?}", task.cancel().await)
    })
}

fn dropping() -> String {
    let drops = Arc::new(AtomicUsize::new(0));
    let counted = Counted(Arc::clone(&drops));
    block_on(async {
        let task = spawn(async move {
            let _counted = counted;
            future::pending::<()>().await;
        });
        Timer::after(Duration::from_millis(5)).await;
        drop(task);
        while drops.load(Ordering::SeqCst) == 0 {
            future::yield_now().await;
        }
        "dropped".into()
    })
}

fn fallible() -> String {
    block_on(async {
        let done = spawn(async { 1 }).fallible();
        let gone = spawn(future::pending::<u8>()).fallible();
        format!("{:?} {:?}", done.await, gone.cancel().await)
    })
}

fn is_finished() -> String {
    block_on(async {
        let task = spawn(future::pending::<()>());
        let before = task.is_finished();
        let other = spawn(async {});
        Timer::after(Duration::from_millis(20)).await;
        format!("{before} {} {}", task.is_finished(), other.is_finished())
    })
}

fn panics() -> String {
    let caught = std::panic::catch_unwind(|| {
        block_on(async {
            let task: Task<()> = spawn(async { std::panic::resume_unwind(Box::new("no")) });
            task.await;
        });
    });
    format!("{:?}", caught.unwrap_err().downcast_ref::<&str>())
}

fn sent() -> String {
    let drops = Arc::new(AtomicUsize::new(0));
    let counted = Counted(Arc::clone(&drops));
    block_on(async {
        let kept = spawn(async move {
            let _counted = counted;
            future::pending::<()>().await;
        });
        Timer::after(Duration::from_millis(5)).await;
        std::thread::spawn(move || drop(kept)).join().unwrap();
        while drops.load(Ordering::SeqCst) == 0 {
            Timer::after(Duration::from_millis(1)).await;
        }
        "dropped there".into()
    })
}

fn one_type() -> String {
    let executor = LocalExecutor::new();
    let tasks: Vec<Task<u32>> =
        vec![spawn(async { 1 }), executor.spawn(async { 2 }), unblock(|| 3)];
    let all = async {
        let mut got = Vec::new();
        for task in tasks {
            got.push(task.await);
        }
        got
    };
    format!("{:?}", block_on(executor.run(all)))
}

fn local_executor() -> String {
    let executor = Rc::new(LocalExecutor::new());
    let counter = Rc::new(Cell::new(0));
    let inner = Rc::clone(&executor);
    let result = block_on(executor.run(async {
        let tasks: Vec<_> = (1..=4)
            .map(|n| {
                let counter = Rc::clone(&counter);
                inner.spawn(async move {
                    Timer::after(Duration::from_millis(n)).await;
                    future::yield_now().await;
                    counter.set(counter.get() + n);
                    n
                })
            })
            .collect();
        let mut got = Vec::new();
        for task in tasks {
            got.push(task.await);
        }
        got
    }));
    format!("{result:?} {} {}", counter.get(), executor.is_empty())
}

fn borrowed() -> String {
    let words = [String::from("on"), String::from("the"), String::from("stack")];
    let executor = LocalExecutor::new();
    let tasks: Vec<Task<&str>> = words
        .iter()
        .map(|word| executor.spawn(async { word.as_str() }))
        .collect();
    block_on(executor.run(async {
        let mut said = String::new();
        for task in tasks {
            said += task.await;
        }
        said
    }))
}

fn static_executor() -> String {
    static EXECUTOR: Executor<'static> = Executor::new();
    let task = EXECUTOR.spawn(async { "static" });
    block_on(EXECUTOR.run(task)).to_owned()
}

fn threads() -> String {
    let executor = Executor::new();
    let (signal, shutdown) = rt::channel::unbounded::<()>();
    let sum = std::thread::scope(|scope| {
        for _ in 0..3 {
            let (executor, shutdown) = (&executor, shutdown.clone());
            scope.spawn(move || block_on(executor.run(shutdown.recv())));
        }
        let sum = block_on(async {
            let tasks: Vec<_> = (0..100).map(|n| executor.spawn(async move { n })).collect();
            let mut sum = 0;
            for task in tasks {
                sum += task.await;
            }
            sum
        });
        drop(signal);
        sum
    });
    sum.to_string()
}

fn ticks() -> String {
    let executor = LocalExecutor::new();
    let empty = executor.try_tick();
    let task = executor.spawn(async {
        future::yield_now().await;
        9
    });
    let mut count = 0;
    while executor.try_tick() {
        count += 1;
    }
    let other = executor.spawn(async {});
    block_on(executor.tick());
    format!("{empty} {count} {} {}", block_on(task), other.is_finished())
}

fn many() -> String {
    let executor = Executor::new();
    let mut tasks = Vec::new();
    executor.spawn_many((0..5).map(|n| async move { n }), &mut tasks);
    block_on(executor.run(async {
        let mut got = Vec::new();
        for task in tasks {
            got.push(task.await);
        }
        format!("{got:?}")
    }))
}

fn executor_panics() -> String {
    let executor = LocalExecutor::new();
    let task: Task<()> = executor.spawn(async { std::panic::resume_unwind(Box::new("oh")) });
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        block_on(executor.run(task));
    }));
    format!("{:?}", caught.unwrap_err().downcast_ref::<&str>())
}

fn executor_dropped() -> String {
    let drops = Arc::new(AtomicUsize::new(0));
    let executor = Executor::new();
    let counted = Counted(Arc::clone(&drops));
    let task = executor
        .spawn(async move {
            let _counted = counted;
            future::pending::<()>().await;
        })
        .fallible();
    drop(executor);
    format!("{:?} {}", block_on(task), drops.load(Ordering::SeqCst))
}

fn pool() -> String {
    block_on(async {
        let first = unblock(|| std::thread::sleep(Duration::from_millis(2)));
        let second = unblock(|| "worked");
        first.await;
        let cancelled = unblock(|| 1);
        while !cancelled.is_finished() {
            Timer::after(Duration::from_millis(1)).await;
        }
        format!("{} {:?}", second.await, cancelled.cancel().await)
    })
}

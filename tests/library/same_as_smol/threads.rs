// Included twice by `same_as_smol.rs`: `rt` is smol or loopscope. What is spawned outside of
// `block_on`, and handles that are used on other threads. Each program has a watchdog.

use std::{
    cell::RefCell,
    future::Future,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rt::{Executor, Task, Timer, block_on, channel, future, spawn, unblock};

pub(super) const ALL: &[crate::same_as_smol::Program] = &[
    ("future_block_on_detached", future_block_on_detached),
    ("future_block_on_task", future_block_on_task),
    ("async_io_block_on_spawn", async_io_block_on_spawn),
    ("foreign_block_on_spawn", foreign_block_on_spawn),
    ("recv_blocking_from_spawned", recv_blocking_from_spawned),
    ("recv_blocking_inside_block_on", recv_blocking_inside_block_on),
    ("nested_block_on_channel", nested_block_on_channel),
    ("nested_block_on_awaits_outer_task", nested_block_on_awaits_outer_task),
    ("nested_block_on_keeps_spawned", nested_block_on_keeps_spawned),
    ("nested_in_a_spawned_task", nested_in_a_spawned_task),
    ("lock_blocking_inside_block_on", lock_blocking_inside_block_on),
    ("spawn_in_unblock", spawn_in_unblock),
    ("spawn_in_std_thread", spawn_in_std_thread),
    ("spawn_in_thread_local_destructor", spawn_in_thread_local_destructor),
    ("await_on_other_thread", await_on_other_thread),
    ("await_finished_on_other_thread", await_finished_on_other_thread),
    ("await_of_an_ended_block_on_elsewhere", await_of_an_ended_block_on_elsewhere),
    ("task_in_static_sent_between", task_in_static_sent_between),
    ("spawn_then_std_sleep", spawn_then_std_sleep),
    ("background_goes_on_after_block_on", background_goes_on_after_block_on),
    ("background_goes_on_between_block_ons", background_goes_on_between_block_ons),
    ("once_cell_global_client", once_cell_global_client),
    ("fairness_busy_task", fairness_busy_task),
    ("fairness_yielding_task", fairness_yielding_task),
    ("is_finished_elsewhere", is_finished_elsewhere),
    ("cancel_elsewhere", cancel_elsewhere),
    ("cancel_of_a_finished_task_elsewhere", cancel_of_a_finished_task_elsewhere),
    ("drop_elsewhere", drop_elsewhere),
    ("detach_outside", detach_outside),
    ("fallible_elsewhere", fallible_elsewhere),
    ("panic_elsewhere", panic_elsewhere),
    ("timeout_of_a_handle_elsewhere", timeout_of_a_handle_elsewhere),
    ("handles_of_many_threads", handles_of_many_threads),
    ("spawned_tasks_spawn", spawned_tasks_spawn),
    ("borrowing_block_on_with_tasks_left", borrowing_block_on_with_tasks_left),
    ("executor_timer_while_thread_busy", executor_timer_while_thread_busy),
    ("executor_timer_across_threads", executor_timer_across_threads),
    ("executor_timer_then_future_block_on", executor_timer_then_future_block_on),
    ("timer_polled_on_two_threads", timer_polled_on_two_threads),
    ("timer_set_elsewhere", timer_set_elsewhere),
];

/// Runs a program on a thread of its own. A program that hangs says so.
fn watched(program: impl FnOnce() -> String + Send + 'static) -> String {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || sender.send(program()));
    receiver
        .recv_timeout(Duration::from_secs(20))
        .unwrap_or_else(|error| format!("{error:?}"))
}

fn nap(millis: u64) {
    thread::sleep(Duration::from_millis(millis));
}

fn later(millis: u64) -> Timer {
    Timer::after(Duration::from_millis(millis))
}

fn future_block_on_detached() -> String {
    watched(|| {
        let (sender, receiver) = channel::bounded(1);
        block_on(async {
            spawn(async move { sender.send(7).await.unwrap() }).detach();
            receiver.recv().await.unwrap().to_string()
        })
    })
}

fn future_block_on_task() -> String {
    watched(|| block_on(async { spawn(async { 7 }).await }).to_string())
}

fn async_io_block_on_spawn() -> String {
    watched(|| block_on(async { spawn(async { 7 }).await }).to_string())
}

fn foreign_block_on_spawn() -> String {
    watched(|| {
        futures::executor::block_on(async {
            let task = spawn(async {
                later(5).await;
                spawn(async { 7 }).await
            });
            task.await.to_string()
        })
    })
}

fn recv_blocking_from_spawned() -> String {
    watched(|| {
        let (sender, receiver) = channel::bounded(1);
        spawn(async move { sender.send(7).await }).detach();
        receiver.recv_blocking().unwrap().to_string()
    })
}

fn recv_blocking_inside_block_on() -> String {
    watched(|| {
        block_on(async {
            let (sender, receiver) = channel::bounded(1);
            spawn(async move {
                later(5).await;
                sender.send(7).await
            })
            .detach();
            receiver.recv_blocking().unwrap().to_string()
        })
    })
}

fn nested_block_on_channel() -> String {
    watched(|| {
        block_on(async {
            let (sender, receiver) = channel::bounded(1);
            spawn(async move { sender.send(7).await }).detach();
            block_on(receiver.recv()).unwrap().to_string()
        })
    })
}

fn nested_block_on_awaits_outer_task() -> String {
    watched(|| {
        block_on(async {
            let task = spawn(async {
                later(5).await;
                7
            });
            block_on(task).to_string()
        })
    })
}

fn nested_block_on_keeps_spawned() -> String {
    watched(|| {
        block_on(async {
            let (sender, receiver) = channel::bounded(1);
            block_on(async {
                spawn(async move {
                    later(5).await;
                    sender.send(7).await
                })
                .detach();
            });
            format!("{:?}", receiver.recv().await)
        })
    })
}

fn nested_in_a_spawned_task() -> String {
    watched(|| {
        block_on(async {
            let inner = || {
                spawn(async { block_on(async { later(3).await; spawn(async { 3 }).detach(); 3 }) })
            };
            let (one, two) = (inner(), inner());
            (one.await + two.await + block_on(async { 1 })).to_string()
        })
    })
}

fn lock_blocking_inside_block_on() -> String {
    watched(|| {
        block_on(async {
            let lock = Arc::new(rt::lock::Mutex::new(1));
            let held = lock.clone();
            let task = spawn(async move {
                let mut guard = held.lock().await;
                later(5).await;
                *guard = 7;
            });
            while lock.try_lock().is_some() {
                future::yield_now().await;
            }
            let value = *lock.lock_blocking();
            task.await;
            value.to_string()
        })
    })
}

fn spawn_in_unblock() -> String {
    watched(|| {
        block_on(unblock(|| {
            let (sender, receiver) = std::sync::mpsc::channel();
            spawn(async move { sender.send(7) }).detach();
            receiver.recv().unwrap().to_string()
        }))
    })
}

fn spawn_in_std_thread() -> String {
    watched(|| {
        block_on(async {
            let (sender, receiver) = channel::bounded(1);
            thread::spawn(move || spawn(async move { sender.send(7).await }).detach());
            receiver.recv().await.unwrap().to_string()
        })
    })
}

fn spawn_in_thread_local_destructor() -> String {
    struct Spawns(std::sync::mpsc::Sender<i32>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            let sender = self.0.clone();
            spawn(async move { sender.send(7) }).detach();
        }
    }
    thread_local! {
        static LAST: RefCell<Option<Spawns>> = const { RefCell::new(None) };
    }
    watched(|| {
        let (sender, receiver) = std::sync::mpsc::channel();
        thread::spawn(move || {
            LAST.set(Some(Spawns(sender)));
            block_on(future::yield_now());
        });
        receiver.recv().unwrap().to_string()
    })
}

fn await_on_other_thread() -> String {
    watched(|| {
        let task = spawn(async {
            later(5).await;
            7
        });
        thread::spawn(move || block_on(task)).join().unwrap().to_string()
    })
}

fn await_finished_on_other_thread() -> String {
    watched(|| {
        let task = spawn(async { 7 });
        while !task.is_finished() {
            nap(1);
        }
        thread::spawn(move || block_on(task)).join().unwrap().to_string()
    })
}

fn await_of_an_ended_block_on_elsewhere() -> String {
    watched(|| {
        let (done, waits) = block_on(async {
            let done = spawn(async { 3 });
            future::yield_now().await;
            (done, spawn(async { later(5).await; 4 }))
        });
        let done = thread::spawn(move || futures::executor::block_on(done)).join().unwrap();
        (done + block_on(waits)).to_string()
    })
}

fn task_in_static_sent_between() -> String {
    watched(|| {
        static TASK: Mutex<Option<Task<i32>>> = Mutex::new(None);
        thread::spawn(|| {
            block_on(async {
                let task = spawn(async { later(5).await; 7 });
                *TASK.lock().unwrap() = Some(task);
            });
        })
        .join()
        .unwrap();
        let task = TASK.lock().unwrap().take().unwrap();
        block_on(task).to_string()
    })
}

fn spawn_then_std_sleep() -> String {
    watched(|| {
        let ran = Arc::new(AtomicBool::new(false));
        let flag = ran.clone();
        spawn(async move { flag.store(true, Ordering::SeqCst) }).detach();
        let begin = Instant::now();
        while !ran.load(Ordering::SeqCst) && begin.elapsed() < Duration::from_secs(10) {
            nap(1);
        }
        ran.load(Ordering::SeqCst).to_string()
    })
}

fn background_goes_on_after_block_on() -> String {
    watched(|| {
        let (sender, receiver) = std::sync::mpsc::channel();
        block_on(async {
            spawn(async move {
                for n in 0..3 {
                    later(2).await;
                    sender.send(n).unwrap();
                }
            })
            .detach();
        });
        format!("{:?}", receiver.iter().collect::<Vec<_>>())
    })
}

#[expect(clippy::async_yields_async, reason = "the handle is awaited elsewhere")]
fn background_goes_on_between_block_ons() -> String {
    watched(|| {
        let count = Arc::new(AtomicUsize::new(0));
        let counts = count.clone();
        let (sender, receiver) = channel::unbounded::<()>();
        let task = block_on(async {
            spawn(async move {
                while receiver.recv().await.is_ok() {
                    counts.fetch_add(1, Ordering::SeqCst);
                }
                7
            })
        });
        for round in 0..20 {
            block_on(async { sender.send(()).await.unwrap() });
            while count.load(Ordering::SeqCst) <= round {
                thread::yield_now();
            }
        }
        drop(sender);
        format!("{} {}", count.load(Ordering::SeqCst), block_on(task))
    })
}

/// One background task for the program, first used on a thread that ends soon.
fn once_cell_global_client() -> String {
    type Request = (usize, channel::Sender<usize>);
    static CLIENT: OnceLock<channel::Sender<Request>> = OnceLock::new();
    fn ask(number: usize) -> usize {
        block_on(async {
            let client = CLIENT.get_or_init(|| {
                let (sender, receiver) = channel::unbounded::<Request>();
                spawn(async move {
                    while let Ok((number, answer)) = receiver.recv().await {
                        answer.send(number * 2).await.unwrap();
                    }
                })
                .detach();
                sender
            });
            let (sender, receiver) = channel::bounded(1);
            client.send((number, sender)).await.unwrap();
            receiver.recv().await.unwrap()
        })
    }
    watched(|| {
        let one = thread::spawn(|| ask(1)).join().unwrap();
        format!("{one} {}", ask(2))
    })
}

/// The task does not return from its poll before the flag is set.
fn fairness_busy_task() -> String {
    watched(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let seen = flag.clone();
        let task = spawn(async move {
            while !seen.load(Ordering::SeqCst) {
                std::hint::spin_loop();
            }
            7
        });
        block_on(async {
            later(5).await;
            flag.store(true, Ordering::SeqCst);
            task.await.to_string()
        })
    })
}

fn fairness_yielding_task() -> String {
    watched(|| {
        block_on(async {
            let flag = Arc::new(AtomicBool::new(false));
            let seen = flag.clone();
            let task = spawn(async move {
                while !seen.load(Ordering::SeqCst) {
                    future::yield_now().await;
                }
                7
            });
            later(5).await;
            flag.store(true, Ordering::SeqCst);
            task.await.to_string()
        })
    })
}

fn is_finished_elsewhere() -> String {
    watched(|| {
        let (task, other) = block_on(async {
            let task = spawn(async {});
            let other = spawn(future::pending::<()>());
            while !task.is_finished() {
                future::yield_now().await;
            }
            (task, other)
        });
        thread::spawn(move || format!("{} {}", task.is_finished(), other.is_finished()))
            .join()
            .unwrap()
    })
}

fn cancel_elsewhere() -> String {
    watched(|| {
        let (sender, receiver) = channel::bounded::<()>(1);
        let task = spawn(async move {
            let _sender = sender;
            future::pending::<()>().await;
        });
        let cancelled = thread::spawn(move || block_on(task.cancel())).join().unwrap();
        // The future was dropped.
        format!("{cancelled:?} {:?}", receiver.recv_blocking())
    })
}

fn cancel_of_a_finished_task_elsewhere() -> String {
    watched(|| {
        let task = spawn(async { 7 });
        while !task.is_finished() {
            nap(1);
        }
        format!("{:?}", thread::spawn(move || block_on(task.cancel())).join().unwrap())
    })
}

fn drop_elsewhere() -> String {
    watched(|| {
        let (sender, receiver) = channel::bounded::<()>(1);
        let tasks = [0, 1].map(|_| {
            let sender = sender.clone();
            spawn(async move {
                let _sender = sender;
                future::pending::<()>().await;
            })
        });
        drop(sender);
        nap(2);
        thread::spawn(move || drop(tasks));
        format!("{:?}", receiver.recv_blocking())
    })
}

fn detach_outside() -> String {
    watched(|| {
        let (sender, receiver) = channel::bounded(1);
        let task = spawn(async move {
            later(5).await;
            sender.send(7).await
        });
        thread::spawn(move || task.detach()).join().unwrap();
        format!("{:?} {:?}", receiver.recv_blocking(), receiver.recv_blocking())
    })
}

fn fallible_elsewhere() -> String {
    watched(|| {
        let done = spawn(async { 7 }).fallible();
        format!("{:?}", futures::executor::block_on(done))
    })
}

fn panic_elsewhere() -> String {
    watched(|| {
        let task = spawn(async { std::panic::resume_unwind(Box::new("seven")) });
        let panic = thread::spawn(move || block_on::<()>(task)).join().unwrap_err();
        (*panic.downcast_ref::<&str>().unwrap()).to_owned()
    })
}

fn timeout_of_a_handle_elsewhere() -> String {
    watched(|| {
        let mut task = spawn(async {
            later(40).await;
            7
        });
        let early = block_on(future::or(
            async { Some((&mut task).await) },
            async {
                later(1).await;
                None
            },
        ));
        let late = thread::spawn(move || futures::executor::block_on(task)).join().unwrap();
        format!("{early:?} {late}")
    })
}

#[expect(clippy::async_yields_async, reason = "the handle is awaited elsewhere")]
fn handles_of_many_threads() -> String {
    watched(|| {
        let threads: Vec<_> = (0..4)
            .map(|number| {
                thread::spawn(move || {
                    let inside = block_on(async move { spawn(async move { number }) });
                    let outside = spawn(async move {
                        future::yield_now().await;
                        number
                    });
                    (inside, outside)
                })
            })
            .collect();
        let mut sum = 0;
        for thread in threads {
            let (inside, outside) = thread.join().unwrap();
            sum += block_on(async { inside.await + outside.await });
        }
        sum.to_string()
    })
}

fn spawned_tasks_spawn() -> String {
    watched(|| {
        let task = spawn(async {
            let tasks: Vec<_> = (0..100).map(|n| spawn(async move { n })).collect();
            let mut sum = 0;
            for task in tasks {
                sum += task.await;
            }
            sum
        });
        block_on(task).to_string()
    })
}

fn borrowing_block_on_with_tasks_left() -> String {
    watched(|| {
        let mut text = String::new();
        for n in 0..50 {
            block_on(async {
                spawn(later(1)).detach();
                text.push_str(&n.to_string());
            });
        }
        text
    })
}

fn executor_timer_while_thread_busy() -> String {
    watched(|| {
        let executor = Arc::new(Executor::new());
        let (stop, stopped) = channel::bounded::<()>(1);
        let begin = Instant::now();
        let timer = executor.spawn(async move {
            later(100).await;
            begin.elapsed() < Duration::from_millis(1500)
        });
        let threads = [0, 1].map(|_| {
            let (executor, stopped) = (executor.clone(), stopped.clone());
            thread::spawn(move || block_on(executor.run(stopped.recv())).is_err())
        });
        nap(20);
        executor.spawn(async { nap(2000) }).detach();
        let on_time = block_on(timer);
        drop(stop);
        for thread in threads {
            thread.join().unwrap();
        }
        on_time.to_string()
    })
}

fn executor_timer_across_threads() -> String {
    watched(|| {
        let executor = Executor::new();
        let task = executor.spawn(async {
            later(30).await;
            7
        });
        // The first thread polls the timer once, and never again.
        block_on(executor.run(later(5)));
        thread::scope(|scope| {
            scope
                .spawn(|| block_on(executor.run(task)).to_string())
                .join()
                .unwrap()
        })
    })
}

fn executor_timer_then_future_block_on() -> String {
    watched(|| {
        let executor = Executor::new();
        let task = executor.spawn(async {
            later(30).await;
            7
        });
        block_on(executor.run(later(5)));
        futures::executor::block_on(executor.run(task)).to_string()
    })
}

fn timer_polled_on_two_threads() -> String {
    watched(|| {
        let mut timer = later(30);
        let early = block_on(future::poll_once(&mut timer)).is_some();
        thread::spawn(move || {
            futures::executor::block_on(timer);
            format!("{early} fired")
        })
        .join()
        .unwrap()
    })
}

/// async-io's own test `set`.
fn timer_set_elsewhere() -> String {
    watched(|| {
        block_on(async {
            let begin = Instant::now();
            let timer = Arc::new(Mutex::new(Timer::after(Duration::from_secs(15))));
            let other = timer.clone();
            thread::spawn(move || {
                nap(20);
                other.lock().unwrap().set_after(Duration::from_millis(20));
            });
            std::future::poll_fn(|cx| {
                std::pin::pin!(&mut *timer.lock().unwrap()).poll(cx)
            })
            .await;
            (begin.elapsed() < Duration::from_secs(10)).to_string()
        })
    })
}

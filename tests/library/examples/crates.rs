//! Crates that smol programs use, unchanged, on this loop.

use std::{rc::Rc, sync::Arc, time::Instant};

use futures::{
    FutureExt as _, StreamExt as _, TryStreamExt as _, select,
    stream::{self, FuturesUnordered},
};
use loopscope::{
    Builder, Timer,
    future::{self, yield_now},
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    runtime::OnIdle,
    sleep, spawn,
    trace::{ClockKind, Outcome},
};

use super::books::Books;
use crate::support::ms;

/// Runs on the virtual clock. Returns the value, the time in milliseconds, and the counts.
fn run<T>(program: impl Future<Output = T>) -> (T, u64, Books) {
    let mut run = Builder::new()
        .clock(ClockKind::Virtual)
        .on_idle(OnIdle::End)
        .record(true)
        .run(async { (program.await, loopscope::now().0 / 1_000_000) });
    assert_eq!(run.outcome, Outcome::Finished);
    let (value, took) = run.value.take().unwrap();
    (value, took, Books::of(run))
}

/// Runs on the real clock. Returns the value and the counts.
fn run_real<T>(program: impl Future<Output = T>) -> (T, Books) {
    let mut run = Builder::new().record(true).run(program);
    (run.value.take().unwrap(), Books::of(run))
}

/// Sleeps for a number of milliseconds, and returns the number.
async fn after(milliseconds: u64) -> u64 {
    sleep(ms(milliseconds)).await;
    milliseconds
}

#[test]
fn futures_unordered_gives_what_ends_first() {
    let (order, took, _) = run(async {
        let all: FuturesUnordered<_> = [30, 10, 20].into_iter().map(after).collect();
        all.collect::<Vec<_>>().await
    });
    assert_eq!((order, took), (vec![10, 20, 30], 30));
}

#[test]
fn buffer_unordered_keeps_two_futures_running() {
    // 30 and 20 start; 40 replaces 20, and 10 replaces 30.
    let (order, took, _) = run(async {
        let all = stream::iter([30, 20, 40, 10]).map(after);
        all.buffer_unordered(2).collect::<Vec<_>>().await
    });
    assert_eq!((order, took), (vec![20, 30, 10, 40], 60));
}

#[test]
fn select_returns_the_first_and_keeps_the_other() {
    let (rounds, took, _) = run(async {
        let mut slow = Box::pin(after(100).fuse());
        let mut rounds = 0;
        loop {
            select! {
                _ = slow => break rounds,
                _ = after(30).fuse() => rounds += 1,
            }
        }
    });
    assert_eq!((rounds, took), (3, 100));
}

#[test]
fn a_shared_future_runs_once_for_all_waiters() {
    let (values, took, books) = run(async {
        let shared = after(50).shared();
        let waiting: Vec<_> = (0..3).map(|_| spawn(shared.clone())).collect();
        futures::future::join_all(waiting).await
    });
    assert_eq!((values, took), (vec![50; 3], 50));
    assert_eq!((books.spawned, books.done), (4, 4));
}

#[test]
fn a_stream_of_errors_stops_at_the_first() {
    let (result, took, _) = run(async {
        let steps = stream::iter([Ok(10), Err("no"), Ok(20)]);
        steps.try_for_each(|step| after(step).map(|_| Ok(()))).await
    });
    assert_eq!((result, took), (Err("no"), 10));
}

#[test]
fn futures_lite_zips_and_races() {
    let (pair, took, _) = run(future::zip(after(30), after(20)));
    assert_eq!((pair, took), ((30, 20), 30));
    let (first, took, _) = run(future::or(after(30), after(20)));
    assert_eq!((first, took), (20, 20));
}

#[test]
fn an_async_lock_mutex_admits_one_task_at_a_time() {
    let (order, took, books) = run(async {
        let lock = Arc::new(async_lock::Mutex::new(Vec::new()));
        let tasks: Vec<_> = (0..3)
            .map(|number| {
                let lock = lock.clone();
                spawn(async move {
                    let mut order = lock.lock().await;
                    sleep(ms(10)).await;
                    order.push(number);
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
        lock.lock().await.clone()
    });
    assert_eq!((order, took), (vec![0, 1, 2], 30));
    assert_eq!((books.spawned, books.done), (4, 4));
}

#[test]
fn async_broadcast_reaches_every_receiver() {
    let (heard, _, books) = run(async {
        let (tell, hear) = async_broadcast::broadcast(2);
        let receivers: Vec<_> = (0..3)
            .map(|_| spawn(hear.clone().collect::<Vec<u32>>()))
            .collect();
        drop(hear);
        for number in 0..10 {
            // The queue holds two: a sender waits for the slowest receiver.
            tell.broadcast_direct(number).await.unwrap();
        }
        drop(tell);
        futures::future::join_all(receivers).await
    });
    assert_eq!(heard, vec![(0..10).collect::<Vec<_>>(); 3]);
    assert_eq!((books.spawned, books.done), (4, 4));
}

#[test]
fn async_net_connects_to_its_own_listener() {
    let (answer, books) = run_real(async {
        let listener = async_net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).await.unwrap();
            stream
                .write_all(text.to_uppercase().as_bytes())
                .await
                .unwrap();
        });
        let mut client = async_net::TcpStream::connect(address).await.unwrap();
        client.write_all(b"hello").await.unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        server.await;
        answer
    });
    assert_eq!(answer, "HELLO");
    assert_eq!((books.spawned, books.done), (2, 2));
}

#[test]
fn async_process_pipes_through_a_child() {
    let (answer, _) = run_real(async {
        let mut child = async_process::Command::new("cat")
            .stdin(async_process::Stdio::piped())
            .stdout(async_process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"through").await.unwrap();
        drop(stdin);
        child.output().await.unwrap().stdout
    });
    assert_eq!(answer, b"through");
}

#[test]
fn futures_need_not_be_send_to_run() {
    let (sum, _, _) = run(async {
        let shared = Rc::new(std::cell::Cell::new(0));
        let tasks: Vec<_> = (1..=3)
            .map(|number| {
                let shared = shared.clone();
                loopscope::spawn_local(async move {
                    yield_now().await;
                    shared.set(shared.get() + number);
                })
            })
            .collect();
        futures::future::join_all(tasks).await;
        shared.get()
    });
    assert_eq!(sum, 6);
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the clock of the machine is what the timers are held against"
)]
fn a_timer_of_async_io_and_one_of_ours_agree_on_the_real_clock() {
    let ((ours, theirs), _) = run_real(async {
        let begun = Instant::now();
        let ours = async {
            Timer::after(ms(30)).await;
            begun.elapsed()
        };
        let theirs = async {
            async_io::Timer::after(ms(30)).await;
            begun.elapsed()
        };
        future::zip(ours, theirs).await
    });
    assert!(ours >= ms(30) && theirs >= ms(30), "{ours:?} {theirs:?}");
}

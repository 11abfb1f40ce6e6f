//! Errors that no task reads, futures that are dropped in mid-work, and handles and permits that are
//! not where they were taken.

use std::sync::{Arc, Mutex as StdMutex};

use loopscope::{
    Task, Timer,
    channel::{self, Receiver, Sender, bounded, unbounded},
    future::{or, yield_now},
    insight::Severity,
    lock::{Mutex, RwLock, Semaphore},
    net::{TcpListener, TcpStream},
    replay::Replay,
    sleep, spawn,
    stream::StreamExt,
};

use super::{is_silent, report_of, running::replay_of as run, words};
use crate::support::ms;

/// The worst finding of a rule.
fn worst(replay: &Replay, id: &str) -> Option<Severity> {
    let report = report_of(replay);
    let own = report.all().filter(|finding| finding.rule.id() == id);
    own.map(|finding| finding.severity).max()
}

#[derive(Debug)]
struct Denied;

async fn upload(part: u64) -> Result<u64, Denied> {
    sleep(ms(10 * part)).await;
    if part % 2 == 1 { Err(Denied) } else { Ok(part) }
}

/// Once: nothing found, because the error is of a type of the program and the spawn a plain one.
#[test]
fn an_error_of_a_plain_spawn_that_no_task_reads_is_named() {
    let detached = run(async {
        spawn(upload(1)).detach();
        sleep(ms(100)).await;
    });
    assert_eq!(worst(&detached, "unretrieved"), Some(Severity::Error));
    let kept = run(async {
        let parts: Vec<Task<_>> = (1..4).map(|part| spawn(upload(part))).collect();
        while !parts.iter().all(Task::is_finished) {
            sleep(ms(20)).await;
        }
    });
    assert_eq!(worst(&kept, "unretrieved"), Some(Severity::Error));
    assert!(words(&kept, &report_of(&kept))[0].contains("Denied"));
}

#[test]
fn an_error_that_is_read_later_or_that_ends_a_task_without_work_is_none() {
    let read = run(async {
        let part = spawn(upload(1));
        sleep(ms(100)).await;
        assert!(part.await.is_err());
    });
    is_silent("read later", &read);
    let closed = run(async {
        let (sender, receiver) = bounded::<u32>(1);
        spawn(async move {
            for number in 0.. {
                sender.send(number).await?;
            }
            Ok::<_, channel::SendError<u32>>(())
        })
        .detach();
        assert_eq!(receiver.recv().await, Ok(0));
        drop(receiver);
        sleep(ms(10)).await;
    });
    assert_eq!(worst(&closed, "unretrieved"), None);
}

#[test]
fn a_worker_that_is_spawned_again_whenever_it_fails_is_a_storm() {
    let replay = run(async {
        for _ in 0..40 {
            let worker = spawn(async {
                yield_now().await;
                Err::<(), _>(Denied)
            });
            assert!(worker.await.is_err());
        }
    });
    assert_eq!(worst(&replay, "retrystorm"), Some(Severity::Warning));
}

#[test]
fn a_send_and_a_lock_that_no_task_awaits_are_told() {
    let replay = run(async {
        let (sender, _receiver) = unbounded();
        drop(sender.send(1));
        let lock = Mutex::new(0);
        drop(lock.lock());
        sleep(ms(1)).await;
    });
    let report = report_of(&replay);
    let told = report.all().filter(|it| it.rule.id() == "unawaited");
    assert_eq!(told.count(), 2, "{:#?}", words(&replay, &report));
    // The loser of `or` may never be polled.
    is_silent("unpolled", &replay);
}

/// An item that is in work when another branch is ready.
#[test]
fn work_that_another_branch_drops_is_told() {
    async fn forward(jobs: &Receiver<u32>) {
        if jobs.recv().await.is_ok() {
            sleep(ms(25)).await;
        }
    }
    let replay = run(async {
        let (sender, jobs) = unbounded();
        let (reload, reloads) = bounded(1);
        for job in 0..8 {
            sender.send(job).await.unwrap();
        }
        let worker = spawn(async move {
            loop {
                or(forward(&jobs), async {
                    let _ = reloads.recv().await;
                })
                .await;
            }
        });
        for _ in 0..3 {
            sleep(ms(40)).await;
            reload.send(()).await.unwrap();
        }
        sleep(ms(200)).await;
        worker.cancel().await;
    });
    assert_eq!(worst(&replay, "cancelunsafe"), Some(Severity::Info));
}

#[test]
fn a_batch_and_a_send_that_a_limit_drops_are_told() {
    async fn batch(items: &Receiver<u32>) -> Vec<u32> {
        let mut batch = Vec::new();
        while batch.len() < 4 {
            match items.recv().await {
                Ok(item) => batch.push(item),
                Err(_) => break,
            }
        }
        batch
    }
    async fn limited<T>(work: impl Future<Output = T>) -> Option<T> {
        or(async { Some(work.await) }, async {
            sleep(ms(50)).await;
            None
        })
        .await
    }
    let batches = run(async {
        let (sender, items) = unbounded();
        let source = spawn(async move {
            for item in 0..12_u32 {
                sender.send(item).await.unwrap();
                sleep(ms(if item % 3 == 2 { 200 } else { 5 })).await;
            }
        });
        while !source.is_finished() {
            let _ = limited(batch(&items)).await;
        }
    });
    assert_eq!(worst(&batches, "cancelunsafe"), Some(Severity::Info));
    let sends = run(async {
        let (sender, items) = bounded(1);
        let slow = spawn(async move {
            while items.recv().await.is_ok() {
                sleep(ms(120)).await;
            }
        });
        for item in 0..6 {
            let _ = limited(sender.send(item)).await;
        }
        drop(sender);
        slow.await;
    });
    assert_eq!(worst(&sends, "cancelunsafe"), Some(Severity::Info));
}

/// A frame of a length and a body, read as one branch of a select.
#[test]
fn a_frame_of_which_the_first_part_was_read_is_told() {
    async fn frame(socket: &mut TcpStream) -> std::io::Result<()> {
        let (mut length, mut body) = ([0; 1], [0; 4]);
        socket.read_exact(&mut length).await?;
        socket.read_exact(&mut body).await
    }
    let main = async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut peer = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (mut socket, _) = listener.accept().await.unwrap();
        let (event, events): (Sender<()>, _) = bounded(1);
        let reader = spawn(async move {
            for _ in 0..3 {
                let read = async { frame(&mut socket).await.is_ok() };
                or(read, async { events.recv().await.is_ok() }).await;
            }
        });
        for _ in 0..2 {
            peer.write_all(&[4]).await.unwrap();
            sleep(ms(20)).await;
            event.send(()).await.unwrap();
            sleep(ms(20)).await;
        }
        peer.write_all(&[0; 8]).await.unwrap();
        reader.await;
    };
    let run = loopscope::Builder::new().record(true).run(main);
    let replay = Replay::new(run.log);
    assert_eq!(worst(&replay, "cancelunsafe"), Some(Severity::Info));
}

/// The holder is always the same task, which no other one is in line with.
#[test]
fn a_writer_for_which_all_readers_wait_again_and_again_is_told() {
    let replay = run(async {
        let table = Arc::new(RwLock::new(0));
        let readers: Vec<_> = (0..4)
            .map(|_| {
                let table = Arc::clone(&table);
                spawn(async move {
                    for _ in 0..30 {
                        let _ = *table.read().await;
                        sleep(ms(10)).await;
                    }
                })
            })
            .collect();
        for _ in 0..6 {
            let mut table = table.write().await;
            sleep(ms(70)).await;
            *table += 1;
            drop(table);
            sleep(ms(30)).await;
        }
        for reader in readers {
            reader.await;
        }
    });
    assert_eq!(worst(&replay, "convoy"), Some(Severity::Info));
}

/// Once: nothing found, because the end of the program cancels the task that has them.
#[test]
fn handles_that_a_task_has_when_it_is_cancelled_at_the_end_are_not_released() {
    let replay = run(async {
        let (sender, requests) = unbounded::<u32>();
        let server = spawn(async move {
            let mut sessions = Vec::new();
            while let Ok(request) = requests.recv().await {
                let (session, answers) = bounded(1);
                session.send(request).await.unwrap();
                answers.recv().await.unwrap();
                sessions.push((session, answers));
            }
        });
        for request in 0..80 {
            sender.send(request).await.unwrap();
            sleep(ms(10)).await;
        }
        server.cancel().await;
    });
    assert_eq!(worst(&replay, "handleleak"), Some(Severity::Warning));
}

/// Once: nothing found, because none of the long items took 100 ms.
#[test]
fn a_short_request_behind_several_items_of_medium_length_is_named() {
    enum Request {
        Report,
        Ping(Sender<()>),
    }
    let replay = run(async {
        let (sender, requests) = unbounded();
        let server = spawn(async move {
            while let Ok(request) = requests.recv().await {
                match request {
                    Request::Report => {
                        sleep(ms(60)).await;
                    }
                    Request::Ping(answer) => answer.send(()).await.unwrap(),
                }
            }
        });
        for _ in 0..4 {
            for _ in 0..5 {
                sender.send(Request::Report).await.unwrap();
            }
            let (answer, answers) = bounded(1);
            sender.send(Request::Ping(answer)).await.unwrap();
            answers.recv().await.unwrap();
        }
        drop(sender);
        server.await;
    });
    assert_eq!(worst(&replay, "inversion"), Some(Severity::Warning));
}

/// Once: nothing found, because each poll takes and releases a lock.
#[test]
fn a_task_that_only_reads_under_a_lock_makes_no_progress() {
    let spin = |exclusive: bool| {
        run(async move {
            let version = Arc::new(RwLock::new(0));
            let seen = Arc::clone(&version);
            let watcher = spawn(async move {
                loop {
                    let is_new = if exclusive {
                        *seen.write().await > 0
                    } else {
                        *seen.read().await > 0
                    };
                    if is_new {
                        return;
                    }
                    yield_now().await;
                }
            });
            for _ in 0..300 {
                loopscope::block_for(ms(1));
                yield_now().await;
            }
            *version.write().await = 1;
            watcher.await;
        })
    };
    assert_eq!(worst(&spin(false), "wakestorm"), Some(Severity::Warning));
    assert_eq!(worst(&spin(true), "wakestorm"), Some(Severity::Info));
}

/// Once: "waits for the permit that it holds itself", of permits that had moved into a list.
#[test]
fn permits_that_move_from_task_to_task_are_leaked_and_not_held_by_their_taker() {
    let replay = run(async {
        let slots = Arc::new(Semaphore::new(2));
        let dead = Arc::new(StdMutex::new(Vec::new()));
        let dispatcher = spawn(async move {
            for job in 1..12 {
                let slot = slots.acquire_arc().await;
                let dead = Arc::clone(&dead);
                spawn(async move {
                    sleep(ms(8)).await;
                    if job % 3 == 0 {
                        dead.lock().unwrap().push(slot);
                    }
                })
                .detach();
            }
        });
        dispatcher.await;
    });
    assert_eq!(worst(&replay, "permitleak"), Some(Severity::Error));
    assert_eq!(worst(&replay, "selfdeadlock"), None);
}

/// The ticks do nothing that is recorded, so they may have been skipped.
#[test]
fn ticks_that_an_interval_makes_up_for_without_output_are_told() {
    let replay = run(async {
        let mut ticks = Timer::interval(ms(50));
        for tick in 0..30 {
            ticks.next().await;
            if tick == 8 {
                sleep(ms(700)).await;
            }
        }
    });
    assert_eq!(worst(&replay, "interval"), Some(Severity::Info));
}

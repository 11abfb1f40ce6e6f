//! What a time limit drops: permits, bytes and items that the work had taken, and the sessions of a server.

use std::{sync::Arc, time::Duration};

use loopscope::{
    Builder, Timer,
    channel::unbounded,
    future::or,
    insight::{Findings, FindingsReport, Hang, Limits, Severity},
    lock::{Mutex, RwLock, Semaphore},
    net::{TcpListener, TcpStream},
    replay::Replay,
    sleep, spawn,
    trace::{
        ClockKind, LocationId, Log, PollOutcome, ResourceId, ResourceKind, TaskId, Wait, Writer,
    },
};

use super::{report_of, running::replay_of as run, words};
use crate::support::ms;

async fn limited<T>(work: impl Future<Output = T>, limit: Duration) -> Option<T> {
    or(async { Some(work.await) }, async {
        Timer::after(limit).await;
        None
    })
    .await
}

/// Runs with sockets, whose time only the real clock knows.
fn real(main: impl Future) -> Replay {
    let run = Builder::new().clock(ClockKind::Real).record(true).run(main);
    Replay::new(run.log)
}

/// The worst finding of a rule.
fn worst(replay: &Replay, id: &str) -> Option<Severity> {
    let report = report_of(replay);
    let own = report.all().filter(|finding| finding.rule.id() == id);
    own.map(|finding| finding.severity).max()
}

/// Fetches pages with two slots, of which the slow ones are dropped by a limit. Returns the run.
fn fetches(gives_back: bool) -> Replay {
    run(async move {
        let slots = Arc::new(Semaphore::named("slots", 2));
        for page in 0..6_u64 {
            let fetch = async {
                sleep(ms(1)).await;
                let slot = slots.acquire().await;
                let slot = if gives_back {
                    Some(slot)
                } else {
                    slot.forget();
                    None
                };
                sleep(ms(if page % 2 == 0 { 200 } else { 10 })).await;
                drop(slot);
                if !gives_back {
                    slots.add_permits(1);
                }
            };
            limited(fetch, ms(80)).await;
        }
    })
}

#[test]
fn permits_that_a_limit_drops_are_leaked_if_nothing_gives_them_back() {
    assert_eq!(
        worst(&fetches(false), "permitleak"),
        Some(Severity::Warning)
    );
    assert_eq!(worst(&fetches(true), "permitleak"), None);
}

/// A peer that sends frames in two parts, the second one late. Returns a run that reads them with a limit.
fn frames(late: u64) -> Replay {
    real(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let sender = spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for _ in 0..2 {
                Timer::after(ms(50)).await;
                stream.write_all(b"head").await.unwrap();
                Timer::after(ms(late)).await;
                stream.write_all(b"tail").await.unwrap();
            }
        });
        let mut stream = TcpStream::connect(addr).await.unwrap();
        let mut frame = [0; 8];
        while limited(stream.read_exact(&mut frame), ms(400))
            .await
            .is_none_or(|read| read.is_ok())
        {}
        sender.await;
    })
}

#[test]
fn bytes_that_were_read_before_a_limit_may_be_lost() {
    let cut = frames(600);
    assert_eq!(worst(&cut, "cancelunsafe"), Some(Severity::Info));
    let said = words(&cut, &report_of(&cut));
    assert!(
        said.iter().any(|words| words.contains("is lost if")),
        "{said:?}"
    );
    assert_eq!(worst(&frames(1), "cancelunsafe"), None);
}

/// Takes a lock for writing and another one, in two orders or in one.
fn orders(both: bool, writes: bool) -> Replay {
    run(async move {
        let index = Arc::new(RwLock::named("index", ()));
        let log = Arc::new(Mutex::named("log", ()));
        let (first, second) = (Arc::clone(&index), Arc::clone(&log));
        let put = spawn(async move {
            let _index = first.write().await;
            let _log = second.lock().await;
            sleep(ms(1)).await;
        });
        let compact = spawn(async move {
            sleep(ms(5)).await;
            let held = if both { Some(log.lock().await) } else { None };
            if writes {
                drop(index.write().await);
            } else {
                drop(index.read().await);
            }
            drop(held);
        });
        put.await;
        compact.await;
    })
}

#[test]
fn a_lock_for_writing_and_another_one_in_two_orders_are_a_possible_deadlock() {
    assert_eq!(
        worst(&orders(true, true), "lockorder"),
        Some(Severity::Warning)
    );
    assert_eq!(worst(&orders(false, true), "lockorder"), None);
}

/// Once: a warning, because the session had read a request when main ended.
#[test]
fn a_session_that_sleeps_at_the_end_is_no_lost_work() {
    let replay = real(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let server = spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                spawn(async move {
                    let mut request = [0];
                    let _ = stream.read_exact(&mut request).await;
                    Timer::after(ms(10_000)).await;
                    let _ = stream.write_all(&request).await;
                })
                .detach();
            }
        });
        for _ in 0..3 {
            let mut stream = TcpStream::connect(addr).await.unwrap();
            stream.write_all(b"?").await.unwrap();
            let mut answer = [0];
            let reads = stream.read_exact(&mut answer);
            assert!(limited(reads, ms(20)).await.is_none());
        }
        server.cancel().await;
    });
    assert_ne!(worst(&replay, "shutdown"), Some(Severity::Warning));
    let busy = run(async {
        let (jobs, queue) = unbounded::<u32>();
        spawn(async move {
            while queue.recv().await.is_ok() {
                Timer::after(ms(60)).await;
            }
        })
        .detach();
        jobs.send(1).await.unwrap();
        jobs.send(2).await.unwrap();
        sleep(ms(10)).await;
    });
    assert_eq!(worst(&busy, "shutdown"), Some(Severity::Warning));
}

/// Once: nothing, because the trace of a program that a signal ends does not tell how long it had waited.
#[test]
fn a_silent_peer_is_named_when_its_program_was_stopped() {
    let limits = Limits::default();
    let mut to = Writer::new();
    let name = to.intern("main");
    to.spawn(name, LocationId::UNKNOWN, false);
    to.poll_start(TaskId(0));
    to.resource_new(
        ResourceId(0),
        ResourceKind::Stream,
        name,
        LocationId::UNKNOWN,
        0,
    );
    to.wait(Wait::Operation(ResourceId(0)), LocationId::UNKNOWN, false);
    to.poll_end(PollOutcome::Pending, 10);
    to.park(None);
    let replay = Replay::new(Log {
        bytes: to.take(),
        ..Log::default()
    });
    let found = |report: FindingsReport| -> Vec<&str> {
        report.all().map(|finding| finding.rule.id()).collect()
    };
    let stopped = (Hang::Silent, Duration::from_secs(20));
    assert_eq!(
        found(Findings::of_hang(&replay, &limits, stopped)),
        ["halfopen"]
    );
    assert!(found(Findings::of(&replay, &limits)).is_empty());
}

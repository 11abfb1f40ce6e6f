//! What a trace suggests and does not prove, as infos; and polls whose harm only the wakes after them could
//! show.

use std::sync::Arc;

use loopscope::{
    Builder,
    insight::{Language, Severity, message_words},
    lock::{RwLock, Semaphore},
    net::{TcpListener, TcpStream},
    replay::Replay,
    sleep, spawn,
    trace::{LocationId, Log, PollOutcome, TaskId, TimerId, Wait, WakeEffect, Writer},
};

use super::{is_silent, report_of, running::replay_of as run};
use crate::support::ms;

/// The worst finding of a rule.
fn worst(replay: &Replay, id: &str) -> Option<Severity> {
    let report = report_of(replay);
    let own = report.all().filter(|finding| finding.rule.id() == id);
    own.map(|finding| finding.severity).max()
}

/// A run with sockets, on the real clock.
fn run_with_sockets(main: impl Future) -> Replay {
    Replay::new(Builder::new().record(true).run(main).log)
}

/// Once: nothing found, because no task waits for a permit.
#[test]
fn permits_that_ended_tasks_never_gave_back_are_told() {
    async fn connection(permits: &Semaphore, number: u32) -> Result<(), u32> {
        std::mem::forget(permits.acquire().await);
        sleep(ms(2)).await;
        if number % 3 == 2 {
            return Err(number);
        }
        permits.add_permits(1);
        Ok(())
    }
    let leaks = |every: u32| {
        run(async move {
            let permits = Arc::new(Semaphore::new(6));
            for number in 0..12 {
                let permits = Arc::clone(&permits);
                let work = async move { connection(&permits, number * every).await.is_ok() };
                spawn(work).await;
            }
        })
    };
    assert_eq!(worst(&leaks(1), "permitleak"), Some(Severity::Info));
    assert_eq!(worst(&leaks(3), "permitleak"), None);
}

/// Permits that a timer gives out are used up by the tasks that take them.
#[test]
fn permits_that_another_task_gives_out_are_not_kept() {
    let replay = run(async {
        let tokens = Arc::new(Semaphore::new(4));
        for _ in 0..4 {
            let own = Arc::clone(&tokens);
            spawn(async move { std::mem::forget(own.acquire().await) }).await;
            sleep(ms(10)).await;
            tokens.add_permits(1);
        }
        for _ in 0..2 {
            let own = Arc::clone(&tokens);
            spawn(async move { std::mem::forget(own.acquire().await) }).await;
        }
    });
    assert_eq!(worst(&replay, "permitleak"), None);
}

#[test]
fn what_changes_between_a_read_and_a_write_under_a_lock_is_told() {
    async fn spend(credits: Arc<RwLock<u32>>, at_once: bool) {
        if at_once {
            let mut credits = credits.write().await;
            sleep(ms(5)).await;
            *credits -= 3;
            return;
        }
        let left = *credits.read().await;
        sleep(ms(5)).await;
        *credits.write().await = left - 3;
    }
    let race = |at_once: bool| {
        run(async move {
            let credits = Arc::new(RwLock::new(100));
            let orders = [(); 3].map(|()| spawn(spend(Arc::clone(&credits), at_once)));
            for order in orders {
                order.await;
            }
        })
    };
    assert_eq!(worst(&race(false), "race"), Some(Severity::Info));
    assert_eq!(worst(&race(true), "race"), None);
}

/// A job that sleeps several times, of which others have ended, would have ended as well.
#[test]
fn a_job_that_is_cut_off_by_the_end_of_main_is_told() {
    async fn job(parts: u32) {
        for _ in 0..parts {
            sleep(ms(10)).await;
        }
    }
    let cut_off = |parts: u32| {
        run(async move {
            for _ in 0..5 {
                spawn(job(parts)).detach();
                sleep(ms(33)).await;
            }
        })
    };
    assert_eq!(worst(&cut_off(5), "shutdown"), Some(Severity::Info));
    assert_eq!(worst(&cut_off(1000), "shutdown"), None);
}

async fn serve(listener: TcpListener) {
    while let Ok((mut peer, _)) = listener.accept().await {
        let answer = async move {
            let mut request = [0];
            while peer.read(&mut request).await? == 1 {
                if request[0] == b'w' {
                    std::thread::sleep(ms(210));
                } else if request[0] == b's' {
                    sleep(ms(40)).await;
                }
                peer.write_all(&request).await?;
            }
            std::io::Result::Ok(())
        };
        spawn(async move { answer.await.is_ok() }).detach();
    }
}

/// A connection to a server of this loop.
async fn connected() -> (TcpStream, loopscope::Task<()>, std::net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let server = spawn(serve(listener));
    (TcpStream::connect(at).await.unwrap(), server, at)
}

async fn ask(peer: &mut TcpStream, request: u8) {
    let mut answer = [0];
    peer.write_all(&[request]).await.unwrap();
    peer.read_exact(&mut answer).await.unwrap();
}

/// Once: an answer that the long poll itself had written counted as one that it had delayed.
#[test]
fn a_request_does_not_delay_its_own_answer() {
    let alone = run_with_sockets(async {
        let (mut client, server, _) = connected().await;
        for _ in 0..2 {
            ask(&mut client, b'w').await;
        }
        server.cancel().await;
    });
    is_silent("alone", &alone);
}

/// A callback sets a timer for another one, and a third one then holds the loop.
#[test]
fn a_callback_that_makes_another_one_late_is_found() {
    const MS: u64 = 1_000_000;
    let mut to = Writer::new();
    let names = ["main", "beat", "compact"].map(|name| to.intern(name));
    to.spawn(names[0], LocationId::UNKNOWN, false);
    to.tick_start();
    to.run(1);
    to.poll_start(TaskId(0));
    let callbacks = [1, 2].map(|name| to.callback_scheduled(names[name]));
    to.wait(Wait::Unknown, LocationId::UNKNOWN, false);
    to.poll_end(PollOutcome::Pending, MS);
    to.callback_start(callbacks[0]);
    to.timer_set(TimerId(0), 50 * MS);
    to.callback_end(callbacks[0], MS);
    to.callback_start(callbacks[1]);
    to.callback_end(callbacks[1], 200 * MS);
    to.tick_end();
    to.tick_start();
    to.timers(1);
    to.timer_fired(TimerId(0));
    to.callback_scheduled(names[1]);
    to.tick_end();
    let replay = Replay::new(Log {
        bytes: to.take(),
        ..Log::default()
    });
    let report = report_of(&replay);
    let found = report.all().filter(|finding| finding.task.is_none());
    let mut messages: Vec<String> = found
        .map(|finding| message_words(replay.tables(), finding, Language::Python))
        .collect();
    messages.sort();
    assert_eq!(
        messages,
        [
            "a callback held the loop for 0.200 s, and delayed one callback by 0.151 s",
            "the timer of a callback fired 0.151 s late",
        ]
    );
}

/// In asyncio, a timer starts a callback, which wakes the task in the same tick, behind all others: neither
/// the timer nor the poll is late by more than the limit, but both together are.
#[test]
fn a_late_timer_and_a_late_poll_are_one_delay() {
    const MS: u64 = 1_000_000;
    let mut to = Writer::new();
    let names = ["sleeper", "worker"].map(|name| to.intern(name));
    let places = [1, 2].map(|line| to.location("main.py", line, 1));
    to.spawn(names[0], places[0], false);
    for _ in 0..9 {
        to.spawn(names[1], places[1], false);
    }
    let work = |to: &mut Writer| {
        for task in 1..10 {
            to.poll_start(TaskId(task));
            to.wake(TaskId(task), WakeEffect::Enqueued);
            to.wait(Wait::Yield, LocationId::UNKNOWN, false);
            to.poll_end(PollOutcome::Pending, 8 * MS);
        }
    };
    for _ in 0..4 {
        // The sleeper is polled first, and its timer is due at the beginning of the work.
        to.tick_start();
        to.run(10);
        to.poll_start(TaskId(0));
        to.timer_set(TimerId(0), 2 * MS);
        to.wait(Wait::Timer(TimerId(0)), LocationId::UNKNOWN, false);
        to.poll_end(PollOutcome::Pending, MS);
        work(&mut to);
        to.tick_end();
        to.tick_start();
        to.timers(1);
        to.timer_fired(TimerId(0));
        to.wake(TaskId(0), WakeEffect::Enqueued);
        to.run(9);
        work(&mut to);
        to.tick_end();
    }
    let replay = Replay::new(Log {
        bytes: to.take(),
        ..Log::default()
    });
    assert_eq!(worst(&replay, "starvation"), Some(Severity::Warning));
}

//! Waits that only a limit ends: `or(work, timer)`. What could not end by itself is named; an attempt that
//! gives up is not.

use std::{sync::Arc, time::Duration};

use loopscope::{
    channel::{Receiver, Sender, bounded, unbounded},
    future::or,
    lock::Mutex,
    replay::Replay,
    sleep, spawn,
};

use super::{is_silent, report_of, running::replay_of as run};
use crate::support::ms;

const LIMIT: Duration = Duration::from_millis(800);

async fn limited<T>(work: impl Future<Output = T>, limit: Duration) -> Option<T> {
    or(async { Some(work.await) }, async {
        sleep(limit).await;
        None
    })
    .await
}

fn has(replay: &Replay, id: &str) -> bool {
    let report = report_of(replay);
    report.all().any(|finding| finding.rule.id() == id)
}

#[test]
fn a_limit_does_not_hide_a_lock_taken_twice() {
    let replay = run(async {
        let lock = Mutex::new(0);
        let twice = async {
            let _held = lock.lock().await;
            *lock.lock().await
        };
        limited(twice, LIMIT).await
    });
    assert!(has(&replay, "selfdeadlock"));
}

#[test]
fn a_limit_does_not_hide_actors_that_wait_for_room() {
    async fn actor(inbox: Receiver<u32>, peer: Sender<u32>) {
        while let Ok(hops) = inbox.recv().await {
            for _ in 0..3 {
                if peer.send(hops + 1).await.is_err() {
                    return;
                }
            }
        }
    }
    let replay = run(async {
        let (to_a, a) = bounded(1);
        let (to_b, b) = bounded(1);
        let one = spawn(actor(a, to_b.clone()));
        let two = spawn(actor(b, to_a.clone()));
        to_a.send(0).await.unwrap();
        let both = async {
            one.await;
            two.await;
        };
        limited(both, LIMIT).await
    });
    assert!(has(&replay, "chandeadlock"));
}

#[test]
fn a_limit_does_not_hide_a_sender_that_is_kept() {
    let replay = run(async {
        let (results, output) = unbounded();
        for number in 0..4_u64 {
            let results = results.clone();
            let job = async move {
                sleep(ms(2 + number)).await;
                results.send(number).await.unwrap();
            };
            spawn(job).detach();
        }
        let all = async {
            let mut sum = 0;
            while let Ok(number) = output.recv().await {
                sum += number;
            }
            sum
        };
        let sum = limited(all, LIMIT).await;
        drop(results);
        sum
    });
    assert!(has(&replay, "senderalive"));
}

#[test]
fn a_worker_that_stops_when_no_job_comes_is_healthy() {
    async fn worker(jobs: Receiver<u32>) -> u32 {
        let mut done = 0;
        while let Some(Ok(_)) = limited(jobs.recv(), LIMIT).await {
            done += 1;
            sleep(ms(3)).await;
        }
        done
    }
    let replay = run(async {
        let (out, jobs) = bounded(4);
        let workers = [(); 2].map(|()| spawn(worker(jobs.clone())));
        for number in 0..20 {
            out.send(number).await.unwrap();
        }
        for worker in workers {
            worker.await;
        }
        drop(out);
    });
    is_silent("worker", &replay);
}

#[test]
fn a_collector_that_goes_back_to_its_channel_is_healthy() {
    let replay = run(async {
        let (out, items) = unbounded();
        let batches = async {
            let mut sizes = Vec::new();
            for _ in 0..3 {
                let mut batch = Vec::new();
                let fill = async {
                    while let Ok(item) = items.recv().await {
                        batch.push(item);
                    }
                };
                limited(fill, LIMIT).await;
                sizes.push(batch.len());
            }
            sizes
        };
        for number in 0..5_u64 {
            let out = out.clone();
            let job = async move {
                sleep(ms(20 * number)).await;
                out.send(number).await.unwrap();
            };
            spawn(job).detach();
        }
        let sizes = batches.await;
        let late = limited(items.recv(), ms(10)).await;
        drop(out);
        (sizes, late)
    });
    is_silent("collector", &replay);
}

#[test]
fn an_attempt_at_a_lock_that_gives_up_is_healthy() {
    let replay = run(async {
        let lock = Arc::new(Mutex::new(0));
        let held = Arc::clone(&lock);
        let job = spawn(async move {
            let mut held = held.lock().await;
            sleep(ms(2000)).await;
            *held += 1;
        });
        sleep(ms(10)).await;
        let got = limited(async { *lock.lock().await }, LIMIT).await;
        job.await;
        got
    });
    is_silent("lock", &replay);
}

#[test]
fn a_wait_that_is_left_before_a_sleep_is_not_stuck() {
    let replay = run(async {
        let (to_worker, jobs) = bounded::<u32>(1);
        let (full, room) = bounded::<u32>(1);
        full.send(1).await.unwrap();
        let worker = spawn(async move {
            while let Ok(job) = jobs.recv().await {
                sleep(ms(u64::from(job))).await;
            }
            drop(room);
        });
        // An attempt to send that is given up at once, and a pause that is no limit of it.
        or(
            async {
                let _ = full.send(2).await;
            },
            async {},
        )
        .await;
        sleep(LIMIT).await;
        to_worker.send(5).await.unwrap();
        drop(to_worker);
        worker.await;
    });
    is_silent("attempt", &replay);
}

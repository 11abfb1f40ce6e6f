//! Waits that cannot end while other tasks still run.

use std::{cell::Cell, rc::Rc};

use loopscope::{
    Builder, channel, future,
    insight::Findings,
    insight::Limits,
    net::{TcpListener, TcpStream},
    println,
    replay::Replay,
    runtime::OnIdle,
    sleep, spawn, spawn_local,
    trace::ClockKind,
};

use crate::support::ms;

/// The run of a program on the virtual clock, which ends when nothing can continue.
pub(super) fn replay_of(main: impl Future) -> Replay {
    let run = Builder::new()
        .clock(ClockKind::Virtual)
        .on_idle(OnIdle::End)
        .record(true)
        .run(main);
    Replay::new(run.log)
}

/// The rules of the findings once most of the run was read: as if it were stopped there.
fn rules_before_the_end(replay: &Replay) -> Vec<&'static str> {
    let mut findings = Findings::new(&Limits::default());
    findings.feed_some(replay, replay.end().0 * 9 / 10);
    let report = findings.report(replay);
    let mut rules: Vec<_> = report.all().map(|finding| finding.rule.id()).collect();
    rules.retain(|id| !matches!(*id, "sequential" | "interval"));
    rules
}

async fn ticker() {
    for beat in 0..200 {
        sleep(ms(100)).await;
        println!("{beat}");
    }
}

/// Jobs and answers go through full channels, each of which waits for the other.
async fn two_full_channels() {
    let (requests, jobs) = channel::named::<u32>("requests", 1);
    let (answers, results) = channel::named::<u32>("answers", 1);
    let worker = spawn(async move {
        while let Ok(job) = jobs.recv().await {
            let _ = answers.send(job).await;
        }
    });
    for job in 0..10 {
        let _ = requests.send(job).await;
    }
    while results.recv().await.is_ok() {}
    worker.await;
}

#[test]
fn two_full_channels_are_found_beside_a_ticker() {
    let replay = replay_of(async {
        spawn(ticker()).detach();
        two_full_channels().await;
    });
    let rules = rules_before_the_end(&replay);
    assert!(rules.contains(&"chandeadlock"), "{rules:?}");
}

#[test]
fn a_sender_that_is_kept_is_found_beside_a_ticker() {
    let replay = replay_of(async {
        let ticker = spawn(ticker());
        let (sender, receiver) = channel::named::<u32>("items", 4);
        let own = sender.clone();
        let collector = spawn(async move {
            while let Ok(item) = receiver.recv().await {
                println!("{item}");
            }
        });
        for item in 0..3 {
            let sender = sender.clone();
            spawn(async move {
                sleep(ms(10)).await;
                let _ = sender.send(item).await;
            })
            .await;
        }
        drop(sender);
        collector.await;
        drop(own);
        ticker.await;
    });
    let rules = rules_before_the_end(&replay);
    assert_eq!(rules, ["senderalive"]);
}

#[test]
fn a_wait_that_ends_late_is_no_finding() {
    // The countdown has not used its channel before, and the reader of the second starts late.
    let replay = replay_of(async {
        let ticker = spawn(ticker());
        let (done, finished) = channel::named::<u32>("done", 1);
        spawn(async move {
            for _ in 0..50 {
                sleep(ms(100)).await;
            }
            let _ = done.send(1).await;
        })
        .detach();
        let (full, late) = channel::named::<u32>("full", 1);
        spawn(async move {
            for number in 0..3 {
                let _ = full.send(number).await;
            }
        })
        .detach();
        let _ = finished.recv().await;
        sleep(ms(5000)).await;
        while late.recv().await.is_ok() {}
        ticker.await;
    });
    let rules = rules_before_the_end(&replay);
    assert!(rules.is_empty(), "{rules:?}");
}

#[test]
fn an_idle_consumer_is_no_finding_while_its_acceptor_lives() {
    let replay = replay_of(async {
        let alive = Rc::new(Cell::new(true));
        let (sender, receiver) = channel::named::<u32>("messages", 4);
        let broadcaster = spawn(async move { while receiver.recv().await.is_ok() {} });
        for number in 0..3 {
            let sender = sender.clone();
            spawn(async move {
                let _ = sender.send(number).await;
            })
            .await;
        }
        let asked = Rc::clone(&alive);
        // Holds the last sender.
        let acceptor = spawn_local(async move {
            while asked.get() {
                sleep(ms(8000)).await;
            }
            drop(sender);
        });
        ticker().await;
        alive.set(false);
        acceptor.await;
        broadcaster.await;
    });
    let rules = rules_before_the_end(&replay);
    assert!(rules.is_empty(), "{rules:?}");
}

#[test]
fn a_held_request_whose_answer_is_there_is_unpolled() {
    let run = Builder::new()
        .clock(ClockKind::Real)
        .record(true)
        .run(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            let server = spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    let mut byte = [0];
                    stream.read_exact(&mut byte).await?;
                    stream.write_all(&byte).await?;
                }
                Ok::<(), std::io::Error>(())
            });
            for _ in 0..3 {
                let mut stream = TcpStream::connect(address).await?;
                stream.write_all(&[1]).await?;
                let mut answer = [0];
                let mut request = Box::pin(stream.read_exact(&mut answer));
                if future::poll_once(&mut request).await.is_none() {
                    sleep(ms(300)).await;
                    request.await?;
                }
            }
            server.cancel().await;
            Ok::<(), std::io::Error>(())
        });
    let replay = Replay::new(run.log);
    let report = Findings::of(&replay, &Limits::default());
    assert!(report.all().any(|finding| finding.rule.id() == "unpolled"));
}

//! Lookups that wait behind bulk work.

use std::time::Duration;

use loopscope::{channel, gather, sleep, spawn};

use super::ms;

/// An item of work: how long it takes, and where its answer goes.
type Work = (Duration, channel::Sender<()>);

async fn serve(work: channel::Receiver<Work>) {
    while let Ok((time, answer)) = work.recv().await {
        sleep(time).await; // WRONG: inversion
        let _ = answer.try_send(());
    }
}

async fn ask(to: channel::Sender<Work>, time: Duration) {
    let (answer, answered) = channel::bounded(1);
    let _ = to.send((time, answer)).await;
    let _ = answered.recv().await;
}

pub(crate) async fn wrong() {
    let (work, work_out) = channel::unbounded();
    let server = spawn(serve(work_out));
    let bulk = (0..12).map(|_| spawn(ask(work.clone(), ms(200))));
    let bulk: Vec<_> = bulk.collect();
    sleep(ms(10)).await;
    let lookups = (0..5).map(|_| ask(work.clone(), ms(2)));
    gather(lookups).await;
    gather(bulk).await;
    drop(work);
    server.await;
}

/// Equal items; short work with a queue of its own; items that turn out to be done already.
pub(crate) async fn right() {
    for times in [[50; 12], [200; 12], [2; 12]] {
        let (work, work_out) = channel::unbounded();
        let server = spawn(serve(work_out));
        gather(times.map(|time| ask(work.clone(), ms(time)))).await;
        drop(work);
        server.await;
    }
    let (links, links_out) = channel::unbounded();
    for number in 0..40 {
        let _ = links.try_send(number % 10);
    }
    drop(links);
    let mut seen = Vec::new();
    while let Ok(link) = links_out.recv().await {
        if !seen.contains(&link) {
            seen.push(link);
            sleep(ms(60)).await;
        }
    }
}

// A heartbeat every half second, and a worker that needs two seconds for something. Look at the beats: while the worker
// computes without a pause the loop cannot run anybody else, and four beats come late, all at once.
//
// On another thread, or in small steps with a yield between them, the same work disturbs nobody. The loop is never
// too busy; it is only never asked.

use std::time::Duration;

use loopscope::{Timer, block_for, future::yield_now, now, println, sleep, spawn, unblock};

const WORK: Duration = Duration::from_secs(2);

async fn heartbeat() {
    let mut due = now();
    for beat in 0..8 {
        println!("beat {beat} late {:.1}s", now().seconds() - due.seconds());
        due = due + Duration::from_millis(500);
        Timer::at(due).await; // at once, if it is late already
    }
}

/// Starts the worker beside the heartbeat.
async fn beside_heartbeat(work: impl Future<Output = ()>) {
    let heartbeat = spawn(heartbeat());
    sleep(Duration::from_millis(700)).await;
    println!("worker starts");
    work.await;
    println!("worker ends");
    heartbeat.await;
}

async fn blocking() {
    beside_heartbeat(async { block_for(WORK) }).await;
}

async fn to_thread() {
    beside_heartbeat(async { unblock(|| block_for(WORK)).await }).await;
}

async fn cooperative() {
    let steps = 40;
    let in_steps = async {
        for _ in 0..steps {
            block_for(WORK / steps);
            yield_now().await;
        }
    };
    beside_heartbeat(in_steps).await;
}

loopscope::scenario! {
    name: "blocking_call",
    title: "Two seconds of work beside a heartbeat",
    twin: true,
    variants: [
        blocking() "in one go: nobody else runs",
        to_thread() real "on another thread",
        cooperative() "in small steps that give way",
    ],
    params: [],
}

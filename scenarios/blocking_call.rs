// A heartbeat every half second, and a worker that makes a call of two seconds. Look at the beats: while a call
// holds the thread the loop cannot run anybody else, and four beats come late, all at once.
//
// On another thread the same call disturbs nobody; nor does one that waits in the loop, as its timers do. The loop
// was never too busy. It was only not asked.

use std::time::Duration;

use loopscope::{block_for, now, println, sleep, sleep_until, spawn, unblock};

/// How long the call takes.
const CALL: Duration = Duration::from_secs(2);

async fn heartbeat() {
    let mut due = now();
    for beat in 0..8 {
        println!("beat {beat} late {:.1}s", now().seconds() - due.seconds());
        due = due + Duration::from_millis(500);
        sleep_until(due).await; // at once, if it is late already
    }
}

/// Has a worker make a call beside the heartbeat.
async fn beside_heartbeat(call: impl Future<Output = ()>) {
    let heartbeat = spawn(heartbeat());
    sleep(Duration::from_millis(700)).await;
    println!("worker starts");
    call.await;
    println!("worker ends");
    heartbeat.await;
}

async fn blocking() {
    beside_heartbeat(async { block_for(CALL) }).await;
}

async fn to_thread() {
    beside_heartbeat(async { unblock(|| block_for(CALL)).await }).await;
}

async fn cooperative() {
    beside_heartbeat(sleep(CALL)).await;
}

loopscope::scenario! {
    name: "blocking_call",
    title: "A call of two seconds beside a heartbeat",
    twin: true,
    variants: [
        blocking() "holding the thread: nobody else runs",
        to_thread() real "on another thread",
        cooperative() "waiting in the loop",
    ],
    params: [],
}

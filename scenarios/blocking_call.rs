// A heartbeat every half second, and a worker that makes a call of two seconds. Look at the beats:
// while the call blocks the thread, the loop can run no other task, and four beats come late.
//
// On another thread the same call delays no task, and neither does a wait in the loop, which is
// only a timer. The loop was never busy; its thread was taken away.

use std::time::Duration;

use loopscope::{block_for, now, println, sleep, sleep_until, spawn, unblock};

/// How long the call takes.
const CALL: Duration = Duration::from_secs(2);

async fn heartbeat() {
    let mut due = now();
    for beat in 0..8 {
        println!("beat {beat} late {:.1}s", now().seconds() - due.seconds());
        due = due + Duration::from_millis(500);
        sleep_until(due).await; // returns at once when it is late
    }
}

/// Runs a call beside the heartbeat.
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
        blocking() "blocks the thread: no other task runs",
        to_thread() threads "the same call on another thread",
        cooperative() "a wait in the loop",
    ],
    params: [],
}

// Belief: cancel stops it at once.
//
// Look at the two events: cancellation requested, cancellation delivered. Between them the task
// still holds what it has; in one more poll it handles the cancellation and cleans up. Requesting
// is not waiting: code that uses the desk right after the request finds the task's papers on it.
// `cancel().await` returns when the desk is clear.
//
// In Rust cancelling a future drops it, and a destructor cannot await: its clean-up blocks the
// loop. In Python the task may sleep in its `finally`, and even refuse to end.

use std::time::Duration;

use loopscope::{block_for, future::pending, println, sleep, spawn};

struct Desk;

impl Drop for Desk {
    fn drop(&mut self) {
        println!("clean-up begins");
        block_for(Duration::from_secs(1));
        println!("clean-up ends");
    }
}

async fn worker() {
    let _desk = Desk;
    pending::<()>().await;
}

async fn wrong() {
    let worker = spawn(worker());
    sleep(Duration::from_secs(1)).await;
    worker.ask_cancel();
    println!("main uses the desk again");
    worker.fallible().await;
}

async fn right() {
    let worker = spawn(worker());
    sleep(Duration::from_secs(1)).await;
    worker.cancel().await;
    println!("main uses the desk again");
}

loopscope::scenario! {
    name: "lesson_14_cancel_is_asked",
    title: "Lesson 14: cancel stops it at once?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "requests the cancellation, and continues at once",
        right() "requests the cancellation, and waits for the end",
    ],
    params: [],
}

// Belief: a background error is loud.
//
// Look at the lane of `indexer`: it fails after a second, and main does not notice. A task's panic
// is kept for the task that awaits its handle. If there is none, the program ends without an error.

use std::{panic::AssertUnwindSafe, time::Duration};

use loopscope::{future::FutureExt, println, sleep, spawn};

async fn indexer() {
    sleep(Duration::from_secs(1)).await;
    panic!("the disk is full");
}

async fn wrong() {
    spawn(indexer()).detach();
    sleep(Duration::from_secs(3)).await;
    println!("finished happily");
}

async fn right() {
    let indexer = spawn(indexer());
    // Awaiting a task that panicked panics as well; this turns the panic into a value.
    match AssertUnwindSafe(indexer).catch_unwind().await {
        Ok(()) => println!("finished happily"),
        Err(_) => println!("the indexer failed"),
    }
}

loopscope::scenario! {
    name: "lesson_11_silent_failure",
    title: "Lesson 11: a background error is loud?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "no task awaits it",
        right() "main awaits it, and sees the failure",
    ],
    params: [],
}

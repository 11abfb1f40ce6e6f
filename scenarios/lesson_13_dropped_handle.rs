// Belief: a task without a handle keeps running. (Or: it stops.)
//
// Look at the lane of `beats` after 1.5 s. Libraries differ: here, as in smol, dropping the handle
// cancels the task, and `detach` lets it run. Tokio's handle detaches when it is dropped. asyncio
// keeps the task running, but may lose one without references. A bare future stops when dropped.

use std::time::Duration;

use loopscope::{println, sleep, spawn};

async fn beats() {
    for number in 1..=3 {
        sleep(Duration::from_secs(1)).await;
        println!("beat {number}");
    }
}

async fn wrong() {
    let beats = spawn(beats());
    sleep(Duration::from_millis(1500)).await;
    drop(beats);
    println!("main lets go");
    sleep(Duration::from_secs(2)).await;
}

async fn right() {
    let beats = spawn(beats());
    sleep(Duration::from_millis(1500)).await;
    beats.detach();
    println!("main lets go");
    sleep(Duration::from_secs(2)).await;
}

loopscope::scenario! {
    name: "lesson_13_dropped_handle",
    title: "Lesson 13: a task without a handle keeps running?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "the handle is dropped: the task stops",
        right() "the task is detached: it keeps running",
    ],
    params: [],
}

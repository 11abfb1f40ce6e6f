// Belief: a task nobody holds runs on. (Or: it stops.)
//
// Look at the lane of `beats` after 1.5 s. There is no rule for all handles: this crate's (smol's too) cancels its
// task when it is dropped, `detach` lets it run on. Tokio's handle detaches when it is dropped; asyncio runs on, but
// may lose a task that nobody refers to. A future that is not a task always stops: nobody polls it any more.

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
    title: "Lesson 13: a task nobody holds runs on?",
    twin: true,
    variants: [
        wrong() "the handle is dropped: the task stops",
        right() "the task is detached: it runs on",
    ],
    params: [],
}

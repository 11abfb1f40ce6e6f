// Belief: sleeping the thread is only sleeping.
//
// Look at the beats: there should be one every half second. While a task blocks the thread, no
// other task runs and no timer fires; the late beats come when the task returns. A timer takes as
// long and blocks nothing.

use std::time::Duration;

use loopscope::{block_for, println, sleep, spawn};

async fn beats() {
    println!("beat");
    for _ in 0..3 {
        sleep(Duration::from_millis(500)).await;
        println!("beat");
    }
}

async fn wrong() {
    let beats = spawn(beats()).named("beats");
    let work = spawn(async { block_for(Duration::from_millis(1500)) }).named("work");
    beats.await;
    work.await;
}

async fn right() {
    let beats = spawn(beats()).named("beats");
    let work = spawn(sleep(Duration::from_millis(1500))).named("work");
    beats.await;
    work.await;
}

loopscope::scenario! {
    name: "lesson_06_block",
    title: "Lesson 06: sleeping the thread is only sleeping?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "blocks the thread for 1.5 s",
        right() "waits on a timer for 1.5 s",
    ],
    params: [],
}

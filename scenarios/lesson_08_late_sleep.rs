// Belief: sleep(0.3) wakes at 0.3.
//
// Look at the lane of `sleeper`: when is its timer due (◇), and when does it run? A sleep means
// "not before". A due timer only makes its task ready; the task runs when the task before it
// suspends. Work in small pieces keeps the delay short.

use std::time::Duration;

use loopscope::{block_for, future::yield_now, println, sleep, spawn};

async fn sleeper() {
    sleep(Duration::from_millis(300)).await;
    println!("awake");
}

async fn work_at_once() {
    block_for(Duration::from_secs(1));
}

async fn work_in_pieces() {
    for _ in 0..10 {
        block_for(Duration::from_millis(100));
        yield_now().await;
    }
}

async fn wrong() {
    let sleeper = spawn(sleeper()).named("sleeper");
    let work = spawn(work_at_once()).named("work");
    sleeper.await;
    work.await;
}

async fn right() {
    let sleeper = spawn(sleeper()).named("sleeper");
    let work = spawn(work_in_pieces()).named("work");
    sleeper.await;
    work.await;
}

loopscope::scenario! {
    name: "lesson_08_late_sleep",
    title: "Lesson 08: sleep(0.3) wakes at 0.3?",
    twin: true,
    variants: [
        wrong() "beside one second of work in one piece",
        right() "beside the same work in ten pieces",
    ],
    params: [],
}

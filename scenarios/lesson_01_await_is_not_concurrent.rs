// Belief: `.await` makes it concurrent.
//
// Look at the TIMERS: how many are set at once? To await is to wait here, and nowhere else: while the first fetch
// sleeps, the second does not exist yet, so the waits add up. `spawn` hands both to the loop before either is
// awaited; then both timers are set at once, and the waits overlap.

use std::time::Duration;

use loopscope::{println, sleep, spawn};

async fn fetch(page: &str, seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
    println!("{page} is here");
}

async fn wrong() {
    fetch("a", 1).await; // main stands here for the whole second
    fetch("b", 2).await; // and only then begins this one
}

async fn right() {
    let a = spawn(fetch("a", 1)).named("a");
    let b = spawn(fetch("b", 2)).named("b");
    a.await;
    b.await;
}

loopscope::scenario! {
    name: "lesson_01_await_is_not_concurrent",
    title: "Lesson 01: `.await` makes it concurrent?",
    twin: true,
    variants: [
        wrong() "await one after the other",
        right() "spawn both, then await",
    ],
    params: [],
}

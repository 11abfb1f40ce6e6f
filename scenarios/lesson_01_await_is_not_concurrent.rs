// Belief: `.await` makes it concurrent.
//
// Look at TIMERS: how many are set at once? `.await` waits here: while the first fetch sleeps, the
// second does not exist yet, so the waits add up. `spawn` gives both to the loop before either is
// awaited; then both timers are set at once, and the waits overlap.

use std::time::Duration;

use loopscope::{println, sleep, spawn};

async fn fetch(page: &str, seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
    println!("{page} is fetched");
}

async fn wrong() {
    fetch("a", 1).await; // main waits here for the whole second
    fetch("b", 2).await; // this one starts only then
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
    pairs: true,
    variants: [
        wrong() "await one after the other",
        right() "spawn both, then await",
    ],
    params: [],
}

// Belief: spawn starts it now.
//
// Look at READY after the spawn: `job` is queued there, and main keeps running. A task starts
// when the loop polls it, and the loop continues only when main suspends; one `yield_now` is
// enough.

use loopscope::{future::yield_now, println, spawn};

async fn work() {
    println!("job begins");
}

async fn wrong() {
    let job = spawn(work()).named("job");
    println!("main: job was spawned");
    job.await;
}

async fn right() {
    let job = spawn(work()).named("job");
    yield_now().await;
    println!("main: job was spawned");
    job.await;
}

loopscope::scenario! {
    name: "lesson_04_spawn_starts_nothing",
    title: "Lesson 04: spawn starts it now?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "main keeps running, and prints first",
        right() "main yields once",
    ],
    params: [],
}

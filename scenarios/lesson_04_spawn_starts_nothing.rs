// Belief: spawn starts it now.
//
// Look at READY after the spawn: A is queued there, and main keeps running. A task starts when the
// loop polls it, and the loop continues only when main suspends; one `yield_now` is enough.

use loopscope::{future::yield_now, println, spawn};

async fn work() {
    println!("A begins");
}

async fn wrong() {
    let a = spawn(work()).named("A");
    println!("main: A was spawned");
    a.await;
}

async fn right() {
    let a = spawn(work()).named("A");
    yield_now().await;
    println!("main: A was spawned");
    a.await;
}

loopscope::scenario! {
    name: "lesson_04_spawn_starts_nothing",
    title: "Lesson 04: spawn starts it now?",
    twin: true,
    variants: [
        wrong() "main keeps running, and prints first",
        right() "main yields once",
    ],
    params: [],
}

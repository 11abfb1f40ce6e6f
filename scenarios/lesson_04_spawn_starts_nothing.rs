// Belief: spawn starts it now.
//
// Look at the READY queue after the spawn: A stands in it, and main runs on. A task begins when the loop comes to
// it, and the loop gets a turn only when main gives way; one `yield_now` is enough.

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
        wrong() "main runs on, and speaks first",
        right() "main gives way once",
    ],
    params: [],
}

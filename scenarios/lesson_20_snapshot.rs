// Belief: what I schedule in a tick runs in it.
//
// Look at the tick boundary between `first` and `second`. This loop, like asyncio's, takes a
// snapshot of the ready queue and runs exactly that; a task scheduled meanwhile runs in the next
// tick, after timers and I/O. The other variant runs the same program on a loop that drains its
// queue, as JavaScript does with microtasks: there the belief is right, and a chain of them can
// starve timers.

use loopscope::{Task, println, spawn};

async fn first() -> Task<()> {
    println!("first: schedules second");
    spawn(second())
}

async fn second() {
    println!("second");
}

async fn program() {
    let first = spawn(first());
    let second = first.await;
    second.await;
}

async fn wrong() {
    program().await;
}

async fn right() {
    program().await;
}

loopscope::scenario! {
    name: "lesson_20_snapshot",
    title: "Lesson 20: what I schedule in a tick runs in it?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "a tick runs a snapshot of the queue",
        right() drain "a tick drains the queue, as with JavaScript's microtasks",
    ],
    params: [],
}

// Belief: async makes CPU work parallel.
//
// Look at the totals, then at RUNNING: only one task can run at a time. Two computations of half a
// second take a second, one after the other or in turns. Yielding helps others, not the total.

use std::time::Duration;

use loopscope::{block_for, future::yield_now, println, spawn};

async fn compute(name: &str) {
    for part in 1..=5 {
        block_for(Duration::from_millis(100)); // a tenth of a second of work
        println!("{name} {part}/5");
    }
}

async fn compute_in_turn(name: &str) {
    for part in 1..=5 {
        block_for(Duration::from_millis(100));
        println!("{name} {part}/5");
        yield_now().await;
    }
}

async fn wrong() {
    let a = spawn(compute("a")).named("a");
    let b = spawn(compute("b")).named("b");
    a.await;
    b.await;
}

async fn right() {
    let a = spawn(compute_in_turn("a")).named("a");
    let b = spawn(compute_in_turn("b")).named("b");
    a.await;
    b.await;
}

loopscope::scenario! {
    name: "lesson_07_cpu_work",
    title: "Lesson 07: async makes CPU work parallel?",
    twin: true,
    variants: [
        wrong() "two computations that never yield",
        right() "two computations that yield: no faster",
    ],
    params: [],
}

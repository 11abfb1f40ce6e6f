// Belief: every await yields.
//
// Look at the timeline by polls: one long run of `hog`, or two tasks that alternate? An `.await`
// suspends only where there is something to wait for. A value that is ready is returned at once.

use loopscope::{
    future::{ready, yield_now},
    println, spawn,
};

async fn count_at_once(name: &str) {
    for number in 0..3 {
        println!("{name} {}", ready(number).await); // ready: no suspension
    }
}

async fn count_in_turn(name: &str) {
    for number in 0..3 {
        println!("{name} {number}");
        yield_now().await;
    }
}

async fn wrong() {
    let hog = spawn(count_at_once("hog")).named("hog");
    let ui = spawn(count_at_once("ui")).named("ui");
    hog.await;
    ui.await;
}

async fn right() {
    let hog = spawn(count_in_turn("hog")).named("hog");
    let ui = spawn(count_in_turn("ui")).named("ui");
    hog.await;
    ui.await;
}

loopscope::scenario! {
    name: "lesson_05_ready_await",
    title: "Lesson 05: every await yields?",
    twin: true,
    variants: [
        wrong() "awaiting a ready value",
        right() "yielding after each number",
    ],
    params: [],
}

// Belief: every await yields.
//
// Look at the timeline on the tick axis: one long run of `hog`, or two tasks in turn? An `.await` gives way only
// where there is something to wait for. What is ready already is handed over at once, in the same turn.

use loopscope::{
    future::{ready, yield_now},
    println, spawn,
};

async fn count_at_once(name: &str) {
    for number in 0..3 {
        println!("{name} {}", ready(number).await); // ready: no turn is given up
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
        wrong() "awaiting what is ready",
        right() "giving way after each number",
    ],
    params: [],
}

// Belief: calling it runs it.
//
// Look at the future `save`: in the wrong variant it is created and dropped, and none of its code
// runs. Calling an `async fn` only creates a future; `.await` or a task polls it, and polling runs
// it. In Rust, unlike in Python, the compiler warns of an unused future, so the wrong variant drops
// it explicitly.

use std::time::Duration;

use loopscope::{FutureExt, println, sleep};

async fn save() {
    println!("saving");
    sleep(Duration::from_secs(1)).await;
    println!("saved");
}

async fn wrong() {
    let saving = save().named("save");
    drop(saving); // what `save();` does
    println!("goodbye");
}

async fn right() {
    save().named("save").await;
    println!("goodbye");
}

loopscope::scenario! {
    name: "lesson_03_call_is_not_run",
    title: "Lesson 03: calling it runs it?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "call it, and drop the future",
        right() "call it, and await the future",
    ],
    params: [],
}

// Belief: calling it runs it.
//
// Look at what happens to the future `save`: in the wrong variant it is made and dropped, and not one line of it
// runs. Calling an `async fn` only creates a future; it is polling, by `.await` or by a task, that runs it. Rust is
// stricter here than Python only in saying so: the compiler warns of a future that is not used, which is why the
// wrong variant has to drop it in so many words.

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
    variants: [
        wrong() "call it, and drop what comes back",
        right() "call it and await",
    ],
    params: [],
}

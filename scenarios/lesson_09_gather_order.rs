// Belief: gather gives results as they finish.
//
// Look at how long a result waits before main runs: `fast` finishes at 1.0, but `gather` waits for all
// and returns them together, in the order of its arguments. `as_completed` yields each when it
// comes.

use std::time::Duration;

use loopscope::{as_completed, gather, println, sleep};

async fn job(name: &'static str, seconds: u64) -> &'static str {
    sleep(Duration::from_secs(seconds)).await;
    println!("{name} finished");
    name
}

async fn wrong() {
    for name in gather([job("slow", 3), job("fast", 1), job("medium", 2)]).await {
        println!("handled {name}");
    }
}

async fn right() {
    let mut jobs = as_completed([job("slow", 3), job("fast", 1), job("medium", 2)]);
    while let Some(name) = jobs.next().await {
        println!("handled {name}");
    }
}

loopscope::scenario! {
    name: "lesson_09_gather_order",
    title: "Lesson 09: gather gives results as they finish?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "gather: all at the end, in the order of the arguments",
        right() "as_completed: each as it finishes",
    ],
    params: [],
}

// Belief: gather gives results as they finish.
//
// Look at how long a result lies there before main runs: B is finished at 1.0, but `gather` waits for all and hands
// them over together, in the order in which they were asked for. `as_completed` gives each as it comes.

use std::time::Duration;

use loopscope::{as_completed, gather, println, sleep};

async fn job(name: &'static str, seconds: u64) -> &'static str {
    sleep(Duration::from_secs(seconds)).await;
    println!("{name} finished");
    name
}

async fn wrong() {
    for name in gather([job("A", 3), job("B", 1), job("C", 2)]).await {
        println!("handled {name}");
    }
}

async fn right() {
    let mut jobs = as_completed([job("A", 3), job("B", 1), job("C", 2)]);
    while let Some(name) = jobs.next().await {
        println!("handled {name}");
    }
}

loopscope::scenario! {
    name: "lesson_09_gather_order",
    title: "Lesson 09: gather gives results as they finish?",
    twin: true,
    variants: [
        wrong() "gather: all at the end, in the order of asking",
        right() "as completed: each when it is there",
    ],
    params: [],
}

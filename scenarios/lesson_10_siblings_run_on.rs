// Belief: if one fails the others stop.
//
// Look at the lane of `writer` after the failure: does it continue? A task's failure goes only to
// the task that awaits it. A task group ties tasks together: when one fails, the others are
// cancelled.
//
// In Rust a failure is a value, so no exception reaches main. asyncio's `gather` raises the first
// exception in main, and does not cancel the other tasks either.

use std::time::Duration;

use loopscope::{TaskGroup, println, sleep, try_spawn};

async fn failing() -> Result<(), &'static str> {
    sleep(Duration::from_secs(1)).await;
    Err("disk full")
}

async fn writer() -> Result<(), &'static str> {
    sleep(Duration::from_secs(2)).await;
    println!("X writes its part");
    Ok(())
}

async fn wrong() {
    let (failing, _writer) = (try_spawn(failing()), try_spawn(writer()));
    if let Err(error) = failing.await {
        println!("caught: {error}");
    }
    sleep(Duration::from_secs(2)).await;
    println!("main continues");
}

async fn right() {
    let mut group = TaskGroup::new();
    group.spawn(failing());
    group.spawn(writer());
    if let Err(error) = group.join().await {
        println!("caught: {error}");
    }
    sleep(Duration::from_secs(2)).await;
    println!("main continues");
}

loopscope::scenario! {
    name: "lesson_10_siblings_run_on",
    title: "Lesson 10: if one fails the others stop?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "two independent tasks",
        right() "a task group: a failure cancels the others",
    ],
    params: [],
}

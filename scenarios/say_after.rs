// Two coroutines that sleep and then print. Look at TIMERS: how many are set at once?
//
// A future does nothing until it is awaited. Awaiting two futures one after the other adds their
// waits up: the second sleep does not exist while the first one lasts. `spawn` makes a task of each
// future; then both timers are set before either is due, and the waits overlap.

use std::time::Duration;

use loopscope::{block_for, clock_text, println, sleep, spawn};

async fn say_after(delay: Duration, what: &str) {
    sleep(delay).await;
    println!("{what}");
}

async fn in_order(first: Duration, second: Duration) {
    println!("started at {}", clock_text());
    let hello = say_after(first, "hello"); // nothing runs yet
    let world = say_after(second, "world");
    hello.await;
    world.await;
    println!("finished at {}", clock_text());
}

async fn concurrent(first: Duration, second: Duration) {
    println!("started at {}", clock_text());
    let hello = spawn(say_after(first, "hello")).named("hello");
    let world = spawn(say_after(second, "world")).named("world");
    hello.await;
    world.await;
    println!("finished at {}", clock_text());
}

// `world` is awaited first, so it runs first. Which was created first means nothing.
async fn sequential(first: Duration, second: Duration) {
    println!("started at {}", clock_text());
    let hello = say_after(first, "hello"); // nothing runs yet
    let world = say_after(second, "world");
    world.await;
    hello.await;
    println!("finished at {}", clock_text());
}

// The same with a blocking sleep: it blocks the thread, and no other task can run.
async fn say_after_blocking(delay: Duration, what: &str) {
    block_for(delay);
    println!("{what}");
}

async fn blocking(first: Duration, second: Duration) {
    println!("started at {}", clock_text());
    let hello = spawn(say_after_blocking(first, "hello")).named("hello");
    let world = spawn(say_after_blocking(second, "world")).named("world");
    hello.await;
    world.await;
    println!("finished at {}", clock_text());
}

loopscope::scenario! {
    name: "say_after",
    title: "Sleep, then print: await is not spawn",
    twin: true,
    pairs: true,
    variants: [
        in_order(first: seconds, second: seconds) "one future after the other, in the order of their creation",
        concurrent(first: seconds, second: seconds) "two tasks, both asleep at once",
        sequential(first: seconds, second: seconds) "world is awaited first; which was created first means nothing",
        blocking(first: seconds, second: seconds) "two tasks that block the thread instead of sleeping",
    ],
    params: [
        Param::seconds("first", "1", 3600.0, "how long before \"hello\""),
        Param::seconds("second", "2", 3600.0, "how long before \"world\""),
    ],
}

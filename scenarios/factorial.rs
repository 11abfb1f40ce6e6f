// Three tasks that count, with a sleep of a second before each step. Look at the timeline: in the
// sequential variant one lane waits at a time; in the concurrent one all three sleep together.
//
// Even then only one task runs at a time: the loop has one thread and polls them one by one.

use std::time::Duration;

use loopscope::{FutureExt, gather, println, sleep};

async fn factorial(name: &str, number: u32) -> u64 {
    let mut product = 1;
    for factor in 2..=number {
        println!("Task {name}: Compute factorial({factor})...");
        sleep(Duration::from_secs(1)).await;
        product *= u64::from(factor);
    }
    println!("Task {name}: factorial({number}) = {product}");
    product
}

async fn sequential(a: u32, b: u32, c: u32) {
    factorial("A", a).await;
    factorial("B", b).await;
    factorial("C", c).await;
}

async fn concurrent(a: u32, b: u32, c: u32) {
    let task = |(name, number)| factorial(name, number).task_named(name);
    gather([("A", a), ("B", b), ("C", c)].map(task)).await;
}

loopscope::scenario! {
    name: "factorial",
    title: "Three tasks count, one step per second",
    twin: true,
    variants: [
        sequential(a: count, b: count, c: count) "one after the other",
        concurrent(a: count, b: count, c: count) "three tasks that sleep at the same time",
    ],
    params: [
        Param::count("a", "2", 0, 20, "the number whose factorial task A computes"),
        Param::count("b", "3", 0, 20, "the same for task B"),
        Param::count("c", "4", 0, 20, "the same for task C"),
    ],
}

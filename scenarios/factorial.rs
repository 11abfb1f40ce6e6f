// Three tasks that count, and give way for a second before each step. Look at the timeline: in the sequential
// variant only one lane ever waits; in the concurrent one all three sleep at once, and take turns to compute.
//
// Nothing runs at the same time even then: there is one slot, and the three tasks pass through it in turn.

use std::time::Duration;

use loopscope::{gather, println, sleep};

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
    gather([factorial("A", a), factorial("B", b), factorial("C", c)]).await;
}

loopscope::scenario! {
    name: "factorial",
    title: "Three tasks count, a second a step",
    twin: true,
    variants: [
        sequential(a: count, b: count, c: count) "one after the other",
        concurrent(a: count, b: count, c: count) "three tasks that wait together",
    ],
    params: [
        Param::count("a", "2", 0, 20, "the number whose factorial task A computes"),
        Param::count("b", "3", 0, 20, "the same for task B"),
        Param::count("c", "4", 0, 20, "the same for task C"),
    ],
}

// A chain of awaits: main > print_sum > compute. Look at the tasks: there is only one. Three functions wait, one
// inside the other, but the loop knows a single task, and when the timer fires it is that task that runs; the
// innermost function goes on at once, where it stopped. An await hands nothing to the loop and takes no turn of its
// own.

use std::time::Duration;

use loopscope::{println, sleep};

async fn compute(x: u32, y: u32) -> u32 {
    println!("Compute {x} + {y} ...");
    sleep(Duration::from_secs(1)).await; // only here does anything give way
    x + y
}

async fn print_sum(x: u32, y: u32) {
    let sum = compute(x, y).await;
    println!("{x} + {y} = {sum}");
}

async fn chain() {
    print_sum(1, 2).await;
}

loopscope::scenario! {
    name: "compute_sum",
    title: "A chain of awaits is one task",
    twin: true,
    variants: [chain() "main awaits print_sum, print_sum awaits compute"],
    params: [],
}

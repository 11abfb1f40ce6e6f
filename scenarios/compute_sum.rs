// A chain of awaits: main > print_sum > compute. Look at the tasks: there is only one. Three
// functions wait, one inside the other, but to the loop they are one task. When the timer fires,
// the loop polls that task, and the innermost function continues where it stopped. An `.await`
// does not give a function to the loop.

use std::time::Duration;

use loopscope::{FutureExt, println, sleep};

async fn compute(x: u32, y: u32) -> u32 {
    println!("Compute {x} + {y} ...");
    sleep(Duration::from_secs(1)).await; // the only suspension
    x + y
}

async fn print_sum(x: u32, y: u32) {
    let sum = compute(x, y).named("compute").await;
    println!("{x} + {y} = {sum}");
}

async fn chain() {
    print_sum(1, 2).named("print_sum").await;
}

loopscope::scenario! {
    name: "compute_sum",
    title: "A chain of awaits is one task",
    twin: true,
    variants: [chain() "main awaits print_sum, print_sum awaits compute"],
    params: [],
}

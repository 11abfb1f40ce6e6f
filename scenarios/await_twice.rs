// One task, awaited twice. Look at the polls of the task: its body runs once. The second await
// finds the result that the first one left and continues at once, without suspending. A plain task
// handle gives its result away; `shared` makes a handle that keeps it.

use std::time::Duration;

use loopscope::{clock_text, println, sleep, spawn};

async fn foo(delay: Duration) -> &'static str {
    sleep(delay).await;
    "bar"
}

async fn task() {
    println!("started at {}", clock_text());
    let task1 = spawn(foo(Duration::from_secs(3))).shared();
    for times in ["once", "twice"] {
        let value = task1.clone().await;
        println!(
            "task1, value: {value}, finished {times} at {}",
            clock_text()
        );
    }
}

loopscope::scenario! {
    name: "await_twice",
    title: "Awaiting a task twice runs it once",
    twin: true,
    variants: [task() "the same task, awaited again"],
    params: [],
}

// Calling an `async fn` runs nothing: it returns a future that has not started. Look at the output:
// the line inside `read_number` is printed when the future is awaited, or spawned and polled by the
// loop, and not before. The created variant does neither.

use loopscope::{FutureExt, println, spawn};

async fn read_number() -> u32 {
    println!("read_number runs");
    340
}

async fn created() {
    println!("calling read_number");
    let number = read_number().named("read_number");
    println!("got a future, and nothing has run");
    drop(number); // and nothing ever will
    println!("dropped it");
}

async fn awaited() {
    println!("calling read_number");
    let number = read_number().named("read_number");
    println!("got a future, and nothing has run");
    println!("awaiting it gives {}", number.await);
}

async fn spawned() {
    println!("calling read_number");
    let number = spawn(read_number());
    println!("got a task, and nothing has run yet");
    println!("awaiting it gives {}", number.await);
}

loopscope::scenario! {
    name: "lazy_futures",
    title: "Calling an async function runs nothing",
    twin: true,
    pairs: true,
    variants: [
        created() "called, and never awaited",
        awaited() "called, then awaited",
        spawned() "called, then spawned",
    ],
    params: [],
}

// Calling an `async fn` runs nothing: it gives a future, a function that stands before its first line. Look at the
// output: the line from inside of `read_number` comes when somebody awaits the future or hands it to the loop, and
// not before. The created variant does neither.

use loopscope::{println, spawn};

async fn read_number() -> u32 {
    println!("read_number runs");
    340
}

async fn created() {
    println!("calling read_number");
    let number = read_number();
    println!("got a future, and nothing has run");
    drop(number); // it never will
    println!("dropped it");
}

async fn awaited() {
    println!("calling read_number");
    let number = read_number();
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
    variants: [
        created() "called, and never awaited",
        awaited() "called, then awaited",
        spawned() "called, then given to the loop",
    ],
    params: [],
}

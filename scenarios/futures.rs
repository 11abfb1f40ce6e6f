// A bare future holds one value and a list of waiters. Look at the resources: main waits for the
// future, a task sets its value, and that wakes main. Awaiting a future whose value is already set
// does not suspend: in `already_done` main runs in a single poll.

use std::time::Duration;

use loopscope::{future::OneShot, println, sleep, spawn_local};

async fn set_after(future: OneShot<&'static str>, value: &'static str) {
    sleep(Duration::from_secs(1)).await;
    let _ = future.resolve(value);
}

async fn create_future() {
    let future = OneShot::new();
    spawn_local(set_after(future.clone(), "result")).detach();
    println!("waiting, done = {}", python_bool(future.is_done()));
    println!("got {}", (&future).await);
    println!("done = {}", python_bool(future.is_done()));
}

async fn already_done() {
    let future = OneShot::new();
    let _ = future.resolve("ready");
    println!("got {}", future.await);
}

type Answer = Result<u32, &'static str>;

async fn fail_after(future: OneShot<Answer>) {
    sleep(Duration::from_secs(1)).await;
    let _ = future.fail("no answer");
}

// An error is an ordinary value: awaiting the future returns it.
async fn exception() {
    let future = OneShot::new();
    spawn_local(fail_after(future.clone())).detach();
    println!("waiting, done = {}", python_bool(future.is_done()));
    for attempt in ["first", "second"] {
        match (&future).await {
            Ok(value) => println!("{attempt} await: got {value}"),
            Err(error) => println!("{attempt} await: caught {error}"),
        }
    }
    println!("done = {}", python_bool(future.is_done()));
}

/// Formats the error as the Python program does.
fn python_bool(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

loopscope::scenario! {
    name: "futures",
    title: "A future that the program itself resolves",
    twin: true,
    pairs: true,
    variants: [
        create_future() "resolved by another task while main waits",
        already_done() "resolved before it is awaited",
        exception() "resolved with an error",
    ],
    params: [],
}

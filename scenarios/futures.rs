// A bare future is a box for one value, and a list of who waits for it. Look at the resources: main waits for the
// box, a task puts the value in, and that wakes main. Awaiting a box that is full takes no turn at all: in
// `already_done` main runs through in one poll.

use std::time::Duration;

use loopscope::{future::OneShot, println, sleep, spawn};

async fn set_after(future: OneShot<&'static str>, value: &'static str) {
    sleep(Duration::from_secs(1)).await;
    let _ = future.resolve(value);
}

async fn create_future() {
    let future = OneShot::new();
    spawn(set_after(future.clone(), "result")).detach();
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
    let _ = future.resolve(Err("no answer"));
}

// An error is a value like any other: whoever awaits the future gets it, before or after it was set.
async fn exception() {
    let future = OneShot::new();
    spawn(fail_after(future.clone())).detach();
    println!("waiting, done = {}", python_bool(future.is_done()));
    for attempt in ["first", "second"] {
        match (&future).await {
            Ok(value) => println!("{attempt} await: got {value}"),
            Err(error) => println!("{attempt} await: caught {error}"),
        }
    }
    println!("done = {}", python_bool(future.is_done()));
}

/// Written as the same program in Python writes it.
fn python_bool(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

loopscope::scenario! {
    name: "futures",
    title: "A future that the program itself resolves",
    twin: true,
    variants: [
        create_future() "resolved by another task while main waits",
        already_done() "resolved before anybody waits",
        exception() "given an error instead of a value",
    ],
    params: [],
}

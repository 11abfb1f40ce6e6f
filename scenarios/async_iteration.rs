// Streams: a wait before each value. Look at main: it suspends once for each value, where the loop
// awaits the next one. In the `two` variant two tasks do this, each with its own stream, and their
// values interleave.
//
// A stream can be written as steps from one state to the next (`unfold`), or as a type with a
// `poll_next` method.

mod count_down;

use std::{pin::pin, time::Duration};

use loopscope::{
    Timer, println, resumable, sleep, spawn,
    stream::{self, Stream, StreamExt},
};

const PAUSE: Duration = Duration::from_millis(100);

/// 0, 1, 2 and so on, as steps: each returns a value and the next state.
fn count_up() -> impl Stream<Item = u32> {
    stream::unfold(0, async |number| {
        sleep(PAUSE).await;
        Some((number, number + 1))
    })
}

/// From a number down to 1, as a type. Its `poll_next` is in `count_down.rs`.
struct CountDown {
    timer: Timer,
    from: u32,
}

impl CountDown {
    fn new(from: u32) -> CountDown {
        CountDown {
            timer: Timer::interval(PAUSE),
            from,
        }
    }
}

async fn print_all(name: &str, numbers: impl Stream<Item = u32>) {
    let mut numbers = pin!(resumable(name, numbers)); // each value is in the trace
    while let Some(number) = numbers.next().await {
        println!("{name} {number}");
    }
}

async fn generator() {
    print_all("number", count_up().take(3)).await;
}

async fn iterator() {
    print_all("number", CountDown::new(3)).await;
}

async fn two() {
    let up = spawn(print_all("up", count_up().take(3))).named("up");
    let down = spawn(print_all("down", CountDown::new(3))).named("down");
    up.await;
    down.await;
}

loopscope::scenario! {
    name: "async_iteration",
    title: "Streams: a wait before each value",
    parts: ["count_down.rs"],
    twin: true,
    pairs: true,
    variants: [
        generator() "a stream written as steps",
        iterator() "a stream written as a type",
        two() "two streams, each in its own task",
    ],
    params: [],
}

// Streams: values with a wait before each. Look at main: it gives way once for each value, in the loop that asks
// for the next one. In the two variant a pair of tasks does that, each with a stream of its own, and their values
// interleave.
//
// A stream can be written as steps from a state to the next (`unfold`), or as a type with a `poll_next`.

mod count_down;

use std::{pin::pin, time::Duration};

use loopscope::{
    Timer, println, sleep, spawn,
    stream::{self, Stream, StreamExt},
};

const PAUSE: Duration = Duration::from_millis(100);

/// 0, 1, 2 and so on, as steps: each gives a value and the state for the next.
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
    let mut numbers = pin!(numbers);
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
    title: "Streams of values that take their time",
    parts: ["count_down.rs"],
    twin: true,
    variants: [
        generator() "a stream made of steps",
        iterator() "a stream made of a type",
        two() "two streams, a task for each",
    ],
    params: [],
}

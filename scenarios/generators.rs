// A function that stops in the middle and is resumed by hand. Nothing here waits. Look at main: it
// runs from its first line to its last in a single poll, while the inner function is resumed four
// times.
//
// `async` is built on this: a future is such a function, `poll` resumes it, and `Pending` means
// that it stopped at an `.await`. A generator is a future that leaves a value behind when it stops.

mod generator;

use std::{cell::Cell, future::poll_fn, rc::Rc, task::Poll};

use loopscope::println;

use generator::Generator;

/// Holds the value that the function leaves when it stops.
type Out = Rc<Cell<Option<u32>>>;

async fn give(out: &Out, value: u32) {
    out.set(Some(value));
    // Pending once: the caller takes the value before it polls again.
    poll_fn(|_| match out.get() {
        Some(_) => Poll::Pending,
        None => Poll::Ready(()),
    })
    .await;
}

async fn get_numbers(out: Out) {
    println!("|| get_numbers begin");
    for number in 1..=3 {
        println!("|| get_numbers Giving {number}...");
        give(&out, number).await;
    }
    println!("|| get_numbers end");
}

async fn next() {
    let mut numbers = Generator::new(get_numbers);
    loop {
        match numbers.next() {
            Some(number) => println!("Out: {number}"),
            None => break println!("StopIteration"),
        }
    }
}

async fn for_loop() {
    for number in Generator::new(get_numbers) {
        println!("Out: {number}");
    }
}

loopscope::scenario! {
    name: "generators",
    title: "A function that is resumed, step by step",
    parts: ["generator.rs"],
    twin: true,
    pairs: true,
    variants: [
        next() "resumed by hand, to its end",
        for_loop() "resumed by a for loop",
    ],
    params: [],
}

//! A program that stalls, for practice: `docs/your-own-program.md` walks through it.
//!
//! A heartbeat that should beat ten times a second, and three orders that need a report each. One
//! of them blocks the loop. `cargo run --example stall`, and `cargo run --example stall -- mended`
//! for the program without the fault.

#![expect(clippy::print_stdout, reason = "a program prints")]
#![expect(
    clippy::disallowed_methods,
    reason = "the fault that is to be found, and the clock that it shows on"
)]

use std::{
    thread,
    time::{Duration, Instant},
};

use loopscope as smol; // the one line

use smol::{Timer, stream::StreamExt};

const BEAT: Duration = Duration::from_millis(100);

/// Beats until it is dropped, and prints when a beat is late.
async fn heartbeat() {
    let mut beats = Timer::interval(BEAT);
    let mut due = Instant::now() + BEAT;
    while beats.next().await.is_some() {
        let late = due.elapsed();
        if late > BEAT / 2 {
            println!("the heart missed a beat: {} ms late", late.as_millis());
        }
        due = Instant::now() + BEAT;
    }
}

/// Writes a report, which blocks its thread for a while.
fn report(order: u32) -> String {
    thread::sleep(Duration::from_millis(350)); // as long as a query to a database, from a driver that blocks
    format!("report {order}: all is well")
}

/// Waits for its time, then gets its report.
async fn order(number: u32, mended: bool) {
    Timer::after(Duration::from_millis(250 * u64::from(number))).await;
    let text = if mended {
        smol::unblock(move || report(number)).await
    } else {
        report(number)
    };
    println!("{text}");
}

fn main() {
    let mended = std::env::args().nth(1).is_some_and(|word| word == "mended");
    smol::block_on(async {
        let heart = smol::spawn(heartbeat());
        let orders: Vec<_> = (1..=3)
            .map(|number| smol::spawn(order(number, mended)))
            .collect();
        for order in orders {
            order.await;
        }
        heart.cancel().await;
    });
}

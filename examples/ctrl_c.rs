//! Works until Ctrl-C, then puts its things in order.
//!
//! `cargo run --example ctrl_c`. The signal is one more thing to wait for: it ends the work at an await, never in between.

#![expect(clippy::print_stdout, reason = "a program prints")]

use std::time::Duration;

use async_signal::{Signal, Signals};
use loopscope as smol; // the one line

use smol::{Timer, future, io, prelude::*};

/// Counts, and knows how far it came.
async fn count(so_far: &mut u32) {
    let mut beat = Timer::interval(Duration::from_millis(200));
    while beat.next().await.is_some() {
        *so_far += 1;
        println!("{so_far}");
    }
}

/// Is ready once somebody presses Ctrl-C.
async fn interrupted() -> io::Result<()> {
    let mut signals = Signals::new([Signal::Int])?;
    signals.next().await.transpose().map(drop)
}

fn main() -> io::Result<()> {
    smol::block_on(async {
        let mut counted = 0;
        let work = async {
            count(&mut counted).await;
            Ok(())
        };
        future::or(interrupted(), work).await?;
        println!("stopped after {counted}");
        Ok(())
    })
}

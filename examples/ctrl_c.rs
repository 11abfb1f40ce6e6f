//! Works until Ctrl-C, then cleans up.
//!
//! `cargo run --example ctrl_c`. The signal is awaited like anything else, so it ends the work at
//! an await and never between two.

#![expect(clippy::print_stdout, reason = "a program prints")]

use std::time::Duration;

use async_signal::{Signal, Signals};
use loopscope as smol; // the one line

use smol::{Timer, future, io, prelude::*};

/// Counts, and prints the count when it is dropped.
async fn count(so_far: &mut u32) {
    let mut beat = Timer::interval(Duration::from_millis(200));
    while beat.next().await.is_some() {
        *so_far += 1;
        println!("{so_far}");
    }
}

/// Completes when Ctrl-C is pressed.
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

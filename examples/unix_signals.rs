//! Prints the signals that arrive, until one of them ends the program.
//!
//! `cargo run --example unix_signals` prints its process id; then `kill -HUP PID`, `kill -USR1
//! PID`, and `kill PID` to end it.

#![expect(clippy::print_stdout, reason = "a program prints")]

use async_signal::{Signal, Signals};
use loopscope as smol; // the one line

use smol::{io, prelude::*};

fn main() -> io::Result<()> {
    smol::block_on(async {
        let mut signals = Signals::new([
            Signal::Hup,
            Signal::Usr1,
            Signal::Usr2,
            Signal::Int,
            Signal::Term,
        ])?;
        println!("waiting for signals as process {}", std::process::id());
        while let Some(signal) = signals.next().await.transpose()? {
            println!("{signal:?}");
            if matches!(signal, Signal::Int | Signal::Term) {
                break;
            }
        }
        Ok(())
    })
}

//! The program on a pseudo-terminal whose screen is read.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by a panic, starts threads to read what a program writes, and waits for it with a deadline"
)]

mod deaf;
mod ends;
mod file;
mod input;
mod keys;
mod language;
mod live;
mod loops;
mod mouse;
mod panic;
#[path = "../program/process.rs"]
mod process;
mod python;
mod terminal;
mod watch;

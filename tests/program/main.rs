//! The program as it is used: started with arguments, in a pipe or in a terminal, talked to, and read.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test starts threads to read what a program writes, waits for it with a deadline, and fails by a panic"
)]

mod cli;
mod echo;
mod exchange;
mod file;
mod finder;
mod hands;
mod live;
mod own;
mod panic;
mod process;
mod pty;
mod references;
mod refusals;
mod terminal;

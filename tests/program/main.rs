//! The program in a pipe: arguments, output, exit codes, sockets, files.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by a panic, starts threads to read what a program writes, and waits for it with a deadline"
)]

mod check;
mod commands;
mod conformance;
mod critical;
mod echo_server;
mod export;
mod finder_server;
mod findings;
mod inputs;
mod latency;
mod lessons;
mod limits;
mod loops;
mod outputs;
mod overwriting;
mod pictures;
mod process;
mod python;
mod python_twins;
mod record;
mod references;
mod refusals;

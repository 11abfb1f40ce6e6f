//! The program: `loopscope --help` says what it does.

mod cli;
#[path = "../scenarios/catalogue.rs"]
mod scenarios;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}

//! The program: `loopscope --help` says what it does.

mod cli;
#[path = "../scenarios/catalogue.rs"]
mod scenarios;
#[path = "../scenarios/twins.rs"]
mod twins;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}

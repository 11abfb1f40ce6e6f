//! One piece of work on one runtime, for a tool that counts instructions.
//!
//! `loopscope-instructions WORK RUNTIME COUNT` does the work with COUNT units. `cargo xtask
//! instructions` runs it twice under callgrind, with two counts, and divides the difference.

#[expect(
    clippy::unwrap_used,
    reason = "the benchmark's own file, which stops if it cannot measure"
)]
#[path = "../../figures/echo.rs"]
mod echo;
mod floor;
mod works;

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [work, runtime, count] = arguments.as_slice() else {
        return ExitCode::from(2);
    };
    let done = count
        .parse()
        .is_ok_and(|count| works::run(work, runtime, count));
    if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    }
}

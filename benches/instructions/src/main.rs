//! One piece of work on one runtime, for a tool that counts instructions.
//!
//! `loopscope-instructions WORK RUNTIME COUNT` does the work with COUNT units. `cargo xtask
//! instructions` runs it twice under callgrind, with two counts, and divides the difference. Only what
//! [`measured`] does is counted: the first clock of a process is calibrated in a loop that lasts until
//! its readings are stable, which took a million instructions more in one run than in the next.

#![forbid(unsafe_code)]

#[expect(
    clippy::unwrap_used,
    reason = "the benchmark's own file, which stops if it cannot measure"
)]
#[path = "../../figures/echo.rs"]
mod echo;
mod floor;
mod works;

use std::{env, process::ExitCode};

use loopscope::{Builder, trace::ClockKind};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [work, runtime, count] = arguments.as_slice() else {
        return ExitCode::from(2);
    };
    // Calibrates the clock.
    drop(Builder::new().clock(ClockKind::Real).run(async {}));
    let done = count
        .parse()
        .is_ok_and(|count| measured(work, runtime, count));
    if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    }
}

/// Does the work. `cargo xtask instructions` names this function to callgrind.
#[inline(never)]
fn measured(work: &str, runtime: &str, count: u64) -> bool {
    works::run(work, runtime, count)
}

//! What watching a Python program costs: `cargo bench --bench python`, one figure a line.
//!
//! `python/tests/bench.py` measures, under each CPython that is found. It says what it skips: an
//! interpreter that is not found, a server that cannot be installed. `cargo bench -- python.3.11`
//! measures one version.
#![expect(
    clippy::print_stdout,
    reason = "a program that prints figures, and says what it skips"
)]

use std::{
    env,
    path::Path,
    process::{Command, ExitCode},
};

fn main() -> ExitCode {
    let mut names: Vec<String> = env::args().skip(1).collect();
    names.retain(|name| !name.starts_with("--"));
    if !names.is_empty() && !names.iter().any(|name| name.starts_with("python")) {
        // Figures of another program were asked for.
        return ExitCode::SUCCESS;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/tests/bench.py");
    let mut python = Command::new("python3");
    python.arg("-B").arg(script).arg("--each");
    python.args(["--loopscope", env!("CARGO_BIN_EXE_loopscope")]);
    match python.args(names).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("python: skipped, python3 cannot be started: {error}");
            ExitCode::SUCCESS
        }
    }
}

//! The binary `loopscope`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    loopscope_program::main()
}

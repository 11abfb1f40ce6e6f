//! The binary `loopscope`.

use std::process::ExitCode;

fn main() -> ExitCode {
    loopscope_program::main()
}

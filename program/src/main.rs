//! The program: `loopscope --help` says what it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    loopscope_program::main()
}

//! The command that a scenario starts as a child process: the scenario runs its own program again.

use std::process::Command;

#[test]
fn a_scenario_can_run_this_program_as_its_child() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let status = child.args(["work", "--seconds", "0"]).status().unwrap();
    assert!(status.success());
}

//! A program of several loops, `examples/threads.rs`, on the screen.

use super::{
    terminal::{Terminal, command},
    watch::example,
};

fn start(end: &str) -> Terminal {
    let program = example("threads");
    let mut command = command(program.to_str().unwrap(), &[end]);
    command.cwd(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    Terminal::start(command, (120, 40))
}

#[test]
fn the_loops_of_all_threads_are_on_the_screen() {
    let mut terminal = start("finish");
    terminal.see("loop 1 of 3: main");
    terminal.see("FINISHED");
    terminal.press("o");
    terminal.see("2 background");
    terminal.see("3 worker");
    terminal.press("j\r");
    terminal.see("loop 2 of 3: background");
    // The task's own line, and not one of this crate.
    terminal.see("#0 count");
    terminal.see("threads.rs");
    terminal.press(":loop worker\r");
    terminal.see("loop 3 of 3: worker");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    terminal.see_given_back();
    for name in ["main", "the background", "the worker"] {
        terminal.see(&format!("{name} counts 3"));
    }
}

#[test]
fn closing_the_screen_ends_the_program_of_several_loops() {
    let mut terminal = start("forever");
    terminal.see("loop 1 of 3: main");
    terminal.press(":loop 3\r");
    terminal.see("loop 3 of 3: worker");
    // Only this loop is paused.
    terminal.press(" ");
    terminal.see("LOOP PAUSED");
    terminal.press(":loop 1\r");
    terminal.see("LIVE");
    terminal.press("q");
    assert_eq!(terminal.code(), 130);
    terminal.see_given_back();
}

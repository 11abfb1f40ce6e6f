//! A terminal whose other end stops reading: signals and keys still end the program.

use rustix::process::Signal;

use super::{terminal::Terminal, watch::in_terminal};

/// Stops reading, and makes the program draw until the terminal takes no more. Then calls `end`, and
/// returns the exit code of the program.
fn code_of_unread(mut terminal: Terminal, end: impl FnOnce(&mut Terminal)) -> u32 {
    let reader = terminal.screen();
    let deaf = reader.lock().unwrap();
    // Each makes a picture of all cells, and the terminal holds less than one.
    for _ in 0..20 {
        terminal.signal(Signal::WINCH);
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    end(&mut terminal);
    let code = terminal.code();
    drop(deaf);
    code
}

fn signal(signal: Signal) -> impl FnOnce(&mut Terminal) {
    move |terminal| terminal.signal(signal)
}

#[test]
fn a_terminal_that_does_not_read_holds_up_no_signal_and_no_key() {
    let replayed = || {
        let terminal = Terminal::loopscope(&["run", "say_after:concurrent"]);
        terminal.see("2 Loop");
        terminal
    };
    assert_eq!(code_of_unread(replayed(), signal(Signal::TERM)), 143);
    assert_eq!(code_of_unread(replayed(), signal(Signal::INT)), 130);
    assert_eq!(
        code_of_unread(replayed(), |terminal| terminal.press("qqq")),
        0
    );
}

#[test]
fn a_program_ends_though_its_terminal_does_not_read() {
    let program = || {
        let terminal = in_terminal("forever", None);
        terminal.see("Time says hello 3");
        terminal
    };
    assert_eq!(code_of_unread(program(), signal(Signal::TERM)), 143);
    assert_eq!(code_of_unread(program(), signal(Signal::INT)), 130);
    assert_eq!(
        code_of_unread(program(), |terminal| terminal.press("q")),
        130
    );
}

//! A program whose first loop is not on the main thread, and which ends while the screen is up. The
//! test is its own program: the other tests start the first one in a terminal.

use std::{
    env,
    io::{self, IsTerminal},
    process,
    sync::mpsc,
    thread,
    time::Duration,
};

use super::terminal::{Terminal, ignored_test};

const NAME: &str = "ends::program_with_a_loop_beside_main";

/// How the program ends, in its environment.
const END: &str = "LOOPSCOPE_TEST_END";

#[test]
#[ignore = "started in a terminal by the tests below"]
fn program_with_a_loop_beside_main() {
    if !io::stdout().is_terminal() {
        println!("skipped: this is no terminal");
        return;
    }
    let end = env::var(END).unwrap_or_default();
    let exits = end == "exit in a task";
    let (sender, started) = mpsc::channel();
    let worker = thread::Builder::new().name("worker".into());
    let worker = worker.spawn(move || {
        loopscope::block_on(async {
            for number in 0.. {
                println!("the worker counts {number}");
                loopscope::sleep(Duration::from_millis(10)).await;
                if number == 3 {
                    sender.send(()).unwrap();
                }
                if number == 5 && exits {
                    process::exit(7);
                }
            }
        });
    });
    started.recv().unwrap();
    match end.as_str() {
        "exit" => drop(thread::spawn(|| process::exit(7)).join()),
        "exit in a task" => drop(worker.unwrap().join()),
        "panic" => drop(thread::spawn(|| panic!("a thread panics")).join()),
        _ => {}
    }
}

fn start(end: &str) -> Terminal {
    let mut command = ignored_test(NAME);
    command.env("LOOPSCOPE", "tui");
    command.env(END, end);
    Terminal::start(command, (120, 40))
}

/// Whether the header says that the loop has ended, or that it was running when the program ended.
fn is_over(picture: &str) -> bool {
    picture.contains("FINISHED") || picture.contains("CUT OFF")
}

#[test]
fn a_program_without_a_loop_in_main_waits_for_the_screen() {
    for (end, code) in [
        ("return", 0),
        ("panic", 0),
        ("exit", 7),
        ("exit in a task", 7),
    ] {
        let mut terminal = start(end);
        terminal.wait("its end", is_over);
        assert!(terminal.is_taken(), "{end}");
        terminal.press("q");
        assert_eq!(terminal.code(), code, "{end}");
        terminal.see_given_back();
        terminal.see("the worker counts 3");
    }
}

#[test]
fn a_signal_ends_a_program_that_waits_at_its_end() {
    let mut terminal = start("return");
    terminal.wait("its end", is_over);
    terminal.signal(rustix::process::Signal::TERM);
    terminal.code();
    terminal.see_given_back();
}

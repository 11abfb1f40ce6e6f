//! Keys, resizing, signals and suspension.

use std::{fs, time::Duration};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    process::{scratch, until},
    terminal::{Terminal, command},
};

#[test]
fn the_first_screen_shows_all_six_panels_at_the_first_event() {
    let mut terminal = Terminal::loopscope(&["run", "say_after:concurrent"]);
    terminal.see("PAUSED");
    for panel in [
        "1 Program",
        "2 Loop",
        "3 Tasks",
        "4 Timeline",
        "5 What",
        "6 Output",
    ] {
        terminal.see(panel);
    }
    terminal.see("event 1/");
    assert!(terminal.is_taken());
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    terminal.see_given_back();
}

#[test]
fn keys_step_forward_and_back() {
    let mut terminal = Terminal::loopscope(&["run", "say_after:concurrent"]);
    terminal.see_number("event", |event| event == 1);
    terminal.press("n");
    terminal.see_number("event", |event| event > 1);
    terminal.press("N");
    terminal.see_number("event", |event| event == 1);
    terminal.press("t");
    terminal.see_number("event", |event| event > 1);
    let tick = terminal.number("tick");
    terminal.press("t");
    terminal.see_number("tick", |now| now == tick + 1);
    terminal.press("T");
    terminal.see_number("tick", |now| now == tick);
    let event = terminal.number("event");
    terminal.press("s");
    terminal.see_number("event", |now| now > event);
    terminal.press("S");
    terminal.see_number("event", |now| now <= event);
    terminal.press("G");
    terminal.see("FINISHED");
    terminal.see("world");
    terminal.press("g");
    terminal.see_number("event", |now| now == 1);
    terminal.press(":15\r");
    // Event 15 has no news of its own; the step that contains it is shown.
    terminal.see_number("event", |now| (15..18).contains(&now));
    terminal.press(":tick 3\r");
    terminal.see_number("tick", |now| now == 3);
    terminal.press(":t 1.5\r");
    terminal.see("t=1");
    terminal.press("?");
    terminal.see("Moving through the run");
    terminal.press("q");
    terminal.see_no("Moving through the run");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn space_plays_to_the_end() {
    let mut terminal = Terminal::loopscope(&["run", "say_after", "--speed", "1000"]);
    terminal.see("PAUSED");
    terminal.press(" ");
    terminal.see("FINISHED");
    terminal.see("hello");
    terminal.press("\u{3}"); // Ctrl-C
    assert_eq!(terminal.code(), 0);
    terminal.see_given_back();
}

#[test]
fn the_picker_opens_the_chosen_scenario() {
    let mut terminal = Terminal::loopscope(&[]);
    terminal.see("choose a scenario");
    terminal.see("await_twice");
    terminal.press("\r");
    terminal.see("PAUSED");
    terminal.see("event 1/");
    terminal.press("p");
    terminal.see("choose a scenario");
    terminal.press("q");
    terminal.see("PAUSED");
    // The first entry is the tour: the first key leaves it.
    terminal.press("qq");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn two_runs_are_compared_side_by_side() {
    let mut terminal = Terminal::loopscope(&["compare", "say_after"]);
    terminal.see("COMPARE say_after");
    terminal.press(":t 2\r");
    terminal.see("t=2.000");
    terminal.press("K");
    terminal.see("sync: tick");
    terminal.press("v");
    terminal.see_no("COMPARE");
    terminal.see("2 Loop");
    // `v` compares the run with the next variant.
    let mut other = Terminal::loopscope(&["run", "factorial"]);
    other.see("PAUSED");
    other.press("v");
    other.see("COMPARE factorial");
    // `q` closes the comparison, and then the screen.
    other.press("q");
    other.see_no("COMPARE");
    for terminal in [&mut terminal, &mut other] {
        terminal.press("q");
        assert_eq!(terminal.code(), 0);
    }
}

#[test]
fn a_recorded_run_opens_at_a_position() {
    let file = scratch("opened.trace");
    let path = file.to_str().unwrap();
    let mut terminal = Terminal::loopscope(&["run", "factorial", "--record", path]);
    terminal.see("PAUSED");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    let mut terminal = Terminal::loopscope(&["replay", path, "--at", "tick 4"]);
    terminal.see_number("tick", |tick| tick == 4);
    terminal.see("factorial");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn the_screen_follows_the_size_of_the_terminal() {
    let mut terminal = Terminal::loopscope(&["run", "say_after"]);
    terminal.see("6 Output");
    for (columns, rows) in [
        (80, 24),
        (60, 15),
        (100, 30),
        (30, 6),
        (3, 2),
        (120, 40),
        (200, 60),
    ] {
        terminal.resize((columns, rows));
        // A border that reaches the last column was drawn for the new size.
        if columns >= 60 {
            terminal.wait("the right border", |picture| {
                let reaches = |line: &str| {
                    line.chars().count() == usize::from(columns) && line.ends_with(['┐', '┓'])
                };
                picture.lines().any(reaches)
            });
        }
    }
    terminal.see("6 Output");
    // Keys work even where nothing can be shown.
    terminal.resize((3, 2));
    terminal.press(":15\r");
    terminal.resize((120, 40));
    terminal.see("event 15/");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn a_small_terminal_has_a_screen() {
    let command = super::terminal::loopscope(&["run", "say_after"]);
    let mut terminal = Terminal::start(command, (80, 24));
    for panel in ["1 Program", "2 Loop", "3 Tasks", "4 Timeline", "5 Why"] {
        terminal.see(panel);
    }
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    terminal.see_given_back();
}

#[test]
fn a_terminal_without_a_size_takes_keys() {
    for cells in [(0, 0), (1, 1), (0, 24)] {
        let mut terminal =
            Terminal::start(super::terminal::loopscope(&["run", "say_after"]), cells);
        terminal.see_taken();
        terminal.press("nNtT?Gq:15\rv");
        // The comparison, and then the screen.
        terminal.press("qq");
        assert_eq!(terminal.code(), 0, "{cells:?}");
        terminal.see_given_back();
    }
}

#[test]
fn an_idle_screen_writes_nothing() {
    for arguments in [
        &["run", "say_after"][..],
        &["run", "echo_server"],
        &["compare", "say_after"],
        &[],
    ] {
        let terminal = Terminal::loopscope(arguments);
        terminal.see("? help");
        // A loop that has just started still draws, for example that it waits.
        until("a while without a byte", || {
            let before = terminal.written();
            std::thread::sleep(Duration::from_millis(300));
            terminal.written() == before
        });
    }
}

#[test]
fn signals_restore_the_terminal() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        for arguments in [&["run", "say_after"][..], &["run", "echo_server"], &[]] {
            let mut terminal = Terminal::loopscope(arguments);
            terminal.see("? help");
            terminal.see_taken();
            terminal.signal(signal);
            assert_eq!(terminal.code(), code, "{arguments:?}");
            terminal.see_given_back();
        }
    }
}

#[test]
fn everything_is_redrawn_after_stop_and_continue() {
    let mut terminal = Terminal::loopscope(&["run", "say_after"]);
    terminal.see("6 Output");
    terminal.signal(Signal::STOP);
    terminal.forget();
    terminal.signal(Signal::CONT);
    terminal.see("6 Output");
    terminal.see("event 1/");
    assert!(terminal.is_taken());
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn ctrl_z_suspends_and_fg_resumes() {
    let mut shell = command("sh", &["-i"]);
    shell.env("PS1", "prompt> ");
    let mut terminal = Terminal::start(shell, (120, 40));
    terminal.see("prompt>");
    let program = env!("CARGO_BIN_EXE_loopscope");
    terminal.press(&format!("{program} run say_after\r"));
    terminal.see("6 Output");
    terminal.press("n");
    terminal.see_number("event", |event| event > 1);
    let event = terminal.number("event");
    terminal.press("\u{1a}");
    // The shell prints its prompt on the first screen. Keys typed earlier go to the program.
    let prompts = |count| move |picture: &str| picture.matches("prompt>").count() == count;
    terminal.wait("the second prompt", prompts(2));
    terminal.press("echo $((41 + 1)) is the answer\r");
    terminal.see("42 is the answer");
    terminal.see_given_back();
    terminal.press("fg\r");
    terminal.see(&format!("event {event}/"));
    terminal.see("6 Output");
    assert!(terminal.is_taken());
    terminal.press("n");
    terminal.see_number("event", |now| now > event);
    terminal.press("q");
    terminal.wait("the last prompt", prompts(4));
    terminal.press("echo code $?\r");
    terminal.see("code 0");
    terminal.see_given_back();
    terminal.press("exit\r");
    terminal.code();
}

#[test]
fn sigtstp_from_outside_gives_the_terminal_back_until_fg() {
    let mut shell = command("sh", &["-i"]);
    shell.env("PS1", "prompt> ");
    let mut terminal = Terminal::start(shell, (120, 40));
    terminal.see("prompt>");
    let program = env!("CARGO_BIN_EXE_loopscope");
    let pid = scratch("sigtstp_from_outside.pid");
    terminal.press(&format!(
        "sh -c 'echo $$ > {}; exec {program} run say_after'\r",
        pid.display()
    ));
    terminal.see("6 Output");
    let pid: i32 = fs::read_to_string(pid).unwrap().trim().parse().unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::TSTP).unwrap();
    let prompts = |count| move |picture: &str| picture.matches("prompt>").count() == count;
    terminal.wait("the second prompt", prompts(2));
    terminal.see_given_back();
    terminal.press("fg\r");
    terminal.see("6 Output");
    assert!(terminal.is_taken());
    terminal.press("n");
    terminal.see_number("event", |event| event > 1);
    terminal.press("q");
    terminal.wait("the last prompt", prompts(3));
    terminal.see_given_back();
    terminal.press("exit\r");
    terminal.code();
}

#[test]
fn sigtstp_stops_no_program_that_leads_its_session() {
    let mut terminal = Terminal::loopscope(&["run", "say_after"]);
    terminal.see("6 Output");
    terminal.forget();
    terminal.signal(Signal::TSTP);
    // The terminal is taken again, and the picture is drawn again. A part of the first picture may come only
    // now.
    terminal.see_taken();
    terminal.see("6 Output");
    terminal.press("n");
    terminal.see_number("event", |event| event > 1);
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn a_terminal_that_hangs_up_ends_the_program() {
    for arguments in [&["run", "say_after"][..], &["run", "echo_server"]] {
        let terminal = Terminal::loopscope(arguments);
        terminal.see("6 Output");
        assert_eq!(terminal.hang_up().code(), 129, "{arguments:?}");
    }
}

//! Input of any kind: half sequences, hostile bytes, pastes and floods. And terminals that hang up.

use std::{fs, thread, time::Duration};

use rustix::process::Signal;

use super::{
    process::{recorded, scratch, until},
    terminal::{Terminal, command, loopscope},
    watch,
};

/// A server that is live: its screen draws frames by itself.
const SERVER: [&str; 4] = ["run", "echo_server:concurrent", "--listen", "127.0.0.1:0"];

/// The number of times that something is tried whose success depends on timing.
const TRIES: usize = 5;

fn live() -> Terminal {
    let mut terminal = Terminal::loopscope(&SERVER);
    terminal.see("NOT STARTED");
    terminal.press(" ");
    terminal.see("LIVE");
    terminal
}

/// crossterm 0.29 subtracted 1 from the coordinate unchecked, which panics in a debug build.
#[test]
fn a_mouse_report_with_coordinate_0_is_harmless() {
    let mut own = watch::in_terminal("forever", Some("tui"));
    own.see("Time says hello 2");
    let mut ours = live();
    for terminal in [&mut own, &mut ours] {
        for report in ["\u{1b}[<0;0;0M", "\u{1b}[M   ", "\u{1b}[<64;0;9M"] {
            terminal.press(report);
        }
        terminal.press("?");
        terminal.see("Moving through the run");
        terminal.press("q");
        terminal.see_no("Moving through the run");
        terminal.press("q");
    }
    assert_eq!(own.code(), 130);
    assert_eq!(ours.code(), 0);
    own.see_given_back();
    ours.see_given_back();
}

/// What a terminal may send, or somebody may type, that is not whole.
const HALVES: [&str; 11] = [
    "\u{1b}",
    "\u{1b}[",
    "\u{1b}O",
    "\u{1b}[[",
    "\u{1b}[1;",
    "\u{1b}[<0;1",
    "\u{1b}[M ",
    "\u{1b}]11;rgb:",
    "\u{1b}P>|",
    "\u{1b}[200~half a paste",
    "\u{1b}\u{1b}[",
];

#[test]
fn half_a_sequence_does_not_stop_a_live_screen() {
    let mut terminal = live();
    for half in HALVES {
        terminal.press(half);
        // The clock in the first line advances with each frame.
        let before = terminal.picture();
        terminal.wait("a frame", |picture| picture != before);
    }
    // The last half is decided, so the next key is a key.
    thread::sleep(Duration::from_secs(2));
    terminal.press("?");
    terminal.see("Moving through the run");
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.code(), 143);
    terminal.see_given_back();
}

#[test]
fn a_signal_ends_a_screen_with_half_a_sequence() {
    for half in HALVES {
        let mut terminal = Terminal::loopscope(&["run", "say_after"]);
        terminal.see("6 Output");
        terminal.press("nnn");
        terminal.press(half);
        terminal.signal(Signal::TERM);
        assert_eq!(terminal.code(), 143, "{half:?}");
        terminal.see_given_back();
    }
}

#[test]
fn a_paste_fills_a_prompt_and_does_nothing_else() {
    let mut terminal = Terminal::loopscope(&["run", "say_after"]);
    terminal.see("6 Output");
    terminal.press("\u{1b}[200~qqGr\u{3}\u{1b}[201~");
    terminal.see("a text was pasted");
    terminal.see_number("event", |event| event == 1);
    terminal.press(":");
    terminal.press("\u{1b}[200~tick 3\nq\u{1b}[201~");
    terminal.see("tick 3");
    terminal.press("\r");
    terminal.see_number("tick", |tick| tick == 3);
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    terminal.see_given_back();
}

#[test]
fn ten_megabytes_of_paste_are_dropped() {
    let mut terminal = Terminal::loopscope(&["run", "say_after"]);
    terminal.see("6 Output");
    terminal.press("\u{1b}[200~");
    for _ in 0..10 {
        terminal.press(&"quite a lot of text\n".repeat(50_000));
    }
    terminal.press("\u{1b}[201~");
    terminal.see("a text was pasted");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn a_flood_of_keys_holds_up_no_signal() {
    let mut terminal = Terminal::loopscope(&["run", "producer_consumer"]);
    terminal.see("6 Output");
    for _ in 0..50 {
        terminal.press(&"nNtT\u{1b}[B\u{1b}[<35;9;9M".repeat(40));
    }
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.code(), 143);
    terminal.see_given_back();
}

#[test]
fn bytes_that_mean_nothing_change_nothing() {
    let mut terminal = Terminal::loopscope(&["run", "say_after"]);
    terminal.see("? help");
    let open_and_close_help = |terminal: &mut Terminal| {
        terminal.press("?");
        terminal.see("Moving through the run");
        terminal.press("q");
        terminal.see_no("Moving through the run");
        until("a while without a byte", || {
            let before = terminal.written();
            thread::sleep(Duration::from_millis(200));
            terminal.written() == before
        });
    };
    open_and_close_help(&mut terminal);
    let before = terminal.picture();
    for nothing in [
        "\u{1b}[?62;1;6;22c",
        "\u{1b}[12;40R",
        "\u{1b}[?1u",
        "\u{1b}[I\u{1b}[O",
        "\u{1b}]11;rgb:1e1e/1e1e/1e1e\u{7}",
        "\u{1b}]52;c;aGk=\u{1b}\\",
        "\u{1b}P>|xterm(390)\u{1b}\\",
        "\u{1b}[<35;65535;65535M",
        "\u{1b}[<0;100000000000000000000;100000000000000000000m",
        "\u{1b}[99999999999999999999~",
    ] {
        terminal.press(nothing);
    }
    open_and_close_help(&mut terminal);
    terminal.wait("the same picture", |picture| picture == before);
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

/// The session's leader ignores SIGHUP, so that no process gets the signal.
#[test]
fn a_hangup_without_a_signal_ends_the_program() {
    let own = watch::greetings().to_str().unwrap().to_owned();
    let program = env!("CARGO_BIN_EXE_loopscope");
    for (line, name) in [
        (format!("{program} run say_after"), "static"),
        (format!("{program} {}", SERVER.join(" ")), "live"),
        (program.to_owned(), "picker"),
        (format!("LOOPSCOPE=tui {own} forever"), "own"),
    ] {
        let said = scratch(&format!("hangup-{name}.said"));
        let code = scratch(&format!("hangup-{name}.code"));
        let script = format!(
            "trap '' HUP; {line} 2>{}; echo $? >{}",
            said.display(),
            code.display()
        );
        let terminal = Terminal::start(command("sh", &["-c", &script]), (120, 40));
        terminal.see("? help");
        let _shell = terminal.hang_up();
        until("the program ends", || {
            fs::read_to_string(&code).is_ok_and(|code| code.ends_with('\n'))
        });
        assert_eq!(fs::read_to_string(&code).unwrap(), "129\n", "{name}");
        let said = fs::read_to_string(&said).unwrap();
        let last = said.lines().last();
        assert_eq!(
            last,
            Some("loopscope: the terminal has hung up"),
            "{name}: {said}"
        );
    }
}

/// Once, crossterm panicked if the terminal was gone when its first key was awaited.
#[test]
fn a_terminal_that_closes_after_the_first_picture_ends_the_program() {
    let (recording, _) = recorded("closed-early.trace");
    let replay = ["replay", &recording];
    for arguments in [&[][..], &["run", "say_after"], &replay, &SERVER] {
        for _ in 0..TRIES {
            let terminal = Terminal::loopscope(arguments);
            until("the first bytes", || terminal.written() > 0);
            assert_eq!(terminal.hang_up().code(), 129, "{arguments:?}");
        }
    }
    for _ in 0..TRIES {
        let terminal = watch::in_terminal("forever", Some("tui"));
        // What the program prints before its screen may be the first bytes.
        terminal.see_taken();
        assert_eq!(terminal.hang_up().code(), 129);
    }
}

#[test]
fn sigquit_restores_the_terminal_and_quits() {
    let of = |terminal: &mut Terminal| {
        terminal.signal(Signal::QUIT);
        let signal = terminal.signal_that_ended();
        assert_eq!(signal.as_deref(), Some("Quit"));
        terminal.see_given_back();
    };
    for arguments in [&["run", "say_after"][..], &SERVER, &[]] {
        let mut terminal = Terminal::loopscope(arguments);
        terminal.see("? help");
        terminal.see_taken();
        of(&mut terminal);
    }
    let mut own = watch::in_terminal("forever", Some("tui"));
    own.see("Time says hello 2");
    of(&mut own);
    own.see("Time says hello 2");
}

/// Each limit either suffices or is named in one line.
#[test]
fn few_descriptors_are_named() {
    let program = env!("CARGO_BIN_EXE_loopscope");
    let own = watch::greetings().to_str().unwrap();
    for line in [
        format!("{program} run say_after"),
        format!("{program} run say_after --plain"),
        format!("{program} compare say_after"),
        format!("{program} compare factorial --plain"),
        program.to_owned(),
        format!("LOOPSCOPE=tui {own} finish"),
    ] {
        for limit in (4..=24).chain([28, 32, 40]) {
            let said = scratch("few-descriptors.said");
            let script = format!("exec 2>{}; ulimit -n {limit}; {line}", said.display());
            let mut terminal = Terminal::start(command("sh", &["-c", &script]), (120, 40));
            let words = || fs::read_to_string(&said).unwrap_or_default();
            let mut code = None;
            until("the screen or the end", || {
                if terminal.picture().contains("? help") {
                    // The second key leaves the screen where the first closes the comparison.
                    terminal.press("q");
                }
                code = terminal.code_if_ended();
                code.is_some()
            });
            let words = words();
            let is_one_line = words.starts_with("loopscope: ") && words.lines().count() == 1;
            let is_right = match code {
                // A program that has not ended yet is stopped by the key: 130.
                Some(0 | 130) => !words.contains("loopscope: "),
                Some(2) if words.contains("ulimit -n") => is_one_line,
                _ => false,
            };
            assert!(
                is_right,
                "{line} with {limit} descriptors: {code:?} {words}"
            );
        }
    }
}

#[test]
fn a_terminal_without_a_size_has_80_columns() {
    let mut terminal = Terminal::start(loopscope(&["run", "say_after"]), (0, 0));
    for panel in ["1 Program", "2 Loop", "3 Tasks", "4 Timeline"] {
        terminal.see(panel);
    }
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    terminal.see_given_back();
}

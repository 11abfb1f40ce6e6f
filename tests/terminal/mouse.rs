//! The mouse, dumb terminals, and limits of the command line.

use super::terminal::{Terminal, loopscope};

/// Sends a mouse event: the button, the column and row from 1, and whether it is pressed or
/// released.
fn mouse(terminal: &mut Terminal, what: u8, (column, row): (usize, usize), pressed: bool) {
    let end = if pressed { 'M' } else { 'm' };
    terminal.press(&format!("\u{1b}[<{what};{column};{row}{end}"));
}

const LEFT: u8 = 0;
const DRAG: u8 = 32;
const WHEEL_UP: u8 = 64;
const WHEEL_DOWN: u8 = 65;

/// The column and row, from 1, at which some words begin on the screen.
fn find(terminal: &Terminal, words: &str) -> (usize, usize) {
    let picture = terminal.picture();
    let found = picture.lines().zip(1..).find_map(|(line, row)| {
        let (before, _) = line.split_once(words)?;
        Some((before.chars().count() + 1, row))
    });
    found.unwrap_or_else(|| panic!("no {words} in\n{picture}"))
}

#[test]
fn the_mouse_steps_seeks_selects_and_zooms() {
    let mut terminal = Terminal::loopscope(&["run", "say_after:concurrent"]);
    terminal.see("6 Output");
    terminal.see_number("event", |event| event == 1);
    for _ in 0..3 {
        mouse(&mut terminal, WHEEL_DOWN, (5, 5), true);
    }
    terminal.see("step 4 of");
    mouse(&mut terminal, WHEEL_UP, (5, 5), true);
    terminal.see("step 3 of");
    // A click on the right end of the scrubber goes to the end of the run.
    let (left, row) = find(&terminal, "|< ");
    let (right, _) = find(&terminal, " >|");
    assert!(left < right);
    mouse(&mut terminal, LEFT, (right - 1, row), true);
    terminal.see("FINISHED");
    // A click on a lane selects its task and goes to that moment.
    let (ruler, row) = find(&terminal, "├───");
    mouse(&mut terminal, LEFT, (ruler + 40, row + 3), true);
    terminal.see("▸#2 world");
    terminal.see("t=0.000s");
    // Dragging from there zooms to the range.
    mouse(&mut terminal, DRAG, (ruler + 50, row + 3), true);
    terminal.see("release to zoom");
    mouse(&mut terminal, LEFT, (ruler + 50, row + 3), false);
    terminal.see("zoom 8x");
    // `M` gives the mouse back to the terminal.
    terminal.press("M");
    terminal.see("mouse off: the terminal selects text");
    assert!(!terminal.is_taken());
    terminal.press("M");
    terminal.see("mouse on: click");
    assert!(terminal.is_taken());
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    terminal.see_given_back();
}

#[test]
fn a_dumb_terminal_gets_lines() {
    for (arguments, last) in [
        (&["run", "say_after"][..], "the run ends, at 3.000"),
        (&["compare", "say_after"], "Critical path of B"),
        (&[], "lesson_22"),
    ] {
        let mut command = loopscope(arguments);
        command.env("TERM", "dumb");
        let mut terminal = Terminal::start(command, (120, 40));
        assert_eq!(terminal.code(), 0, "{arguments:?}");
        terminal.see(last);
        assert!(!terminal.picture().contains('┌'), "{arguments:?}");
        terminal.see_given_back();
    }
}

/// Once, a run with a limit was compared with a run without one.
#[test]
fn command_line_limits_apply_to_the_second_run() {
    let arguments = ["run", "say_after:concurrent", "--max-events", "20"];
    let mut terminal = Terminal::loopscope(&arguments);
    terminal.see("event 1/2");
    terminal.press("v");
    terminal.see("COMPARE say_after");
    terminal.press("w");
    terminal.wait("two runs that come to their limit", |picture| {
        let row = picture.lines().find(|line| line.contains("outcome"));
        row.is_some_and(|row| row.matches("limit").count() == 2)
    });
    // The numbers, the comparison and then the screen.
    terminal.press("qqq");
    assert_eq!(terminal.code(), 0);
}

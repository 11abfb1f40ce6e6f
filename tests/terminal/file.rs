//! Recorded files on the screen.

use super::{
    process::{ask, damaged, recorded, scratch, until},
    terminal::Terminal,
};

#[test]
fn a_file_is_shown_while_it_is_being_read() {
    let (path, whole) = recorded("long_file.trace");
    let all = u32::try_from(whole["events"].as_u64().unwrap()).unwrap();
    assert!(all > 65_536);
    let mut terminal = Terminal::loopscope(&["replay", &path, "--at", "65000"]);
    // An event without news of its own is shown as part of the next step.
    terminal.see_number("event", |event| (65_000..65_008).contains(&event));
    terminal.press("g:60000\r");
    terminal.see_number("event", |event| (60_000..60_008).contains(&event));
    terminal.press("G");
    terminal.see_number("event", |event| event == all);
    terminal.press(":400000000\r");
    terminal.see("there is no event 400000000");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn a_gap_in_a_file_is_shown() {
    let (path, _) = damaged("gap.trace");
    let opened = ask(&["replay", &path, "--json"]).json();
    let position = opened["gaps"][0]["event"].to_string();
    let mut terminal = Terminal::loopscope(&["replay", &path, "--at", &position]);
    terminal.see("32768 events are missing here");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn quitting_at_once_leaves_a_complete_file() {
    let path = scratch("left.trace");
    let file = path.to_str().unwrap();
    let mut terminal = Terminal::loopscope(&["run", "say_after", "--record", file]);
    terminal.see("PAUSED");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    until("the file is there", || path.exists());
    let opened = ask(&["replay", file, "--json"]);
    assert_eq!(opened.err, "");
    assert_eq!(opened.json()["outcome"], "finished");
}

//! Runs in files: recorded while they run, killed, cut, damaged, and shown while they are read.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{
    process::{ask, end_of, loopscope, scratch, until},
    terminal::Terminal,
};

/// What a kill may cost.
const MOST_LOST: u64 = 65_536;

/// A run of about this many events for each item.
fn recorded(name: &str, items: &str) -> (String, Value) {
    let path = scratch(name).to_str().unwrap().to_owned();
    let set = format!("items={items}");
    let arguments = ["run", "producer_consumer", "--set", &set, "--json"];
    let run = ask(&[&arguments[..], &["--record", &path]].concat());
    assert_eq!(run.code(), 0, "{}", run.err);
    (path, run.json())
}

#[test]
fn a_run_that_is_killed_leaves_a_file_that_opens_up_to_the_last_chunk() {
    let path = scratch("killed.trace");
    let file = path.to_str().unwrap();
    let mut command = loopscope(&["run", "producer_consumer", "--set", "items=1000000"]);
    command.args(["--max-events", "4000000000", "--plain", "--record", file]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    // It writes a line for each event: what it says last, it has seen. Nobody reads on after this many, and it waits.
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut seen = 0;
    while seen < 300_000 {
        let line = lines.next().expect("it goes on").unwrap();
        let number = line.rsplit_once("  event ").map(|(_, number)| number);
        let number = number.and_then(|number| number.split('/').next()?.parse().ok());
        seen = number.unwrap_or(seen);
    }
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    assert!(!end_of(&mut child).success());
    let opened = ask(&["replay", file, "--json"]);
    assert_eq!(opened.code(), 0, "{}", opened.err);
    assert!(opened.err.contains("was not finished"), "{}", opened.err);
    let events = opened.json()["events"].as_u64().unwrap();
    assert!(events + MOST_LOST >= seen, "{events} of {seen} are there");
    assert_eq!(opened.json()["outcome"], Value::Null);
}

#[test]
fn a_full_disk_stops_the_recording_and_not_the_program() {
    if !Path::new("/dev/full").exists() {
        eprintln!("skipped: this system has no /dev/full");
        return;
    }
    let whole = ask(&["run", "say_after", "--plain"]);
    let run = ask(&["run", "say_after", "--plain", "--record", "/dev/full"]);
    assert_eq!(run.out, whole.out);
    assert_eq!(run.code(), 1, "it was asked for, and is not there");
    let said: Vec<_> = run.err.lines().collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("recording to /dev/full has stopped"));
}

#[test]
fn what_is_damaged_in_the_middle_is_a_gap_with_its_count() {
    let (path, whole) = recorded("damaged.trace", "10000");
    let mut bytes = fs::read(&path).unwrap();
    let markers = bytes.windows(4).enumerate();
    let markers = markers.filter(|(_, four)| *four == b"\xf5lsc");
    let markers: Vec<usize> = markers.map(|(at, _)| at).collect();
    assert!(markers.len() > 6, "{markers:?}");
    bytes[markers[3] - 10] ^= 1;
    fs::write(&path, bytes).unwrap();
    let opened = ask(&["replay", &path, "--json"]);
    assert!(
        opened.err.contains("one place, 32768 events are missing"),
        "{}",
        opened.err
    );
    let run = opened.json();
    let all = whole["events"].as_u64().unwrap();
    assert_eq!(run["events"].as_u64(), Some(all - 32_768 + 1));
    assert_eq!(run["missing_events"], 32_768);
    assert_eq!(run["gaps"][0]["missing"], 32_768);
    assert_eq!(run["outcome"], whole["outcome"]);
    assert_eq!(run["elapsed_s"], whole["elapsed_s"]);
    let position = run["gaps"][0]["event"].to_string();
    let state = ask(&["replay", &path, "--at", &position, "--plain"]);
    assert!(
        state.out.contains("32768 events are missing here"),
        "{state:?}"
    );
    assert!(state.out.contains("unknown: "), "{state:?}");

    let mut terminal = Terminal::loopscope(&["replay", &path, "--at", &position]);
    terminal.see("32768 events are missing here");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn a_file_is_shown_while_it_is_read() {
    let (path, whole) = recorded("long_file.trace", "30000");
    let all = u32::try_from(whole["events"].as_u64().unwrap()).unwrap();
    assert!(all > 300_000);
    let mut terminal = Terminal::loopscope(&["replay", &path, "--at", "290000"]);
    terminal.see_number("event", |event| event == 290_000);
    terminal.press("g:280000\r");
    terminal.see_number("event", |event| event == 280_000);
    terminal.press("G");
    terminal.see_number("event", |event| event == all);
    terminal.press(":400000000\r");
    terminal.see("there is no event 400000000");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn a_person_who_leaves_at_once_leaves_a_whole_file() {
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

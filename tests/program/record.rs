//! Runs in files: recorded while they run, killed, and damaged.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use loopscope::{
    Builder,
    future::yield_now,
    runtime::Store,
    sleep,
    trace::{ClockKind, Meta},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::process::{ask, damaged, end_of, scratch};

/// How many turns the run that is to be killed makes before it waits for a while, longer than a second.
const TURNS: u64 = 30_000;

/// Says after each so many turns how many it has made.
async fn for_ever() {
    for round in 1.. {
        for _ in 0..TURNS {
            yield_now().await;
        }
        let mut out = io::stdout();
        writeln!(out, "turns {}", round * TURNS).unwrap();
        sleep(Duration::from_millis(1200)).await;
    }
}

#[test]
#[ignore = "it goes on for ever: the next test starts it, in a process of its own"]
fn a_run_to_be_killed() {
    let Ok(path) = env::var("LOOPSCOPE_TEST_FILE") else {
        return;
    };
    let file = fs::File::create(path).unwrap();
    let meta = Meta {
        clock: ClockKind::Real,
        ..Meta::default()
    };
    let store = Store::new(file, &meta).unwrap();
    Builder::new().store(store).run(for_ever());
}

#[test]
fn a_run_that_is_killed_leaves_a_file_of_all_but_the_last_second() {
    let path = scratch("killed.trace");
    let file = path.to_str().unwrap();
    let mut child = Command::new(env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "--nocapture",
            "record::a_run_to_be_killed",
        ])
        .env("LOOPSCOPE_TEST_FILE", file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.map_while(Result::ok);
    let rounds = said.filter(|line| line.contains("turns ")).take(2).count();
    assert_eq!(rounds, 2);
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    assert!(!end_of(&mut child).success());
    let opened = ask(&["replay", file, "--json"]);
    assert_eq!(opened.code(), 0, "{}", opened.err);
    assert!(opened.err.contains("was not finished"), "{}", opened.err);
    let run = opened.json();
    // What was said first is more than a second old. A turn is three events.
    let events = run["events"].as_u64().unwrap();
    assert!(events >= 3 * TURNS, "{events}");
    assert_eq!(run["outcome"], Value::Null);
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
    let (path, whole) = damaged("damaged.trace");
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
}

#[test]
fn the_newest_part_of_a_run_is_kept_in_as_much_memory_as_is_said() {
    let whole = ask(&["run", "say_after", "--json"]);
    let kept = ask(&["run", "say_after", "--json", "--max-memory", "64M"]);
    assert_eq!(kept.json(), whole.json(), "it has room for all of that");
    for size in ["10", "1023K", "many", "64X", "-1M", "99999999999999G"] {
        let refused = ask(&["run", "say_after", &format!("--max-memory={size}")]);
        assert_eq!(refused.code(), 2, "{size}");
        assert!(refused.err.contains("such as 64M or 1G"), "{}", refused.err);
    }
}

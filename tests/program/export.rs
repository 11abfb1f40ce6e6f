//! `export`, and files of other programs.

use std::fs;

use serde_json::Value;

use super::{
    process::{ask, scratch},
    refusals::refused,
};

#[test]
fn an_exported_run_opens_again() {
    let file = scratch("run.jsonl");
    let name = file.to_str().unwrap();
    let answer = ask(&["export", "say_after:concurrent", "-o", name]);
    assert_eq!((answer.code(), answer.out.as_str()), (0, ""), "{answer:?}");
    let again: Value = serde_json::from_str(&ask(&["replay", name, "--json"]).out).unwrap();
    let fresh: Value =
        serde_json::from_str(&ask(&["run", "say_after:concurrent", "--json"]).out).unwrap();
    assert_eq!(again, fresh);
    let both = ask(&["compare", "say_after:sequential", name, "--json"]);
    let both: Value = serde_json::from_str(&both.out).unwrap();
    assert_eq!(both["saved_s"], 1.0);
}

#[test]
fn the_file_name_selects_the_format() {
    for (name, begin) in [
        ("run.json", "{\"displayTimeUnit\""),
        ("run.jsonl", "{\"loopscope\":1"),
        ("run.svg", "<svg "),
        ("run.folded", "main;"),
        ("run.pftrace", "\n"),
    ] {
        let file = scratch(name);
        let answer = ask(&["export", "say_after", "-o", file.to_str().unwrap()]);
        assert_eq!(answer.code(), 0, "{answer:?}");
        let bytes = fs::read(&file).unwrap();
        assert!(bytes.starts_with(begin.as_bytes()), "{name}");
    }
    let lines = ask(&["export", "say_after", "--format", "folded"]);
    assert!(lines.out.starts_with("main;timer "), "{lines:?}");
    refused(
        &["export", "say_after"],
        &["--format", "perfetto", "folded"],
    );
    refused(
        &["export", "say_after", "-o", "/tmp/run.xyz"],
        &["run.xyz", "--format", "perfetto"],
    );
    refused(
        &["export", "say_after", "-o", "/nowhere/at/all.svg"],
        &["cannot write", "/nowhere/at/all.svg"],
    );
}

#[test]
fn the_picture_is_the_timeline_by_time_or_by_polls() {
    let export = |axis: &str| {
        let args = [
            "export",
            "say_after:concurrent",
            "--format",
            "svg",
            "--axis",
        ];
        ask(&[&args[..], &[axis]].concat()).out
    };
    let (time, polls) = (export("time"), export("polls"));
    for picture in [&time, &polls] {
        assert!(picture.starts_with("<svg ") && picture.trim_end().ends_with("</svg>"));
        assert!(picture.contains("#0 main") && picture.contains("#2 world"));
    }
    assert!(time.contains("2.0s") && !polls.contains("2.0s"));
}

#[test]
fn a_tokio_recording_says_what_it_lacks() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/fixtures/console.jsonl"
    );
    let answer = ask(&["replay", file]);
    assert_eq!((answer.code(), answer.err.as_str()), (0, ""), "{answer:?}");
    assert!(answer.out.contains("#0 block_on spawns #1 worker one"));
    assert!(answer.out.contains("timers: not recorded"));
    assert!(!answer.out.contains("tick"), "{}", answer.out);
    let threads = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/fixtures/console_threads.jsonl"
    );
    let answer = ask(&["replay", threads]);
    assert!(answer.err.contains("several threads"), "{answer:?}");
    let both = ask(&["compare", file, threads]);
    assert!(
        both.out.contains("polls") && both.out.contains("running"),
        "{both:?}"
    );
    for unknown in ["ticks", "timers at once", "longest chain", "Lower bound"] {
        assert!(!both.out.contains(unknown), "{unknown}: {}", both.out);
    }
}

#[test]
fn an_unknown_format_is_answered_with_the_known_ones() {
    let file = scratch("notes.txt");
    fs::write(&file, "Dear diary,\n").unwrap();
    let name = file.to_str().unwrap();
    refused(
        &["replay", name],
        &["notes.txt", "jsonl", "console", "chrome", "--format"],
    );
    refused(
        &["replay", name, "--format", "console"],
        &[
            "notes.txt",
            "console-subscriber",
            "line 1",
            "not a JSON object",
        ],
    );
    refused(
        &["replay", name, "--format", "word"],
        &["word", "jsonl, console, chrome"],
    );
    fs::write(&file, "{\"v\":1}\n{\"Enter\":{}}\n\n").unwrap();
    refused(&["compare", name, name], &["line 2", "missing field `id`"]);
}

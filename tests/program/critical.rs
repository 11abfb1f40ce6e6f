//! `loopscope critical`: the critical path of a run, in lines and as JSON.

use std::fs;

use super::process::{ask, scratch};

/// The text with its runs of blanks as one blank.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_path_of_concurrent_waits_is_printed() {
    let found = ask(&["critical", "say_after:concurrent"]);
    assert_eq!(found.code(), 0, "{found:?}");
    let told = words(&found.out);
    for line in [
        "say_after:concurrent (finished) took 2.000s",
        "100 % 2.000s 1 waiting for a timer at scenarios/say_after.rs:12, #2 world",
        "1.000s -50 % waiting for a timer at scenarios/say_after.rs:12, #2 world",
        "0.000s 2.000s #2 world waits for a timer at scenarios/say_after.rs:12",
    ] {
        assert!(told.contains(line), "{line}: {}", found.out);
    }
}

#[test]
fn half_of_a_timer_takes_what_a_run_with_half_of_it_takes() {
    let run = |second: &str| {
        let set = format!("second={second}");
        let found = ask(&["critical", "--json", "--set", &set, "say_after:in_order"]);
        found.json()["runs"][0].clone()
    };
    let (path, shorter) = (run("2"), run("1"));
    // Both sleeps are at one line, so half of that part is half of both.
    assert_eq!(path["total_s"], 3.0);
    assert_eq!(path["halved"][0]["total_s"], 1.5);
    assert_eq!(shorter["total_s"], 2.0);
    let segments = path["segments"].as_array().unwrap();
    assert_eq!(segments[0]["from_s"], 0.0);
    for pair in segments.windows(2) {
        assert_eq!(pair[0]["to_s"], pair[1]["from_s"]);
    }
    assert_eq!(segments.last().unwrap()["to_s"], 3.0);
}

#[test]
fn each_segment_repeats_the_beginning_of_a_long_name() {
    let lines = ask(&["export", "--format", "jsonl", "say_after:concurrent"]).out;
    let long = "w".repeat(5000);
    let path = scratch("long-name.jsonl");
    fs::write(&path, lines.replace("\"world\"", &format!("\"{long}\""))).unwrap();
    let found = ask(&["critical", "--json", path.to_str().unwrap()]).json();
    let segments = found["runs"][0]["segments"].as_array().unwrap().clone();
    let names = segments
        .iter()
        .filter_map(|segment| segment["task_name"].as_str());
    let cut: Vec<&str> = names.filter(|name| name.starts_with("www")).collect();
    assert!(!cut.is_empty(), "{segments:?}");
    assert!(
        cut.iter().all(|name| name.chars().count() == 200),
        "{cut:?}"
    );
}

#[test]
fn the_json_before_a_missing_file_is_a_document() {
    for (runs, made) in [
        (["say_after:concurrent", "missing.loopscope"], 1),
        (["missing.loopscope", "say_after:concurrent"], 0),
    ] {
        for command in ["critical", "latency", "check"] {
            let found = ask(&[command, "--json", runs[0], runs[1]]);
            assert_eq!(found.code(), 2, "{found:?}");
            assert!(found.err.contains("missing.loopscope"), "{found:?}");
            if made == 0 || command != "critical" {
                assert_eq!(found.out, "", "{found:?}");
            } else {
                assert_eq!(found.json()["runs"].as_array().unwrap().len(), made);
            }
        }
    }
}

#[test]
fn a_path_needs_a_run() {
    let found = ask(&["critical"]);
    assert_eq!(found.code(), 2, "{found:?}");
    assert!(found.err.contains("no run is named"), "{found:?}");
}

//! The await chain and the line that was executed last, over all scenarios.

use std::collections::BTreeSet;

use loopscope::insight::{AwaitChain, await_chain, current_line};
use loopscope::replay::{Replay, Status};
use loopscope::trace::{Position, TaskId};

use crate::support::{check_every_run, run_named};

/// A chain as one text: `sequential:20 > say_after:12`, with `~` before a guess.
fn text(chain: &AwaitChain) -> String {
    let frames = chain.frames.iter();
    let frames: Vec<String> = frames
        .map(|frame| format!("{}:{}", frame.function, frame.line))
        .collect();
    let sign = if chain.known { "" } else { "~" };
    format!("{sign}{}", frames.join(" > "))
}

/// The different chains of a task while it waits, in their order.
fn chains(replay: &mut Replay, task: u32) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for position in 0..=replay.end().0 {
        replay.seek(Position(position));
        let row = replay.state().tasks.get(TaskId(task));
        let waits = row.is_some_and(|row| matches!(row.status(), Status::Timer | Status::Pending));
        if waits {
            let chain = text(&await_chain(replay, TaskId(task)));
            if found.last() != Some(&chain) {
                found.push(chain);
            }
        }
    }
    found
}

/// A scenario and a variant, a task of it, and the chains of that task in the order of the run.
type ExpectedChains = (&'static str, &'static str, u32, &'static [&'static str]);

/// The chains of some scenarios, written down by reading their sources.
const EXPECTED: &[ExpectedChains] = &[
    (
        "say_after",
        "sequential",
        0,
        &[
            "sequential:39 > say_after:12",
            "sequential:40 > say_after:12",
        ],
    ),
    (
        "say_after",
        "concurrent",
        0,
        &["concurrent:29", "concurrent:30"],
    ),
    ("say_after", "concurrent", 2, &["say_after:12"]),
    (
        "factorial",
        "sequential",
        0,
        &[
            "~sequential:22 > factorial:14",
            "~sequential:23 > factorial:14",
            "~sequential:24 > factorial:14",
        ],
    ),
    (
        "producer_consumer",
        "sequential",
        0,
        &["sequential:51 > producer:23", "sequential:55 > consumer:39"],
    ),
    (
        "compute_sum",
        "chain",
        0,
        &["chain:22 > print_sum:17 > compute:12"],
    ),
    ("gather", "error", 1, &["risky_job:34 > job:17"]),
    (
        "flag_downloads",
        "sequential",
        0,
        &["sequential:39 > download_one:31 > get:26"],
    ),
    (
        "two_requests",
        "sequential",
        0,
        &[
            "sequential:37 > request:22",
            "sequential:37 > request:23",
            "sequential:37 > request:24",
            "sequential:38 > request:22",
            "sequential:38 > request:23",
            "sequential:38 > request:24",
        ],
    ),
    (
        "transaction",
        "commit",
        0,
        &[
            "commit:58 > insert_into:51 > in_transaction:44 > execute:26",
            "commit:58 > insert_into:51 > in_transaction:45 > insert:31 > execute:26",
            "commit:58 > insert_into:51 > in_transaction:46 > execute:26",
        ],
    ),
    (
        "async_iteration",
        "generator",
        0,
        &["generator:50 > print_all:44 > count_up:22"],
    ),
    (
        "spinner",
        "main",
        0,
        &["main:23 > slow_function:17", "main:24"],
    ),
    ("callbacks", "future", 1, &["set_later:13"]),
];

#[test]
fn chains_of_scenarios_are_those_of_their_programs() {
    for &(scenario, variant, task, expected) in EXPECTED {
        let mut replay = run_named(scenario, variant);
        let found = chains(&mut replay, task);
        assert_eq!(found, expected, "{scenario}:{variant} #{task}");
    }
}

#[test]
fn every_chain_and_every_line_of_a_run_is_in_its_program() {
    check_every_run(|scenario, variant, mut replay| {
        let run = format!("{}:{}", scenario.name, variant.name);
        check_chains(&run, variant.name, &mut replay);
        check_lines(&run, &mut replay);
    });
}

/// Each chain begins in the program and ends at the await.
fn check_chains(run: &str, variant: &str, replay: &mut Replay) {
    let mut checked = BTreeSet::new();
    for position in 0..=replay.end().0.min(300) {
        replay.seek(Position(position));
        for (task, row) in replay.state().tasks.iter() {
            // A new await of a task has a new location, or is reached by another poll.
            if !checked.insert((task, row.wait_at, row.polls().min(4))) {
                continue;
            }
            let chain = await_chain(replay, task);
            let whose = format!("{run} {task} at {position}");
            let first = chain.frames.first().unwrap_or_else(|| panic!("{whose}"));
            if task == TaskId(0) {
                assert_eq!(first.function, variant, "{whose}");
            }
            let wait = replay.tables().location(row.wait_at);
            if let (Some(wait), Some(last)) = (wait, chain.frames.last()) {
                assert_eq!(last.line, wait.line, "{whose}");
            }
        }
    }
}

/// The source is followed from the first event on.
fn check_lines(run: &str, replay: &mut Replay) {
    for position in 0..=replay.end().0.min(60) {
        replay.seek(Position(position));
        let line = current_line(replay).unwrap_or_else(|| panic!("{run} {position}"));
        let sources = &replay.log().meta.sources;
        let source = sources.iter().find(|(name, _)| *name == line.file).unwrap();
        let text = source.1.lines().nth(line.line as usize - 1).unwrap();
        // Never the comment at the head of the file, and never a blank line.
        assert!(!text.trim().is_empty() && !text.starts_with("//"), "{text}");
    }
}

#[test]
fn the_line_of_a_spawn_an_output_and_the_end_is_the_current_one() {
    let mut replay = run_named("say_after", "concurrent");
    let mut lines = Vec::new();
    for position in 0..=replay.end().0 {
        replay.seek(Position(position));
        let line = current_line(&replay).unwrap().line;
        if lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    // main: print, two spawns, an await; two sleeps; the outputs and the ends of both; the rest of
    // main. 11 is where a task begins, 14 where it ends.
    let expected = [
        25, 26, 27, 28, 29, 11, 12, 11, 12, 13, 14, 29, 30, 12, 13, 14, 30, 31, 32,
    ];
    assert_eq!(lines, expected);
}

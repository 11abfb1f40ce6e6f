//! The scenarios agree with the same programs under Python's asyncio, for the defaults and for
//! random parameters.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use clap::Parser;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use xtask::conformance::{self, Options};

use super::process::{end_of, until};

fn options(args: &[&str]) -> Options {
    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }
    Line::parse_from(["conformance"].iter().chain(args)).options
}

/// The rows of the table, or `None` where there is no Python.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn rows(args: &[&str]) -> Option<Vec<Value>> {
    match conformance::compare(&options(args)) {
        Ok(rows) => Some(conformance::json(&rows).as_array().unwrap().clone()),
        Err(error) => {
            assert!(error.contains("conformance skipped"), "{error}");
            println!("{error}");
            None
        }
    }
}

#[test]
fn every_scenario_agrees_with_its_python_twin() {
    let Some(rows) = rows(&["--sets", "200", "--seed", "1"]) else {
        return;
    };
    let wrong: Vec<_> = rows
        .iter()
        .filter(|row| !row["disagreement"].is_null())
        .map(|row| {
            format!(
                "{}:{}: {}",
                row["scenario"], row["variant"], row["disagreement"]
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Enough is compared: a table of exceptions only would agree as well.
    let tried = |scenario: &str| -> u64 {
        let rows = rows.iter().filter(|row| row["scenario"] == scenario);
        rows.map(|row| row["agreed"].as_u64().unwrap()).sum()
    };
    for scenario in ["say_after", "factorial", "producer_consumer", "use_files"] {
        assert!(tried(scenario) > 200, "{scenario}: {}", tried(scenario));
    }
    for row in rows.iter().filter(|row| row["note"].is_null()) {
        assert!(row["agreed"].as_u64() >= Some(1), "{row}");
    }
}

/// Scenarios with sockets, files and threads that take less than a second.
/// `cargo xtask conformance --real` runs the others too, which takes half a minute.
const REAL: [(&str, &[&str]); 5] = [
    ("file_reads", &["sequential"]),
    ("http_headers", &["local", "url"]),
    ("int_stream", &["three_messages"]),
    ("two_requests", &["net"]),
    ("why_server", &["three_messages"]),
];

#[test]
fn some_real_clock_scenarios_agree_with_their_twins() {
    // They run concurrently.
    let wrong: Vec<String> = thread::scope(|scope| {
        let runs: Vec<_> = REAL
            .into_iter()
            .map(|(scenario, variants)| scope.spawn(move || real_differences(scenario, variants)))
            .collect();
        runs.into_iter()
            .flat_map(|run| run.join().unwrap())
            .collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The differences of a scenario on the real clock. The lines and their order must agree each time;
/// the times get three attempts, because a busy machine is late now and then.
fn real_differences(scenario: &str, variants: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for _ in 0..3 {
        let Some(rows) = rows(&[scenario, "--real", "--sets", "0"]) else {
            return Vec::new();
        };
        wrong = rows
            .iter()
            .filter(|row| row["note"].is_null() && row["agreed"] != row["tried"])
            .map(|row| format!("{scenario}: {row}"))
            .collect();
        if wrong.is_empty() {
            assert!(
                rows.iter()
                    .any(|row| row["clock"] == "real" && row["agreed"] == 1)
            );
            break;
        }
    }
    for variant in variants {
        let (ours, theirs) = (our_lines(scenario, variant), their_lines(scenario, variant));
        assert!(!ours.is_empty());
        if ours != theirs {
            let name = format!("{scenario}:{variant}");
            wrong.push(format!("{name}: {ours:#?} here, {theirs:#?} under CPython"));
        }
    }
    wrong
}

fn our_lines(scenario: &str, variant: &str) -> Vec<String> {
    let ran = Command::new(env!("CARGO_BIN_EXE_loopscope"))
        .args(["run", &format!("{scenario}:{variant}"), "--json"])
        .env("LOOPSCOPE_CONFIG", "")
        .output()
        .unwrap();
    let run: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let lines = run["output"].as_array().unwrap().iter();
    lines
        .map(|line| line["line"].as_str().unwrap().to_owned())
        .collect()
}

/// The lines that the twin prints when it is run as a program.
fn their_lines(scenario: &str, variant: &str) -> Vec<String> {
    let twin = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../scenarios/{scenario}.py"));
    let ran = Command::new("python3")
        .args(["-B".as_ref(), twin.as_os_str(), variant.as_ref()])
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{scenario}:{variant}: {complaint}");
    let text = String::from_utf8(ran.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn without_python_the_comparison_is_skipped() {
    let refused = conformance::compare(&options(&["say_after", "--python", "no-such-python"]));
    assert_eq!(
        refused.unwrap_err(),
        "conformance skipped: there is no no-such-python here"
    );
}

/// A program that is named as the Python.
fn pretender(name: &str, script: &str) -> PathBuf {
    let path = super::process::scratch(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_python_that_never_stops_is_ended() {
    let cases = [
        ("silent", "sleep 1000", "no answer in 1 s"),
        ("deaf", "exec <&-; sleep 1000", "no answer in 1 s"),
        (
            "endless_line",
            "exec cat /dev/zero",
            "it wrote more than any answer is long",
        ),
        (
            "endless_answers",
            "while :; do echo 1; done",
            "more answers than were asked for",
        ),
        ("endless_complaint", "exec cat /dev/zero >&2", "unanswered"),
        ("failing", "echo why not >&2; exit 3", "why not"),
    ];
    for (name, script, words) in cases {
        let python = pretender(name, script);
        let python = python.to_str().unwrap();
        let refused = conformance::compare(&options(&[
            "say_after",
            "--sets",
            "0",
            "--patience",
            "1",
            "--python",
            python,
        ]));
        let refused = refused.unwrap_err();
        assert!(refused.contains(words), "{name}: {refused}");
    }
}

/// The binary of the developers' tasks, beside that of the program. `None` where only the program
/// was built.
fn xtask() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_BIN_EXE_loopscope")).with_file_name("xtask");
    path.exists().then_some(path)
}

#[test]
fn a_signal_leaves_no_folder_and_no_child() {
    let Some(xtask) = xtask() else {
        eprintln!("skipped: xtask is not built");
        return;
    };
    let folder = super::process::scratch("signalled");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    let mark = folder.join("children");
    let script = format!("sleep 1000 & echo $$ $! > {}; wait", mark.display());
    let python = pretender("waiting", &script);
    let temporary = folder.join("tmp");
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        fs::create_dir(&temporary).unwrap();
        let mut child = Command::new(&xtask)
            .args(["conformance", "say_after", "--python"])
            .arg(&python)
            .env("TMPDIR", &temporary)
            .spawn()
            .unwrap();
        let mut children = Vec::new();
        until("Python has started", || {
            let text = fs::read_to_string(&mark).unwrap_or_default();
            let ids = text.split_whitespace().map(str::parse::<u32>);
            children = ids.map_while(Result::ok).collect();
            text.ends_with('\n')
        });
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(end_of(&mut child).code(), Some(code));
        assert_eq!(children.len(), 2);
        until("the children are gone", || {
            children.iter().all(|id| {
                let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
                stat.is_empty() || stat.contains(") Z ")
            })
        });
        // The folder is empty.
        fs::remove_dir(&temporary).unwrap();
        fs::remove_file(&mark).unwrap();
    }
    let refused = Command::new(&xtask)
        .args(["conformance", "say_after"])
        .env("TMPDIR", "/no/such/folder")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let words = String::from_utf8_lossy(&refused.stderr);
    assert!(
        words.contains("/no/such/folder") && words.contains("TMPDIR"),
        "{words}"
    );
}

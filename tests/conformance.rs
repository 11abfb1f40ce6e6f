//! The scenarios do what the same programs do under Python's asyncio, for the defaults and for random parameters.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "in a test, what is not there is a failure; a test that was skipped has to say so"
)]

use std::process::{Command, Output};

use serde_json::Value;

fn conformance(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_loopscope"))
        .arg("conformance")
        .args(args)
        .output()
        .unwrap()
}

/// The rows of the table; none where there is no Python to compare with.
fn rows(args: &[&str]) -> Option<Vec<Value>> {
    let ran = conformance(&[args, &["--json"]].concat());
    let complaint = String::from_utf8(ran.stderr).unwrap();
    if complaint.contains("conformance skipped") {
        println!("{complaint}");
        return None;
    }
    assert_eq!(complaint, "");
    let rows: Value = serde_json::from_slice(&ran.stdout).unwrap();
    Some(rows.as_array().unwrap().clone())
}

#[test]
fn every_scenario_does_what_its_twin_does_under_cpython() {
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
    // What is compared at all: a table of excuses would agree as well.
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

#[test]
fn without_a_python_it_says_that_it_was_skipped() {
    let ran = conformance(&["say_after", "--python", "no-such-python"]);
    assert_eq!(ran.status.code(), Some(2));
    let complaint = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(
        complaint,
        "loopscope: conformance skipped: there is no no-such-python here\n"
    );
}

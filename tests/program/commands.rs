//! Subcommands, the two JSON contracts, exit codes.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use rustix::process::Signal;
use serde_json::Value;

use super::process::{Server, ask, end_of, finish, loopscope, scratch};

/// Asserts that an object has these fields, each of its kind: `n`umber, `s`tring, `o`bject,
/// `a`rray, `b`oolean.
fn has_fields(object: &Value, fields: &str) {
    for field in fields.split_whitespace() {
        let (name, kind) = field.split_once(':').unwrap();
        let value = &object[name];
        let fits = match kind {
            "n" => value.is_number(),
            "s" => value.is_string(),
            "o" => value.is_object(),
            "a" => value.is_array(),
            "b" => value.is_boolean(),
            "s|null" => value.is_string() || value.is_null(),
            "n|null" => value.is_number() || value.is_null(),
            _ => panic!("no such kind: {kind}"),
        };
        assert!(fits, "{name} is {value}, in {object}");
    }
}

const RUN: &str = "scenario:s variant:s clock:s seed:n outcome:s elapsed_s:n ticks:n polls:n events:n output:a tasks:a";

fn is_a_run(run: &Value) {
    has_fields(run, RUN);
    for line in run["output"].as_array().unwrap() {
        has_fields(line, "t:n task:n|null line:s");
    }
    let tasks = run["tasks"].as_array().unwrap();
    assert!(!tasks.is_empty());
    for task in tasks {
        has_fields(
            task,
            "id:n name:s parent:n|null state:s polls:n spawned_s:n ended_s:n|null \
             running_s:n ready_s:n waiting_s:n longest_poll_s:n",
        );
    }
}

#[test]
fn list_names_every_scenario_with_its_variants_and_parameters() {
    let listed = ask(&["list", "--json"]);
    assert_eq!(listed.code(), 0);
    let (text, bare) = (ask(&["list"]), ask(&[]));
    assert_eq!(text.code(), 0);
    assert_eq!(text.out, bare.out, "in a pipe, no command means the list");
    let listed = listed.json();
    let scenarios = listed.as_array().unwrap();
    for wanted in ["say_after", "factorial", "producer_consumer", "echo_server"] {
        assert!(scenarios.iter().any(|scenario| scenario["name"] == wanted));
    }
    for scenario in scenarios {
        has_fields(
            scenario,
            "name:s title:s group:s listens:b variants:a params:a",
        );
        let heading = format!("=== {} ===", scenario["group"].as_str().unwrap());
        assert!(text.out.contains(&heading), "{heading}");
        assert!(text.out.contains(scenario["name"].as_str().unwrap()));
        for variant in scenario["variants"].as_array().unwrap() {
            has_fields(variant, "name:s title:s clock:s");
            assert!(text.out.contains(variant["name"].as_str().unwrap()));
        }
        for param in scenario["params"].as_array().unwrap() {
            has_fields(
                param,
                "name:s default:s kind:s min:n|null max:n|null help:s",
            );
            let (name, default) = (&param["name"], &param["default"]);
            let set = format!("{}={}", name.as_str().unwrap(), default.as_str().unwrap());
            assert!(text.out.contains(&set), "{set}");
        }
    }
}

#[test]
fn a_run_in_a_pipe_is_printed_as_lines() {
    let piped = ask(&["run", "say_after:concurrent"]);
    assert_eq!((piped.code(), piped.err.as_str()), (0, ""));
    assert_eq!(
        piped.out,
        ask(&["run", "say_after:concurrent", "--plain"]).out
    );
    for words in [
        "prints: hello",
        "prints: world",
        "#1 hello",
        "tick 3  t=1.000",
        "why: ",
    ] {
        assert!(piped.out.contains(words), "{words}");
    }
    let strange = piped.out.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(strange, None, "no line commands a terminal");
    // The default variant is the first one.
    let first = ask(&["run", "say_after"]).out;
    assert_eq!(first, ask(&["run", "say_after:in_order"]).out);
}

#[test]
fn run_json_keeps_its_contract() {
    let answer = ask(&[
        "run",
        "say_after:concurrent",
        "--json",
        "--seed",
        "5",
        "--set",
        "first=0.5",
    ]);
    assert_eq!((answer.code(), answer.out.lines().count()), (0, 1));
    let run = answer.json();
    is_a_run(&run);
    assert_eq!(run["scenario"], "say_after");
    assert_eq!(run["variant"], "concurrent");
    assert_eq!(
        (&run["clock"], &run["seed"]),
        (&"virtual".into(), &5.into())
    );
    assert_eq!(run["outcome"], "finished");
    assert_eq!(run["elapsed_s"], 2.0);
    assert_eq!(run["output"][1]["t"], 0.5);
    assert_eq!(run["tasks"][1]["parent"], 0);
    assert_eq!(run["tasks"][1]["ended_s"], 0.5);
    is_a_run(
        &ask(&[
            "run",
            "echo_server:concurrent",
            "--json",
            "--set",
            "messages=1",
        ])
        .json(),
    );
}

#[test]
fn compare_json_keeps_its_contract() {
    let answer = ask(&["compare", "say_after", "--json"]);
    assert_eq!(answer.code(), 0, "{answer:?}");
    let found = answer.json();
    has_fields(
        &found,
        "a:o b:o saved_s:n ratio:n overlap:o amdahl:o first_difference:o",
    );
    is_a_run(&found["a"]);
    is_a_run(&found["b"]);
    has_fields(&found["overlap"], "a:n b:n");
    has_fields(&found["amdahl"], "serial_s:n bound_s:n");
    assert_eq!(
        (&found["saved_s"], &found["ratio"]),
        (&1.0.into(), &1.5.into())
    );
    // A scenario without a variant is compared in its first two variants; a recorded file is a run.
    let named = ask(&[
        "compare",
        "say_after:in_order",
        "say_after:concurrent",
        "--json",
    ]);
    assert_eq!(named.out, answer.out);
    let file = scratch("compared.trace");
    let path = file.to_str().unwrap();
    ask(&["run", "say_after:concurrent", "--record", path]);
    let recorded = ask(&["compare", "say_after:in_order", path, "--json"]);
    assert_eq!(recorded.out, answer.out);
    let same = ask(&["compare", path, path, "--json"]).json();
    assert_eq!(
        (&same["saved_s"], &same["first_difference"]),
        (&0.0.into(), &Value::Null)
    );
    let plain = ask(&["compare", "say_after"]);
    assert_eq!(plain.code(), 0);
    assert!(plain.out.contains("First difference"), "{}", plain.out);
}

#[test]
fn until_and_max_events_end_a_run() {
    let until = ask(&["run", "factorial:concurrent", "--until", "1.5", "--json"]);
    let run = until.json();
    assert_eq!((until.code(), &run["outcome"]), (0, &"stopped".into()));
    assert_eq!(run["elapsed_s"], 1.5);
    let limit = ask(&["run", "producer_consumer", "--max-events", "100", "--json"]);
    let run = limit.json();
    assert_eq!((limit.code(), &run["outcome"]), (0, &"limit".into()));
    // Unfinished tasks are still cancelled.
    assert!(
        (100..120).contains(&run["events"].as_u64().unwrap()),
        "{}",
        run["events"]
    );
}

#[test]
fn a_deadlock_exits_with_a_failure() {
    let stuck = ["run", "producer_consumer:sequential", "--set", "capacity=1"];
    let plain = ask(&stuck);
    assert_eq!(plain.code(), 1, "{plain:?}");
    assert!(
        plain.out.to_lowercase().contains("deadlock"),
        "{}",
        plain.out
    );
    let json = ask(&[&stuck[..], &["--json"]].concat());
    assert_eq!(
        (json.code(), &json.json()["outcome"]),
        (1, &"deadlock".into())
    );
    // A comparison succeeds even if one of its runs fails.
    let compared = ask(&[
        "compare",
        "producer_consumer",
        "--set",
        "capacity=1",
        "--json",
    ]);
    assert_eq!(
        (compared.code(), &compared.json()["a"]["outcome"]),
        (0, &"deadlock".into())
    );
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let mut command = loopscope(&["run", "producer_consumer", "--set", "items=1000"]);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut first).unwrap();
    drop(out);
    assert!(first.starts_with("producer_consumer:sequential"), "{first}");
    assert_eq!(end_of(&mut child).code(), Some(0));
    let err = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
    assert_eq!(err, "");
}

#[test]
fn signals_end_a_server_with_their_number() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut server = Server::start("concurrent");
        server.signal(signal);
        assert_eq!(server.code(), code);
    }
}

#[test]
fn help_and_version_succeed() {
    for arguments in [["--help"], ["--version"]] {
        let answer = ask(&arguments);
        assert_eq!((answer.code(), answer.err.as_str()), (0, ""));
        assert!(answer.out.contains("loopscope") || answer.out.contains("Usage"));
    }
    let answer = finish(loopscope(&["run", "--help"]).env("TERM", "dumb"));
    for option in [
        "--set",
        "--seed",
        "--clock",
        "--speed",
        "--until",
        "--max-events",
        "--plain",
        "--json",
        "--record",
        "--listen",
    ] {
        assert!(answer.out.contains(option), "{option}");
    }
}

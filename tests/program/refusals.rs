//! Invalid requests are refused in one line, with exit code 2.

use std::{fs, net::TcpListener};

use serde_json::Value;

use super::process::{ask, scratch};

/// Asserts a refusal: exit code 2, nothing on standard output, and one line with these words.
pub(crate) fn refused(arguments: &[&str], words: &[&str]) {
    let answer = ask(arguments);
    assert_eq!(answer.code(), 2, "{arguments:?}: {answer:?}");
    assert_eq!(answer.out, "", "{arguments:?}");
    assert_eq!(answer.err.lines().count(), 1, "{arguments:?}: {answer:?}");
    for word in words {
        let is_there = answer.err.contains(word);
        assert!(is_there, "{arguments:?}: no {word:?} in {:?}", answer.err);
    }
}

#[test]
fn unknown_names_are_answered_with_similar_ones() {
    refused(
        &["run", "say_afer"],
        &["say_afer", "did you mean \"say_after\"", "loopscope list"],
    );
    refused(
        &["run", "say_after:concurent"],
        &["concurent", "did you mean \"concurrent\""],
    );
    refused(&["run", "say_after:xyzzy"], &["xyzzy", "it has in_order"]);
    refused(
        &["run", "say_after", "--set", "frist=1"],
        &["frist", "did you mean \"first\""],
    );
    refused(&["run", "qqqqqqqq"], &["qqqqqqqq", "loopscope list"]);
    refused(
        &["compare", "say_after", "factoral"],
        &["factoral", "factorial"],
    );
    refused(&["compare", "say_after:sequential"], &["name a second one"]);
    refused(&["rnu"], &["rnu"]);
    refused(&["run"], &["SCENARIO"]);
    refused(
        &["run", "say_after", "--plain", "--json"],
        &["--plain", "--json"],
    );
}

#[test]
fn a_name_without_a_command_is_answered_with_the_command() {
    let meant = |typed: &str, command: &str| {
        let words = format!("did you mean `loopscope {command}`?");
        refused(&[typed], &[typed, &words]);
    };
    meant("say_after", "run say_after");
    meant("say_after:concurrent", "run say_after:concurrent");
    meant("say_aftr", "run say_after");
    meant("6", "lessons 6");
    let file = scratch("named.trace");
    let path = file.to_str().unwrap();
    ask(&["run", "say_after", "--record", path]);
    meant(path, &format!("replay {path}"));
    refused(&["lst"], &["lst", "'list'"]);
    refused(&["lessons", "say_after"], &["say_after is not a lesson"]);
    refused(&["lessons", "99"], &["99", "loopscope list"]);
}

#[test]
fn values_out_of_range_are_refused() {
    refused(
        &["run", "say_after", "--set", "first=3601"],
        &["first", "0 to 3600", "3601"],
    );
    refused(
        &["run", "say_after", "--set", "first=NaN"],
        &["first", "0 to 3600", "NaN"],
    );
    refused(&["run", "factorial", "--set", "a=21"], &["0 to 20", "21"]);
    refused(&["run", "factorial", "--set", "a=-1"], &["0 to 20", "-1"]);
    refused(&["run", "factorial", "--set", "a"], &["KEY=VALUE", "\"a\""]);
    refused(&["run", "say_after", "--seed", "x"], &["--seed", "x"]);
    refused(
        &["run", "say_after", "--clock", "sun"],
        &["sun", "virtual", "real"],
    );
    refused(
        &["run", "say_after", "--until", "soon"],
        &["--until", "soon"],
    );
    refused(
        &["run", "say_after", "--max-events", "0"],
        &["--max-events", "0"],
    );
    refused(&["run", "say_after", "--speed", "0"], &["--speed", "0.01"]);
}

#[test]
fn unreadable_and_unwritable_files_are_named() {
    refused(
        &["replay", "no/such/file"],
        &["no/such/file", "No such file"],
    );
    let junk = scratch("junk.trace");
    fs::write(&junk, "#!/bin/sh\nexit 0\n").unwrap();
    let junk = junk.to_str().unwrap();
    refused(&["replay", junk], &[junk, "neither a loopscope trace"]);
    refused(
        &["compare", "say_after:sequential", junk],
        &[junk, "neither a loopscope trace"],
    );
    let script = scratch("app.py");
    fs::write(&script, "print()\n").unwrap();
    let script = script.to_str().unwrap();
    refused(&["replay", script], &[script, "loopscope python FILE"]);
    refused(
        &["run", "say_after", "--record", "no/such/folder/x"],
        &["no/such/folder/x"],
    );
    let file = scratch("whole.trace");
    let path = file.to_str().unwrap();
    ask(&["run", "say_after", "--record", path]);
    refused(&["replay", path, "--at", "tick 99"], &["tick 99", "3"]);
    refused(&["replay", path, "--at", "noon"], &["noon", "tick 3"]);
    let all = fs::read(&file).unwrap();
    let cut = scratch("cut_early.trace");
    fs::write(&cut, &all[..200]).unwrap();
    refused(
        &["replay", cut.to_str().unwrap()],
        &["cut_early.trace", "damaged"],
    );
}

#[test]
fn a_truncated_trace_is_shown_up_to_the_cut() {
    let file = scratch("long.trace");
    let path = file.to_str().unwrap();
    let whole = ask(&[
        "run",
        "producer_consumer:three_consumers",
        "--set",
        "items=1000",
        "--json",
        "--record",
        path,
    ]);
    let all = fs::read(&file).unwrap();
    fs::write(&file, &all[..all.len() * 2 / 3]).unwrap();
    let cut = ask(&["replay", path, "--json"]);
    assert_eq!(cut.code(), 0, "{}", cut.err);
    assert!(cut.err.contains("was not finished"), "{}", cut.err);
    let (whole, cut) = (whole.json(), cut.json());
    assert_eq!(cut["outcome"], Value::Null);
    let lines = |run: &Value| run["output"].as_array().unwrap().clone();
    assert!(!lines(&cut).is_empty() && lines(&whole).starts_with(&lines(&cut)));
    assert!(lines(&whole).len() > lines(&cut).len());
}

#[test]
fn unusable_addresses_are_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(
        &["run", "echo_server", "--listen", &address],
        &[&address, "in use"],
    );
    refused(
        &["run", "echo_server", "--listen", "nowhere"],
        &["nowhere", "127.0.0.1:8888"],
    );
    refused(
        &["run", "say_after", "--listen", "127.0.0.1:0"],
        &["say_after", "not a server"],
    );
}

#[test]
fn control_characters_of_arguments_are_replaced() {
    let nasty = "\u{1b}[31m\u{7}x\u{9b}1m\r";
    let set = format!("{nasty}=1");
    let value = format!("first={nasty}");
    for arguments in [
        &["run", nasty][..],
        &["run", &format!("say_after:{nasty}")],
        &["run", "say_after", "--set", &set],
        &["run", "say_after", "--set", &value],
        &["run", "say_after", "--set", nasty],
        &["run", "say_after", "--seed", nasty],
        &["run", "say_after", "--clock", nasty],
        &["run", "say_after", "--record", &format!("no/{nasty}")],
        &["run", "echo_server", "--listen", nasty],
        &["replay", nasty],
        &["compare", nasty, nasty],
        &["compare", &format!("{nasty}:")],
        &[nasty],
        &[&format!("--{nasty}")],
    ] {
        let answer = ask(arguments);
        assert_eq!(answer.code(), 2, "{answer:?}");
        let line = answer.err.strip_suffix('\n').unwrap();
        assert!(
            !line.chars().any(char::is_control),
            "{arguments:?}: {line:?}"
        );
    }
    // The same for the name of a file that can be shown with a warning.
    let file = scratch("bell\u{7}.trace");
    let path = file.to_str().unwrap();
    ask(&["run", "say_after", "--record", path]);
    let all = fs::read(&file).unwrap();
    fs::write(&file, &all[..all.len() - 9]).unwrap();
    let answer = ask(&["replay", path]);
    assert!(answer.err.contains("not finished"), "{answer:?}");
    assert!(!answer.err.contains('\u{7}'), "{answer:?}");
}

//! Output that cannot be written, and output that nothing reads.

use std::{
    fs::{self, OpenOptions},
    path::Path,
    process::Stdio,
};

use super::process::{end_of, finish, loopscope, scratch};

/// One run of every command that writes to standard output.
fn commands(trace: &str) -> Vec<Vec<&str>> {
    let lines = [
        "list",
        "list --json",
        "lessons",
        "lessons --json",
        "lessons 6",
        "lessons 6 --json",
        "run say_after",
        "run say_after --json",
        "compare say_after",
        "compare say_after --json",
        "replay TRACE",
        "replay TRACE --json",
        "replay TRACE --at 15",
        "export TRACE --format perfetto",
        "export TRACE --format chrome",
        "export TRACE --format jsonl",
        "export TRACE --format svg",
        "export TRACE --format folded",
        "render say_after",
        "render say_after --format svg",
        "cast say_after",
        "--help",
        "run --help",
        "--version",
    ];
    let words = |line: &'static str| {
        let words = line.split(' ');
        let words = words.map(|word| if word == "TRACE" { trace } else { word });
        words.collect()
    };
    lines.into_iter().map(words).collect()
}

fn recorded_run(name: &str) -> String {
    let path = scratch(name).to_str().unwrap().to_owned();
    let record = ["run", "say_after", "--record", &path];
    assert_eq!(finish(&mut loopscope(&record)).code(), 0);
    path
}

#[test]
fn a_full_device_fails_every_command() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        println!("skipped: there is no /dev/full");
        return;
    }
    let trace = recorded_run("to_full.trace");
    for arguments in commands(&trace) {
        let out = OpenOptions::new().write(true).open(full).unwrap();
        let mut command = loopscope(&arguments);
        let child = command.stdout(out).stderr(Stdio::piped()).spawn();
        let output = child.unwrap().wait_with_output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {words}");
        assert_eq!(words.lines().count(), 1, "{arguments:?}: {words}");
        assert!(words.contains("cannot write"), "{arguments:?}: {words}");
    }
    for arguments in [
        &["export", &trace, "--format", "svg", "-o", "/dev/full"][..],
        &["export", &trace, "--format", "jsonl", "-o", "/dev/full"],
        &["render", &trace, "-o", "/dev/full"],
        &["cast", &trace, "-o", "/dev/full"],
    ] {
        let answer = finish(&mut loopscope(arguments));
        assert_eq!(answer.code(), 1, "{arguments:?}: {answer:?}");
        assert_eq!(answer.err.lines().count(), 1, "{arguments:?}: {answer:?}");
        assert!(answer.err.contains("cannot write /dev/full"), "{answer:?}");
    }
}

#[test]
fn a_pipe_that_nothing_reads_fails_no_command() {
    let trace = recorded_run("to_nothing.trace");
    for arguments in commands(&trace) {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = loopscope(&arguments);
        let child = command.stdout(writer).stderr(Stdio::piped()).spawn();
        let output = child.unwrap().wait_with_output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), words.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_run_continues_after_its_output_has_failed() {
    if !Path::new("/dev/full").exists() {
        println!("skipped: there is no /dev/full");
        return;
    }
    let file = scratch("after_full.trace");
    let path = file.to_str().unwrap();
    let out = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = loopscope(&["run", "say_after", "--record", path]);
    let mut child = command.stdout(out).stderr(Stdio::null()).spawn().unwrap();
    assert_eq!(end_of(&mut child).code(), Some(1));
    let whole = finish(&mut loopscope(&["replay", path, "--json"])).json();
    assert_eq!(whole["outcome"], "finished");
    fs::remove_file(file).unwrap();
}

#[test]
fn a_dash_is_standard_output_and_no_file() {
    let folder = scratch("dash");
    fs::create_dir_all(&folder).unwrap();
    for words in [
        "export say_after --format jsonl",
        "export say_after --format chrome",
        "export say_after --format svg",
        "render say_after",
        "cast say_after",
    ] {
        let mut arguments: Vec<&str> = words.split(' ').collect();
        let plain = finish(&mut loopscope(&arguments));
        arguments.extend(["-o", "-"]);
        let dashed = finish(loopscope(&arguments).current_dir(&folder));
        assert_eq!(dashed.code(), 0, "{words}: {}", dashed.err);
        assert!(dashed.out == plain.out && !plain.out.is_empty(), "{words}");
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    let unnamed = finish(&mut loopscope(&["export", "say_after", "-o", "-"]));
    assert_eq!(unnamed.code(), 2);
    assert!(unnamed.err.contains("no export format"), "{}", unnamed.err);
}

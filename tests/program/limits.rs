//! Files that are made to take much memory or time, read under a limit.

use std::{
    fmt::Write,
    fs,
    process::{Command, Stdio},
};

use loopscope::trace::{LocationId, Meta, PollOutcome, TaskId, Writer, file::FileWriter};

use super::process::{Answer, ask, finish, scratch};

/// Runs the program with at most this many megabytes of address space.
fn limited(megabytes: usize, arguments: &[&str]) -> Answer {
    let mut command = Command::new("sh");
    let shell = format!("ulimit -v {} && exec \"$0\" \"$@\"", megabytes << 10);
    command.args(["-c", &shell, env!("CARGO_BIN_EXE_loopscope")]);
    command.args(arguments).stdin(Stdio::null());
    command.env("LOOPSCOPE_CONFIG", "");
    finish(&mut command)
}

/// A recording of tasks that are all unfinished until the last of them has been polled, one a tick.
fn many_tasks(name: &str, tasks: usize) -> String {
    let mut text = "{\"loopscope\":1,\"clock\":\"virtual\"}\n{\"e\":\"tick\",\"t\":0}\n".to_owned();
    for task in 0..tasks {
        let _ = writeln!(text, "{{\"e\":\"spawn\",\"task\":{task}}}");
    }
    for task in 0..tasks {
        let _ = writeln!(
            text,
            "{{\"e\":\"tick\",\"t\":{}}}\n{{\"e\":\"run\",\"ready\":{tasks}}}\n\
             {{\"e\":\"poll\",\"task\":{task}}}\n{{\"e\":\"poll_end\",\"task\":{task},\"outcome\":\"ready\"}}\n\
             {{\"e\":\"tick_end\"}}",
            task * 1000
        );
    }
    let file = scratch(name);
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_list_in_a_line_takes_no_memory() {
    let list = vec!["1"; 8_000_000].join(",");
    for (name, text) in [
        (
            "list.jsonl",
            format!("{{\"loopscope\":1}}\n{{\"e\":\"spawn\",\"task\":1,\"x\":[{list}]}}\n"),
        ),
        (
            "list.json",
            format!("[{{\"ph\":\"X\",\"ts\":1,\"args\":{{\"x\":[{list}]}}}}]"),
        ),
        (
            "list.console",
            format!(
                "{{\"v\":1}}\n{{\"Spawn\":{{\"id\":1,\"at\":{{\"secs_since_epoch\":1,\"nanos_since_epoch\":0}},\
                 \"fields\":[{{\"name\":\"x\",\"value\":[{list}]}}]}}}}\n"
            ),
        ),
    ] {
        let file = scratch(name);
        fs::write(&file, text).unwrap();
        // The file has 16 MB, and a line of it is kept.
        let answer = limited(200, &["replay", file.to_str().unwrap(), "--json"]);
        assert_eq!(answer.code(), 0, "{name}: {}", answer.err);
        assert_eq!(
            answer.json()["tasks"].as_array().unwrap().len(),
            1,
            "{name}"
        );
        fs::remove_file(file).unwrap();
    }
}

#[test]
fn json_of_many_tasks_is_written_as_it_is_made() {
    let path = many_tasks("many_as_json.jsonl", 50_000);
    for arguments in [
        &["replay", &path, "--json"][..],
        &["compare", &path, &path, "--json"],
    ] {
        let answer = limited(250, arguments);
        assert_eq!(answer.code(), 0, "{arguments:?}: {}", answer.err);
    }
    fs::remove_file(path).unwrap();
}

#[test]
fn json_of_many_gaps_is_written_as_it_is_made() {
    let file = scratch("many_gaps.jsonl");
    let gaps = "{\"e\":\"gap\",\"events\":1}\n".repeat(200_000);
    fs::write(&file, format!("{{\"loopscope\":1}}\n{gaps}")).unwrap();
    let answer = limited(150, &["replay", file.to_str().unwrap(), "--json"]);
    assert_eq!(answer.code(), 0, "{}", answer.err);
    assert_eq!(answer.json()["gaps"].as_array().unwrap().len(), 200_000);
    fs::remove_file(file).unwrap();
}

#[test]
fn the_log_of_many_tasks_takes_linear_time() {
    // If each tick took a pass over all tasks, this would take minutes. The second half of the tasks
    // is late enough for a note.
    let path = many_tasks("many_as_log.jsonl", 20_000);
    let answer = limited(250, &["replay", &path, "--plain"]);
    assert_eq!(answer.code(), 0, "{}", answer.err);
    let end = answer.out.lines().last().unwrap();
    assert!(
        end.starts_with("total 0.020 s, 20001 ticks, 20000 polls"),
        "{end}"
    );
    let queues = answer
        .out
        .lines()
        .filter(|line| line.starts_with("  ready: "));
    assert!(
        (2..100).contains(&queues.count()),
        "the queues are written now and then"
    );
    fs::remove_file(path).unwrap();
}

#[test]
fn a_message_never_quotes_megabytes() {
    let file = scratch("quoted.jsonl");
    let long = "x".repeat(1 << 20);
    fs::write(
        &file,
        format!("{{\"loopscope\":1}}\n{{\"e\":\"{long}\"}}\n"),
    )
    .unwrap();
    let answer = limited(200, &["replay", file.to_str().unwrap()]);
    assert_eq!(answer.code(), 2, "{}", answer.err.len());
    assert!(answer.err.len() < 10_000, "{} bytes", answer.err.len());
    assert!(answer.err.contains("line 2") && answer.err.contains("expected one of"));
}

/// A recording of more events than are read of a file of its size: some kilobytes of it are 7 million.
fn many_events(name: &str) -> String {
    let path = scratch(name);
    let mut writer = Writer::new();
    let main = writer.intern("main");
    writer.spawn(main, LocationId::UNKNOWN, false);
    let mut file = FileWriter::new(fs::File::create(&path).unwrap(), &Meta::default()).unwrap();
    for round in 0..(7 << 19) {
        writer.poll_start(TaskId(0));
        writer.poll_end(PollOutcome::Pending, 1000);
        if round % 65_536 == 0 {
            file.records(&writer.take()).unwrap();
        }
    }
    file.records(&writer.take()).unwrap();
    file.finish().unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn events_beyond_the_limit_of_a_small_file_are_left_out() {
    let path = many_events("many_events.trace");
    let all = (7 << 20) + 1;
    let part = ask(&["replay", &path, "--json"]);
    assert_eq!(part.code(), 0, "{part:?}");
    let read = part.json()["events"].as_u64().unwrap();
    assert!((3 << 20..all).contains(&read), "{read} events");
    let line = format!("the events after event {read} are left out");
    assert!(part.err.contains(&line), "{}", part.err);
    assert!(part.err.contains("--load all"), "{}", part.err);
    let whole = ask(&["replay", &path, "--json", "--load", "all"]);
    assert_eq!(
        (whole.json()["events"].as_u64(), &*whole.err),
        (Some(all), "")
    );
    fs::remove_file(path).unwrap();
}

#[test]
fn each_command_that_reads_a_file_reads_a_part_of_it() {
    let path = scratch("parts.trace");
    let path = path.to_str().unwrap();
    assert_eq!(ask(&["run", "say_after", "--record", path]).code(), 0);
    for load in ["all", "last 5", "3..9"] {
        for command in [
            &["replay", path, "--plain"][..],
            &["compare", path, path, "--plain"],
            &["export", path, "--format", "jsonl"],
            &["render", path],
            &["cast", path, "--length", "1"],
            &["check", path, "--fail-on", "error"],
        ] {
            let answer = ask(&[command, &["--load", load]].concat());
            assert_eq!(answer.code(), 0, "{command:?} {load}: {answer:?}");
        }
    }
    let refused = ask(&["check", path, "--load", "some"]);
    assert_eq!(refused.code(), 2);
    assert!(refused.err.contains("FROM..TO"), "{refused:?}");
}

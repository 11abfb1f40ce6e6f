//! The example of `docs/jsonl.md`, and our files read by Python's JSON module.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use loopscope::{
    export,
    import::ImportFormat,
    replay::{Replay, Status},
};

use super::{read, written};
use crate::support::run_named;

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("loopscope-exchange-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

/// Runs Python. Where there is none, prints that and returns `None`.
#[expect(
    clippy::print_stdout,
    reason = "a test says when it is skipped, and why"
)]
fn python(arguments: &[&Path]) -> Option<String> {
    match Command::new("python3").args(arguments).output() {
        Ok(answer) => {
            let said = String::from_utf8_lossy(&answer.stderr);
            assert!(answer.status.success(), "{said}");
            Some(String::from_utf8(answer.stdout).unwrap())
        }
        Err(error) => {
            println!("skipped: there is no python3 ({error})");
            None
        }
    }
}

#[test]
fn the_example_writes_a_file_that_opens() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/jsonl.py");
    let file = scratch("example.jsonl");
    if python(&[&example, &file]).is_none() {
        return;
    }
    let imported = read(ImportFormat::Jsonl, &std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(imported.notes, Vec::<String>::new());
    let replay = Replay::new(imported.log);
    let head = replay.index().head();
    let rows: Vec<_> = head
        .tasks
        .iter()
        .map(|(_, row)| (row.polls(), row.status()))
        .collect();
    // Main waits for two tasks that sleep three times each.
    assert_eq!(
        rows,
        [(2, Status::Done), (4, Status::Done), (4, Status::Done)]
    );
    let parents: Vec<_> = replay
        .tables()
        .tasks()
        .iter()
        .map(|task| task.parent)
        .collect();
    let main = Some(loopscope::trace::TaskId(0));
    assert_eq!(parents, [None, main, main]);
    drop(std::fs::remove_file(file));
}

#[test]
fn python_reads_our_lines_and_our_chrome_trace() {
    let replay = run_named("producer_consumer", "three_consumers");
    let (lines, chrome) = (scratch("run.jsonl"), scratch("run.json"));
    std::fs::write(&lines, written(|to| export::jsonl(&replay, to))).unwrap();
    std::fs::write(&chrome, written(|to| export::chrome(&replay, to))).unwrap();
    let program = scratch("count.py");
    let text = "import json, sys\n\
        lines = [json.loads(line) for line in open(sys.argv[1], encoding='utf-8')]\n\
        events = json.load(open(sys.argv[2], encoding='utf-8'))['traceEvents']\n\
        print(sum('t' in line for line in lines), sum(e['ph'] == 'X' and e['tid'] > 0 for e in events))\n";
    std::fs::write(&program, text).unwrap();
    let answer = python(&[&program, &lines, &chrome]);
    for file in [lines, chrome, program] {
        drop(std::fs::remove_file(file));
    }
    let Some(answer) = answer else { return };
    let due = format!(
        "{} {}",
        replay.end().0,
        replay.index().head().cursor.polls()
    );
    assert_eq!(answer.trim(), due);
}

#[test]
fn the_schema_of_perfetto_reads_our_file() {
    let replay = run_named("producer_consumer", "three_consumers");
    let (file, program) = (scratch("run.pftrace"), scratch("parse.py"));
    std::fs::write(&file, written(|to| export::perfetto(&replay, to))).unwrap();
    // Type 1 begins a slice; the tracks of tasks are numbered from 16.
    let text = "import sys\n\
        try:\n    from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as schema\n\
        except ImportError as error:\n    sys.exit(print('skipped:', error))\n\
        trace = schema.Trace.FromString(open(sys.argv[1], 'rb').read())\n\
        events = [p.track_event for p in trace.packet if p.HasField('track_event')]\n\
        print(sum(e.type == 1 and e.track_uuid >= 16 for e in events))\n";
    std::fs::write(&program, text).unwrap();
    let answer = python(&[&program, &file]);
    for file in [file, program] {
        drop(std::fs::remove_file(file));
    }
    match answer {
        Some(answer) if answer.starts_with("skipped") => println!("{answer}"),
        Some(answer) => {
            let polls = replay.index().head().cursor.polls();
            assert_eq!(answer.trim(), polls.to_string());
        }
        None => {}
    }
}

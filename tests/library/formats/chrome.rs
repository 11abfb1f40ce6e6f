//! Chrome traces: those of other programs, and ours.

use std::collections::HashMap;

use loopscope::{
    export,
    import::{ImportFormat, detect_format},
    replay::{Replay, Status},
    trace::{Span, TaskId},
};
use serde_json::Value;

use super::{opens_wherever_it_is_cut, read, runs, written};
use crate::support::run_named;

/// The output of tracing-chrome for two spans on a thread, one of them polled twice.
const THREADS: &str = r#"[
{"ph":"M","pid":1,"name":"thread_name","tid":0,"args":{"name":"main"}},
{"ph":"B","pid":1,"ts":10.0,"name":"connect","cat":"app","tid":0,".file":"src/main.rs",".line":7},
{"ph":"B","pid":1,"ts":11.5,"name":"inner","cat":"app","tid":0},
{"ph":"E","pid":1,"ts":12.25,"name":"inner","cat":"app","tid":0},
{"ph":"E","pid":1,"ts":14.0,"name":"connect","cat":"app","tid":0},
{"ph":"B","pid":1,"ts":20.0,"name":"accept","cat":"app","tid":0},
{"ph":"i","pid":1,"ts":21.0,"name":"event src/main.rs:9","cat":"app","tid":0,"s":"t","args":{"message":"hello"}},
{"ph":"E","pid":1,"ts":22.0,"name":"accept","cat":"app","tid":0},
{"ph":"B","pid":1,"ts":30.0,"name":"connect","cat":"app","tid":0,".file":"src/main.rs",".line":7},
{"ph":"E","pid":1,"ts":34.0,"name":"connect","cat":"app","tid":0}
]"#;

/// The same in its other style, in which a slice is the lifetime of a span.
const LIVES: &str = r#"[
{"ph":"b","pid":1,"ts":10.0,"name":"connect","cat":"app","tid":0,"id":1},
{"ph":"b","pid":1,"ts":11.0,"name":"inner","cat":"app","tid":0,"id":1},
{"ph":"b","pid":1,"ts":12.0,"name":"accept","cat":"app","tid":0,"id":2},
{"ph":"e","pid":1,"ts":13.0,"name":"inner","cat":"app","tid":0,"id":1},
{"ph":"e","pid":1,"ts":14.0,"name":"connect","cat":"app","tid":0,"id":1},
{"ph":"e","pid":1,"ts":16.0,"name":"accept","cat":"app","tid":0,"id":2}
]"#;

/// The output of `VizTracer --log_async`: calls in the order of their ends, and a track per task.
const VIZTRACER: &str = r#"{"traceEvents": [{"ph": "M", "pid": 9, "tid": 9, "name": "process_name", "args": {"name": "MainProcess"}},
{"ph": "M", "pid": 9, "tid": 50, "name": "thread_name", "args": {"name": "Task-2"}},
{"ph": "M", "pid": 9, "tid": 60, "name": "thread_name", "args": {"name": "Task-3"}},
{"pid": 9, "tid": 50, "ts": 105.5, "ph": "X", "dur": 1.5, "name": "sleep (/usr/lib/asyncio/tasks.py:100)", "cat": "FEE"},
{"pid": 9, "tid": 50, "ts": 105.5, "ph": "X", "dur": 4.0, "name": "tick (/home/a/b.py:4)", "cat": "FEE"},
{"pid": 9, "tid": 60, "ts": 111.0, "ph": "X", "dur": 2.0, "name": "tick (/home/a/b.py:4)", "cat": "FEE"},
{"pid": 9, "tid": 50, "ts": 120.0, "ph": "X", "dur": 3.0, "name": "tick (/home/a/b.py:4)", "cat": "FEE"}],
"viztracer_metadata": {"version": "0.16.3", "overflow": false}, "file_info": {"files": {}, "functions": {}}}"#;

fn opened(file: &str) -> (Replay, Vec<String>) {
    assert_eq!(detect_format(file.as_bytes()), Some(ImportFormat::Chrome));
    let imported = read(ImportFormat::Chrome, file.as_bytes()).unwrap();
    let replay = Replay::new(imported.log);
    assert!(!replay.is_damaged());
    (replay, imported.notes)
}

/// Name, polls, nanoseconds of running, state at the end.
fn tasks(replay: &Replay) -> Vec<(String, u64, u64, Status)> {
    let head = replay.index().head();
    let row = |(task, row): (TaskId, &loopscope::replay::TaskState)| {
        let name = replay.tables().task_name(task).to_owned();
        (name, row.polls(), row.running.nanos(), row.status())
    };
    head.tasks.iter().map(row).collect()
}

#[test]
fn spans_become_tasks_and_their_slices_polls() {
    let (replay, notes) = opened(THREADS);
    let connect = ("connect".into(), 2, 8000, Status::Pending);
    let accept = ("accept".into(), 1, 2000, Status::Pending);
    assert_eq!(tasks(&replay), [connect, accept]);
    assert_eq!(notes, ["1 slices lie inside of others and are not shown"]);
    let line = replay.index().outputs()[0];
    assert_eq!(replay.tables().text(line.text), "hello");
    assert_eq!((line.task, line.at.0), (Some(TaskId(1)), 11_000));
    let place = replay.tables().tasks()[0].at;
    assert_eq!(replay.tables().location(place).unwrap().line, 7);
}

#[test]
fn an_async_span_is_one_poll_with_a_known_end() {
    let (replay, notes) = opened(LIVES);
    let connect = ("connect".into(), 1, 4000, Status::Done);
    let accept = ("accept".into(), 1, 4000, Status::Done);
    assert_eq!(tasks(&replay), [connect, accept]);
    assert_eq!(notes.len(), 1);
}

#[test]
fn events_out_of_order_are_sorted() {
    let (replay, _) = opened(VIZTRACER);
    let one = ("Task-2: tick".into(), 2, 7000, Status::Pending);
    let two = ("Task-3: tick".into(), 1, 2000, Status::Pending);
    assert_eq!(tasks(&replay), [one, two]);
    // The file does not say whether it waited or was ready, so it counts as waiting.
    let row = replay.index().head().tasks.get(TaskId(0)).unwrap().clone();
    assert_eq!((row.ready, row.waiting), (Span::ZERO, Span(10_500)));
}

#[test]
fn a_truncated_file_opens_up_to_the_cut() {
    opens_wherever_it_is_cut(ImportFormat::Chrome, THREADS.as_bytes());
    let (_, notes) = opened(THREADS.strip_suffix("\n]").unwrap());
    assert!(
        notes[0].starts_with("the file breaks off in line"),
        "{notes:?}"
    );
}

#[test]
fn an_error_names_the_line_and_the_reason() {
    for (file, words) in [
        (
            "[\n{\"ph\":\"X\",\"ts\":1}\n,\n{\"ts\":2}]",
            "line 4: \"ph\" is missing",
        ),
        ("[\n{\"ph\":\"X\"}]", "line 2: \"ts\" is missing"),
        ("[\n{\"ph\":\"X\",\"ts\":\"a\"}]", "\"ts\" is not a number"),
        ("[\n7]", "line 2: invalid type"),
        ("{\"traceEvents\":7}", "a list of events"),
        ("[{\"ph\":\"M\",\"name\":\"x\"}]", "no slice"),
        ("[\n{\"ph\" \"X\"}]", "line 2"),
    ] {
        let error = read(ImportFormat::Chrome, file.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(error.contains(words), "{file}: {error}");
    }
}

/// Asserts the required fields of every event, by its kind.
fn check(event: &Value) {
    let has = |key: &str| event.get(key).is_some();
    let phase = event["ph"].as_str().unwrap();
    assert!(has("pid") && event["name"].is_string(), "{event}");
    if phase != "M" {
        assert!(event["ts"].is_number(), "{event}");
    }
    match phase {
        "M" => assert!(event["args"].is_object(), "{event}"),
        "X" => assert!(event["dur"].is_number() && has("tid"), "{event}"),
        "s" | "f" => assert!(has("id") && has("tid") && has("cat"), "{event}"),
        "C" => assert!(event["args"]["tasks"].is_u64(), "{event}"),
        "i" => assert!(event["s"] == "t" && has("tid"), "{event}"),
        other => panic!("no event of this kind is written: {other}"),
    }
}

#[test]
fn the_chrome_export_has_every_poll_and_wake() {
    for replay in runs() {
        let bytes = written(|to| export::chrome(&replay, to));
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        let events = document["traceEvents"].as_array().unwrap();
        events.iter().for_each(check);
        let of = |phase: &'static str| events.iter().filter(move |event| event["ph"] == phase);
        let turns = of("X").filter(|event| event["tid"] != 0).count();
        assert_eq!(
            turns + callbacks(&replay),
            replay.index().head().cursor.polls() as usize
        );
        // Each arrow that ends has begun once, and not later.
        let starts: HashMap<u64, f64> = of("s")
            .map(|event| (event["id"].as_u64().unwrap(), event["ts"].as_f64().unwrap()))
            .collect();
        assert_eq!(starts.len(), of("s").count());
        for end in of("f") {
            assert!(starts[&end["id"].as_u64().unwrap()] <= end["ts"].as_f64().unwrap());
        }
        assert!(of("C").any(|event| event["name"] == "ready"));
    }
}

fn callbacks(replay: &Replay) -> usize {
    let start = loopscope::trace::Position(0);
    let events = replay.events_from(start);
    events
        .filter(|(_, event, _)| {
            matches!(
                event,
                loopscope::trace::Event::Callback(loopscope::trace::CallbackEvent::End { .. })
            )
        })
        .count()
}

#[test]
fn our_own_chrome_export_reads_back() {
    let replay = run_named("blocking_call", "cooperative");
    let bytes = written(|to| export::chrome(&replay, to));
    let (again, _) = opened(std::str::from_utf8(&bytes).unwrap());
    let polls = |replay: &Replay| -> HashMap<String, u64> {
        let head = replay.index().head();
        let polls = head.tasks.iter();
        polls
            .map(|(task, row)| {
                (
                    format!("#{} ", task.0) + replay.tables().task_name(task),
                    row.polls(),
                )
            })
            .collect()
    };
    let ours = polls(&replay);
    let theirs: HashMap<String, u64> = again
        .tables()
        .tasks()
        .iter()
        .zip(again.index().head().tasks.iter())
        .map(|(info, (_, row))| (again.tables().text(info.name).to_owned(), row.polls()))
        .filter(|(name, _)| name.starts_with('#'))
        .collect();
    assert_eq!(theirs, ours);
}

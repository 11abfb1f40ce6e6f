//! JSON Lines, written and read back.

use std::fmt::Write;

use loopscope::{
    export,
    import::{ImportError, ImportFormat},
    replay::Replay,
    trace::{Aspect, CallbackEvent, Event, ResourceEvent, Span, Tables, TaskEvent, WokenBy},
};
use serde_json::Value;

use super::{opens_wherever_it_is_cut, read, runs, written};
use crate::support::run_named;

fn text(replay: &Replay) -> String {
    String::from_utf8(written(|to| export::jsonl(replay, to))).unwrap()
}

fn back(text: &str) -> Replay {
    let imported = read(ImportFormat::Jsonl, text.as_bytes()).unwrap();
    assert_eq!(imported.notes, Vec::<String>::new());
    Replay::new(imported.log)
}

/// All events with their moments, and with texts in place of ids.
fn told(replay: &Replay) -> String {
    let tables = replay.tables();
    let mut all = String::new();
    for (position, event, cursor) in replay.events_from(loopscope::trace::Position(0)) {
        let _ = writeln!(
            all,
            "{} {} {}",
            position.0,
            cursor.now().nanos(),
            resolved(tables, event)
        );
    }
    all
}

fn resolved(tables: &Tables, event: Event) -> String {
    let place = |at| match tables.location(at) {
        Some(place) => format!(
            "{}:{}:{}",
            tables.text(place.file),
            place.line,
            place.column
        ),
        None => "nowhere".into(),
    };
    match event {
        Event::Task(TaskEvent::Spawn {
            task, at, parent, ..
        }) => {
            format!(
                "spawn {task} {:?} {} {parent:?}",
                tables.task_name(task),
                place(at)
            )
        }
        Event::Task(TaskEvent::Wait {
            task,
            on,
            at,
            at_creation,
            also,
        }) => {
            format!("wait {task} {on:?} {} {at_creation} {also}", place(at))
        }
        Event::Task(TaskEvent::Joined { task, joined, at }) => {
            format!("{task} joined {joined} {}", place(at))
        }
        Event::Task(TaskEvent::Wake {
            task,
            by: WokenBy::Thread(name),
            effect,
        }) => {
            format!("wake {task} by {:?} {effect:?}", tables.text(name))
        }
        Event::Task(TaskEvent::Failed { task, message }) => {
            format!("failed {task} {:?}", tables.text(message))
        }
        Event::Output { text, at } => format!("output {:?} {}", tables.text(text), place(at)),
        Event::Resource(ResourceEvent::Bytes { resource, text }) => {
            format!("bytes {} {:?}", resource.0, tables.text(text))
        }
        Event::Callback(CallbackEvent::Scheduled { callback, name }) => {
            format!("callback {} {:?}", callback.0, tables.text(name))
        }
        Event::Resource(ResourceEvent::Created {
            resource,
            kind,
            name,
            at,
            limit,
            at_first_use,
        }) => {
            let (name, place) = (tables.text(name), place(at));
            format!(
                "resource {} {kind:?} {name:?} {place} {limit} {at_first_use}",
                resource.0
            )
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn json_lines_round_trip_to_the_same_run() {
    let mut count = 0;
    for replay in runs() {
        let lines = text(&replay);
        let again = back(&lines);
        assert_eq!(told(&again), told(&replay));
        assert_eq!(again.log().meta, replay.log().meta);
        assert_eq!(text(&again), lines);
        count += 1;
    }
    assert!(count > 30, "where are the scenarios?");
}

#[test]
fn serde_json_finds_every_event_and_its_moment() {
    let replay = run_named("producer_consumer", "three_consumers");
    let lines = text(&replay);
    let objects: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(objects[0]["loopscope"], 1);
    let events = objects.iter().filter(|object| object["t"].is_u64());
    let moments: Vec<u64> = events.map(|object| object["t"].as_u64().unwrap()).collect();
    assert!(moments.is_sorted());
    assert_eq!(moments.len(), replay.end().0 as usize);
    assert_eq!(
        *moments.last().unwrap(),
        replay.index().head().now().nanos()
    );
    let polls = objects.iter().filter(|object| object["e"] == "poll_end");
    assert_eq!(polls.count(), replay.index().head().cursor.polls() as usize);
}

#[test]
fn a_minimal_file_is_accepted() {
    let lines = r#"
{"loopscope":1,"scenario":"theirs","unknown":["queues","timers","waits"]}
{"t":5,"e":"spawn","task":17}
{"t":7,"e":"poll","task":17}
{"t":8,"e":"spawn","task":4,"name":"child","parent":17,"at":"main.py:3"}
{"t":20,"e":"poll_end","task":17}

{"e":"wake","task":17,"more":"than anybody knows"}
{"t":30,"e":"poll","task":4}
{"t":31,"e":"poll","task":17}
{"t":40,"e":"poll_end","task":4,"outcome":"ready"}
{"t":50,"e":"poll_end","task":17,"outcome":"ready"}
"#;
    let replay = back(lines.trim_start());
    let head = replay.index().head();
    let rows: Vec<[u64; 3]> = head
        .tasks
        .iter()
        .map(|(_, row)| row.times(head.now()).map(Span::nanos))
        .collect();
    assert_eq!(rows, [[13 + 19, 2 + 11, 0], [10, 22, 0]]);
    assert_eq!(
        (head.ended, head.now().nanos(), head.cursor.polls()),
        (2, 50, 3)
    );
    assert_eq!(
        replay.tables().task_name(loopscope::trace::TaskId(1)),
        "child"
    );
    assert!(!replay.log().meta.has(Aspect::Waits) && replay.log().meta.has(Aspect::Wakes));
    assert_eq!(text(&back(&text(&replay))), text(&replay));
}

#[test]
fn an_invalid_line_is_named() {
    let cases = [
        (
            "{\"e\":\"poll\",\"task\":3}",
            "task 3 was not spawned before",
        ),
        ("{\"e\":\"spawn\",\"task\":0}", "task 0 was spawned before"),
        (
            "{\"e\":\"pol\",\"task\":0}",
            "unknown variant `pol`, expected one of `spawn`",
        ),
        ("{\"task\":0}", "missing field `e`"),
        ("{\"e\":\"poll\"}", "missing field `task`"),
        ("{\"e\":\"poll\",\"task\":-1}", "integer `-1`, expected u64"),
        (
            "{\"t\":\"now\",\"e\":\"tick\"}",
            "string \"now\", expected u64",
        ),
        (
            "{\"e\":\"end\",\"outcome\":\"well\"}",
            "`finished`, `deadlock`",
        ),
        (
            "{\"e\":\"wake\",\"task\":0,\"by\":\"me\"}",
            "unknown variant `me`, expected one of `task`, `callback`",
        ),
        (
            "{\"e\":\"wait\",\"task\":0,\"on\":{\"join\":9}}",
            "task 9 was not",
        ),
        (
            "{\"e\":\"wait\",\"task\":0,\"on\":[1]}",
            "cannot be parsed: expected value (column 27)",
        ),
        (
            "{\"e\":\"spawn\",\"task\":1,\"at\":\"here\"}",
            "main.py:12:5",
        ),
        (
            "{\"e\":\"fired\",\"timer\":4294967296}",
            "`4294967296`, expected u32",
        ),
        (
            "{\"t\":9,\"e\":\"timer\",\"timer\":0,\"task\":0,\"deadline\":8}",
            "deadline is before the time",
        ),
        ("[1,2]", "not a JSON object"),
        ("{\"e\":", "cannot be parsed: EOF"),
    ];
    for (line, words) in cases {
        let file = format!("{{\"loopscope\":1}}\n{{\"e\":\"spawn\",\"task\":0}}\n{line}\n\n");
        let error = read(ImportFormat::Jsonl, file.as_bytes()).unwrap_err();
        let ImportError::Line { line: 3, error } = &error else {
            panic!("{line}: {error}");
        };
        let what = error.to_string();
        assert!(what.contains(words), "{line}: {what}");
    }
}

#[test]
fn an_invalid_head_is_named() {
    let heads = [
        ("{\"loopscope\":2}", "version 2"),
        (
            "{\"e\":\"tick\"}",
            "the first line has to be {\"loopscope\":1",
        ),
        (
            "{\"loopscope\":1,\"unknown\":[\"all\"]}",
            "`queues`, `timers`, `waits`, `wakes`",
        ),
        (
            "{\"loopscope\":1,\"clock\":\"wall\"}",
            "expected `virtual` or `real`",
        ),
    ];
    for (head, words) in heads {
        let error = read(ImportFormat::Jsonl, format!("{head}\n").as_bytes()).unwrap_err();
        assert!(error.to_string().contains(words), "{head}: {error}");
    }
}

#[test]
fn control_characters_in_names_are_replaced() {
    let file = "{\"loopscope\":1,\"scenario\":\"a\\u001b[2J\"}\n{\"e\":\"spawn\",\"task\":0,\"name\":\"x\\u001b]0;y\\u0007\"}\n";
    let replay = back(file);
    assert_eq!(replay.log().meta.scenario, "a\u{fffd}[2J");
    assert!(!text(&replay).contains("u001b"));
    let name = replay.tables().task_name(loopscope::trace::TaskId(0));
    assert_eq!(name, "x\u{fffd}]0;y\u{fffd}");
}

#[test]
fn a_truncated_file_opens_up_to_the_cut() {
    let lines = text(&run_named("say_after", "concurrent"));
    // The sources are omitted: they are all in the first line.
    let mut short = String::from("{\"loopscope\":1}\n");
    short.extend(
        lines
            .lines()
            .skip(1)
            .take(30)
            .map(|line| format!("{line}\n")),
    );
    opens_wherever_it_is_cut(ImportFormat::Jsonl, short.as_bytes());
}

/// Two sleeps of asyncio, of 1 and 2 seconds: a timer fires, schedules a callback, and the callback
/// wakes the task.
const TWO_SLEEPS: &str = r#"{"loopscope":1,"clock":"real"}
{"t":0,"e":"spawn","task":0,"name":"main"}
{"t":0,"e":"tick"}
{"t":0,"e":"run","ready":1}
{"t":0,"e":"poll","task":0}
{"t":0,"e":"spawn","task":1,"name":"f","parent":0}
{"t":0,"e":"spawn","task":2,"name":"f","parent":0}
{"t":0,"e":"resource","resource":0,"kind":"group","name":"gather"}
{"t":0,"e":"member","resource":0,"task":1}
{"t":0,"e":"member","resource":0,"task":2}
{"t":0,"e":"wait","task":0,"on":{"all":0}}
{"t":0,"e":"poll_end","task":0,"outcome":"pending"}
{"t":0,"e":"tick_end"}
{"t":0,"e":"tick"}
{"t":0,"e":"run","ready":2}
{"t":0,"e":"poll","task":1}
{"t":0,"e":"timer","timer":0,"task":1,"deadline":1000000000}
{"t":0,"e":"wait","task":1,"on":{"timer":0}}
{"t":0,"e":"poll_end","task":1,"outcome":"pending"}
{"t":0,"e":"poll","task":2}
{"t":0,"e":"timer","timer":1,"task":2,"deadline":2000000000}
{"t":0,"e":"wait","task":2,"on":{"timer":1}}
{"t":0,"e":"poll_end","task":2,"outcome":"pending"}
{"t":0,"e":"tick_end"}
"#;

#[test]
fn a_sleep_that_a_callback_ends_is_a_wait_for_time() {
    let mut text = TWO_SLEEPS.to_owned();
    for (task, second) in [(1_u32, 1_u64), (2, 2)] {
        let now = second * 1_000_000_000;
        let (timer, callback) = (task - 1, task - 1);
        for line in [
            format!(r#"{{"t":{now},"e":"advance","why":"waited"}}"#),
            format!(r#"{{"t":{now},"e":"tick"}}"#),
            format!(r#"{{"t":{now},"e":"timers","due":1}}"#),
            format!(r#"{{"t":{now},"e":"fired","timer":{timer}}}"#),
            format!(r#"{{"t":{now},"e":"callback","callback":{callback},"name":"set_result"}}"#),
            format!(r#"{{"t":{now},"e":"run","ready":1}}"#),
            format!(r#"{{"t":{now},"e":"callback_start","callback":{callback}}}"#),
            format!(r#"{{"t":{now},"e":"wake","task":{task},"by":{{"callback":{callback}}}}}"#),
            format!(r#"{{"t":{now},"e":"callback_end","callback":{callback}}}"#),
            format!(r#"{{"t":{now},"e":"tick_end"}}"#),
            format!(r#"{{"t":{now},"e":"tick"}}"#),
            format!(r#"{{"t":{now},"e":"run","ready":1}}"#),
            format!(r#"{{"t":{now},"e":"poll","task":{task}}}"#),
            format!(r#"{{"t":{now},"e":"poll_end","task":{task},"outcome":"ready"}}"#),
            format!(r#"{{"t":{now},"e":"tick_end"}}"#),
        ] {
            text.push_str(&line);
            text.push('\n');
        }
    }
    let replay = back(&text);
    let summary = loopscope::insight::summary(&replay);
    assert_eq!(summary.outside, Span(3_000_000_000));
    assert_eq!(summary.outside_at_once, 2);
    // The sleeps overlap, so one of them is on the critical path, and not one after the other.
    assert_eq!(summary.path.outside, Span(2_000_000_000));
    assert_eq!(summary.path.waits, 1);
}

#[test]
fn a_timer_of_a_callback_is_not_the_main_tasks() {
    let text = r#"{"loopscope":1,"clock":"real"}
{"t":0,"e":"spawn","task":0,"name":"main"}
{"t":0,"e":"tick"}
{"t":0,"e":"run","ready":2}
{"t":0,"e":"poll","task":0}
{"t":0,"e":"callback","callback":0,"name":"retry"}
{"t":0,"e":"poll_end","task":0,"outcome":"pending"}
{"t":0,"e":"callback_start","callback":0}
{"t":0,"e":"timer","timer":0,"deadline":1000000000}
{"t":0,"e":"callback_end","callback":0}
{"t":0,"e":"tick_end"}
"#;
    let mut replay = back(text);
    let set = loopscope::trace::Position(8);
    replay.seek(set);
    let (_, timer) = replay.state().timer_queue()[0];
    assert_eq!(timer.task, None);
    let said = loopscope::insight::narrate(&replay, loopscope::insight::Language::Python);
    assert_eq!(
        said.what,
        "Callback retry sets a timer: due 1.000, in 1.000 s."
    );
    assert!(
        !self::text(&replay)
            .lines()
            .any(|line| { line.contains(r#""e":"timer""#) && line.contains(r#""task""#) })
    );
}

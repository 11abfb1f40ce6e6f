//! Exports of a recording in which events are missing: at its start, or in the middle.

use std::collections::{BTreeMap, BTreeSet};

use loopscope::{
    export,
    import::ImportFormat,
    insight::Language,
    replay::Replay,
    scene::plain,
    trace::{
        Event, Log, Moment, PollOutcome, Position, ResourceId, TaskEvent, Wait, Writer,
        file::{self, FileWriter},
    },
};
use serde_json::Value;

use super::{read, written};
use crate::support::run_named;

/// A run as a file of four chunks of records, one of which is damaged.
fn with_a_gap(log: &Log, damaged: usize) -> Replay {
    let mut file = FileWriter::new(Vec::new(), &log.meta).unwrap();
    for piece in log.bytes.chunks(log.bytes.len() / 4 + 1) {
        file.records(piece).unwrap();
        file.flush().unwrap();
    }
    let mut bytes = file.finish().unwrap();
    let markers = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"\xf5lsc\x02"));
    let chunk = markers.collect::<Vec<_>>()[damaged];
    let payload = chunk + 24 + usize::from(bytes[chunk + 6]);
    bytes[payload] ^= 4;
    let (log, damage) = file::read(bytes.as_slice()).unwrap();
    assert_eq!(damage.unwrap().places, 1);
    let replay = Replay::new(log);
    assert!(!replay.is_damaged());
    assert_eq!(replay.index().gaps().len(), 1);
    replay
}

/// A run of 30,000 polls of ten tasks with two names.
fn long() -> Log {
    let mut writer = Writer::new();
    let (early, late) = (writer.intern("early"), writer.intern("late"));
    let at = writer.location("src/main.rs", 7, 9);
    let mut tasks = vec![writer.spawn(early, at, false)];
    for poll in 0..30_000 {
        if poll % 3000 == 2999 {
            tasks.push(writer.spawn(late, at, false));
        }
        writer.poll_start(tasks[poll % tasks.len()]);
        writer.wait(Wait::Unknown, at, false);
        writer.poll_end(PollOutcome::Pending, 1000);
    }
    Log {
        bytes: writer.take(),
        ..Log::default()
    }
}

/// Several runs, each with its first, second or third part missing.
fn all() -> impl Iterator<Item = Replay> {
    let runs = [
        ("producer_consumer", "three_consumers"),
        ("say_after", "concurrent"),
        ("gather", "order"),
        ("lesson_16_lost_update", "right"),
    ];
    let mut logs = vec![long()];
    logs.extend(runs.map(|(name, variant)| run_named(name, variant).log().clone()));
    logs.into_iter()
        .flat_map(|log| (0..3).map(move |damaged| with_a_gap(&log, damaged)))
}

#[test]
fn json_lines_after_a_gap_are_read_as_they_were_written() {
    for replay in all() {
        let lines = written(|to| export::jsonl(&replay, to));
        let imported = read(ImportFormat::Jsonl, &lines).unwrap();
        let again = Replay::new(imported.log);
        let events = |replay: &Replay| -> Vec<(Position, Moment, u64, u64)> {
            let all = replay.events_from(Position(0));
            all.map(|(at, _, cursor)| (at, cursor.now(), cursor.polls(), cursor.ticks()))
                .collect()
        };
        assert_eq!(events(&again), events(&replay));
        assert_eq!(again.index().gaps(), replay.index().gaps());
        let tasks = |replay: &Replay| -> Vec<_> {
            let tables = replay.tables();
            let tasks = replay.index().head().tasks.iter();
            tasks
                .map(|(task, row)| (tables.task_name(task).to_owned(), row.status(), row.polls()))
                .collect()
        };
        assert_eq!(tasks(&again), tasks(&replay));
        assert_eq!(written(|to| export::jsonl(&again, to)), lines);
    }
}

#[test]
fn chrome_names_the_threads_after_a_gap_and_shows_it() {
    for replay in all() {
        let chrome = written(|to| export::chrome(&replay, to));
        let chrome: Value = serde_json::from_slice(&chrome).unwrap();
        let events = chrome["traceEvents"].as_array().unwrap();
        let of_kind = |kind: &'static str| events.iter().filter(move |event| event["ph"] == kind);
        let named: BTreeMap<u64, &str> = of_kind("M")
            .filter(|event| event["name"] == "thread_name")
            .map(|event| {
                let name = event["args"]["name"].as_str().unwrap();
                (event["tid"].as_u64().unwrap(), name)
            })
            .collect();
        for slice in of_kind("X").filter(|slice| slice["tid"] != 0) {
            let name = named[&slice["tid"].as_u64().unwrap()];
            assert!(name.ends_with(slice["name"].as_str().unwrap()), "{name}");
        }
        let gaps = of_kind("X").filter(|slice| {
            let name = slice["name"].as_str().unwrap();
            name.starts_with("gap: ")
        });
        assert_eq!(gaps.count(), replay.index().gaps().len());
    }
}

/// The slices of a Perfetto trace are read by `formats::perfetto`; this looks at the names of the
/// tracks alone, which are texts in their packets.
#[test]
fn perfetto_has_a_track_for_each_task_after_a_gap() {
    for replay in all() {
        let perfetto = written(|to| export::perfetto(&replay, to));
        let text = String::from_utf8_lossy(&perfetto).into_owned();
        let mut polled = BTreeSet::new();
        for (_, event, _) in replay.events_from(Position(0)) {
            if let Event::Task(TaskEvent::PollEnd { task, .. }) = event {
                polled.insert(task);
            }
        }
        for task in polled {
            let name = format!("{task} {}", replay.tables().task_name(task));
            assert!(text.contains(name.trim_end()), "{name}");
        }
        let gaps = text.matches("gap: ").count();
        assert_eq!(gaps, replay.index().gaps().len());
    }
}

#[test]
fn the_number_of_a_poll_is_not_said_after_a_gap() {
    let replay = with_a_gap(&long(), 1);
    let mut log = Vec::new();
    plain::write_log(&replay, Language::Rust, &mut log).unwrap();
    let log = String::from_utf8(log).unwrap();
    let (before, after) = log.split_once("events are missing").unwrap();
    assert!(before.contains("#0 early moves from"), "{before:.3000}");
    assert!(before.contains("to RUNNING: poll 2."), "{before:.3000}");
    // Task 1 was spawned before the gap, and task 9 behind it.
    assert!(after.contains("#1 late moves from UNKNOWN to RUNNING.\n"));
    assert!(!after.contains("#1 late moves from PENDING to RUNNING: poll"));
    assert!(after.contains("#9 late moves from READY to RUNNING: poll 1.\n"));
}

#[test]
fn a_timer_or_resource_with_a_high_number_is_kept() {
    let lines = br#"{"loopscope":1,"clock":"virtual"}
{"t":0,"e":"spawn","task":70000000000,"name":"main"}
{"e":"resource","resource":4999,"kind":"lock","name":"the lock","limit":1}
{"e":"poll","task":70000000000}
{"e":"timer","timer":4000000000,"task":70000000000,"deadline":50}
{"e":"wait","task":70000000000,"on":{"timer":4000000000}}
{"e":"poll_end","task":70000000000}
"#;
    let replay = Replay::new(read(ImportFormat::Jsonl, lines).unwrap().log);
    let head = replay.index().head();
    assert_eq!(head.timer_queue().len(), 1);
    let lock = head.resource(ResourceId(4999)).unwrap();
    assert_eq!(replay.tables().text(lock.name), "the lock");
    let mut state = Vec::new();
    let mut replay = replay;
    replay.seek(replay.end());
    plain::write_state(&replay, Language::Rust, &mut state).unwrap();
    let state = String::from_utf8(state).unwrap();
    assert!(!state.contains("timers: none"), "{state}");
}

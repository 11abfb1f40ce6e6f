//! Recordings of console-subscriber. `peers/src/bin/record_console.rs` made the fixtures, on one
//! thread and on two workers.

use loopscope::{
    import::{ImportError, ImportFormat, detect_format},
    replay::{Replay, State, Status},
    trace::{Aspect, Event, Outcome, Position, TaskEvent, TaskId, WokenBy},
};

use super::{opens_wherever_it_is_cut, read};

pub(crate) const ONE_THREAD: &[u8] = include_bytes!("../../fixtures/console.jsonl");
const TWO_THREADS: &[u8] = include_bytes!("../../fixtures/console_threads.jsonl");

pub(crate) fn opened(file: &[u8]) -> (Replay, Vec<String>) {
    assert_eq!(detect_format(file), Some(ImportFormat::Console));
    let imported = read(ImportFormat::Console, file).unwrap();
    let replay = Replay::new(imported.log);
    assert!(!replay.is_damaged());
    (replay, imported.notes)
}

#[test]
fn a_real_recording_shows_its_tasks() {
    let (replay, notes) = opened(ONE_THREAD);
    assert_eq!(notes, Vec::<String>::new());
    let tables = replay.tables();
    let names: Vec<&str> = (0..6).map(|task| tables.task_name(TaskId(task))).collect();
    assert_eq!(
        names,
        [
            "block_on",
            "worker one",
            "task 3",
            "worker two",
            "task 5",
            "task 6"
        ]
    );
    let parents: Vec<_> = tables.tasks().iter().map(|task| task.parent).collect();
    assert_eq!(parents[0], None);
    assert_eq!(parents[1..], [Some(TaskId(0)); 5]);
    let head = replay.index().head();
    assert_eq!(head.outcome, Some(Outcome::Finished));
    assert!(
        head.tasks
            .iter()
            .all(|(_, row)| row.status() == Status::Done)
    );
    // The file has one `Enter` line for each poll. Only the spans of spawned tasks count.
    let text = String::from_utf8_lossy(ONE_THREAD);
    let spawned: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("{\"Spawn\":{\"id\":")?.split(',').next())
        .collect();
    let enter = |id: &&str| text.matches(&format!("{{\"Enter\":{{\"id\":{id},")).count();
    let polls: usize = spawned.iter().map(enter).sum();
    assert_eq!(head.cursor.polls() as usize, polls);
}

#[test]
fn what_is_not_recorded_is_unknown() {
    let (replay, _) = opened(ONE_THREAD);
    let meta = &replay.log().meta;
    let known =
        [Aspect::Queues, Aspect::Timers, Aspect::Waits, Aspect::Wakes].map(|part| meta.has(part));
    assert_eq!(known, [false, false, false, true]);
    let head = replay.index().head();
    assert_eq!((head.tick(), head.timer_queue().len()), (0, 0));
}

#[test]
fn overlapping_polls_give_no_waker() {
    let (replay, notes) = opened(TWO_THREADS);
    assert!(notes[0].contains("several threads"), "{notes:?}");
    let mut most = 0;
    let mut state = State::new();
    while let Some(event) = state.step(&replay.log().bytes) {
        match event {
            Event::Task(TaskEvent::Wake { task, by, .. }) => {
                assert!(
                    by == WokenBy::Unknown || by == WokenBy::Task(task),
                    "{by:?}"
                );
            }
            Event::Task(TaskEvent::Spawn { parent, .. }) => assert_eq!(parent, None),
            _ => {}
        }
        let running = state
            .tasks
            .iter()
            .filter(|(_, row)| row.status() == Status::Running);
        most = most.max(running.count());
    }
    assert!(
        most > 1,
        "no two polls overlap, although two threads polled"
    );
    assert!(
        state
            .tasks
            .iter()
            .all(|(_, row)| row.status() == Status::Done)
    );
}

#[test]
fn an_imported_run_steps_forward_and_back() {
    for file in [ONE_THREAD, TWO_THREADS] {
        let (mut replay, _) = opened(file);
        let mut prefixes = vec![State::new()];
        let mut state = State::new();
        while state.step(&replay.log().bytes).is_some() {
            prefixes.push(state.clone());
        }
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..500 {
            let to = random.usize(0..prefixes.len());
            replay.seek(Position(u64::try_from(to).unwrap()));
            assert_eq!(replay.state(), &prefixes[to]);
        }
        // From the end back to the start, poll by poll, and forward again.
        replay.seek(replay.end());
        let mut steps = 0;
        while replay.position() > Position(0) {
            let before = replay.previous_poll();
            assert!(before < replay.position());
            replay.seek(before);
            steps += 1;
        }
        assert_eq!(steps, replay.index().head().cursor.polls() + 1);
        replay.seek(replay.next_poll());
        assert_eq!(replay.state().cursor.polls(), 1);
    }
}

#[test]
fn a_truncated_recording_opens_up_to_the_cut() {
    let lines = ONE_THREAD.split_inclusive(|byte| *byte == b'\n').take(45);
    opens_wherever_it_is_cut(
        ImportFormat::Console,
        &lines.flatten().copied().collect::<Vec<u8>>(),
    );
    let imported = read(ImportFormat::Console, &ONE_THREAD[..20_000]).unwrap();
    assert!(
        imported.notes[0].contains("breaks off in line"),
        "{:?}",
        imported.notes
    );
}

#[test]
fn an_invalid_line_is_named() {
    let at = "\"at\":{\"secs_since_epoch\":1,\"nanos_since_epoch\":5}";
    let cases = [
        (
            "{\"Leave\":{}}".to_owned(),
            "expected one of `Spawn`, `Enter`, `Exit`",
        ),
        ("{\"Enter\":{\"id\":1}}".to_owned(), "missing field `at`"),
        (format!("{{\"Enter\":{{{at}}}}}"), "missing field `id`"),
        (
            "{}".to_owned(),
            "cannot be parsed: expected value (column 2)",
        ),
        (
            format!("{{\"Waker\":{{\"id\":1,\"op\":\"Poke\",{at}}}}}"),
            "unknown variant `Poke`, expected one of `Wake`, `WakeByRef`",
        ),
        (
            format!("{{\"Waker\":{{\"id\":1,\"op\":7,{at}}}}}"),
            "cannot be parsed: expected value (column 23)",
        ),
        ("what?".to_owned(), "not a JSON object"),
    ];
    for (line, words) in cases {
        let file = format!("{{\"v\":1}}\n{line}\n{{}}\n");
        let error = read(ImportFormat::Console, file.as_bytes()).unwrap_err();
        let ImportError::Line { line: 2, error } = &error else {
            panic!("{line}: {error}");
        };
        let what = error.to_string();
        assert!(what.contains(words), "{line}: {what}");
    }
    let other = read(ImportFormat::Console, b"{\"v\":2}\n").unwrap_err();
    assert!(
        other
            .to_string()
            .contains("version 2 of its format; this program reads version 1"),
        "{other}"
    );
    let empty = read(ImportFormat::Console, b"{\"v\":1}\n").unwrap_err();
    assert!(empty.to_string().contains("no task was spawned"), "{empty}");
}

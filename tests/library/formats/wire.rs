//! Files of the wire: what an adapter would have sent.

use loopscope::{
    import::{ImportFormat, detect_format},
    insight::{Findings, Language, Limits, message_words, narrate},
    replay::{Replay, Status},
    scene::source_view::source_view,
    trace::{Moment, Position, TaskId, TimerId, Wait},
};

use super::{opens_wherever_it_is_cut, read};

/// One frame: its kind and its payload.
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap();
    [&length.to_le_bytes()[..], &[kind], payload].concat()
}

/// Frames of one event each: a code, a first operand and the other operands.
fn events(events: &[(i64, i64, &[i64])]) -> Vec<u8> {
    let frames = events.iter().map(|(code, first, rest)| {
        let numbers = std::iter::once(code | first << 5).chain(rest.iter().copied());
        let bytes: Vec<u8> = numbers.flat_map(i64::to_le_bytes).collect();
        frame(b'E', &bytes)
    });
    frames.flatten().collect()
}

const STEP: i64 = 0;
const WAKE: i64 = 1;
const WAIT: i64 = 5;
const JOIN: i64 = 6;
const DONE: i64 = 7;
const YIELD: i64 = 3;
const SCHEDULED: i64 = 4;
const ASLEEP: i64 = 19;
const TICK: i64 = 8;
const RUN: i64 = 11;
const SPAWN: i64 = 12;
const RESOURCE: i64 = 16;
const START: i64 = 22;
const STOP: i64 = 23;

fn greeting(members: &str) -> Vec<u8> {
    frame(
        b'H',
        format!("{{\"version\":1,\"pid\":7,{members}}}").as_bytes(),
    )
}

/// The texts `main` and `worker`, and two tasks of which the first awaits the second.
fn two_tasks() -> Vec<u8> {
    [
        greeting(r#""name":"test_it.py::test_two","sources":[["test_it.py","one\ntwo\n"]]"#),
        frame(b'T', b"main"),
        frame(b'T', b"worker"),
        events(&[
            (SPAWN, 0, &[0, -1, -1]),
            (WAKE, 0, &[]),
            (START, 0, &[1000]),
            (TICK, 0, &[1000]),
            (RUN, 1, &[]),
            (STEP, 0, &[1000]),
            (SPAWN, 1, &[1, -1, 0]),
            (WAKE, 1, &[]),
            (JOIN, 1, &[]),
            (TICK, 0, &[2000]),
            (RUN, 1, &[]),
            (STEP, 1, &[2000]),
            (DONE, 0, &[0, -1]),
            (TICK, 0, &[3000]),
            (STOP, 0, &[3000]),
        ]),
    ]
    .concat()
}

#[test]
fn a_file_of_the_wire_opens_with_its_sources() {
    let file = two_tasks();
    assert_eq!(detect_format(&file), Some(ImportFormat::Wire));
    let imported = read(ImportFormat::Wire, &file).unwrap();
    assert_eq!(imported.notes, Vec::<String>::new());
    let meta = &imported.log.meta;
    assert_eq!(meta.scenario, "test_it.py::test_two");
    assert_eq!(
        meta.sources,
        [("test_it.py".to_owned(), "one\ntwo\n".to_owned())]
    );
    let replay = Replay::new(imported.log);
    assert!(!replay.is_damaged());
    let head = replay.index().head();
    let states: Vec<_> = head.tasks.iter().map(|(_, row)| row.status()).collect();
    assert_eq!(states, [Status::Pending, Status::Done]);
}

#[test]
fn a_file_of_the_wire_opens_wherever_it_is_cut() {
    opens_wherever_it_is_cut(ImportFormat::Wire, &two_tasks());
    let cut = &two_tasks()[..two_tasks().len() - 3];
    let imported = read(ImportFormat::Wire, cut).unwrap();
    assert_eq!(
        imported.notes,
        ["the file breaks off in a frame; the events before it are shown"]
    );
}

#[test]
fn a_gap_of_the_wire_is_followed_by_what_is_announced_again() {
    let file = [
        greeting(r#""thread":"MainThread""#),
        frame(b'T', b"waiter"),
        frame(b'T', b"first"),
        frame(b'G', &700_i64.to_le_bytes()),
        events(&[(RESOURCE, 4, &[1, 1, -1, 1]), (SPAWN, 9, &[0, -1, -1])]),
        events(&[
            (TICK, 0, &[5000]),
            (WAKE, 9, &[]),
            (RUN, 1, &[]),
            (STEP, 9, &[5000]),
            (WAIT, 4, &[5]),
            (TICK, 0, &[6000]),
        ]),
    ]
    .concat();
    let imported = read(ImportFormat::Wire, &file).unwrap();
    let replay = Replay::new(imported.log);
    assert!(!replay.is_damaged());
    let text = loopscope::scene::plain::write_log;
    let mut out = Vec::new();
    text(&replay, Language::Python, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("700 events are missing"), "{out}");
    assert!(
        out.contains("#0 waiter") && out.contains("lock `first`"),
        "{out}"
    );
}

#[test]
fn texts_of_a_greeting_do_not_reach_the_terminal_as_commands() {
    let file = [
        greeting(r#""name":"\u001b[2J","sources":[["\u001b]0;x\u0007","\u001b[1m\ta\n"]]"#),
        events(&[(START, 0, &[0])]),
    ]
    .concat();
    let meta = read(ImportFormat::Wire, &file).unwrap().log.meta;
    assert_eq!(meta.scenario, "\u{fffd}[2J");
    assert_eq!(
        meta.sources,
        [(
            "\u{fffd}]0;x\u{fffd}".to_owned(),
            "\u{fffd}[1m\ta\n".to_owned()
        )]
    );
}

#[test]
fn a_wrong_file_of_the_wire_is_refused_or_read_up_to_there() {
    let cases: [(Vec<u8>, &str); 4] = [
        (frame(b'H', b"{}"), "missing field"),
        (frame(b'H', br#"{"version":2,"pid":1}"#), "it speaks 2"),
        (frame(b'T', b"x"), "not a greeting"),
        (
            [greeting(r#""argv":[]"#), frame(b'?', b"")].concat(),
            "unknown kind",
        ),
    ];
    for (file, words) in cases {
        let error = read(ImportFormat::Wire, &file).unwrap_err().to_string();
        assert!(error.contains(words), "{words}: {error}");
    }
    let mut late = two_tasks();
    late.extend(frame(b'?', b""));
    let imported = read(ImportFormat::Wire, &late).unwrap();
    assert!(imported.notes[0].contains("the events before it are shown"));
    assert!(!Replay::new(imported.log).is_damaged());
}

const TIMER: i64 = 13;
const OUTPUT: i64 = 20;
const LATE: i64 = 28;
const MILLISECOND: i64 = 1_000_000;

/// A task that holds the loop for 300 ms while another one is due, and prints in between.
fn a_long_step() -> Vec<u8> {
    let places: Vec<u8> = [2, 10, 0, -1, 2, 22, 1, 0]
        .into_iter()
        .flat_map(i64::to_le_bytes)
        .collect();
    let at = |milliseconds: i64| milliseconds * MILLISECOND;
    [
        greeting(r#""name":"app""#),
        frame(b'T', b"main"),
        frame(b'T', b"query"),
        frame(b'T', b"app.py"),
        frame(b'T', b"halfway"),
        frame(b'L', &places),
        events(&[
            (SPAWN, 0, &[0, -1, -1]),
            (WAKE, 0, &[]),
            (SPAWN, 1, &[1, -1, 0]),
            (WAKE, 1, &[]),
            (START, 0, &[0]),
            (TICK, 0, &[0]),
            (RUN, 2, &[]),
            (STEP, 1, &[0]),
            (TIMER, 0, &[at(50), 1]),
            (WAIT, 0, &[1]),
            (STEP, 0, &[at(1)]),
            (OUTPUT, 3, &[-1, at(101)]),
            (LATE, 1, &[at(2)]),
            (YIELD, 0, &[]),
            (TICK, 0, &[at(301)]),
            (STOP, 0, &[at(301)]),
        ]),
    ]
    .concat()
}

#[test]
fn the_line_of_a_step_that_lasts_long_is_that_of_the_finding() {
    let imported = read(ImportFormat::Wire, &a_long_step()).unwrap();
    let replay = Replay::new(imported.log);
    let report = Findings::of(&replay, &Limits::default());
    let blocking = report.findings.first().unwrap();
    let tables = replay.tables();
    let place = tables.location(blocking.spot.at).unwrap();
    assert_eq!((tables.text(place.file), place.line), ("app.py", 22));
    let words = message_words(tables, blocking, Language::Python);
    assert!(words.contains("(blocked, not computing)"), "{words}");
}

/// The notes on all events of a file of the wire.
fn notes_of(file: &[u8]) -> Vec<String> {
    let mut replay = Replay::new(read(ImportFormat::Wire, file).unwrap().log);
    let end = replay.end();
    let notes = (0..=end.0).filter_map(|position| {
        replay.seek(Position(position));
        narrate(&replay, Language::Python).note
    });
    notes.map(|note| note.text).collect()
}

#[test]
fn a_note_names_the_line_that_blocked_the_loop() {
    let notes = notes_of(&a_long_step());
    let expected = "The loop was blocked for 0.300 s at app.py:22: #1 query, due at 0.050, could \
                    not run.";
    assert!(notes.contains(&expected.to_owned()), "{notes:#?}");
}

#[test]
fn a_timer_that_a_callback_sets_wakes_no_sleeping_task() {
    let file = [
        greeting(r#""name":"app""#),
        frame(b'T', b"main"),
        frame(b'T', b"connection_made"),
        events(&[
            (SPAWN, 0, &[0, -1, -1]),
            (WAKE, 0, &[]),
            (START, 0, &[0]),
            (TICK, 0, &[0]),
            (RUN, 1, &[]),
            (STEP, 0, &[0]),
            (TIMER, 0, &[50 * MILLISECOND, 0]),
            (WAIT, 0, &[1]),
            (TICK, 0, &[1]),
            (SCHEDULED, 0, &[1]),
            (RUN, 1, &[]),
            (STEP, -1, &[1]),
            (TIMER, 1, &[20 * MILLISECOND, -1]),
            (TICK, 0, &[2]),
        ]),
    ]
    .concat();
    let mut replay = Replay::new(read(ImportFormat::Wire, &file).unwrap().log);
    replay.seek(replay.end());
    let main = replay.state().tasks.get(TaskId(0)).unwrap();
    assert_eq!(
        (main.status(), main.wait),
        (Status::Timer, Wait::Timer(TimerId(0)))
    );
}

#[test]
fn a_connection_without_an_address_is_no_other_end() {
    const STREAM: i64 = 7;
    let file = [
        greeting(r#""name":"app""#),
        frame(b'T', b"main"),
        frame(b'T', b"reader"),
        events(&[
            (SPAWN, 0, &[0, -1, -1]),
            (WAKE, 0, &[]),
            (START, 0, &[0]),
            (TICK, 0, &[0]),
            (RUN, 1, &[]),
            (STEP, 0, &[0]),
            (RESOURCE, 0, &[STREAM, 1, -1, 0]),
            (WAIT, 0, &[6]),
            (TICK, 0, &[1]),
        ]),
    ]
    .concat();
    let mut replay = Replay::new(read(ImportFormat::Wire, &file).unwrap().log);
    let end = replay.end();
    let told: Vec<String> = (0..=end.0)
        .map(|position| {
            replay.seek(Position(position));
            narrate(&replay, Language::Python).what
        })
        .collect();
    let expected = "#0 main begins to use `reader`.";
    assert!(told.contains(&expected.to_owned()), "{told:#?}");
}

/// The same file with other events in the place of some.
fn with_events(file: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = file.windows(old.len()).position(|bytes| bytes == old);
    let (before, rest) = file.split_at(at.unwrap());
    [before, new, &rest[old.len()..]].concat()
}

fn is_told_at_its_line(notes: &[String]) -> bool {
    let expected = "blocked for 0.300 s at app.py:22";
    notes.iter().any(|note| note.contains(expected))
}

#[test]
fn a_line_printed_last_hides_no_blocked_loop() {
    // A server prints a line of its log when the answer is ready, which is the end of the step.
    let printed = |at: i64| events(&[(OUTPUT, 3, &[-1, at * MILLISECOND])]);
    let file = with_events(&a_long_step(), &printed(101), &printed(301));
    let notes = notes_of(&file);
    assert!(is_told_at_its_line(&notes), "{notes:#?}");
}

#[test]
fn a_main_task_that_blocks_and_ends_tells_the_line() {
    let (yields, ends) = (events(&[(YIELD, 0, &[])]), events(&[(DONE, 0, &[0, -1])]));
    let notes = notes_of(&with_events(&a_long_step(), &yields, &ends));
    assert!(is_told_at_its_line(&notes), "{notes:#?}");
}

#[test]
fn a_note_says_that_the_blocking_line_is_not_recorded() {
    let mut file = a_long_step();
    // The event with the line loses its place.
    let late: Vec<u8> = events(&[(LATE, 1, &[2 * MILLISECOND])]);
    let at = file.windows(late.len()).position(|bytes| bytes == late);
    file.splice(at.unwrap().., []).for_each(drop);
    file.extend(events(&[
        (YIELD, 0, &[]),
        (TICK, 0, &[301 * MILLISECOND]),
        (STOP, 0, &[301 * MILLISECOND]),
    ]));
    let notes = notes_of(&file);
    let expected = "could not run. The line is not recorded.";
    assert!(
        notes.iter().any(|note| note.ends_with(expected)),
        "{notes:#?}"
    );
}

#[test]
fn a_task_that_was_freed_ends_and_is_told_to_be_destroyed() {
    const FREED: i64 = 26;
    let places: Vec<u8> = [2, 10, 0, -1]
        .into_iter()
        .flat_map(i64::to_le_bytes)
        .collect();
    let file = [
        greeting(r#""name":"app""#),
        frame(b'T', b"main"),
        frame(b'T', b"forgotten"),
        frame(b'T', b"app.py"),
        frame(b'L', &places),
        events(&[
            (SPAWN, 0, &[0, -1, -1]),
            (WAKE, 0, &[]),
            (START, 0, &[0]),
            (TICK, 0, &[0]),
            (RUN, 1, &[]),
            (STEP, 0, &[0]),
            (SPAWN, 1, &[1, 0, 0]),
            (WAKE, 1, &[]),
            (WAIT, 0, &[0]),
            (STEP, 1, &[10]),
            (WAIT, 0, &[0]),
            (TICK, 0, &[20]),
            (WAKE, 0, &[]),
            (RUN, 1, &[]),
            (STEP, 0, &[20]),
            (FREED, 1, &[]),
            (DONE, 0, &[0, -1]),
            (TICK, 0, &[30]),
            (STOP, 0, &[30]),
        ]),
    ]
    .concat();
    let mut replay = Replay::new(read(ImportFormat::Wire, &file).unwrap().log);
    let told = (0..=replay.end().0).map(|position| {
        replay.seek(Position(position));
        narrate(&replay, Language::Python).what
    });
    let told: Vec<String> = told.collect();
    let expected = "#1 forgotten is destroyed while it is pending: nothing refers to it.";
    assert!(told.contains(&expected.to_owned()), "{told:#?}");
    replay.seek(replay.end());
    let statuses: Vec<Status> = replay
        .state()
        .tasks
        .iter()
        .map(|(_, row)| row.status())
        .collect();
    assert!(statuses.iter().all(|status| status.ended()), "{statuses:?}");
}

#[test]
fn output_inside_a_long_step_has_its_own_time() {
    let imported = read(ImportFormat::Wire, &a_long_step()).unwrap();
    let replay = Replay::new(imported.log);
    let printed = replay.index().outputs().first().unwrap();
    let at = printed.at;
    assert_eq!(at, Moment(101_000_000));
}

/// The two tasks wait: the second in a function of a library that `worker.py` calls, the first in a
/// library alone.
fn waits_in_libraries() -> Vec<u8> {
    let places = [[3, 2, 1, -1], [4, 649, 1, 0], [4, 90, 0, -1]];
    let places = places.iter().flatten().copied().flat_map(i64::to_le_bytes);
    [
        greeting(r#""name":"main","sources":[["main.py","one\ntwo\n"],["worker.py","a\nb\n"]]"#),
        frame(b'T', b"main"),
        frame(b'T', b"worker"),
        frame(b'T', b"call"),
        frame(b'T', b"worker.py"),
        frame(b'T', b"/lib/tasks.py"),
        frame(b'L', &places.collect::<Vec<u8>>()),
        events(&[
            (SPAWN, 0, &[0, -1, -1]),
            (WAKE, 0, &[]),
            (SCHEDULED, 0, &[2]),
            (START, 0, &[1000]),
            (TICK, 0, &[1000]),
            (RUN, 2, &[]),
            (STEP, 0, &[1000]),
            (WAIT, 0, &[0]),
            (STEP, -1, &[1000]),
            (SPAWN, 1, &[1, -1, -1]),
            (WAKE, 1, &[]),
            (TICK, 0, &[2000]),
            (RUN, 1, &[]),
            (STEP, 1, &[2000]),
            (WAIT, 0, &[0]),
            (TICK, 0, &[3000]),
            (ASLEEP, 0, &[0, -1, 2]),
            (ASLEEP, 1, &[0, -1, 1]),
            (STOP, 0, &[3000]),
        ]),
    ]
    .concat()
}

#[test]
fn the_source_of_a_chosen_task_is_shown() {
    let mut replay = opened(&waits_in_libraries());
    replay.seek(replay.end());
    let shown = |task| source_view(&replay, Some(TaskId(task)), Language::Python);
    assert_eq!((shown(1).file, shown(1).focus), ("worker.py", Some(1)));
    assert_eq!(shown(1).absent, None);
    let absent = Some((TaskId(0), "/lib/tasks.py".to_owned()));
    assert_eq!(shown(0).absent, absent);
    assert_eq!(source_view(&replay, None, Language::Python).absent, None);
}

#[test]
fn a_task_that_a_callback_creates_is_not_the_first() {
    let mut replay = opened(&waits_in_libraries());
    let mut told = Vec::new();
    for position in 1..=replay.end().0 {
        replay.seek(Position(position));
        told.push(narrate(&replay, Language::Python).what);
    }
    let about = |words: &str| told.iter().any(|told| told.contains(words));
    assert!(about("#0 main is the first task"), "{told:#?}");
    assert!(about("Callback call creates task #1 worker"), "{told:#?}");
}

fn opened(file: &[u8]) -> Replay {
    Replay::new(read(ImportFormat::Wire, file).unwrap().log)
}

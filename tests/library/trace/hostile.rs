//! Traces that claim more than they contain. Each number in a record is right as a number, and
//! stands for something that never happened.

use loopscope::{
    export::{self, Weight},
    insight::{self, Language},
    replay::{Replay, Status},
    trace::{
        CallbackId, Event, LocationId, Log, Meta, PollOutcome, Position, ResourceId, ResourceKind,
        ResourceOp, TaskId, TimerId, Wait, WakeEffect, Writer, file,
    },
};

/// A replay of records that a writer has written.
fn replay(write: impl FnOnce(&mut Writer)) -> Replay {
    let mut writer = Writer::new();
    let name = writer.intern("main");
    writer.spawn(name, LocationId::UNKNOWN, false);
    write(&mut writer);
    of_records(writer.take())
}

fn of_records(bytes: Vec<u8>) -> Replay {
    let replay = Replay::new(Log {
        bytes,
        ..Log::default()
    });
    assert!(!replay.is_damaged());
    replay
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
    bytes
}

/// A gap, and tasks that were spawned in it, all of them unknown.
fn declare(tasks: u64) -> Vec<u8> {
    const GAP_OF_ONE: u8 = 6 << 3 | 1;
    const TASKS_OF_A_GAP: u8 = 29 << 3 | 4;
    let mut bytes = vec![GAP_OF_ONE, TASKS_OF_A_GAP];
    bytes.extend(varint(tasks));
    bytes.extend([0, 0, 0]);
    bytes
}

const DECLARED: usize = 1 << 20;

#[test]
fn a_join_of_the_highest_task_number_is_exported() {
    let replay = replay(|writer| {
        writer.poll_start(TaskId(0));
        writer.wait(Wait::Join(TaskId(u32::MAX)), LocationId::UNKNOWN, false);
        writer.poll_end(PollOutcome::Pending, 5_000);
        writer.poll_start(TaskId(0));
        writer.poll_end(PollOutcome::Ready, 5_000);
    });
    let mut folded = Vec::new();
    export::folded(&replay, Weight::Polls, &mut folded).unwrap();
    assert_eq!(
        String::from_utf8(folded).unwrap(),
        "main;(ended) 1\nmain;(join) 1\n"
    );
}

#[test]
fn high_numbers_of_timers_and_resources_take_no_memory() {
    let mut replay = replay(|writer| {
        let name = writer.intern("lock");
        writer.poll_start(TaskId(0));
        for step in 1..100_u32 {
            let (kind, at) = (ResourceKind::Lock, LocationId::UNKNOWN);
            writer.timer_set(TimerId(step * 42_949_672), 7);
            writer.resource_new(ResourceId(step * 42_949_672), kind, name, at, 1);
            writer.used(ResourceId(step * 42_949_672), ResourceOp::Acquired, 0);
        }
        writer.callback_start(CallbackId(u32::MAX));
        writer.callback_end(CallbackId(u32::MAX), 5);
    });
    replay.seek(replay.end());
    let state = replay.state();
    assert_eq!(state.timer_queue().len(), 99);
    assert!(state.timer(TimerId(99 * 42_949_672)).is_some());
    let lock = ResourceId(99 * 42_949_672);
    assert_eq!(state.resource(lock).unwrap().value, 0);
    assert_eq!(state.holdings.of(lock).count(), 1);
    assert!(replay.index().bytes() < 1 << 16);
    export::perfetto(&replay, std::io::sink()).unwrap();
    export::chrome(&replay, std::io::sink()).unwrap();
}

#[test]
fn declared_tasks_take_no_rows() {
    let mut replay = of_records(declare(DECLARED as u64));
    assert_eq!(replay.index().head().tasks.len(), DECLARED);
    assert!(
        replay.index().bytes() < 1 << 20,
        "{}",
        replay.index().bytes()
    );
    replay.append(&[11 << 3, 12 << 3]);
    replay.seek(replay.end());
    let tasks = &replay.state().tasks;
    assert_eq!(tasks.get(TaskId(0)).unwrap().polls(), 1);
    assert_eq!(tasks.get(TaskId(1)).unwrap().status(), Status::Unknown);
    assert_eq!(tasks.unfinished().count(), DECLARED);
}

#[test]
fn a_gap_takes_no_walk_over_all_tasks() {
    let mut bytes = declare(DECLARED as u64);
    // A poll of a declared task, and a gap: with a walk these take some hours.
    for _ in 0..100_000 {
        bytes.extend([11 << 3, 12 << 3, 6 << 3 | 1]);
    }
    let replay = of_records(bytes);
    let head = replay.index().head();
    assert_eq!(head.missing, 100_001);
    assert_eq!(head.tasks.get(TaskId(0)).unwrap().status(), Status::Unknown);
    export::perfetto(&replay, std::io::sink()).unwrap();
}

#[test]
fn a_gap_leaves_the_tasks_that_have_ended() {
    let mut writer = Writer::new();
    let name = writer.intern("task");
    for _ in 0..3 {
        writer.spawn(name, LocationId::UNKNOWN, false);
    }
    writer.poll_start(TaskId(1));
    writer.poll_end(PollOutcome::Ready, 1);
    writer.gap(4);
    writer.poll_start(TaskId(2));
    writer.poll_end(PollOutcome::Ready, 1);
    writer.gap(4);
    let replay = of_records(writer.take());
    let tasks = &replay.index().head().tasks;
    let status = |task| tasks.get(TaskId(task)).unwrap().status();
    assert_eq!(
        [status(0), status(1), status(2)],
        [Status::Unknown, Status::Done, Status::Done]
    );
}

/// Half a million permits are acquired and released in the same order; the callbacks run in the
/// opposite one. With a search through all of them this takes some hours.
#[test]
fn a_release_takes_no_walk_over_all_permits() {
    const MANY: u32 = 200_000;
    let replay = replay(|writer| {
        let name = writer.intern("permits");
        let (kind, at) = (ResourceKind::Semaphore, LocationId::UNKNOWN);
        writer.resource_new(ResourceId(0), kind, name, at, MANY);
        for _ in 0..MANY {
            writer.callback_scheduled(name);
        }
        writer.poll_start(TaskId(0));
        for left in 0..MANY {
            writer.used(ResourceId(0), ResourceOp::Acquired, MANY - left - 1);
        }
        for free in 1..=MANY {
            writer.used(ResourceId(0), ResourceOp::Released, free);
        }
        for callback in (0..MANY).rev() {
            writer.callback_start(CallbackId(callback));
            writer.callback_end(CallbackId(callback), 0);
        }
    });
    let head = replay.index().head();
    assert_eq!(head.holdings.of(ResourceId(0)).count(), 0);
}

#[test]
fn what_exceeds_the_memory_of_a_trace_is_left_out() {
    let mut writer = Writer::new();
    let name = writer.intern("task");
    for _ in 0..200_000 {
        writer.spawn(name, LocationId::UNKNOWN, false);
    }
    let records = writer.take();
    let mut whole = Replay::within(1 << 30, Meta::default());
    whole.append(&records);
    assert!(!whole.is_full());
    assert_eq!(whole.end(), Position(200_000));
    let mut part = Replay::within(8 << 20, Meta::default());
    for piece in records.chunks(1000) {
        part.append(piece);
    }
    assert!(part.is_full() && !part.is_damaged());
    assert!(part.end() > Position(10_000) && part.end() < Position(40_000));
    // What is there can be read as usual.
    part.seek(part.end());
    assert_eq!(part.state(), part.index().head());
    assert!(matches!(
        part.event_before(part.end()),
        Some(Event::Task(_))
    ));
}

/// Without an event there is no bookmark at which the memory is compared with the budget.
#[test]
fn definitions_without_an_event_exceed_the_budget() {
    let mut writer = Writer::new();
    writer.location("main.rs", 3, 5);
    let text = writer.take();
    writer.location("main.rs", 4, 5);
    let location = writer.take();
    let mut replay = Replay::within(8 << 20, Meta::default());
    replay.append(&text);
    replay.append(&location.repeat(2_000_000));
    assert!(replay.is_full());
    assert!(replay.index().tables().locations().len() < 1_000_000);
}

/// An output that writes the text for each of these events would have some terabytes.
#[test]
fn a_long_text_that_is_used_again_and_again_is_left_out() {
    let mut writer = Writer::new();
    let name = writer.intern("main");
    writer.spawn(name, LocationId::UNKNOWN, false);
    let long = writer.text(&"x".repeat(1 << 20));
    writer.poll_start(TaskId(0));
    for _ in 0..100_000 {
        writer.output_text_at(long, LocationId::UNKNOWN);
    }
    let mut replay = Replay::within(64 << 20, Meta::default());
    replay.append(&writer.take());
    assert!(replay.is_full());
    assert!(replay.index().outputs().len() < 100);
    assert_eq!(replay.state_at(replay.end()), *replay.index().head());
}

#[test]
fn long_texts_that_are_used_once_are_not_left_out() {
    let mut writer = Writer::new();
    let name = writer.intern(&"n".repeat(1000));
    for _ in 0..50_000 {
        writer.spawn(name, LocationId::UNKNOWN, false);
    }
    writer.poll_start(TaskId(0));
    for line in 0..2000 {
        let text = writer.text(&format!("{line} {}", "x".repeat(4000)));
        writer.output_text_at(text, LocationId::UNKNOWN);
    }
    let mut replay = Replay::within(64 << 20, Meta::default());
    replay.append(&writer.take());
    assert!(!replay.is_full());
    assert_eq!(replay.index().outputs().len(), 2000);
}

/// What a program can record most tightly, as `--record` writes it.
#[test]
fn a_recording_of_a_million_equal_yields_is_read_as_a_whole() {
    let mut writer = Writer::new();
    let name = writer.intern("main");
    writer.spawn(name, LocationId::UNKNOWN, false);
    for _ in 0..1_000_000 {
        writer.tick_start();
        writer.run(1);
        writer.poll_start(TaskId(0));
        writer.wake(TaskId(0), WakeEffect::Enqueued);
        writer.wait(Wait::Yield, LocationId::UNKNOWN, false);
        writer.poll_end(PollOutcome::Pending, 0);
        writer.tick_end();
    }
    let log = Log {
        bytes: writer.take(),
        ..Log::default()
    };
    let mut file = Vec::new();
    file::write(&log, &mut file).unwrap();
    let mut replay = Replay::within(file::memory_budget(file.len() as u64), Meta::default());
    replay.append(&log.bytes);
    assert!(!replay.is_full());
    assert_eq!(replay.end(), Position(7_000_001));
}

/// Each wait names a line of a file of a million lines.
#[test]
fn a_source_file_of_a_million_lines_is_left_out() {
    let sources = vec![
        ("long.rs".to_owned(), "\n".repeat(1_000_000)),
        ("short.rs".to_owned(), "wait().await;\n".to_owned()),
    ];
    let log = Log {
        meta: Meta {
            sources,
            ..Meta::default()
        },
        ..Log::default()
    };
    let mut bytes = Vec::new();
    file::write(&log, &mut bytes).unwrap();
    let (log, _) = file::read(bytes.as_slice()).unwrap();
    let names: Vec<&str> = log
        .meta
        .sources
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["short.rs"]);
}

/// With a walk over all tasks at each gap this takes some minutes.
#[test]
fn a_gap_takes_no_walk_over_all_paths() {
    let replay = replay(|writer| {
        let name = writer.intern("task");
        for _ in 0..150_000 {
            writer.spawn(name, LocationId::UNKNOWN, false);
            writer.gap(1);
        }
    });
    let compared = insight::compare(&replay, &replay, Language::Rust);
    assert_eq!(compared.a.tasks, 150_001);
    assert!(insight::critical_path(&replay).is_ok());
}

/// A line of a thousand bytes that is printed millions of times makes an output of gigabytes.
#[test]
fn the_uses_of_a_text_of_a_kilobyte_are_limited() {
    let printed = |length: usize| {
        let mut writer = Writer::new();
        let name = writer.intern("main");
        writer.spawn(name, LocationId::UNKNOWN, false);
        let line = writer.text(&"x".repeat(length));
        for _ in 0..400_000 {
            writer.output_text(line);
        }
        let mut replay = Replay::within(64 << 20, Meta::default());
        replay.append(&writer.take());
        replay.index().outputs().len()
    };
    assert_eq!(printed(128), 400_000);
    let most = (64 << 20) / 1024;
    assert!((most / 2..most).contains(&printed(1024)));
}

/// The path of a source file is used by each await in it.
#[test]
fn the_uses_of_a_path_cost_less_than_those_of_a_line() {
    let mut writer = Writer::new();
    let name = writer.intern("main");
    writer.spawn(name, LocationId::UNKNOWN, false);
    let at = writer.location(&"x".repeat(150), 1, 1);
    for _ in 0..400_000 {
        writer.wait(Wait::Yield, at, false);
    }
    let mut replay = Replay::within(64 << 20, Meta::default());
    replay.append(&writer.take());
    assert!(!replay.is_full());
}

/// The memory of the states is what the budget is for: the one of a picture is among them.
#[test]
fn the_budget_counts_each_state_that_a_screen_holds() {
    let tasks = 100_000;
    let mut bytes = declare(tasks);
    // Each of the tasks is polled, so each gets a row of its own, in every copy of the state.
    for _ in 0..tasks {
        bytes.extend([11 << 3 | 2, 12 << 3]);
    }
    let mut replay = Replay::within(48 << 20, Meta::default());
    replay.append(&bytes);
    assert!(replay.is_full());
    let rows = replay.end().0 / 2;
    assert!(rows * 152 * 6 < 48 << 20, "{rows} rows");
    assert!(rows * 152 * 12 > 48 << 20, "{rows} rows");
}

/// A callback takes 60 bytes in each copy of the state.
#[test]
fn callbacks_that_never_run_exceed_the_budget() {
    let mut writer = Writer::new();
    let name = writer.intern("callback");
    for _ in 0..200_000 {
        writer.callback_scheduled(name);
    }
    let mut replay = Replay::within(16 << 20, Meta::default());
    replay.append(&writer.take());
    assert!(replay.is_full());
    let waiting = replay.end().0;
    assert!(waiting * 60 * 6 < 16 << 20, "{waiting} callbacks");
}

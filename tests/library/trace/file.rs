//! Files of every version, and damaged files: each gives a clear error or a marked gap, never a
//! panic.

use loopscope::{
    insight::Language,
    replay::{Replay, Status},
    scene::source_view::source_view,
    trace::{
        LocationId, Log, Meta, Outcome, PollOutcome, Position, RingLog, TaskId, Wait, Writer,
        file::{self, Damage, FileError},
    },
};

const VERSION_2: &[u8] = include_bytes!("../../fixtures/say_after.v2.loopscope");

/// A small run with many kinds of events.
fn small() -> Log {
    let mut writer = Writer::new();
    let name = writer.intern("main");
    let at = writer.location("src/main.rs", 7, 3);
    let main = writer.spawn(name, at, false);
    writer.tick_start();
    writer.run(1);
    writer.poll_start(main);
    let child = writer.spawn(name, LocationId::UNKNOWN, true);
    writer.name_task(child, "child");
    writer.output("hello");
    writer.wait(Wait::Join(child), at, false);
    writer.poll_end(PollOutcome::Pending, 1_000);
    writer.tick_end();
    writer.tick_start();
    writer.run(1);
    writer.poll_start(child);
    writer.poll_end(PollOutcome::Ready, 300_000);
    writer.tick_end();
    writer.end(Outcome::Stopped);
    let meta = Meta {
        scenario: "gone".into(),
        sources: vec![("src/main.rs".into(), "fn main() {}\n".into())],
        ..Meta::default()
    };
    Log {
        bytes: writer.take(),
        meta,
    }
}

fn written(log: &Log) -> Vec<u8> {
    let mut file = Vec::new();
    file::write(log, &mut file).unwrap();
    file
}

/// Opens a file that may be damaged and reads all of it. Returns the log, if any, and whether
/// damage is reported.
fn look(bytes: &[u8]) -> Result<(Log, bool), FileError> {
    let (log, damage) = file::read(bytes)?;
    assert!(damage.is_none_or(Damage::is_any));
    let most = 300 * bytes.len() + (1 << 16);
    assert!(
        log.bytes.len() <= most,
        "{} of {}",
        log.bytes.len(),
        bytes.len()
    );
    let mut replay = Replay::new(log.clone());
    let end = replay.end();
    for position in [end, Position(end.0 / 2), Position(0)] {
        replay.seek(position);
    }
    let is_wrong = damage.is_some() || replay.is_damaged();
    Ok((log, is_wrong))
}

#[test]
fn every_version_opens() {
    let (log, damage) = file::read(VERSION_2).unwrap();
    assert_eq!(damage, None);
    assert!(
        written(&log) == VERSION_2,
        "the bytes of the format have changed"
    );
    assert_eq!(log.meta.scenario, "say_after");
    let replay = Replay::new(log);
    assert_eq!(replay.end(), Position(58));
    assert_eq!(replay.tables().task_name(TaskId(2)), "world");
    assert!(!replay.is_damaged());
}

#[test]
fn a_file_from_elsewhere_shows_its_program() {
    let (log, _) = file::read(written(&small()).as_slice()).unwrap();
    let mut replay = Replay::new(log);
    replay.seek(replay.end());
    let program = source_view(&replay, None, Language::Rust);
    assert_eq!(program.file, "src/main.rs");
    assert_eq!(program.lines[0].text, "fn main() {}");
}

#[test]
fn names_from_lost_events_are_in_the_tables() {
    let mut file = written(&small());
    let records = file.windows(5).position(|bytes| bytes == b"\xf5lsc\x02");
    file[records.unwrap() + 7] ^= 1;
    let (log, damage) = file::read(file.as_slice()).unwrap();
    assert_eq!(damage.unwrap().places, 1);
    let replay = Replay::new(log);
    assert!(!replay.is_damaged());
    let name = |task| replay.tables().task_name(TaskId(task)).to_owned();
    assert_eq!((name(0), name(1)), ("main".into(), "child".into()));
    let status = |task| {
        replay
            .index()
            .head()
            .tasks
            .get(TaskId(task))
            .unwrap()
            .status()
    };
    assert_eq!((status(0), status(1)), (Status::Unknown, Status::Unknown));
}

#[test]
fn discarded_tasks_keep_their_identity() {
    let mut writer = Writer::new();
    let mut tail = RingLog::new(0);
    let (first, other) = (writer.intern("first"), writer.intern("other"));
    let task = writer.spawn(first, LocationId::UNKNOWN, false);
    writer.name_task(task, "renamed");
    writer.spawn(other, LocationId::UNKNOWN, true);
    for _ in 0..2 {
        writer.poll_start(TaskId(0));
        for _ in 0..40_000 {
            writer.poll_end(PollOutcome::Pending, 1000);
        }
        tail.push(&writer.take());
    }
    let log = Log {
        bytes: tail.into_records(),
        ..Log::default()
    };
    let replay = Replay::new(log);
    assert!(!replay.is_damaged());
    assert_eq!(replay.tables().task_name(TaskId(0)), "renamed");
    assert_eq!(replay.tables().task_name(TaskId(1)), "other");
    assert_eq!(replay.index().gaps().len(), 1);
}

#[test]
fn a_file_truncated_anywhere_is_reported() {
    let log = small();
    for whole in [written(&log), VERSION_2.to_vec()] {
        let (all, _) = look(&whole).unwrap();
        for length in 0..whole.len() {
            if let Ok((cut, is_wrong)) = look(&whole[..length]) {
                assert!(is_wrong, "nothing is said about {length} bytes");
                assert!(all.bytes.starts_with(&cut.bytes));
            }
        }
    }
}

#[test]
fn every_flipped_bit_is_detected() {
    let log = small();
    let whole = written(&log);
    for bit in 0..whole.len() * 8 {
        let mut file = whole.clone();
        file[bit / 8] ^= 1 << (bit % 8);
        if let Ok((read, is_wrong)) = look(&file) {
            assert!(is_wrong || read == log, "bit {bit}");
        }
    }
}

/// Changes, cuts or repeats a few random bytes.
fn mutate(random: &mut fastrand::Rng, file: &mut Vec<u8>) {
    for _ in 0..random.usize(1..6) {
        let at = random.usize(0..file.len().max(1)).min(file.len());
        let to = (at + random.usize(1..40)).min(file.len());
        match random.u8(0..6) {
            0 => file.truncate(to),
            1 => drop(file.drain(at..to)),
            2 => file.extend_from_within(at..to),
            3 if at < file.len() => file[at] = random.u8(..),
            4 => file[at..to].fill(if random.bool() { 0xff } else { 0 }),
            _ if at < file.len() => file[at] ^= 1 << random.u8(0..8),
            _ => file.push(random.u8(..)),
        }
    }
}

/// Opens a number of randomly changed files.
fn mutated(count: u64) {
    let originals = [written(&small()), VERSION_2.to_vec()];
    let mut opened = 0;
    for seed in 0..count {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut file = random.choice(&originals).unwrap().clone();
        mutate(&mut random, &mut file);
        opened += u64::from(look(&file).is_ok());
    }
    assert!(opened > count / 100, "only {opened} of {count} were opened");
}

#[test]
fn randomly_changed_files_never_panic() {
    mutated(200_000);
}

#[test]
#[ignore = "takes minutes: ten million files"]
fn many_randomly_changed_files_never_panic() {
    mutated(10_000_000);
}

use super::*;
use crate::trace::{
    Advance, Cursor, Event, LocationId, Meta, PollOutcome, TaskId, TickPolicy, Writer,
};

/// A run of a few tasks with this many polls, and a line of output every 1,000 polls.
fn sample(polls: u32) -> Log {
    let mut writer = Writer::new();
    let name = writer.intern("worker");
    let at = writer.location("src/main.rs", 3, 5);
    for _ in 0..5 {
        writer.spawn(name, at, false);
    }
    for poll in 0..polls {
        writer.poll_start(TaskId(poll % 5));
        if poll % 1000 == 999 {
            writer.output(&format!("line {poll}"));
            writer.spawn(name, LocationId::UNKNOWN, true);
        }
        writer.poll_end(PollOutcome::Pending, u64::from(poll * 7 % 400));
        if poll % 50 == 0 {
            writer.advance(1_000_000, Advance::Waited);
        }
    }
    let meta = Meta {
        scenario: "say_after".into(),
        variant: "concurrent".into(),
        params: vec![("first".into(), "1".into())],
        seed: 7,
        sources: vec![("a.rs".into(), "fn main() {\n}\n".into())],
        schedule: "12:2,15:1".parse().unwrap(),
        tick_policy: TickPolicy::Drain,
        ..Meta::default()
    };
    Log {
        bytes: writer.take(),
        meta,
    }
}

/// More than three chunks.
const LONG: u32 = 100_000;

fn written(log: &Log) -> Vec<u8> {
    let mut file = Vec::new();
    write(log, &mut file).unwrap();
    file
}

/// The events without gaps, and the number of events that each gap replaces.
fn events(log: &Log) -> (Vec<Event>, Vec<u64>) {
    let (mut events, mut gaps) = (Vec::new(), Vec::new());
    let mut cursor = Cursor::START;
    while let Some(event) = cursor.next_event(&log.bytes) {
        if let Event::Gap { events } = event {
            gaps.push(events);
        } else {
            events.push(event);
        }
    }
    assert_eq!(cursor.offset, log.bytes.len(), "it makes sense to its end");
    (events, gaps)
}

/// The offsets of the chunks.
fn chunks(file: &[u8]) -> Vec<usize> {
    let found = file.windows(4).enumerate();
    let found = found.filter(|(_, bytes)| *bytes == chunk::MARKER);
    found.map(|(at, _)| at).collect()
}

#[test]
fn a_file_is_read_as_it_was_written() {
    for polls in [0, 1, LONG] {
        let log = sample(polls);
        let (read, damage) = read(written(&log).as_slice()).unwrap();
        assert_eq!((read, damage), (log, None));
    }
}

#[test]
fn bytes_that_are_not_records_are_kept() {
    let mut log = sample(10);
    log.bytes.extend([0xff, 0xff, 7]);
    let (read, _) = read(written(&log).as_slice()).unwrap();
    assert_eq!(read, log);
}

#[test]
fn a_cut_file_opens_up_to_its_last_whole_chunk() {
    let log = sample(LONG);
    let file = written(&log);
    let last = chunks(&file).len() - 4;
    let (cut, damage) = read(&file[..chunks(&file)[last] + 100]).unwrap();
    assert!(damage.unwrap().unfinished);
    let (whole, _) = events(&log);
    let (left, gaps) = events(&cut);
    assert!(gaps.is_empty() && whole.starts_with(&left));
    assert_eq!(left.len() % CHUNK_EVENTS as usize, 0);
    assert!(whole.len() - left.len() < CHUNK_EVENTS as usize);
}

#[test]
fn the_pieces_of_the_records_do_not_matter() {
    let log = sample(LONG);
    let mut file = FileWriter::new(Vec::new(), &log.meta).unwrap();
    for piece in log.bytes.chunks(777) {
        file.records(piece).unwrap();
    }
    assert_eq!(file.finish().unwrap(), written(&log));
}

#[test]
fn a_broken_chunk_is_a_gap_with_its_count() {
    let log = sample(LONG);
    let (whole, _) = events(&log);
    let file = written(&log);
    let chunks = chunks(&file);
    // Its payload; its header; and without the index, too.
    for (at, cut) in [(50, 0), (5, 0), (50, 40), (5, 40)] {
        let mut file = file[..file.len() - cut].to_vec();
        file[chunks[3] + at + usize::from(at == 50) * 60] ^= 4;
        let (read, damage) = read(file.as_slice()).unwrap();
        let damage = damage.unwrap();
        assert_eq!((damage.places, damage.missing), (1, CHUNK_EVENTS.into()));
        assert_eq!(damage.unfinished, cut > 0);
        let (left, gaps) = events(&read);
        assert_eq!(gaps, [u64::from(CHUNK_EVENTS)]);
        let (before, after) = (CHUNK_EVENTS as usize, 2 * CHUNK_EVENTS as usize);
        assert_eq!(left[..before], whole[..before]);
        assert_eq!(
            left[before..],
            whole[after..],
            "what comes after is the same"
        );
    }
}

/// Pseudo-random numbers that are the same in every run.
struct Random(u64);

impl Random {
    /// Knuth's multiplier for 64 bits (The Art of Computer Programming, volume 2).
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// Chunks with wrong content and right checksums.
#[test]
fn nonsense_in_good_chunks_does_no_harm() {
    let log = sample(300);
    let original = written(&log);
    let offsets = chunks(&original);
    for seed in 0..20_000 {
        let mut random = Random(seed);
        let mut file = original[..20].to_vec();
        for &at in &offsets {
            let header = chunk::ChunkHeader::read(&original[at..]).unwrap();
            let end = at + usize::try_from(header.total()).unwrap();
            let stored = &original[end - header.stored as usize..end];
            let mut payload = header.unpack(stored).unwrap();
            let mut extra = header.extra.clone();
            for _ in 0..random.below(3) {
                let part = if random.below(2) == 0 {
                    &mut payload
                } else {
                    &mut extra
                };
                let at = random.below(part.len().max(1));
                if let Some(byte) = part.get_mut(at) {
                    *byte = random.below(256).to_le_bytes()[0];
                }
            }
            if header.kind == chunk::kind::RECORDS {
                let columns = columns::split(&payload);
                chunk::write_records(&mut file, &extra, &payload, columns.as_deref()).unwrap();
            } else {
                chunk::write(&mut file, header.kind, &extra, &payload).unwrap();
            }
        }
        if let Ok((log, _)) = read(file.as_slice()) {
            assert!(log.bytes.len() <= 300 * file.len() + (1 << 22));
            let mut cursor = Cursor::START;
            while cursor.next_event(&log.bytes).is_some() {}
            assert!(cursor.offset <= log.bytes.len());
        }
    }
}

#[test]
fn a_file_that_is_not_a_trace_is_refused() {
    assert!(matches!(
        read(&b"#!/bin/sh\nexit 0\n"[..]),
        Err(FileError::NotATrace)
    ));
    assert!(matches!(read(&b""[..]), Err(FileError::NotATrace)));
    assert!(matches!(
        read(&b"loopscope trace\n\x09\0\0\0"[..]),
        Err(FileError::Version(9))
    ));
    assert!(matches!(
        read(&b"loopscope trace\n\x01\0\0\0"[..]),
        Err(FileError::Version(1))
    ));
}

/// A file of a description, and one empty chunk of records that begins behind this cursor.
fn file_that_begins_at(start: Cursor) -> Vec<u8> {
    let mut file = written(&Log::default())[..20].to_vec();
    let meta = payload::encode_meta(&Meta::default());
    chunk::write(&mut file, chunk::kind::META, &[], &meta).unwrap();
    let range = payload::ChunkRange {
        first: 1,
        count: 0,
        until: start.now,
        start,
    };
    chunk::write(&mut file, chunk::kind::RECORDS, &range.encode(), &[]).unwrap();
    file
}

/// A cursor behind this many tasks, texts and locations.
fn behind(tasks: u64, texts: u64, locations: u64) -> Cursor {
    let mut bytes = Vec::new();
    for number in [0, 0, 0, 0, tasks, texts, locations, 0, 0, 5, 0] {
        crate::trace::varint::put(&mut bytes, number);
    }
    Cursor::decode(&bytes).unwrap()
}

#[test]
fn a_header_cannot_hide_more_texts_than_the_file_has_bytes() {
    for (texts, locations) in [(10_000_000, 0), (0, 10_000_000), (200_000, 200_000)] {
        let file = file_that_begins_at(behind(0, texts, locations));
        let (log, damage) = read(file.as_slice()).unwrap();
        assert_eq!(log.bytes.len(), 0);
        assert_eq!(damage.unwrap().places, 1);
    }
    let (log, _) = read(file_that_begins_at(behind(0, 1000, 1000)).as_slice()).unwrap();
    let mut cursor = Cursor::START;
    while cursor.next_event(&log.bytes).is_some() {}
    assert_eq!((cursor.texts(), cursor.locations()), (1000, 1000));
}

#[test]
fn headers_together_cannot_hide_more_texts_than_one() {
    let mut file = file_that_begins_at(behind(0, 1, 0));
    for step in 1..1000 {
        let start = behind(0, step * 100_000, 0);
        let range = payload::ChunkRange {
            first: step + 1,
            count: 0,
            until: start.now,
            start,
        };
        chunk::write(&mut file, chunk::kind::RECORDS, &range.encode(), &[]).unwrap();
    }
    let (log, _) = read(file.as_slice()).unwrap();
    assert!(log.bytes.len() < 1 << 20, "{}", log.bytes.len());
}

#[test]
fn a_description_is_refused_if_it_is_longer_than_any_that_is_written() {
    let mut meta = Meta {
        sources: vec![("a.rs".into(), "\0".repeat(1 << 25)); 3],
        params: vec![("key".into(), "value".into()); 100_000],
        ..Meta::default()
    };
    let mut file = written(&Log::default())[..20].to_vec();
    let mut payload = payload::encode_meta(&Meta::default());
    payload.resize(1 << 25, 0);
    chunk::write(&mut file, chunk::kind::META, &[], &payload).unwrap();
    assert!(file.len() < 1 << 18);
    let refused = read(file.as_slice()).unwrap_err();
    assert!(matches!(refused, FileError::Description(length) if length == 1 << 25));
    // What is written can be read.
    let log = Log {
        meta: meta.clone(),
        ..Log::default()
    };
    let (read, _) = read(written(&log).as_slice()).unwrap();
    meta.sources.clear();
    meta.params.truncate(1 << 10);
    assert_eq!(read.meta, meta);
}

/// Each picture and each log has the name, the title and the parameters.
#[test]
fn what_is_said_of_a_run_is_limited() {
    let mut meta = Meta {
        scenario: "é".repeat(1 << 20),
        title: "short".into(),
        params: vec![
            ("key".into(), "long".repeat(1000)),
            ("a".into(), "1".into()),
        ],
        sources: vec![("a.rs".into(), "x".into()); 2000],
        ..Meta::default()
    };
    meta.limit();
    assert_eq!(meta.scenario, format!("{}…", "é".repeat(512)));
    assert_eq!(meta.title, "short");
    assert_eq!(meta.params, [("a".to_owned(), "1".to_owned())]);
    assert_eq!(meta.sources.len(), 1024);
}

#[test]
fn a_packed_chunk_that_unpacks_to_more_than_the_limit_is_not_written() {
    let text = "x".repeat(chunk::MOST_RAW as usize + 1);
    let mut writer = Writer::new();
    writer.output(&text);
    let log = Log {
        bytes: writer.take(),
        ..Log::default()
    };
    let file = written(&log);
    assert!(file.len() > chunk::MOST_RAW as usize);
    assert_eq!(read(file.as_slice()).unwrap(), (log, None));
}

/// Half a million markers, none of which begins a header.
#[test]
fn the_search_for_a_header_reads_each_byte_about_once() {
    struct Counting(io::Cursor<Vec<u8>>, u64);
    impl Read for Counting {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read(to)?;
            self.1 += count as u64;
            Ok(count)
        }
    }
    impl Seek for Counting {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let whole = written(&sample(LONG));
    let start = chunks(&whole)[3];
    let mut file = whole[..start].to_vec();
    file.extend(chunk::MARKER.repeat(500_000));
    file.extend(&whole[chunks(&whole)[4]..]);
    file.truncate(file.len() - 40);
    let length = file.len() as u64;
    let mut source = Counting(io::Cursor::new(file), 0);
    let mut recording = Recording::open(&mut source).unwrap();
    while recording.next_records().unwrap().is_some() {}
    assert_eq!(recording.damage().missing, u64::from(CHUNK_EVENTS));
    assert!(source.1 < 3 * length, "{} of {length}", source.1);
}

//! A recording of ten thousand million events: more than 32 bits can count, of events and of polls.
//!
//! It would fill gigabytes, so it is no file: [`VirtualFile`] makes the bytes that a reader asks for.
//! All chunks of records have the same payload. Only their headers differ, in what comes before
//! them.

use std::io::{self, Read, Seek, SeekFrom};

use loopscope::{
    export,
    import::{self, ImportFormat},
    replay::Replay,
    trace::{
        LocationId, Log, Meta, PollOutcome, Position, Writer,
        file::{FileWriter, MAX_EVENTS, Part, Recording},
    },
};

/// How many chunks of records follow the first one.
const CHUNKS: u64 = 90_000;

/// How many polls a chunk has; each takes [`POLL`] and has two events.
const POLLS: u64 = 50_000;
const POLL: u64 = 5;

/// The events of a chunk: its polls, and the borders of its one tick.
const EVENTS: u64 = 2 * POLLS + 3;

/// The first chunk is shorter, and has one event more, the spawn of the main task.
const FIRST_POLLS: u64 = 1_000;
const FIRST: u64 = 2 * FIRST_POLLS + 4;

const ALL: u64 = FIRST + EVENTS * CHUNKS;
const ALL_POLLS: u64 = FIRST_POLLS + POLLS * CHUNKS;

const META: u8 = 1;
const RECORDS: u8 = 2;
const END: u8 = 3;
const INDEX: u8 = 6;

/// The bytes of a file, of which most are made when they are read.
struct VirtualFile {
    head: Vec<u8>,
    payload: Vec<u8>,
    payload_checksum: [u8; 4],
    /// The offset of each chunk of records behind the first, and of what follows the last.
    offsets: Vec<u64>,
    tail: Vec<u8>,
    at: u64,
}

fn tick(writer: &mut Writer, polls: u64) -> Vec<u8> {
    writer.tick_start();
    writer.run(1);
    for _ in 0..polls {
        writer.poll_start(loopscope::trace::TaskId(0));
        writer.poll_end(PollOutcome::Pending, POLL);
    }
    writer.tick_end();
    writer.take()
}

/// CRC-32 as in zip and PNG, bit by bit.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1));
        }
    }
    (!crc).to_le_bytes()
}

/// The header of a chunk that is not packed.
fn header(kind: u8, extra: &[u8], length: usize, payload_checksum: [u8; 4]) -> Vec<u8> {
    let length = u32::try_from(length).unwrap().to_le_bytes();
    let mut header = vec![0xf5, b'l', b's', b'c', kind, 0];
    header.extend(u16::try_from(extra.len()).unwrap().to_le_bytes());
    header.extend([length, length, payload_checksum].concat());
    header.extend(extra);
    header.extend(checksum(&header));
    header
}

fn chunk(kind: u8, extra: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut chunk = header(kind, extra, payload.len(), checksum(payload));
    chunk.extend(payload);
    chunk
}

/// How many polls precede the chunk with this number.
fn polls_before(number: u64) -> u64 {
    FIRST_POLLS + POLLS * (number - 1)
}

/// The state of a reader behind that many chunks: the operands of a `resume` record.
fn reader_state(chunks: u64) -> Vec<u8> {
    let polls = polls_before(chunks);
    let unknown = u64::from(u32::MAX);
    let (tasks, texts, from_loop) = (1, 1, 5);
    let numbers = [
        polls * POLL,
        polls,
        chunks,
        0,
        tasks,
        texts,
        0,
        0,
        unknown,
        from_loop,
        0,
    ];
    let mut bytes = Vec::new();
    for mut number in numbers {
        while number >= 0x80 {
            bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
            number >>= 7;
        }
        bytes.push(u8::try_from(number).unwrap());
    }
    bytes
}

/// The extra part of the chunk with this number, counted from 1: number 0 is in the head.
fn extra(number: u64) -> Vec<u8> {
    let mut extra = Vec::new();
    extra.extend((FIRST + EVENTS * (number - 1)).to_le_bytes());
    extra.extend(u32::try_from(EVENTS).unwrap().to_le_bytes());
    extra.extend((polls_before(number + 1) * POLL).to_le_bytes());
    extra.extend(reader_state(number));
    extra
}

impl VirtualFile {
    fn new(has_index: bool) -> VirtualFile {
        let mut writer = Writer::new();
        let name = writer.intern("main");
        writer.spawn(name, LocationId::UNKNOWN, false);
        let mut first = writer.take();
        first.extend(tick(&mut writer, FIRST_POLLS));
        let payload = tick(&mut writer, POLLS);
        // The first chunk is written as usual. What the writer adds behind it is cut off.
        let mut file = FileWriter::new(Vec::new(), &Meta::default()).unwrap();
        let before = file.written();
        file.records(&first).unwrap();
        file.flush().unwrap();
        let written = usize::try_from(file.written()).unwrap();
        let mut head = file.finish().unwrap();
        assert_eq!(head[20 + 4], META);
        let first_extra = {
            let at = usize::try_from(before).unwrap();
            let length = usize::from(head[at + 6]);
            head[at + 20..at + 20 + length].to_vec()
        };
        head.truncate(written);
        let payload_checksum = checksum(&payload);
        let mut offsets = vec![head.len() as u64];
        let mut index = Vec::new();
        index.extend(ALL.to_le_bytes());
        index.extend(0_u64.to_le_bytes());
        let part = |part: &[u8], index: &mut Vec<u8>| {
            index.push(u8::try_from(part.len()).unwrap());
            index.extend(part);
        };
        part(&reader_state(CHUNKS + 1), &mut index);
        index.extend(before.to_le_bytes());
        part(&first_extra, &mut index);
        for number in 1..=CHUNKS {
            let extra = extra(number);
            let at = offsets[offsets.len() - 1];
            index.extend(at.to_le_bytes());
            part(&extra, &mut index);
            offsets.push(at + (24 + extra.len() + payload.len()) as u64);
        }
        let end = offsets[offsets.len() - 1];
        let mut tail = Vec::new();
        if has_index {
            tail = chunk(INDEX, &[], &index);
            tail.extend(chunk(END, &end.to_le_bytes(), &[]));
        }
        VirtualFile {
            head,
            payload,
            payload_checksum,
            offsets,
            tail,
            at: 0,
        }
    }

    fn length(&self) -> u64 {
        self.offsets[self.offsets.len() - 1] + self.tail.len() as u64
    }

    /// Copies bytes from an offset on, up to the end of the part that they belong to.
    fn copy(&self, at: u64, into: &mut [u8]) -> usize {
        let copy = |bytes: &[u8], start: u64, into: &mut [u8]| {
            let start = usize::try_from(at - start).unwrap();
            let bytes = bytes.get(start..).unwrap_or_default();
            let count = bytes.len().min(into.len());
            into[..count].copy_from_slice(&bytes[..count]);
            count
        };
        let number = self.offsets.partition_point(|offset| *offset <= at);
        let Some(before) = number.checked_sub(1) else {
            return copy(&self.head, 0, into);
        };
        let start = self.offsets[before];
        let Some(end) = self.offsets.get(number) else {
            return copy(&self.tail, start, into);
        };
        let payload = end - self.payload.len() as u64;
        if at >= payload {
            return copy(&self.payload, payload, into);
        }
        let (extra, sum) = (extra(number as u64), self.payload_checksum);
        copy(
            &header(RECORDS, &extra, self.payload.len(), sum),
            start,
            into,
        )
    }
}

impl Read for VirtualFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.copy(self.at, into);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for VirtualFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.length().saturating_add_signed(by),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

/// The first and the last chunk, with a gap between them.
fn both_ends(mut recording: Recording<VirtualFile>) -> Replay {
    recording.leave_out(FIRST..ALL - EVENTS);
    let mut log = Log::default();
    while let Some(records) = recording.next_records().unwrap() {
        log.bytes.extend(records);
    }
    let damage = recording.damage();
    assert_eq!(damage.left_out, ALL - FIRST - EVENTS);
    assert_eq!((damage.places, damage.missing), (0, 0));
    Replay::new(log)
}

#[test]
fn ten_thousand_million_events_open() {
    assert!(ALL > 9_000_000_000 && ALL_POLLS > u64::from(u32::MAX));
    let recording = Recording::open(VirtualFile::new(true)).unwrap();
    let overview = recording.overview();
    assert_eq!(overview.events, ALL);
    assert_eq!(overview.polls, ALL_POLLS);
    // Not all of it would fit into memory.
    assert!(recording.shown_events() <= MAX_EVENTS + 2 * EVENTS);
    assert!(recording.shown_events() >= MAX_EVENTS - 2 * EVENTS);
}

#[test]
fn both_ends_of_a_very_long_recording_can_be_sought() {
    let recording = Recording::open(VirtualFile::new(true)).unwrap();
    let mut replay = both_ends(recording);
    assert!(!replay.is_damaged());
    assert_eq!(replay.end(), Position(FIRST + 1 + EVENTS));
    let left_out = ALL - FIRST - EVENTS;
    assert_eq!(replay.index().gaps()[0].events, left_out);
    let polls = ALL_POLLS;
    replay.seek(replay.end());
    assert_eq!(replay.state().cursor.polls(), polls);
    assert_eq!(replay.state().now().nanos(), polls * POLL);
    assert_eq!(replay.state().missing, left_out);
    let last = replay.at_polls(polls - 1);
    replay.seek(last);
    assert_eq!(replay.state().cursor.polls(), polls - 1);
    assert_eq!(replay.next_poll(), Position(last.0 + 1));
    assert_eq!(replay.tick_start(CHUNKS + 1), Position(FIRST + 2));
    replay.seek(Position(10));
    assert_eq!(replay.state(), &replay.state_at(Position(10)));
    assert!(replay.state().cursor.polls() < 10);
}

#[test]
fn a_part_of_a_very_long_recording_is_read() {
    let from = FIRST + 1000 * EVENTS;
    let to = from + 2 * EVENTS;
    // What is behind the part is a gap as well.
    let middle = (Part::Range { from, to }, from, 2 * EVENTS + 1);
    let last = (Part::Last(EVENTS), ALL - EVENTS, EVENTS);
    for (part, before, events) in [middle, last] {
        let mut recording = Recording::open_part(VirtualFile::new(true), part).unwrap();
        let mut log = Log::default();
        while let Some(records) = recording.next_records().unwrap() {
            log.bytes.extend(records);
        }
        assert!(!recording.damage().is_any(), "{part:?}");
        let replay = Replay::new(log);
        assert!(!replay.is_damaged());
        assert_eq!(replay.index().gaps()[0].events, before);
        assert_eq!(replay.end(), Position(1 + events));
    }
}

#[test]
fn both_ends_of_a_very_long_recording_are_exported() {
    let recording = Recording::open(VirtualFile::new(true)).unwrap();
    let replay = both_ends(recording);
    let mut lines = Vec::new();
    export::jsonl(&replay, &mut lines).unwrap();
    let read = import::read(ImportFormat::Jsonl, lines.as_slice()).unwrap();
    let again = Replay::new(read.log);
    let [gap, due] = [&again, &replay].map(|replay| replay.index().gaps()[0]);
    assert_eq!((gap.position, gap.events), (due.position, due.events));
    assert_eq!(again.end(), replay.end());
    let (mut chrome, mut perfetto) = (Vec::new(), Vec::new());
    export::chrome(&replay, &mut chrome).unwrap();
    export::perfetto(&replay, &mut perfetto).unwrap();
    assert!(chrome.len().min(perfetto.len()) as u64 > 2 * POLLS);
}

#[test]
fn a_very_long_recording_without_an_index_opens() {
    let recording = Recording::open(VirtualFile::new(false)).unwrap();
    assert!(recording.damage().unfinished);
    assert_eq!(recording.overview().events, ALL);
    let replay = both_ends(recording);
    assert!(!replay.is_damaged());
}

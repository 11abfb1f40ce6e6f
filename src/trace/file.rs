//! A trace in a file.
//!
//! ```text
//! "loopscope trace\n"  version: u32
//! chunk*               kind: u8   length: u32   checksum: u32 (CRC-32 of the payload)   payload
//! ```
//!
//! Numbers are little-endian. A chunk of kind 1 is the description of the run and comes first: strings (u32 length, UTF-8)
//! for scenario, variant, title, clock; the seed (u64); then pairs of strings, each list with its u32 length in front: parameters,
//! sources; then what a tick runs (a string; a snapshot if it is missing). Chunks of kind 2 are [records](super::code), to
//! be put one after the other. Kind 3 is the end and is empty: a file without it was not finished. Kind 4 comes before the
//! records of a run with a [`Schedule`] and is its text. Chunks of other kinds are passed over.

use std::io::{self, Read, Write};

use super::{ClockKind, Log, Meta, Schedule, Turns, tables::harmless};

const MAGIC: &[u8; 16] = b"loopscope trace\n";
const VERSION: u32 = 1;
const META: u8 = 1;
const RECORDS: u8 = 2;
const END: u8 = 3;
const SCHEDULE: u8 = 4;

/// The bytes of one chunk of records: what a broken chunk, or a kill in the middle of a run, can cost.
const CHUNK: usize = 1 << 13;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It could not be read at all.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It does not begin like a trace.
    #[error("this is no loopscope trace (it does not begin with \"loopscope trace\")")]
    NotATrace,
    /// It is a trace, but from another time.
    #[error("the trace has format version {0}, this program reads version {VERSION}")]
    Version(u32),
    /// The description of the run is missing or broken.
    #[error("the trace is damaged at its start: the description of the run cannot be read")]
    Damaged,
}

/// What was wrong with a file of which a part could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It stops before its end: the recording program was killed, or the file was cut.
    Unfinished,
    /// A chunk does not fit its checksum; nothing from there on was read.
    Checksum,
}

/// Writes a trace into a file as it comes.
///
/// Chunks have one size, but for the last, however the records come in: the same run gives the same file, no matter
/// how often somebody looked at it meanwhile.
#[derive(Debug)]
pub struct FileWriter<W: Write> {
    to: W,
    /// Records that do not fill a chunk yet.
    waiting: Vec<u8>,
}

impl<W: Write> FileWriter<W> {
    /// Begins a file.
    pub fn new(mut to: W, meta: &Meta) -> io::Result<FileWriter<W>> {
        to.write_all(MAGIC)?;
        to.write_all(&VERSION.to_le_bytes())?;
        let mut file = FileWriter {
            to,
            waiting: Vec::new(),
        };
        file.chunk(META, &encode_meta(meta))?;
        if !meta.schedule.is_empty() {
            file.chunk(SCHEDULE, meta.schedule.to_string().as_bytes())?;
        }
        Ok(file)
    }

    /// Adds records.
    pub fn records(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.waiting.extend_from_slice(bytes);
        let waiting = std::mem::take(&mut self.waiting);
        let mut parts = waiting.chunks_exact(CHUNK);
        parts.try_for_each(|part| self.chunk(RECORDS, part))?;
        self.waiting.extend_from_slice(parts.remainder());
        Ok(())
    }

    /// Writes what does not fill a chunk yet as a chunk of its own, so that it is there if the program is killed.
    pub fn flush(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.waiting);
        if !rest.is_empty() {
            self.chunk(RECORDS, &rest)?;
        }
        self.to.flush()
    }

    /// Ends the file.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        self.chunk(END, &[])?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn chunk(&mut self, kind: u8, payload: &[u8]) -> io::Result<()> {
        let length = u32::try_from(payload.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.to.write_all(&[kind])?;
        self.to.write_all(&length.to_le_bytes())?;
        self.to.write_all(&crc32fast::hash(payload).to_le_bytes())?;
        self.to.write_all(payload)
    }
}

/// Writes a whole trace.
pub fn write(log: &Log, to: impl Write) -> io::Result<()> {
    let mut file = FileWriter::new(to, &log.meta)?;
    file.records(&log.bytes)?;
    file.finish().map(drop)
}

/// Reads a trace, as far as it goes.
///
/// # Errors
///
/// If there is no description of the run to be had. Damage after it is no error: what was read is returned with it.
pub fn read(mut from: impl Read) -> Result<(Log, Option<Damage>), FileError> {
    let mut all = Vec::new();
    from.read_to_end(&mut all)?;
    let mut rest = Bytes(&all);
    if rest.take(MAGIC.len()) != Some(MAGIC) {
        return Err(FileError::NotATrace);
    }
    match rest.u32() {
        Some(VERSION) => {}
        other => return Err(other.map_or(FileError::Damaged, FileError::Version)),
    }
    let Ok(Some((META, meta))) = chunk(&mut rest) else {
        return Err(FileError::Damaged);
    };
    let meta = decode_meta(meta).ok_or(FileError::Damaged)?;
    let mut log = Log {
        bytes: Vec::new(),
        meta,
    };
    loop {
        match chunk(&mut rest) {
            Ok(Some((RECORDS, payload))) => log.bytes.extend_from_slice(payload),
            Ok(Some((SCHEDULE, payload))) => log.meta.schedule = decode_schedule(payload),
            Ok(Some((END, _))) => return Ok((log, None)),
            Ok(Some(_)) => {}
            Ok(None) => return Ok((log, Some(Damage::Unfinished))),
            Err(damage) => return Ok((log, Some(damage))),
        }
    }
}

/// The next chunk; none if there is no whole one left.
fn chunk<'a>(rest: &mut Bytes<'a>) -> Result<Option<(u8, &'a [u8])>, Damage> {
    let Some(&[kind]) = rest.take(1) else {
        return Ok(None);
    };
    let (Some(length), Some(checksum)) = (rest.u32(), rest.u32()) else {
        return Ok(None);
    };
    let Some(payload) = rest.take(length as usize) else {
        return Ok(None);
    };
    if crc32fast::hash(payload) == checksum {
        Ok(Some((kind, payload)))
    } else {
        Err(Damage::Checksum)
    }
}

fn encode_meta(meta: &Meta) -> Vec<u8> {
    let mut to = Vec::new();
    for text in [&meta.scenario, &meta.variant, &meta.title] {
        put_text(&mut to, text);
    }
    put_text(&mut to, meta.clock.word());
    to.extend(meta.seed.to_le_bytes());
    for pairs in [&meta.params, &meta.sources] {
        put_length(&mut to, pairs.len());
        for (key, value) in pairs {
            put_text(&mut to, key);
            put_text(&mut to, value);
        }
    }
    put_text(&mut to, meta.turns.word());
    to
}

fn decode_meta(payload: &[u8]) -> Option<Meta> {
    let mut rest = Bytes(payload);
    Some(Meta {
        scenario: rest.text()?,
        variant: rest.text()?,
        title: rest.text()?,
        clock: match rest.text()?.as_str() {
            "virtual" => ClockKind::Virtual,
            _ => ClockKind::Real,
        },
        seed: u64::from_le_bytes(rest.take(8)?.try_into().ok()?),
        params: rest.pairs()?,
        sources: rest.pairs()?,
        schedule: Schedule::default(),
        unknown: Vec::new(),
        turns: match rest.text().as_deref() {
            Some("drain") => Turns::Drain,
            _ => Turns::Snapshot,
        },
    })
}

/// The run can be seen without it: it only says why the order is what it is.
fn decode_schedule(payload: &[u8]) -> Schedule {
    let text = String::from_utf8_lossy(payload);
    text.parse().unwrap_or_default()
}

fn put_length(to: &mut Vec<u8>, length: usize) {
    to.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_text(to: &mut Vec<u8>, text: &str) {
    put_length(to, text.len());
    to.extend_from_slice(text.as_bytes());
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Made [harmless], but for line ends and tabs.
    fn text(&mut self) -> Option<String> {
        let length = self.u32()? as usize;
        let text = String::from_utf8_lossy(self.take(length)?);
        Some(text.chars().map(|c| harmless(c, "\n\t")).collect())
    }

    fn pairs(&mut self) -> Option<Vec<(String, String)>> {
        let count = self.u32()?;
        (0..count)
            .map(|_| Some((self.text()?, self.text()?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Log {
        let meta = Meta {
            scenario: "say_after".into(),
            variant: "concurrent".into(),
            params: vec![("first".into(), "1".into())],
            seed: 7,
            sources: vec![("a.rs".into(), "fn main() {\n}\n".into())],
            schedule: "12:2,15:1".parse().unwrap(),
            turns: Turns::Drain,
            ..Meta::default()
        };
        Log {
            bytes: (0..200_000_u32).map(|i| i.to_le_bytes()[0]).collect(),
            meta,
        }
    }

    fn written(log: &Log) -> Vec<u8> {
        let mut file = Vec::new();
        write(log, &mut file).unwrap();
        file
    }

    #[test]
    fn what_is_written_is_read() {
        let log = sample();
        let (read, damage) = read(written(&log).as_slice()).unwrap();
        assert_eq!((read, damage), (log, None));
    }

    #[test]
    fn a_file_that_is_cut_opens_up_to_the_last_whole_chunk() {
        let log = sample();
        let file = written(&log);
        let (cut, damage) = read(&file[..file.len() - 100_000]).unwrap();
        assert_eq!(damage, Some(Damage::Unfinished));
        assert!(!cut.bytes.is_empty() && cut.bytes.len().is_multiple_of(CHUNK));
        assert!(log.bytes.starts_with(&cut.bytes));
    }

    #[test]
    fn the_same_records_in_other_pieces_make_the_same_file() {
        let log = sample();
        let mut file = FileWriter::new(Vec::new(), &log.meta).unwrap();
        for piece in log.bytes.chunks(777) {
            file.records(piece).unwrap();
        }
        assert_eq!(file.finish().unwrap(), written(&log));
    }

    #[test]
    fn a_flipped_bit_is_noticed() {
        let mut file = written(&sample());
        let middle = file.len() / 2;
        file[middle] ^= 4;
        let (_, damage) = read(file.as_slice()).unwrap();
        assert_eq!(damage, Some(Damage::Checksum));
    }

    #[test]
    fn what_is_no_trace_says_so() {
        assert!(matches!(
            read(&b"#!/bin/sh\nexit 0\n"[..]),
            Err(FileError::NotATrace)
        ));
        assert!(matches!(read(&b""[..]), Err(FileError::NotATrace)));
        assert!(matches!(
            read(&b"loopscope trace\n\x09\0\0\0"[..]),
            Err(FileError::Version(9))
        ));
    }
}

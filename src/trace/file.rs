//! A trace in a file: packed chunks, each with a checksum, and an index at the end.
//!
//! ```text
//! "loopscope trace\n"  version: u32 = 2
//! chunk*               header: marker, kind, codec, lengths, checksum, extra part, checksum of the header
//!                      payload, packed
//!
//! META  SCHEDULE?  RECORDS RECORDS RECORDS …  TABLES  INDEX  END
//! ```
//!
//! `docs/trace-format.md` has the details. The header of a chunk of records tells which events it
//! has and what they are relative to, so each chunk can be read without the ones before it. A
//! damaged chunk becomes a [gap](super::Event::Gap) of as many events. A file without an index,
//! because the recording program was killed, is read by going from header to header.
//!
//! | file | what lives there |
//! |---|---|
//! | `chunk` | a header and a payload, with their checksums; a file as a source of chunks |
//! | `columns` | records arranged so that they pack well |
//! | `payload` | the description of the run, the range of events of a chunk, the index |
//! | `part` | which events are read |
//! | `write` | [`FileWriter`] |
//! | `read` | [`Recording`], a file that is being read |

mod chunk;
mod columns;
mod part;
mod payload;
mod read;
mod write;

use std::{
    fmt,
    io::{self, Read, Seek, Write},
};

pub use part::{Part, PartError};
pub use read::{MAX_EVENTS, Overview, Recording};
pub use write::{CHUNK_EVENTS, FileWriter};

use super::Log;
use payload::MOST_META;

pub(crate) const MAGIC: &[u8; 16] = b"loopscope trace\n";
const VERSION: u32 = 2;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file cannot be read at all.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file does not begin like a trace.
    #[error("this is not a loopscope trace (it does not begin with \"loopscope trace\")")]
    NotATrace,
    /// The file is a trace of a version that cannot be read.
    #[error("the trace has format version {0}, this program reads version {VERSION}")]
    Version(u32),
    /// The description of the run is missing or broken.
    #[error("the trace is damaged at its start: the description of the run cannot be read")]
    Damaged,
    /// The description of the run is longer than any that is written.
    #[error("the description of the run has {0} bytes; at most {MOST_META} are read")]
    Description(u32),
}

/// What of a file is missing in what was read: it is damaged, or it is too long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// The file has no end: the recording program was killed, or the file was cut.
    pub unfinished: bool,
    /// How many places cannot be read. Each is a [gap](super::Event::Gap), except one at the end of
    /// a file that was cut.
    pub places: u32,
    /// How many events are missing there, as far as that is known.
    pub missing: u64,
    /// How many events were left out, although the file has them: see
    /// [`MAX_EVENTS`].
    pub left_out: u64,
}

impl Damage {
    /// Whether anything is missing.
    pub fn is_any(self) -> bool {
        self != Damage::default()
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.places > 0 {
            let places = match self.places {
                1 => "one place".to_owned(),
                more => format!("{more} places"),
            };
            parts.push(match self.missing {
                0 => format!("it is damaged in {places}"),
                1 => format!("it is damaged in {places}, one event is missing"),
                many => format!("it is damaged in {places}, {many} events are missing"),
            });
        }
        if self.unfinished {
            parts.push("it was not finished: what happened last may be missing".to_owned());
        }
        if self.left_out > 0 {
            let left_out = self.left_out;
            parts.push(format!(
                "it is too long to be read as a whole: {left_out} events are left out; --load FROM..TO reads a part"
            ));
        }
        parts.push("what is there is shown".to_owned());
        f.write_str(&parts.join("; "))
    }
}

/// About how much memory the events of a file may take, if the file has this many bytes.
///
/// A chunk may unpack to 255 times its size, and a record of one byte can make a task. An honest
/// recording takes at most some twenty times its size; a small one may take a constant.
pub fn memory_budget(length: u64) -> usize {
    budget_of_at_least(LEAST, length.saturating_mul(RATIO))
}

/// The same for each of two files that are compared: together they take no more than 300 MB, unless
/// they are large.
pub fn memory_budget_of_two(length: u64) -> usize {
    budget_of_at_least(LEAST_OF_TWO, length.saturating_mul(RATIO))
}

/// About how much memory the events of another program's recording may take, if it has this many
/// bytes. It is a text, in which an event has fifty bytes or more.
pub fn import_budget(length: u64, is_one_of_two: bool) -> usize {
    if is_one_of_two {
        budget_of_at_least(LEAST_OF_TWO, length / 2)
    } else {
        budget_of_at_least(LEAST, length)
    }
}

/// The memory that a file may take for each of its bytes.
const RATIO: u64 = 24;

/// The memory that each file may take.
const LEAST: usize = 128 << 20;

/// The same for each of two files.
const LEAST_OF_TWO: usize = 64 << 20;

fn budget_of_at_least(least: usize, by_length: u64) -> usize {
    usize::try_from(by_length).unwrap_or(usize::MAX).max(least)
}

/// Writes a whole trace.
pub fn write(log: &Log, to: impl Write) -> io::Result<()> {
    let mut file = FileWriter::new(to, &log.meta)?;
    file.records(&log.bytes)?;
    file.finish().map(drop)
}

/// Reads a trace, as far as it is intact.
///
/// # Errors
///
/// If the description of the run cannot be read. Damage behind it is not an error: it is returned
/// with what was read.
pub fn read(mut from: impl Read) -> Result<(Log, Option<Damage>), FileError> {
    let mut all = Vec::new();
    from.read_to_end(&mut all)?;
    read_all(io::Cursor::new(all))
}

/// Like [`read`], but from a file that can seek, so that its content is not in memory twice.
pub fn read_all(from: impl Read + Seek) -> Result<(Log, Option<Damage>), FileError> {
    let mut recording = Recording::open(from)?;
    let mut bytes = Vec::new();
    while let Some(records) = recording.next_records()? {
        bytes.extend_from_slice(&records);
    }
    let damage = recording.damage();
    let meta = recording.into_meta();
    Ok((Log { bytes, meta }, damage.is_any().then_some(damage)))
}

#[cfg(test)]
mod tests;

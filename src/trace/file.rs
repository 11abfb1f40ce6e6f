//! A trace in a file: chunks that are packed, each with a checksum, and an index at the end.
//!
//! ```text
//! "loopscope trace\n"  version: u32 = 2
//! chunk*               header: marker, kind, codec, lengths, checksum, extra, checksum of the header
//!                      payload, packed
//!
//! META  SCHEDULE?  RECORDS RECORDS RECORDS …  TABLES  INDEX  END
//! ```
//!
//! `docs/trace-format.md` says it byte by byte. A chunk of records says in its header what events it holds and what they
//! are relative to, so each can be read without the ones before it: a chunk that is lost becomes a [gap](super::Event::Gap) with
//! its count of events. A file without an index (the recording program was killed) is read by going from header to header.
//!
//! | file | what lives there |
//! |---|---|
//! | `chunk` | a header and a payload, and whether they are whole |
//! | `columns` | records so arranged that they pack well |
//! | `index` | what events a chunk holds; the list of all of them |
//! | `write` | [`FileWriter`] |
//! | `read` | [`Recording`]: a file that is being read |
//! | `source` | chunks by their place in a file |
//! | `meta`, `number` | the description of the run, and numbers in bytes |

mod chunk;
mod columns;
mod index;
mod meta;
mod number;
mod read;
mod source;
mod write;

use std::{
    fmt,
    io::{self, Read, Seek, Write},
};

pub use read::{Overview, Recording};
pub use write::{CHUNK_EVENTS, FileWriter};

use super::Log;

const MAGIC: &[u8; 16] = b"loopscope trace\n";
const VERSION: u32 = 2;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// It stops before its end: the recording program was killed, or the file was cut.
    pub unfinished: bool,
    /// How many places could not be read. Each is a [gap](super::Event::Gap), but for one at the very end of a file that was cut.
    pub places: u32,
    /// How many events are missing there, as far as that can be told.
    pub missing: u64,
}

impl Damage {
    /// Whether there is any.
    pub fn is_any(self) -> bool {
        self != Damage::default()
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.places > 0 {
            let places = match self.places {
                1 => "one place".to_owned(),
                more => format!("{more} places"),
            };
            match self.missing {
                0 => write!(f, "it is damaged in {places}")?,
                1 => write!(f, "it is damaged in {places}, one event is missing")?,
                many => write!(f, "it is damaged in {places}, {many} events are missing")?,
            }
        }
        if self.unfinished {
            let and = if self.places > 0 { "; " } else { "" };
            write!(
                f,
                "{and}it was not finished: what happened last may be missing"
            )?;
        }
        f.write_str("; what is there is shown")
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
    read_all(io::Cursor::new(all))
}

/// The same from what can be read here and there: not all of it is in memory twice.
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

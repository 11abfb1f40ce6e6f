//! The wire: what an adapter in another process sends about its event loop, as it happens.
//!
//! ```text
//!   bytes ──> frame ──> WireFrame ──> event ──> WireEvent ──> convert ──> TraceBuilder ──> records
//! ```
//!
//! `docs/wire.md` describes the format, so that an adapter can be written for any language. The
//! adapter for Python is in `python/`.

mod convert;
mod event;
mod file;
mod frame;

use crate::trace::Moment;

use super::BuildError;

use convert::Converter;
pub(super) use file::read;
pub use frame::AdapterHello;
use frame::{FrameBuffer, WireFrame};

/// Why the bytes of an adapter cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// A frame is larger than any that an adapter sends.
    #[error("a frame of {0} bytes is too large")]
    TooLarge(u32),
    /// A frame has a kind that is not known.
    #[error("a frame of the unknown kind {0:?}")]
    Kind(char),
    /// The first frame is not a greeting, or not one of this version.
    #[error("the adapter does not speak version 1 of the wire: {0}")]
    Hello(String),
    /// An event has a code that is not known, or is cut off.
    #[error("event {0} of a frame cannot be read")]
    Event(usize),
    /// A number stands for a text, a place, a task or a callback that was not announced.
    #[error("{what} {number} was not announced")]
    Unannounced {
        /// What the number should stand for.
        what: &'static str,
        /// The number.
        number: i64,
    },
    /// The event cannot be part of a trace.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// Turns the bytes of one connection into the records of a trace.
///
/// ```
/// use loopscope::import::WireReader;
///
/// let mut reader = WireReader::default();
/// let hello = br#"{"version":1,"pid":7,"argv":["app.py"]}"#;
/// let mut bytes = (hello.len() as u32).to_le_bytes().to_vec();
/// bytes.push(b'H');
/// bytes.extend_from_slice(hello);
/// assert!(reader.push(&bytes)?.is_empty());
/// assert_eq!(reader.hello().map(|hello| hello.pid), Some(7));
/// # Ok::<(), loopscope::import::WireError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct WireReader {
    frames: FrameBuffer,
    hello: Option<AdapterHello>,
    converter: Converter,
    is_paused: bool,
    /// How many bytes of the trace were returned.
    returned: usize,
    marks: Vec<SnapshotMark>,
    /// The bytes are those of a file, from which no run is continued.
    is_file: bool,
    obstacle: String,
}

/// The most snapshots between two calls of [`WireReader::snapshots`] that are kept. Each has a copy of
/// all that the reader knows.
const MOST_MARKS: usize = 64;

/// A place in a run at which a snapshot of the program was taken.
#[derive(Clone, Debug)]
pub struct SnapshotMark {
    /// The number of the snapshot. It greets with the same one.
    pub number: i64,
    /// The reader for what follows the greeting on the snapshot's connection: the trace goes on from
    /// here.
    pub reader: WireReader,
    /// How long the trace is here, in bytes.
    pub bytes: usize,
    /// How many polls have ended, runs of callbacks included.
    pub polls: u64,
}

impl WireReader {
    /// Takes bytes as they arrive. Returns the records of the events that are complete.
    ///
    /// # Errors
    ///
    /// If the bytes are not those of an adapter. The reader is of no use afterwards.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<u8>, WireError> {
        self.frames.push(bytes);
        let mut records = Vec::new();
        while let Some(frame) = self.frames.next_frame()? {
            match frame {
                WireFrame::Hello(hello) => {
                    if hello.clock == "virtual" {
                        self.converter.use_virtual_clock();
                    }
                    self.hello = Some(hello);
                }
                WireFrame::Text(text) => self.converter.text(&text),
                WireFrame::Places(places) => self.converter.places(&places)?,
                WireFrame::Events(numbers) => self.converter.events(&event::decode(&numbers)?)?,
                WireFrame::Lost(events) => self.converter.lost(events),
                WireFrame::Snapshot { number, obstacle } => {
                    self.obstacle = obstacle;
                    records.append(&mut self.converter.take());
                    if number >= 0 && !self.is_file && self.marks.len() < MOST_MARKS {
                        self.mark(number, records.len());
                    }
                }
                WireFrame::Paused { paused, time } => {
                    self.is_paused = paused;
                    self.converter.hold(paused, time)?;
                }
            }
        }
        records.append(&mut self.converter.take());
        self.returned += records.len();
        Ok(records)
    }

    fn mark(&mut self, number: i64, new: usize) {
        let polls = self.converter.polls();
        let reader = WireReader {
            frames: FrameBuffer::after_greeting(),
            converter: self.converter.clone(),
            is_paused: true,
            ..WireReader::default()
        };
        self.marks.push(SnapshotMark {
            number,
            reader,
            bytes: self.returned + new,
            polls,
        });
    }

    /// The snapshots that were taken since the last call.
    pub fn snapshots(&mut self) -> Vec<SnapshotMark> {
        std::mem::take(&mut self.marks)
    }

    /// Why no snapshot can be taken now; empty if nothing prevents one.
    pub fn obstacle(&self) -> &str {
        &self.obstacle
    }

    /// Ends the trace, because the connection was closed. Returns its last records. The trace has no
    /// end if the loop was still running.
    pub fn end(&mut self) -> Vec<u8> {
        self.converter.end();
        self.converter.take()
    }

    /// What the adapter has said about its process; `None` before its greeting.
    pub fn hello(&self) -> Option<&AdapterHello> {
        self.hello.as_ref()
    }

    /// Whether the program is paused.
    pub fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// The time of a loop that is parked, as it was last said; `None` if the loop is not parked, or
    /// if its clock is stopped.
    pub fn parked(&self) -> Option<Moment> {
        self.converter.parked().filter(|_| !self.is_paused)
    }

    /// How often the cancellation of the main task was requested, which is what SIGINT does.
    pub fn main_cancels(&self) -> u32 {
        self.converter.main_cancels()
    }

    /// How many events the trace has.
    pub fn events(&self) -> u64 {
        self.converter.count()
    }
}

//! Splits the bytes of a connection into frames: a length (4 bytes), a kind (1 byte), a payload.

use serde::Deserialize;

use super::WireError;

/// The largest payload. An adapter sends some ten kilobytes at once.
const LARGEST: u32 = 64 << 20;

/// The largest payload of numbers. What is made of them takes eight times as much.
const LARGEST_OF_NUMBERS: u32 = 16 << 20;

/// The length and the kind.
const HEADER: usize = 5;

/// What an adapter says about its process.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct AdapterHello {
    version: u32,
    /// The number of the process.
    pub pid: u32,
    /// The number of its parent process.
    #[serde(default)]
    pub parent: u32,
    /// The number of the snapshot that this process is, if it is one.
    #[serde(default)]
    pub snapshot: Option<i64>,
    /// The name of the thread whose loops are recorded.
    #[serde(default)]
    pub thread: String,
    /// The clock of its loops: `real` or `virtual`.
    #[serde(default)]
    pub clock: String,
    /// The version of the interpreter.
    #[serde(default)]
    pub python: String,
    /// The program and its arguments.
    #[serde(default)]
    pub argv: Vec<String>,
    /// What the adapter cannot record in this interpreter, in words.
    #[serde(default)]
    pub missing: Vec<String>,
    /// What was run, for a recording that is opened from a file.
    #[serde(default)]
    pub name: String,
    /// Source files for the same, each with its path as the places name it.
    #[serde(default)]
    pub sources: Vec<(String, String)>,
}

/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WirePlace {
    /// The number of the text that is its file.
    pub(super) file: i64,
    pub(super) line: u32,
    /// The number of the text that is its function.
    pub(super) function: i64,
    /// The number of the place that awaits this one; negative for none.
    pub(super) outer: i64,
}

#[derive(Debug)]
pub(super) enum WireFrame {
    Hello(AdapterHello),
    /// The next text.
    Text(String),
    /// The next places.
    Places(Vec<WirePlace>),
    /// Events, as numbers.
    Events(Vec<i64>),
    /// Events were discarded, about this many.
    Lost(u64),
    /// A snapshot of the program was taken here, with this number; a negative number says why none
    /// can be taken.
    Snapshot {
        number: i64,
        obstacle: String,
    },
    /// The program is paused, or runs, since this time.
    Paused {
        paused: bool,
        time: i64,
    },
}

/// The bytes that do not make a whole frame yet.
#[derive(Clone, Debug, Default)]
pub(super) struct FrameBuffer {
    bytes: Vec<u8>,
    /// Where the next frame begins.
    start: usize,
    has_hello: bool,
}

impl FrameBuffer {
    /// For a connection whose greeting was read by another reader.
    pub(super) fn after_greeting() -> FrameBuffer {
        FrameBuffer {
            has_hello: true,
            ..FrameBuffer::default()
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether the bytes end within a frame.
    pub(super) fn is_cut(&self) -> bool {
        self.start < self.bytes.len()
    }

    /// The next frame; `None` if it is not complete.
    pub(super) fn next_frame(&mut self) -> Result<Option<WireFrame>, WireError> {
        let rest = self.bytes.get(self.start..).unwrap_or_default();
        let Some((&[a, b, c, d, kind], after)) = rest.split_first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes([a, b, c, d]);
        let largest = match kind {
            b'E' | b'L' => LARGEST_OF_NUMBERS,
            _ => LARGEST,
        };
        if length > largest {
            return Err(WireError::TooLarge(length));
        }
        let Some(payload) = after.get(..length as usize) else {
            return Ok(None);
        };
        let frame = parse(kind, payload)?;
        self.start += HEADER + length as usize;
        match &frame {
            WireFrame::Hello(hello) if hello.version != 1 => {
                return Err(WireError::Hello(format!("it speaks {}", hello.version)));
            }
            WireFrame::Hello(_) => self.has_hello = true,
            _ if !self.has_hello => {
                return Err(WireError::Hello("its first frame is not a greeting".into()));
            }
            _ => {}
        }
        Ok(Some(frame))
    }
}

fn parse(kind: u8, payload: &[u8]) -> Result<WireFrame, WireError> {
    Ok(match kind {
        b'H' => {
            let hello = serde_json::from_slice(payload);
            WireFrame::Hello(hello.map_err(|error| WireError::Hello(error.to_string()))?)
        }
        b'T' => WireFrame::Text(String::from_utf8_lossy(payload).into_owned()),
        b'L' => WireFrame::Places(
            numbers(payload)
                .as_chunks::<4>()
                .0
                .iter()
                .map(|&[file, line, function, outer]| WirePlace {
                    file,
                    line: u32::try_from(line).unwrap_or(0),
                    function,
                    outer,
                })
                .collect(),
        ),
        b'E' => WireFrame::Events(numbers(payload)),
        b'G' => {
            let lost = numbers(payload).first().copied().unwrap_or(0);
            WireFrame::Lost(lost.max(1).cast_unsigned())
        }
        b'P' => {
            let (flag, time) = payload.split_first().unwrap_or((&0, &[]));
            WireFrame::Paused {
                paused: *flag == 1,
                time: numbers(time).first().copied().unwrap_or(0),
            }
        }
        b'S' => {
            let (number, obstacle) = payload.split_at_checked(8).unwrap_or_default();
            WireFrame::Snapshot {
                number: numbers(number).first().copied().unwrap_or(-1),
                obstacle: String::from_utf8_lossy(obstacle).into_owned(),
            }
        }
        other => return Err(WireError::Kind(char::from(other))),
    })
}

/// The whole numbers of a payload, 64 bits each.
fn numbers(payload: &[u8]) -> Vec<i64> {
    let chunks = payload.as_chunks::<8>().0;
    chunks
        .iter()
        .map(|bytes| i64::from_le_bytes(*bytes))
        .collect()
}

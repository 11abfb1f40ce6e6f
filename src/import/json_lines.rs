//! A file as numbered lines of JSON.

use std::io::{BufRead, Read};

use serde::de::DeserializeOwned;

use super::{ImportError, LineError};

/// The longest line that is read, so that a file without line breaks is not held in memory as one.
const LONGEST: u64 = 64 << 20;

/// Reads a file line by line.
pub(super) struct JsonLines<R> {
    from: R,
    bytes: Vec<u8>,
    /// The number of the line that was read last, from 1.
    pub(super) number: u64,
}

/// The content of a line.
pub(super) enum JsonLine<T> {
    /// A whole line.
    Value(T),
    /// The file breaks off inside this line.
    Cut,
    /// The end of the file.
    End,
}

impl<R: BufRead> JsonLines<R> {
    pub(super) fn new(from: R) -> JsonLines<R> {
        JsonLines {
            from,
            bytes: Vec::new(),
            number: 0,
        }
    }

    /// The next line that is not empty.
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Result<JsonLine<T>, ImportError> {
        self.next_with(|line| serde_json::from_slice(line))
    }

    /// The next line that is not empty, parsed by a function.
    pub(super) fn next_with<T>(
        &mut self,
        parse: impl FnOnce(&[u8]) -> serde_json::Result<T>,
    ) -> Result<JsonLine<T>, ImportError> {
        loop {
            self.bytes.clear();
            let mut limited = (&mut self.from).take(LONGEST);
            if limited.read_until(b'\n', &mut self.bytes)? == 0 {
                return Ok(JsonLine::End);
            }
            self.number += 1;
            let is_whole = self.bytes.ends_with(b"\n");
            if !is_whole && self.bytes.len() as u64 == LONGEST {
                return Err(self.error(LineError::TooLong));
            }
            let text = self.bytes.trim_ascii();
            if text.is_empty() {
                continue;
            }
            // serde would take an array for a struct as well.
            if !text.starts_with(b"{") {
                return Err(self.error(LineError::NotAnObject));
            }
            return match parse(text) {
                Ok(value) => Ok(JsonLine::Value(value)),
                Err(error) if !is_whole && !error.is_data() => Ok(JsonLine::Cut),
                Err(error) => Err(self.error(json_error(&error))),
            };
        }
    }

    /// An error about the line that was read last.
    pub(super) fn error(&self, error: impl Into<LineError>) -> ImportError {
        ImportError::Line {
            line: self.number,
            error: error.into(),
        }
    }
}

/// The parser's message, without the line number at its end.
pub(super) fn json_error(error: &serde_json::Error) -> LineError {
    let text = error.to_string();
    let message = text.split(" at line").next().unwrap_or_default();
    if error.is_data() {
        LineError::Member(message.to_owned())
    } else {
        LineError::Syntax {
            message: message.to_owned(),
            column: error.column(),
        }
    }
}

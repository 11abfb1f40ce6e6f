//! A file as numbered lines of JSON.

use std::io::{BufRead, Read};

use serde_json::{Map, Value};

use super::ImportError;

/// The longest line that is read: a file without line ends must not be held in memory as one.
const LONGEST: u64 = 64 << 20;

/// Reads a file line by line.
pub(super) struct JsonLines<R> {
    from: R,
    bytes: Vec<u8>,
    /// The line that was read last, from 1.
    pub(super) number: u64,
}

/// What stands in a line.
pub(super) enum JsonLine {
    /// An object.
    Object(Map<String, Value>),
    /// The file breaks off in this line.
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
    pub(super) fn next(&mut self) -> Result<JsonLine, ImportError> {
        loop {
            self.bytes.clear();
            let mut limited = (&mut self.from).take(LONGEST);
            if limited.read_until(b'\n', &mut self.bytes)? == 0 {
                return Ok(JsonLine::End);
            }
            self.number += 1;
            let whole = self.bytes.ends_with(b"\n");
            if !whole && self.bytes.len() as u64 == LONGEST {
                return Err(self.wrong("it is longer than 64 MiB"));
            }
            let text = self.bytes.trim_ascii();
            if text.is_empty() {
                continue;
            }
            return match serde_json::from_slice(text) {
                Ok(Value::Object(object)) => Ok(JsonLine::Object(object)),
                Ok(_) => Err(self.wrong("it is no JSON object: {…} is wanted")),
                Err(_) if !whole => Ok(JsonLine::Cut),
                Err(error) => Err(self.wrong(format!("it is no JSON ({})", error_words(&error)))),
            };
        }
    }

    /// Says what is wrong with the line that was read last.
    pub(super) fn wrong(&self, what: impl Into<String>) -> ImportError {
        ImportError::line(self.number, what)
    }
}

/// What the parser says, without its line: it has seen only one.
fn error_words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line").next().unwrap_or_default();
    format!("{what}, column {}", error.column())
}

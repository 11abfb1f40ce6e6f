//! Reads a file that holds what an adapter would have sent: a recording that was kept in memory and
//! written later, such as that of a failed test.

use std::io::BufRead;

use crate::trace::{ClockKind, Log, Meta, sanitized};

use super::{
    super::{ImportError, Imported},
    AdapterHello, WireReader,
};

/// Reads a file of the wire to its end.
///
/// # Errors
///
/// If the file cannot be read, or is wrong before its first event. An error behind it is a note.
pub(in super::super) fn read(mut from: impl BufRead) -> Result<Imported, ImportError> {
    let mut reader = WireReader {
        is_file: true,
        ..WireReader::default()
    };
    let (mut bytes, mut notes) = (Vec::new(), Vec::new());
    loop {
        let block = from.fill_buf()?;
        let length = block.len();
        if length == 0 {
            break;
        }
        match reader.push(block) {
            Ok(records) => bytes.extend(records),
            Err(error) if reader.events() == 0 => return Err(error.into()),
            Err(error) => {
                notes.push(format!("{error}; the events before it are shown"));
                bytes.extend(reader.converter.take());
                break;
            }
        }
        from.consume(length);
    }
    if notes.is_empty() {
        if reader.frames.is_cut() {
            notes.push("the file breaks off in a frame; the events before it are shown".to_owned());
        }
        bytes.extend(reader.end());
    }
    let Some(hello) = reader.hello.take() else {
        return Err(ImportError::Empty("the file has no greeting"));
    };
    let log = Log {
        bytes,
        meta: meta(hello),
    };
    Ok(Imported { log, notes })
}

/// What the greeting says of the run. Its texts are shown on the terminal, where they must not act
/// as commands.
fn meta(hello: AdapterHello) -> Meta {
    let sources = hello.sources.into_iter();
    Meta {
        scenario: sanitized(&hello.name, ""),
        clock: match &*hello.clock {
            "virtual" => ClockKind::Virtual,
            _ => ClockKind::Real,
        },
        sources: sources
            .map(|(path, text)| (sanitized(&path, ""), sanitized(&text, "\n\t")))
            .collect(),
        ..Meta::default()
    }
}

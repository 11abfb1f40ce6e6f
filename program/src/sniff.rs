//! Finds out which program wrote a file, and imports it if it was another one.
//!
//! ```text
//!   file ───────────────┐
//!   -, FIFO, <(…), … ───┴─> first bytes ──┬─ ours ─────> the file, or the whole pipe in memory
//!                                         ├─ known ────> imported while it is read
//!                                         └─ other ────> refused: packed, UTF-16, unknown
//! ```
//!
//! A pipe cannot be read twice, and a recording of this program is read from several places. So its
//! bytes are kept in memory, up to a limit. The other formats are read from front to back.

use std::{
    fmt::Display,
    fs::{self, File},
    io::{self, BufReader, Cursor, IsTerminal, Read, Seek, SeekFrom},
    os::fd::AsFd,
    path::Path,
};

use loopscope::{
    import::{self, ImportFormat},
    replay::Replay,
    trace::{
        file::{Part, import_budget},
        sanitized,
    },
};

use super::{
    loading::Reporter,
    output::{CliError, STANDARD_INPUT, cannot_open, shown},
    reading::FileReading,
};

/// The number of bytes that the format is detected from.
const START: u64 = 1 << 16;

/// The most bytes of a recording of this program that are kept of a pipe.
const MOST_KEPT: u64 = 128 << 20;

/// The most bytes that are imported from a pipe, which may have no end.
const MOST_IMPORTED: u64 = 256 << 20;

/// A file that was opened, and what is in it.
pub(crate) enum TraceFile {
    /// Another program's recording, imported.
    Imported(Box<Replay>),
    /// A trace of this program, at its first byte.
    Native(TraceBytes),
}

/// The bytes of a trace of this program.
pub(crate) enum TraceBytes {
    File(File),
    /// What came through a pipe.
    Memory(Cursor<Vec<u8>>),
}

impl Read for TraceBytes {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self {
            TraceBytes::File(file) => file.read(to),
            TraceBytes::Memory(bytes) => bytes.read(to),
        }
    }
}

impl Seek for TraceBytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            TraceBytes::File(file) => file.seek(to),
            TraceBytes::Memory(bytes) => bytes.seek(to),
        }
    }
}

/// Opens a file and looks at its first bytes to see which program wrote it. What an import lacks is
/// reported.
pub(crate) fn open(path: &Path, reading: &FileReading) -> Result<TraceFile, CliError> {
    let reporter = &reading.reporter;
    let cannot = |error: &dyn Display| cannot_open(path, error);
    let mut file = open_input(path).map_err(|error| cannot(&error))?;
    let about = file.metadata().ok().filter(fs::Metadata::is_file);
    reporter.begin_file(path, about.as_ref().map(fs::Metadata::len));
    let mut start = Vec::new();
    (&mut file)
        .take(START)
        .read_to_end(&mut start)
        .map_err(|error| cannot(&error))?;
    if let Some(encoding) = foreign_encoding(&start) {
        return Err(cannot(&encoding));
    }
    let is_file = about.is_some();
    let format = match reading.format.or_else(|| import::detect_format(&start)) {
        Some(format) => format,
        None if start.is_empty() || start.starts_with(b"loopscope") => {
            let bytes = native(file, is_file, start, reporter);
            return bytes.map(TraceFile::Native).map_err(|error| cannot(&error));
        }
        None => return Err(cannot(&unknown(path))),
    };
    let most = if is_file { u64::MAX } else { MOST_IMPORTED };
    let rest = Bounded {
        from: file,
        left: most,
        reporter,
    };
    let whole = BufReader::new(start.as_slice().chain(rest));
    let mut imported = import::read(format, whole).map_err(|error| {
        let name = format.words();
        cannot(&format_args!("as {name}, {error}"))
    })?;
    for note in &imported.notes {
        reporter.note(format!("{}: {note}", shown(path)));
    }
    let meta = &mut imported.log.meta;
    if meta.scenario.is_empty() {
        let whole = shown(path).to_string();
        let name = Path::new(&whole).file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        meta.scenario = sanitized(&name, "");
    }
    let length = about.map_or(0, |about| about.len());
    let budget = match reading.load {
        Part::All => usize::MAX,
        Part::Whole | Part::Range { .. } | Part::Last(_) => {
            import_budget(length, reading.is_one_of_two)
        }
    };
    let replay = Replay::new_within(budget, imported.log);
    if replay.is_full() {
        reporter.note(format!(
            "{}: the events after event {} are left out: all of them need more memory than a file of \
             this size may take; --load all reads everything",
            shown(path),
            replay.end().0
        ));
    }
    Ok(TraceFile::Imported(Box::new(replay)))
}

/// Opens a file, or standard input. A terminal is refused: the program would wait for it without a
/// word.
fn open_input(path: &Path) -> io::Result<File> {
    let file = if path == Path::new(STANDARD_INPUT) {
        File::from(io::stdin().as_fd().try_clone_to_owned()?)
    } else {
        File::open(path)?
    };
    if file.is_terminal() {
        return Err(io::Error::other(
            "it is a terminal; a recording is read from a file or a pipe",
        ));
    }
    Ok(file)
}

/// The bytes of a trace of this program, of which `start` was read.
fn native(
    mut file: File,
    is_file: bool,
    mut start: Vec<u8>,
    reporter: &Reporter,
) -> io::Result<TraceBytes> {
    if is_file {
        file.rewind()?;
        return Ok(TraceBytes::File(file));
    }
    let left = MOST_KEPT - start.len() as u64;
    let mut rest = Bounded {
        from: file,
        left,
        reporter,
    };
    rest.read_to_end(&mut start)?;
    Ok(TraceBytes::Memory(Cursor::new(start)))
}

/// A reader that fails at a limit, so that a pipe without an end is not read for ever.
struct Bounded<'a> {
    from: File,
    left: u64,
    reporter: &'a Reporter,
}

impl Read for Bounded<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(to)?;
        self.reporter.has_read(read);
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(format!(
                "more came through the pipe than is read of one ({} MiB of our own format, {} MiB of another): write it to a file first",
                MOST_KEPT >> 20,
                MOST_IMPORTED >> 20
            ))
        })?;
        Ok(read)
    }
}

/// What is wrong with a file that is packed, or whose text is not UTF-8, by its first bytes.
fn foreign_encoding(start: &[u8]) -> Option<String> {
    const PACKED: [(&[u8], &str, &str); 5] = [
        (b"\x1f\x8b", "gzip", "gunzip -c"),
        (b"\x28\xb5\x2f\xfd", "zstd", "zstdcat"),
        (b"\xfd7zXZ\0", "xz", "xzcat"),
        (b"BZh", "bzip2", "bzcat"),
        (b"PK\x03\x04", "zip", "unzip -p"),
    ];
    let packed = PACKED.iter().find(|(magic, ..)| start.starts_with(magic));
    if let Some((_, by, unpack)) = packed {
        return Some(format!(
            "it is packed with {by}; unpack it first: {unpack} FILE | loopscope replay -"
        ));
    }
    let is_utf16 = start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff");
    is_utf16.then(|| "it is a text in UTF-16; UTF-8 is expected".to_owned())
}

fn unknown(path: &Path) -> String {
    if path.extension().is_some_and(|extension| extension == "py") {
        return "it is a program and no recording; `loopscope python FILE` runs it".to_owned();
    }
    let known: Vec<String> = ImportFormat::ALL
        .iter()
        .map(|(format, word)| format!("{} ({word})", format.words()))
        .collect();
    format!(
        "neither a loopscope trace nor one of the known formats: {}; --format names one",
        known.join(", ")
    )
}

//! Finds out which program wrote a file, and imports it if it was another one.

use std::{
    fmt::Display,
    fs::File,
    io::{BufReader, Read, Seek},
    path::Path,
};

use loopscope::{
    import::{self, ImportFormat},
    replay::Replay,
};

use super::output::{CliError, cannot_open, report_error};

/// The number of bytes that the format is detected from.
const START: u64 = 1 << 16;

/// A file that was opened, and what is in it.
pub(crate) enum TraceFile {
    /// Another program's recording, imported.
    Imported(Box<Replay>),
    /// A trace of this program, at its first byte.
    Native(File),
}

/// Opens a file and looks at its first bytes to see which program wrote it. What an import lacks is
/// printed to standard error.
pub(crate) fn open(path: &Path, asked: Option<ImportFormat>) -> Result<TraceFile, CliError> {
    let cannot = |error: &dyn Display| cannot_open(path, error);
    let mut file = File::open(path).map_err(|error| cannot(&error))?;
    // A pipe cannot be read twice, so its format is not guessed.
    if asked.is_none() && !path.is_file() {
        return Ok(TraceFile::Native(file));
    }
    let mut start = Vec::new();
    (&mut file)
        .take(START)
        .read_to_end(&mut start)
        .map_err(|error| cannot(&error))?;
    let format = match asked {
        Some(asked) => asked,
        None => match import::detect_format(&start) {
            Some(format) => format,
            None if start.is_empty() || start.starts_with(b"loopscope") => {
                file.rewind().map_err(|error| cannot(&error))?;
                return Ok(TraceFile::Native(file));
            }
            None => return Err(cannot(&unknown())),
        },
    };
    let whole = BufReader::new(start.as_slice().chain(file));
    let mut imported = import::read(format, whole).map_err(|error| {
        let name = format.words();
        cannot(&format_args!("as {name}, {error}"))
    })?;
    for note in &imported.notes {
        report_error(&format!("{}: {note}", path.display()));
    }
    let meta = &mut imported.log.meta;
    if meta.scenario.is_empty() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let clean = |c| loopscope::trace::sanitize(c, "");
        meta.scenario = name.chars().map(clean).collect();
    }
    Ok(TraceFile::Imported(Box::new(Replay::new(imported.log))))
}

fn unknown() -> String {
    let known: Vec<String> = ImportFormat::ALL
        .iter()
        .map(|(format, word)| format!("{} ({word})", format.words()))
        .collect();
    format!(
        "neither a loopscope trace nor one of the known formats: {}; --format names one",
        known.join(", ")
    )
}

//! Files of other programs, opened like a recorded run.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use loopscope::{import, replay::Replay};

use super::{Wrong, args::ImportFormat, complain};

/// So many bytes say what a file is.
const START: u64 = 1 << 16;

/// Opens a file if another program wrote it; none if it is (or may be) a trace of this one. What is missing is said on
/// standard error.
pub(crate) fn open(path: &Path, asked: Option<ImportFormat>) -> Result<Option<Replay>, Wrong> {
    let cannot = |error: &dyn std::fmt::Display| {
        Wrong::new(format!("cannot open {}: {error}", path.display()))
    };
    // What is read of a pipe is gone: there, only what was asked for is tried.
    if asked.is_none() && !path.is_file() {
        return Ok(None);
    }
    let mut file = File::open(path).map_err(|error| cannot(&error))?;
    let mut start = Vec::new();
    (&mut file)
        .take(START)
        .read_to_end(&mut start)
        .map_err(|error| cannot(&error))?;
    let format = match asked {
        Some(asked) => import::ImportFormat::from(asked),
        None => match import::detect_format(&start) {
            Some(format) => format,
            None if start.is_empty() || start.starts_with(b"loopscope") => return Ok(None),
            None => return Err(cannot(&unknown())),
        },
    };
    let whole = BufReader::new(start.as_slice().chain(file));
    let mut imported = import::read(format, whole).map_err(|error| {
        let name = format.words();
        cannot(&format_args!("as {name}, {error}"))
    })?;
    for note in &imported.notes {
        complain(&format!("{}: {note}", path.display()));
    }
    let meta = &mut imported.log.meta;
    if meta.scenario.is_empty() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let clean = |c| loopscope::trace::sanitize(c, "");
        meta.scenario = name.chars().map(clean).collect();
    }
    Ok(Some(Replay::new(imported.log)))
}

fn unknown() -> String {
    let known: Vec<String> = import::ImportFormat::ALL
        .iter()
        .map(|(format, word)| format!("{} ({word})", format.words()))
        .collect();
    format!(
        "this is no loopscope trace, and nothing else that can be read here: {}; --format says which it is",
        known.join(", ")
    )
}

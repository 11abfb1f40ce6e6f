//! `loopscope replay`: opens a recorded run.

use std::path::Path;

use loopscope::{
    import::ImportFormat,
    replay::Replay,
    scene::{json, plain, summary_line},
    trace::file::{self, Damage, FileError, Part, Recording},
    tui::{Goto, Session},
};

use super::{
    args::{DisplayArgs, ReplayCommand},
    has_screen, loader,
    output::{CliError, CliResult, cannot_open, print_with, report_error, shown},
    screen,
    sniff::{self, TraceBytes, TraceFile},
};

pub(crate) fn replay(args: &ReplayCommand, display: &DisplayArgs) -> CliResult {
    if has_screen(args.mode.plain, args.mode.json) {
        return on_screen(args, display);
    }
    let reading = FileReading {
        format: args.format,
        load: args.load,
        is_one_of_two: false,
    };
    let mut replay = open(&args.file, reading)?;
    let position = match &args.at {
        Some(at) => Some(
            Goto::parse_in(at, &replay)
                .and_then(|goto| goto.position(&replay))
                .map_err(CliError::new)?,
        ),
        None => None,
    };
    let language = display.language().for_run(&replay);
    Ok(print_with(|out| match position {
        _ if args.mode.json => json::write_run(&replay, out),
        Some(position) => {
            replay.seek(position);
            plain::write_state(&replay, language, out)
        }
        None => plain::write_log(&replay, language, out),
    }))
}

/// How a file is read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FileReading {
    /// The format that was asked for.
    pub(crate) format: Option<ImportFormat>,
    /// The events to load.
    pub(crate) load: Part,
    /// Whether another run is read as well.
    pub(crate) is_one_of_two: bool,
}

impl From<Option<ImportFormat>> for FileReading {
    fn from(format: Option<ImportFormat>) -> FileReading {
        FileReading {
            format,
            ..FileReading::default()
        }
    }
}

/// A file of another program has no chunks, so it is read as a whole.
fn check_part(part: Part) -> Result<(), CliError> {
    match part {
        Part::Whole => Ok(()),
        Part::Range { .. } | Part::Last(_) => Err(CliError::new(
            "--load reads a part of a recording of loopscope; files of other programs are read as a whole",
        )),
    }
}

/// Shows a recording on the screen. A native trace is shown while it is being read.
fn on_screen(args: &ReplayCommand, display: &DisplayArgs) -> CliResult {
    let session = match sniff::open(&args.file, args.format)? {
        TraceFile::Imported(replay) => {
            check_part(args.load)?;
            if let Some(at) = &args.at {
                Goto::parse_in(at, &replay)
                    .and_then(|place| place.position(&replay))
                    .map_err(CliError::new)?;
            }
            Session {
                replay: *replay,
                source: None,
            }
        }
        TraceFile::Native(file) => {
            // The names of the tasks are not known before the file is read.
            if let Some(at) = &args.at {
                Goto::parse(at).map_err(CliError::new)?;
            }
            loader::session(file, &args.file, args.load)?
        }
    };
    screen::show(session, display, args.at.clone())
}

/// Reads a recorded run to its end, also one of another program. Damage that leaves something to
/// show is reported on standard error.
pub(crate) fn open(path: &Path, reading: FileReading) -> Result<Replay, CliError> {
    let from = match sniff::open(path, reading.format)? {
        TraceFile::Imported(replay) => {
            check_part(reading.load)?;
            return Ok(*replay);
        }
        TraceFile::Native(from) => from,
    };
    let (replay, damage) = read(from, reading).map_err(|error| cannot_open(path, &error))?;
    let what = match damage {
        _ if replay.is_full() => summary_line::left_out(&replay),
        Some(damage) => Some(damage.to_string()),
        None if replay.is_damaged() => {
            Some("part of the trace is invalid; the events before that part are shown".to_owned())
        }
        None => None,
    };
    if let Some(what) = what {
        report_error(&format!("{}: {what}", shown(path)));
    }
    Ok(replay)
}

/// Reads a recording chunk by chunk, as far as it fits into the memory that a file of its size may
/// take.
fn read(from: TraceBytes, reading: FileReading) -> Result<(Replay, Option<Damage>), FileError> {
    let mut recording = Recording::open_part(from, reading.load)?;
    let budget = if reading.is_one_of_two {
        file::memory_budget_of_two(recording.length())
    } else {
        file::memory_budget(recording.length())
    };
    let mut replay = Replay::within(budget, recording.meta().clone());
    while !replay.is_full()
        && let Some(records) = recording.next_records()?
    {
        replay.append(&records);
    }
    let damage = recording.damage();
    Ok((replay, damage.is_any().then_some(damage)))
}

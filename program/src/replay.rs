//! `loopscope replay`: opens a recorded run.

use std::path::Path;

use loopscope::{
    import::ImportFormat,
    replay::Replay,
    scene::{json, plain, summary_line},
    trace::file::{self, Damage, FileError, Recording},
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
    let mut replay = open(&args.file, args.format)?;
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

/// Shows a recording on the screen. A native trace is shown while it is being read.
fn on_screen(args: &ReplayCommand, display: &DisplayArgs) -> CliResult {
    let session = match sniff::open(&args.file, args.format)? {
        TraceFile::Imported(replay) => {
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
            loader::session(file, &args.file)?
        }
    };
    screen::show(session, display, args.at.clone())
}

/// Reads a recorded run to its end, also one of another program. Damage that leaves something to
/// show is reported on standard error.
pub(crate) fn open(path: &Path, format: Option<ImportFormat>) -> Result<Replay, CliError> {
    let from = match sniff::open(path, format)? {
        TraceFile::Imported(replay) => return Ok(*replay),
        TraceFile::Native(from) => from,
    };
    let (replay, damage) = read(from).map_err(|error| cannot_open(path, &error))?;
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
fn read(from: TraceBytes) -> Result<(Replay, Option<Damage>), FileError> {
    let mut recording = Recording::open(from)?;
    let budget = file::memory_budget(recording.length());
    let mut replay = Replay::within(budget, recording.meta().clone());
    while !replay.is_full()
        && let Some(records) = recording.next_records()?
    {
        replay.append(&records);
    }
    let damage = recording.damage();
    Ok((replay, damage.is_any().then_some(damage)))
}

//! `loopscope replay`: opens a recorded run.

use std::path::Path;

use loopscope::{
    import::ImportFormat,
    replay::Replay,
    scene::{json, plain},
    trace::file,
    tui::{Goto, Session},
};

use super::{
    args::{DisplayArgs, ReplayCommand},
    has_screen, loader,
    output::{CliError, CliResult, cannot_open, print_with, report_error, shown},
    screen,
    sniff::{self, TraceFile},
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
    let (log, damage) = file::read_all(from).map_err(|error| cannot_open(path, &error))?;
    let replay = Replay::new(log);
    let what = match damage {
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

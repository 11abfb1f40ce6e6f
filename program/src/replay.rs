//! `loopscope replay`: opens a recorded run.

use std::{fs, path::Path};

use loopscope::{
    replay::Replay,
    scene::{json, plain, summary_line},
    trace::file::{self, Damage, FileError, Part, Recording},
    tui::{Goto, Session, Start},
};

use super::{
    args::{DisplayArgs, ReplayCommand},
    has_screen,
    loader::BegunRecording,
    loading::{self, Reporter},
    output::{CliError, CliResult, cannot_open, print_with, shown},
    read_ahead::each_chunk,
    reading::FileReading,
    screen,
    sniff::{self, TraceBytes, TraceFile},
};

pub(crate) fn replay(args: &ReplayCommand, display: &DisplayArgs) -> CliResult {
    if has_screen(args.mode.plain, args.mode.json) {
        return on_screen(args, display);
    }
    let reading = FileReading::of(args.format, args.load);
    let mut replay = open(&args.file, &reading)?;
    let position = match &args.at {
        Some(at) => Some(
            Goto::parse_in(at, &replay)
                .and_then(|goto| goto.position(&replay))
                .map_err(CliError::new)?,
        ),
        None => None,
    };
    let language = display.language().for_run(&replay);
    let most = most_described(&args.file, args.load.part);
    Ok(print_with(|out| match position {
        _ if args.mode.json => json::write_run(&replay, out),
        Some(position) => {
            replay.seek(position);
            plain::write_state(&replay, language, out)
        }
        None => plain::write_log_of(&replay, language, most, out),
    }))
}

/// A file of another program has no chunks, so it is read as a whole.
fn check_part(part: Part) -> Result<(), CliError> {
    match part {
        Part::Whole | Part::All => Ok(()),
        Part::Range { .. } | Part::Last(_) => Err(CliError::new(
            "--load reads a part of a recording of loopscope; files of other programs are read as a whole",
        )),
    }
}

/// Shows a recording on the screen. A native trace is shown while it is being read. A file of another
/// program is read first, and the screen says how far that is.
fn on_screen(args: &ReplayCommand, display: &DisplayArgs) -> CliResult {
    let (file, at, part) = (args.file.clone(), args.at.clone(), args.load.part);
    let reading = FileReading::of(args.format, args.load);
    let load = move |reporter: &Reporter| {
        let trace = sniff::open(&file, &reading.reported_to(reporter))?;
        begun(trace, &file, part, at.as_deref())
    };
    let start = |begun: BegunTrace| Ok(Start::One(begun.session()));
    loading::show(load, start, |start| {
        screen::show(start, display, args.at.clone())
    })
}

/// The most events that are described in a log of lines, which takes some microseconds for each.
fn most_described(path: &Path, part: Part) -> u64 {
    const LEAST: u64 = 200_000;
    // A pipe has no length.
    let length = fs::metadata(path).map_or(0, |about| about.len());
    match part {
        Part::All => u64::MAX,
        Part::Whole | Part::Range { .. } | Part::Last(_) => LEAST + length / 64,
    }
}

/// A file that the screen can show.
enum BegunTrace {
    Imported(Box<Replay>),
    Native(Box<BegunRecording>),
}

impl BegunTrace {
    fn session(self) -> Session {
        match self {
            BegunTrace::Imported(replay) => Session {
                replay: *replay,
                source: None,
            },
            BegunTrace::Native(recording) => recording.session(),
        }
    }
}

/// Reads the beginning of a file for the screen. `at` is only checked.
fn begun(
    trace: TraceFile,
    path: &Path,
    part: Part,
    at: Option<&str>,
) -> Result<BegunTrace, CliError> {
    match trace {
        TraceFile::Imported(replay) => {
            check_part(part)?;
            if let Some(at) = at {
                Goto::parse_in(at, &replay)
                    .and_then(|place| place.position(&replay))
                    .map_err(CliError::new)?;
            }
            Ok(BegunTrace::Imported(replay))
        }
        TraceFile::Native(file) => {
            // The names of the tasks are not known before the file is read.
            if let Some(at) = at {
                Goto::parse(at).map_err(CliError::new)?;
            }
            let recording = BegunRecording::open(file, path, part)?;
            Ok(BegunTrace::Native(Box::new(recording)))
        }
    }
}

/// Reads a recorded run to its end, also one of another program. Damage that leaves something to
/// show is reported on standard error.
pub(crate) fn open(path: &Path, reading: &FileReading) -> Result<Replay, CliError> {
    let from = match sniff::open(path, reading)? {
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
        reading.reporter.note(format!("{}: {what}", shown(path)));
    }
    Ok(replay)
}

/// The most events of a file that are read, whatever their memory: what follows may take a pass over
/// all of them, and a small file can unpack to hundreds of millions.
fn most_events(length: u64) -> u64 {
    const LEAST: u64 = 3 << 20;
    LEAST.saturating_add(length.saturating_mul(3))
}

/// The bytes of records between two looks at how many events there are.
const SLICE: usize = 1 << 20;

/// Reads a recording chunk by chunk, as far as it fits into the memory and the time that a file of
/// its size may take.
fn read(from: TraceBytes, reading: &FileReading) -> Result<(Replay, Option<Damage>), FileError> {
    let mut recording = Recording::open_part(from, reading.load)?;
    let length = recording.length();
    let (memory, events) = match reading.load {
        Part::All => (usize::MAX, u64::MAX),
        _ if reading.is_one_of_two => (file::memory_budget_of_two(length), most_events(length) / 3),
        _ => (file::memory_budget(length), most_events(length)),
    };
    let mut replay = Replay::within(memory, recording.meta().clone());
    let damage = each_chunk(&mut recording, |records| {
        for slice in records.chunks(SLICE) {
            if replay.end().0 >= events {
                replay.fill();
            }
            replay.append(slice);
        }
        !replay.is_full()
    })?;
    Ok((replay, damage.is_any().then_some(damage)))
}

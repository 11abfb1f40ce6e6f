//! `loopscope export`: a run in a form for other programs.

use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal, Write},
    path::Path,
};

use loopscope::{
    export::{self, Weight},
    replay::{Axis, Replay},
};

use super::{
    args::{AxisArg, ExportCommand, ExportFormatArg, ParquetTable},
    complete,
    output::{CliError, CliResult, Exit, cannot_write},
};

/// The endings of files that say what is in them.
const ENDINGS: [(&str, ExportFormatArg); 10] = [
    ("perfetto-trace", ExportFormatArg::Perfetto),
    ("pftrace", ExportFormatArg::Perfetto),
    ("perfetto", ExportFormatArg::Perfetto),
    ("json", ExportFormatArg::Chrome),
    ("jsonl", ExportFormatArg::Jsonl),
    ("ndjson", ExportFormatArg::Jsonl),
    ("svg", ExportFormatArg::Svg),
    ("folded", ExportFormatArg::Folded),
    ("collapsed", ExportFormatArg::Folded),
    ("parquet", ExportFormatArg::Parquet),
];

pub(crate) fn export(args: &ExportCommand) -> CliResult {
    let format = format(args)?;
    let binary = matches!(format, ExportFormatArg::Perfetto | ExportFormatArg::Parquet);
    if binary && args.output.is_none() && io::stdout().is_terminal() {
        return Err(CliError::new(
            "that is nothing for a terminal: name a file with -o, or use a pipe",
        ));
    }
    // Before the run, which may take long, and before a file is emptied.
    if format == ExportFormatArg::Parquet && cfg!(not(feature = "parquet")) {
        return Err(CliError::new(
            "this loopscope was built without Parquet: cargo install --features parquet has it",
        ));
    }
    let replay = complete::one(&args.what, args.from, &args.run)?;
    if let Some(path) = &args.output {
        let file = File::create(path).map_err(|error| cannot_write(path, &error))?;
        let written = write(&replay, format, args, BufWriter::new(file));
        written.map_err(|error| cannot_write(path, &error))?;
        return Ok(Exit::Done);
    }
    match write(&replay, format, args, BufWriter::new(io::stdout())) {
        // A reader that has gone away is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::new(format!("cannot write: {error}")))
        }
        _ => Ok(Exit::Done),
    }
}

/// What was asked for, or what the file's name says.
fn format(args: &ExportCommand) -> Result<ExportFormatArg, CliError> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    let known = "--format perfetto, chrome, jsonl, svg, folded or parquet";
    let Some(path) = &args.output else {
        return Err(CliError::new(format!("export as what? Say {known}")));
    };
    let ending = Path::new(path).extension().unwrap_or_default();
    let named = ENDINGS
        .iter()
        .find(|(known, _)| ending.eq_ignore_ascii_case(known));
    named.map(|(_, format)| *format).ok_or_else(|| {
        CliError::new(format!(
            "the name {} does not say what to write: say {known}",
            path.display()
        ))
    })
}

fn write(
    replay: &Replay,
    format: ExportFormatArg,
    args: &ExportCommand,
    to: impl Write + Send,
) -> io::Result<()> {
    match format {
        ExportFormatArg::Perfetto => export::perfetto(replay, to),
        ExportFormatArg::Chrome => export::chrome(replay, to),
        ExportFormatArg::Jsonl => export::jsonl(replay, to),
        ExportFormatArg::Svg => {
            let axis = match args.axis {
                AxisArg::Time => Axis::Time,
                AxisArg::Turns => Axis::Poll,
            };
            export::svg(replay, axis, to)
        }
        ExportFormatArg::Folded => export::folded(replay, Weight::from(args.weight), to),
        ExportFormatArg::Parquet => parquet(replay, args.table, to),
    }
}

#[cfg(feature = "parquet")]
fn parquet(replay: &Replay, table: ParquetTable, to: impl Write + Send) -> io::Result<()> {
    match table {
        ParquetTable::Events => export::parquet_events(replay, to),
        ParquetTable::Spans => export::parquet_spans(replay, to),
    }
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: &Replay, table: ParquetTable, _: impl Write + Send) -> io::Result<()> {
    let table = match table {
        ParquetTable::Events => "events",
        ParquetTable::Spans => "spans",
    };
    Err(io::Error::other(format!(
        "no table of {table}: this loopscope was built without Parquet"
    )))
}

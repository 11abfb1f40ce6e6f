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
    Answer, Exit, Wrong,
    args::{Along, Export, ExportFormat, Table},
    run::cannot_write,
    whole,
};

/// The endings of files that say what is in them.
const ENDINGS: [(&str, ExportFormat); 10] = [
    ("perfetto-trace", ExportFormat::Perfetto),
    ("pftrace", ExportFormat::Perfetto),
    ("perfetto", ExportFormat::Perfetto),
    ("json", ExportFormat::Chrome),
    ("jsonl", ExportFormat::Jsonl),
    ("ndjson", ExportFormat::Jsonl),
    ("svg", ExportFormat::Svg),
    ("folded", ExportFormat::Folded),
    ("collapsed", ExportFormat::Folded),
    ("parquet", ExportFormat::Parquet),
];

pub(crate) fn export(args: &Export) -> Answer {
    let format = format(args)?;
    let binary = matches!(format, ExportFormat::Perfetto | ExportFormat::Parquet);
    if binary && args.output.is_none() && io::stdout().is_terminal() {
        return Err(Wrong::new(
            "that is nothing for a terminal: name a file with -o, or use a pipe",
        ));
    }
    // Before the run, which may take long, and before a file is emptied.
    if format == ExportFormat::Parquet && cfg!(not(feature = "parquet")) {
        return Err(Wrong::new(
            "this loopscope was built without Parquet: cargo install --features parquet has it",
        ));
    }
    let replay = whole::one(&args.what, args.from, &args.how)?;
    if let Some(path) = &args.output {
        let file = File::create(path).map_err(|error| cannot_write(path, &error))?;
        let written = write(&replay, format, args, BufWriter::new(file));
        written.map_err(|error| cannot_write(path, &error))?;
        return Ok(Exit::Done);
    }
    match write(&replay, format, args, BufWriter::new(io::stdout())) {
        // A reader that has gone away is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Wrong::new(format!("cannot write: {error}")))
        }
        _ => Ok(Exit::Done),
    }
}

/// What was asked for, or what the file's name says.
fn format(args: &Export) -> Result<ExportFormat, Wrong> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    let known = "--format perfetto, chrome, jsonl, svg, folded or parquet";
    let Some(path) = &args.output else {
        return Err(Wrong::new(format!("export as what? Say {known}")));
    };
    let ending = Path::new(path).extension().unwrap_or_default();
    let named = ENDINGS
        .iter()
        .find(|(known, _)| ending.eq_ignore_ascii_case(known));
    named.map(|(_, format)| *format).ok_or_else(|| {
        Wrong::new(format!(
            "the name {} does not say what to write: say {known}",
            path.display()
        ))
    })
}

fn write(
    replay: &Replay,
    format: ExportFormat,
    args: &Export,
    to: impl Write + Send,
) -> io::Result<()> {
    match format {
        ExportFormat::Perfetto => export::perfetto(replay, to),
        ExportFormat::Chrome => export::chrome(replay, to),
        ExportFormat::Jsonl => export::jsonl(replay, to),
        ExportFormat::Svg => {
            let axis = match args.axis {
                Along::Time => Axis::Time,
                Along::Turns => Axis::Poll,
            };
            export::svg(replay, axis, to)
        }
        ExportFormat::Folded => export::folded(replay, Weight::from(args.weight), to),
        ExportFormat::Parquet => parquet(replay, args.table, to),
    }
}

#[cfg(feature = "parquet")]
fn parquet(replay: &Replay, table: Table, to: impl Write + Send) -> io::Result<()> {
    match table {
        Table::Events => export::parquet_events(replay, to),
        Table::Spans => export::parquet_spans(replay, to),
    }
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: &Replay, table: Table, _: impl Write + Send) -> io::Result<()> {
    let table = match table {
        Table::Events => "events",
        Table::Spans => "spans",
    };
    Err(io::Error::other(format!(
        "no table of {table}: this loopscope was built without Parquet"
    )))
}

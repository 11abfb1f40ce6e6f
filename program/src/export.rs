//! `loopscope export`: converts a run to the format of another program.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
};

use loopscope::{export, replay::Replay};

use super::{
    args::{ExportCommand, ExportFormatArg},
    complete,
    output::{CliError, CliResult, output_path, print_with, written_to},
    output_file::{self, Content, OutputFile},
    reading::FileReading,
    render::timeline,
};

/// The extensions that select a format.
const ENDINGS: [(&str, ExportFormatArg); 9] = [
    ("perfetto-trace", ExportFormatArg::Perfetto),
    ("pftrace", ExportFormatArg::Perfetto),
    ("perfetto", ExportFormatArg::Perfetto),
    ("json", ExportFormatArg::Chrome),
    ("jsonl", ExportFormatArg::Jsonl),
    ("ndjson", ExportFormatArg::Jsonl),
    ("svg", ExportFormatArg::Svg),
    ("folded", ExportFormatArg::Folded),
    ("collapsed", ExportFormatArg::Folded),
];

pub(crate) fn export(args: &ExportCommand) -> CliResult {
    let path = output_path(args.output.as_deref());
    let format = format(args, path)?;
    if format == ExportFormatArg::Perfetto && path.is_none() && io::stdout().is_terminal() {
        return Err(CliError::new(
            "a binary format is not written to a terminal: name a file with -o, or use a pipe",
        ));
    }
    if let Some(path) = path {
        output_file::check(path, content(format), args.force)?;
    }
    let reading = FileReading::of(args.from, args.load);
    let replay = complete::one(&args.what, &reading, &args.run)?.replay;
    if let Some(path) = path {
        let mut file = OutputFile::create(path, content(format), args.force)?;
        let written = write(replay, format, args, &mut file).and_then(|()| file.finish());
        return Ok(written_to(path, written));
    }
    Ok(print_with(|out| write(replay, format, args, out)))
}

/// What a file of this format holds.
fn content(format: ExportFormatArg) -> Content {
    match format {
        ExportFormatArg::Perfetto => Content::Perfetto,
        ExportFormatArg::Chrome | ExportFormatArg::Jsonl => Content::Json,
        ExportFormatArg::Svg => Content::Svg,
        ExportFormatArg::Folded => Content::Folded,
    }
}

/// The requested format, or the one that the output file's extension selects.
fn format(args: &ExportCommand, path: Option<&Path>) -> Result<ExportFormatArg, CliError> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    let known = "--format perfetto, chrome, jsonl, svg or folded";
    let Some(path) = path else {
        return Err(CliError::new(format!("no export format: use {known}")));
    };
    let ending = path.extension().unwrap_or_default();
    let named = ENDINGS
        .iter()
        .find(|(known, _)| ending.eq_ignore_ascii_case(known));
    named.map(|(_, format)| *format).ok_or_else(|| {
        CliError::new(format!(
            "the extension of {} selects no format: use {known}",
            path.display()
        ))
    })
}

fn write(
    replay: Replay,
    format: ExportFormatArg,
    args: &ExportCommand,
    mut to: impl Write,
) -> io::Result<()> {
    match format {
        ExportFormatArg::Perfetto => export::perfetto(&replay, to),
        ExportFormatArg::Chrome => export::chrome(&replay, to),
        ExportFormatArg::Jsonl => export::jsonl(&replay, to),
        ExportFormatArg::Svg => {
            to.write_all(timeline(replay, args.axis).as_bytes())?;
            to.flush()
        }
        ExportFormatArg::Folded => export::folded(&replay, args.weight, to),
    }
}

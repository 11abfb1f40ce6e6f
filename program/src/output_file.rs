//! The file that `export`, `render` and `cast` write to.
//!
//! The file is written beside its place and then renamed, so a failure leaves what was there. A file
//! that is there already is replaced if it holds what the command writes, such as the picture of an
//! earlier call, or nothing. Any other file is replaced only with `--force`.
//!
//! SIGINT, SIGTERM and SIGHUP remove the part that is written, and end the program as usual.
//!
//! A pipe or a device is written to directly. Of a symbolic link the target is replaced.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, ErrorKind, Read, Write},
    os::unix::fs::FileTypeExt,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use loopscope::runtime::RecordFile;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};

use super::{
    args::RecordArgs,
    output::{CliError, cannot_write},
};

/// Opens the file of `--record`. What it holds stays until the run starts.
pub(crate) fn open_recording(path: &Path, options: &RecordArgs) -> Result<RecordFile, CliError> {
    let file = RecordFile::create(path, options.force).map_err(|error| {
        let CliError(words) = cannot_write(path, &error);
        match error.kind() {
            ErrorKind::AlreadyExists => CliError(format!("{words}; --force replaces it")),
            _ => CliError(words),
        }
    })?;
    Ok(if options.sync { file.synced() } else { file })
}

/// How many bytes at the start of a file are looked at.
const START: u64 = 1 << 16;

/// What a command writes, by which an earlier file of the same kind is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A picture as SVG.
    Svg,
    /// A picture as text, with or without colours.
    Screen,
    /// An asciicast.
    Cast,
    /// JSON or JSON Lines of a trace.
    Json,
    /// The protobuf of Perfetto.
    Perfetto,
    /// Folded stacks.
    Folded,
}

impl Content {
    /// Whether the first bytes of a file are those of such a content.
    fn is_in(self, start: &[u8]) -> bool {
        let text = String::from_utf8_lossy(start);
        let line = text.lines().next().unwrap_or_default().trim();
        match self {
            Content::Svg => text.trim_start().starts_with("<svg"),
            Content::Screen => is_screen(&text),
            Content::Cast => line.starts_with('{') && line.contains("\"version\""),
            Content::Json => {
                let known = ["\"traceEvents\"", "\"loopscope\"", "\"ph\""];
                text.starts_with(['{', '[']) && known.iter().any(|name| text.contains(name))
            }
            // The field `packet` of a Perfetto trace.
            Content::Perfetto => start.first() == Some(&0x0a) && text.contains('\0'),
            Content::Folded => {
                let count = line.rsplit_once(' ').map(|(_, count)| count);
                line.contains(';') && count.is_some_and(|count| count.parse::<u64>().is_ok())
            }
        }
    }
}

/// Whether a text begins as a screen: with the header, and the upper borders of panels below it.
fn is_screen(text: &str) -> bool {
    let mut lines = text.lines().map(plain);
    let header = lines.next().unwrap_or_default();
    let borders = lines.next().unwrap_or_default();
    let borders = borders.trim();
    header.contains(['│', '|'])
        && borders.starts_with(['┌', '┏', '+'])
        && borders.ends_with(['┐', '┓', '+'])
}

/// A line without the escape sequences that colour it.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let shown = part.split_once('m').map_or("", |(_, shown)| shown);
        text + shown
    })
}

/// An open file, in its place or beside it.
pub(crate) struct OutputFile {
    to: BufWriter<Box<dyn Write>>,
    path: PathBuf,
    /// Where the file is written; `None` if that is its place.
    beside: Option<PathBuf>,
    /// The number of a signal that arrived while the file was written; 0 for none.
    signal: Arc<AtomicUsize>,
}

/// Refuses a file that must not be replaced, before anything is computed.
pub(crate) fn check(path: &Path, content: Content, force: bool) -> Result<(), CliError> {
    match fs::metadata(path) {
        Ok(there) if there.is_file() && there.len() > 0 && !force && !holds(path, content) => {
            Err(CliError::new(format!(
                "cannot write {}: the file exists and holds something else; --force replaces it",
                path.display()
            )))
        }
        // Other errors are those of opening the file.
        _ => Ok(()),
    }
}

impl OutputFile {
    /// Opens the file, unless [`check`] refuses it.
    pub(crate) fn create(
        path: &Path,
        content: Content,
        force: bool,
    ) -> Result<OutputFile, CliError> {
        check(path, content, force)?;
        let cannot = |error: io::Error| cannot_write(path, &error);
        // A link is followed, so that the link stays a link.
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let (to, beside) = open(&place, force).map_err(cannot)?;
        Ok(OutputFile {
            to: BufWriter::new(to),
            path: place,
            beside,
            signal: watch_signals().map_err(cannot)?,
        })
    }

    /// Puts the file in its place.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.to.flush()?;
        if let Some(beside) = &self.beside {
            fs::rename(beside, &self.path)?;
        }
        self.beside = None;
        Ok(())
    }

    fn remove_part(&mut self) {
        if let Some(beside) = self.beside.take() {
            // A part of a file that stays does no harm.
            let _ = fs::remove_file(beside);
        }
    }

    /// Writes all of a content.
    pub(crate) fn write_whole(mut self, bytes: &[u8]) -> io::Result<()> {
        self.to.write_all(bytes)?;
        self.finish()
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let signal = self.signal.load(Ordering::Relaxed);
        if signal != 0 {
            self.remove_part();
            process::exit(i32::try_from(128 + signal).unwrap_or(1));
        }
        self.to.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A file that was not finished is removed.
impl Drop for OutputFile {
    fn drop(&mut self) {
        self.remove_part();
    }
}

/// Notes the signals that end a program by default, instead of ending it.
fn watch_signals() -> io::Result<Arc<AtomicUsize>> {
    let seen = Arc::new(AtomicUsize::new(0));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        let number = usize::try_from(signal).unwrap_or(0);
        flag::register_usize(signal, Arc::clone(&seen), number)?;
    }
    Ok(seen)
}

/// What is written to, and the path of a file beside its place.
type Opened = (Box<dyn Write>, Option<PathBuf>);

/// Opens a file beside its place, or in it where that is not possible.
fn open(place: &Path, force: bool) -> io::Result<Opened> {
    let there = match fs::metadata(place) {
        Ok(there) => Some(there),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let Some(there) = there else {
        // Of a link to nothing, the target is created.
        let is_link = fs::symlink_metadata(place).is_ok();
        return if is_link {
            open_in_place(place)
        } else {
            create_beside(place)
        };
    };
    let kind = there.file_type();
    if kind.is_dir() {
        Err(ErrorKind::IsADirectory.into())
    } else if kind.is_char_device() {
        open_in_place(place)
    } else if !kind.is_file() {
        let special = RecordFile::create(place, force)?;
        Ok((Box::new(special), None))
    } else {
        // A file that must not be written stays, although its folder may be written.
        drop(File::options().write(true).open(place)?);
        match create_beside(place) {
            Ok((to, beside)) => {
                // The new file has the permissions of the old one, where that is possible.
                if let Some(beside) = &beside {
                    let _ = fs::set_permissions(beside, there.permissions());
                }
                Ok((to, beside))
            }
            // The file may be written, and its folder not.
            Err(_) => open_in_place(place),
        }
    }
}

fn open_in_place(place: &Path) -> io::Result<Opened> {
    Ok((Box::new(File::create(place)?), None))
}

fn holds(place: &Path, content: Content) -> bool {
    let mut start = Vec::new();
    let read = File::open(place).and_then(|file| file.take(START).read_to_end(&mut start));
    read.is_ok() && content.is_in(&start)
}

/// Creates a file in the same folder, hidden and with the number of this process.
fn create_beside(place: &Path) -> io::Result<Opened> {
    let mut name = OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(format!(".{}.part", process::id()));
    let beside = place.with_file_name(name);
    // What a process of the same number has left is replaced.
    let file = File::create(&beside)?;
    Ok((Box::new(file), Some(beside)))
}

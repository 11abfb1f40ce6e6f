//! Standard output and standard error of a program while the screen is up.
//!
//! Each of the two that is a terminal is replaced by a file in memory, which is the same for both.
//! After each poll, the loop reads what is new in the file. When the screen closes, the streams are
//! restored and the whole file is printed.

use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    os::{fd::OwnedFd, unix::fs::FileExt},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Sender},
    },
    thread,
    time::Duration,
};

use rustix::{
    fs::{MemfdFlags, memfd_create},
    stdio::{dup2_stderr, dup2_stdout},
};

use crate::runtime::{OutputSource, size_limit};

/// The two streams, as far as they are replaced.
#[derive(Debug)]
pub(super) struct CapturedStdio {
    file: Arc<File>,
    /// The original streams. `None` once they are restored.
    original: Mutex<Option<OriginalStdio>>,
}

#[derive(Debug)]
struct OriginalStdio {
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
}

impl CapturedStdio {
    pub(super) fn capture() -> io::Result<CapturedStdio> {
        // A write beyond the limit ends the program, which did not ask for this file.
        if size_limit().is_some() {
            return Err(io::Error::other(
                "the screen keeps the program's output in a file, and the size of files is limited (`ulimit -f`); LOOPSCOPE=off and LOOPSCOPE=record:FILE work",
            ));
        }
        let file = memory_file()?;
        let _ = io::stdout().flush();
        let original = OriginalStdio {
            stdout: clone_if_terminal(&io::stdout())?,
            stderr: clone_if_terminal(&io::stderr())?,
        };
        // Duplicated descriptors share one file offset, so what is written to either stream and
        // what is echoed follow each other in the file.
        if original.stdout.is_some() {
            dup2_stdout(&file)?;
        }
        if original.stderr.is_some() {
            dup2_stderr(&file)?;
        }
        Ok(CapturedStdio {
            file: Arc::new(file),
            original: Mutex::new(Some(original)),
        })
    }

    /// A reader of the new lines, for the loop.
    pub(super) fn reader(&self) -> OutputLines {
        OutputLines {
            from: Arc::clone(&self.file),
            at: 0,
            begun: Vec::new(),
        }
    }

    /// Echoes a line of input, as a terminal would.
    pub(super) fn echo(&self, line: &str) {
        let _ = (&*self.file).write_all(format!("{line}\n").as_bytes());
    }

    /// Restores the streams and prints everything that was captured. Further calls do nothing.
    pub(super) fn give_back(&self) {
        let _ = io::stdout().flush();
        let mut original = self.original.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(OriginalStdio { stdout, stderr }) = original.take() else {
            return;
        };
        if let Some(stdout) = &stdout {
            let _ = dup2_stdout(stdout);
        }
        if let Some(stderr) = &stderr {
            let _ = dup2_stderr(stderr);
        }
        if let Some(to) = stdout.or(stderr) {
            print_while_read(&self.file, File::from(to));
        }
    }
}

/// A second descriptor of a stream, if the stream is a terminal. Other streams are not replaced.
fn clone_if_terminal(
    stream: &(impl IsTerminal + std::os::fd::AsFd),
) -> io::Result<Option<OwnedFd>> {
    let terminal = stream.is_terminal();
    let clone = || stream.as_fd().try_clone_to_owned();
    terminal.then(clone).transpose()
}

/// A file in memory. If the kernel does not offer that, an unlinked file in the temporary folder.
fn memory_file() -> io::Result<File> {
    if let Ok(file) = memfd_create("loopscope output", MemfdFlags::CLOEXEC) {
        return Ok(file.into());
    }
    let path = std::env::temp_dir().join(format!("loopscope-output-{}", std::process::id()));
    let file = File::options()
        .read(true)
        .append(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

/// How long a terminal may take nothing before the rest of the output is lost.
const STALL: Duration = Duration::from_secs(2);

/// Prints everything that was captured, as long as the terminal takes it. A write to a terminal whose
/// other end does not read does not return, and the program must still end: so a thread of its own
/// writes, and it is not waited for once it makes no progress.
fn print_while_read(from: &Arc<File>, to: File) {
    let (progress, made) = mpsc::channel();
    let from = Arc::clone(from);
    // An error is ignored: if the terminal is gone, the output is lost.
    let writer = thread::Builder::new().spawn(move || drop(print(&from, to, &progress)));
    while writer.is_ok() && made.recv_timeout(STALL).is_ok() {}
}

fn print(from: &File, mut to: File, progress: &Sender<()>) -> io::Result<()> {
    let (mut at, mut buffer) = (0, [0; 1 << 12]);
    loop {
        let read = from.read_at(&mut buffer, at)?;
        if read == 0 {
            return Ok(());
        }
        to.write_all(buffer.get(..read).unwrap_or_default())?;
        at += read as u64;
        let _ = progress.send(());
    }
}

/// Longer lines are recorded in pieces of this many bytes.
const LONGEST: usize = 1 << 14;

/// Reads the new part of the file, line by line.
#[derive(Debug)]
pub(super) struct OutputLines {
    from: Arc<File>,
    at: u64,
    /// The beginning of a line that is not complete yet.
    begun: Vec<u8>,
}

impl OutputSource for OutputLines {
    fn lines(&mut self, all: bool, line: &mut dyn FnMut(&str)) {
        let mut buffer = [0; 1 << 12];
        loop {
            let read = self.from.read_at(&mut buffer, self.at).unwrap_or(0);
            if read == 0 {
                break;
            }
            self.at += read as u64;
            for &byte in buffer.iter().take(read) {
                if byte == b'\n' {
                    end_line(&mut self.begun, line);
                } else {
                    self.begun.push(byte);
                    if self.begun.len() >= LONGEST {
                        end_line(&mut self.begun, line);
                    }
                }
            }
        }
        if all && !self.begun.is_empty() {
            end_line(&mut self.begun, line);
        }
    }
}

fn end_line(begun: &mut Vec<u8>, line: &mut dyn FnMut(&str)) {
    line(String::from_utf8_lossy(begun).trim_end_matches('\r'));
    begun.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_whole_and_once() {
        let mut file = memory_file().unwrap();
        let mut lines = OutputLines {
            from: Arc::new(file.try_clone().unwrap()),
            at: 0,
            begun: Vec::new(),
        };
        let mut got = Vec::new();
        let mut hear = |all, got: &mut Vec<String>| {
            lines.lines(all, &mut |line| got.push(line.to_owned()));
        };
        file.write_all(b"one\r\ntw").unwrap();
        hear(false, &mut got);
        assert_eq!(got, ["one"]);
        file.write_all(b"o\n\n\xff? ").unwrap();
        hear(false, &mut got);
        assert_eq!(got, ["one", "two", ""]);
        hear(true, &mut got);
        hear(true, &mut got);
        assert_eq!(got, ["one", "two", "", "\u{fffd}? "]);
    }
}

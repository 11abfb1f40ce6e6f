//! What a program prints while the screen is up, whatever it prints it with.
//!
//! Standard output and standard error, as far as they are terminals, become one file in memory. The loop reads after
//! each poll what is new in it. When the screen closes they are what they were, and all of it is printed there.

use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    os::{fd::OwnedFd, unix::fs::FileExt},
    sync::{Arc, Mutex, PoisonError},
};

use rustix::{
    fs::{MemfdFlags, memfd_create},
    stdio::{dup2_stderr, dup2_stdout},
};

use crate::runtime::OutputSource;

/// The two streams, taken.
#[derive(Debug)]
pub(super) struct CapturedStdio {
    printed: Arc<File>,
    /// What the streams were; none once they are that again.
    before: Mutex<Option<OriginalStdio>>,
}

#[derive(Debug)]
struct OriginalStdio {
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
}

impl CapturedStdio {
    pub(super) fn capture() -> io::Result<CapturedStdio> {
        let printed = file()?;
        let _ = io::stdout().flush();
        let before = OriginalStdio {
            stdout: copy(&io::stdout())?,
            stderr: copy(&io::stderr())?,
        };
        if before.stdout.is_some() {
            dup2_stdout(&printed)?;
        }
        if before.stderr.is_some() {
            dup2_stderr(&printed)?;
        }
        Ok(CapturedStdio {
            printed: Arc::new(printed),
            before: Mutex::new(Some(before)),
        })
    }

    /// For the loop, to read what is new.
    pub(super) fn reader(&self) -> OutputLines {
        OutputLines {
            from: Arc::clone(&self.printed),
            at: 0,
            begun: Vec::new(),
        }
    }

    /// Shows a line that was typed for the program, as a terminal would.
    pub(super) fn echo(&self, line: &str) {
        let _ = (&*self.printed).write_all(format!("{line}\n").as_bytes());
    }

    /// Makes the streams what they were, and prints there what was printed. The second time it does nothing.
    pub(super) fn give_back(&self) {
        let _ = io::stdout().flush();
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(OriginalStdio { stdout, stderr }) = before.take() else {
            return;
        };
        if let Some(stdout) = &stdout {
            let _ = dup2_stdout(stdout);
        }
        if let Some(stderr) = &stderr {
            let _ = dup2_stderr(stderr);
        }
        let Some(to) = stdout.or(stderr) else { return };
        // Whoever has gone away does not read it; there is nobody else to tell.
        let _ = print(&self.printed, &mut File::from(to));
    }
}

/// A second descriptor of a stream that is a terminal; none of one that goes elsewhere, which is left as it is.
fn copy(stream: &(impl IsTerminal + std::os::fd::AsFd)) -> io::Result<Option<OwnedFd>> {
    let terminal = stream.is_terminal();
    let copy = || stream.as_fd().try_clone_to_owned();
    terminal.then(copy).transpose()
}

/// A file in memory; where the kernel has none, one without a name in the folder for such.
fn file() -> io::Result<File> {
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

fn print(from: &File, to: &mut File) -> io::Result<()> {
    let (mut at, mut buffer) = (0, [0; 1 << 14]);
    loop {
        let read = from.read_at(&mut buffer, at)?;
        if read == 0 {
            return Ok(());
        }
        to.write_all(buffer.get(..read).unwrap_or_default())?;
        at += read as u64;
    }
}

/// The longest line that is recorded as one.
const LONGEST: usize = 1 << 14;

/// Reads what is new in the file, line by line.
#[derive(Debug)]
pub(super) struct OutputLines {
    from: Arc<File>,
    at: u64,
    /// A line that has no end yet.
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
        let mut file = file().unwrap();
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

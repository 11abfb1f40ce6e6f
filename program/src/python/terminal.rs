//! The terminal of a program that runs beside the screen.
//!
//! The screen has the real terminal, so the program gets another one: a pseudoterminal. For the
//! program it is a terminal like any other: `isatty` is true, lines are buffered as usual, `input`,
//! a password prompt and a debugger work.
//!
//! ```text
//!   program ──> standard output, standard error ──> pseudoterminal ──> thread ──> Printed
//!           <── standard input <─────────────────── pseudoterminal <── a line from the screen
//! ```
//!
//! What the program prints is kept, and is printed on the real terminal when the screen is closed.
//! While a debugger of Python reads commands, the real terminal shows it, and what is typed goes there.

use std::{
    fs,
    io::{self, IsTerminal},
    os::fd::OwnedFd,
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::wait::print_kept;

use super::printed::Printed;

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::{Errno, ioctl_fionbio, read, write},
    pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt},
    termios::{Winsize, tcgetwinsize, tcsetwinsize},
};

/// The character that ends the input of a terminal: Ctrl+D.
const END_OF_INPUT: u8 = 4;

/// The system calls in which a thread waits for standard input, as the line `syscall` in its folder
/// of `/proc` begins: the number of `read` with the descriptor 0, and those of `select` and
/// `pselect6` with the descriptors below 1. `select` is how `input` waits if Python's module
/// `readline` is loaded.
const READS: &[&str] = if cfg!(target_arch = "x86_64") {
    &["0 0x0 ", "23 0x1 ", "270 0x1 "]
} else {
    &["63 0x0 ", "72 0x1 "]
};

/// The pseudoterminal of a program.
#[derive(Debug)]
pub(super) struct ProgramTerminal {
    /// The side of this program.
    ours: Arc<OwnedFd>,
    printed: Arc<Mutex<Printed>>,
    reader: Option<JoinHandle<()>>,
    size: Winsize,
}

impl ProgramTerminal {
    /// Opens a pseudoterminal of the size of the real terminal. The standard streams of `program`
    /// that are terminals are connected to it.
    pub(super) fn open(program: &mut Command) -> io::Result<ProgramTerminal> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let theirs = ioctl_tiocgptpeer(&ours, flags)?;
        let size = tcgetwinsize(io::stdout())?;
        tcsetwinsize(&ours, size)?;
        // A program that does not read its input must not block the screen.
        ioctl_fionbio(&ours, true)?;
        program.stdin(Stdio::from(theirs.try_clone()?));
        program.stdout(Stdio::from(theirs.try_clone()?));
        if io::stderr().is_terminal() {
            program.stderr(Stdio::from(theirs));
        }
        Ok(ProgramTerminal {
            ours: Arc::new(ours),
            printed: Arc::default(),
            reader: None,
            size,
        })
    }

    /// Starts to read what the program prints. Its end of the terminal has to be open.
    pub(super) fn start(&mut self) -> io::Result<()> {
        let (ours, printed) = (Arc::clone(&self.ours), Arc::clone(&self.printed));
        let thread = thread::Builder::new().name("output".into());
        self.reader = Some(thread.spawn(move || keep(&ours, &printed))?);
        Ok(())
    }

    /// Gives the program the size of the real terminal, which may have changed.
    pub(super) fn fit(&mut self) {
        if let Ok(size) = tcgetwinsize(io::stdout())
            && size != self.size
        {
            self.size = size;
            let _ = tcsetwinsize(&self.ours, size);
        }
    }

    /// Types a line, or the end of the input. What a program leaves unread beyond some kilobytes is
    /// lost.
    pub(super) fn type_line(&self, line: Option<&str>) {
        let bytes = match line {
            Some(line) => format!("{line}\n").into_bytes(),
            None => vec![END_OF_INPUT],
        };
        self.type_bytes(&bytes);
    }

    /// Types these bytes.
    pub(super) fn type_bytes(&self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Ok(written @ 1..) = write(&self.ours, rest) {
            rest = rest.get(written..).unwrap_or_default();
        }
    }

    /// Whether a debugger of the program waits for the real terminal.
    pub(super) fn wants_real(&self) -> bool {
        lock(&self.printed).wants_terminal()
    }

    /// Passes on what was typed for a debugger, and returns what it has printed. `None` once it has let
    /// the program continue. Ctrl-C is no input: the caller sends the signal.
    pub(super) fn exchange(&self, typed: &[u8]) -> Option<Vec<u8>> {
        self.type_bytes(typed);
        lock(&self.printed).take_lent()
    }

    /// The user has returned to the screen although a debugger waits.
    pub(super) fn decline(&self) {
        lock(&self.printed).decline();
    }

    /// Writes what the program has printed while the screen was up.
    pub(super) fn give_back_output(&mut self) {
        print_kept(self.take_output(), io::stdout());
    }

    /// What the program has printed, once it has ended.
    pub(super) fn take_output(&mut self) -> Vec<u8> {
        if let Some(reader) = self.reader.take() {
            // A child of the program may keep the terminal open, so the end of it is not waited for.
            for _ in 0..50 {
                if reader.is_finished() {
                    break;
                }
                super::pause();
            }
        }
        without_returns(lock(&self.printed).bytes())
    }
}

fn lock(printed: &Mutex<Printed>) -> MutexGuard<'_, Printed> {
    printed.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Each line feed without the carriage return that the pseudoterminal has put before it: the real
/// terminal adds its own.
fn without_returns(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        if byte == b'\n' && out.last() == Some(&b'\r') {
            out.pop();
        }
        out.push(byte);
    }
    out
}

/// Reads what the program prints until no process has its side of the terminal open.
fn keep(ours: &OwnedFd, printed: &Mutex<Printed>) {
    let mut block = [0; 8192];
    loop {
        match read(ours, &mut block) {
            Ok(0) => return,
            Ok(length) => {
                lock(printed).push(block.get(..length).unwrap_or_default());
            }
            Err(Errno::AGAIN) => {
                let _ = poll(&mut [PollFd::new(ours, PollFlags::IN)], None);
            }
            Err(Errno::INTR) => {}
            // Linux reports the end as an error of input.
            Err(_) => return,
        }
    }
}

/// Whether a thread of a process waits for standard input.
pub(super) fn waits_for_input(pid: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    threads.into_iter().flatten().flatten().any(|thread| {
        let call = fs::read_to_string(Path::new(&thread.path()).join("syscall"));
        call.is_ok_and(|call| READS.iter().any(|read| call.starts_with(read)))
    })
}

/// The time between two looks at whether the program waits for input.
pub(super) const LOOK: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_returns_of_the_pseudoterminal_are_taken_out() {
        assert_eq!(
            without_returns(b"one\r\ntwo\n50 %\r60 %\r\n"),
            b"one\ntwo\n50 %\r60 %\n"
        );
    }
}

//! Standard input of a program while the screen is up.
//!
//! The screen reads the keys from the terminal, so the program must not read there, too. If
//! standard input is a terminal, it is replaced by a pipe, and the lines that the user enters for
//! the program are written to the pipe. Whether a thread of the program waits for input is read
//! from Linux's `/proc`, which names the system call that a thread is in.

use std::{
    cell::Cell,
    fs,
    io::{self, IsTerminal, PipeWriter, Write},
    os::fd::{AsFd, OwnedFd},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rustix::{io::ioctl_fionbio, stdio::dup2_stdin};

/// The line in `/proc` of a thread that reads standard input begins with this: the number of
/// `read`, and its first argument, the descriptor.
const READS: &str = if cfg!(target_arch = "x86_64") {
    "0 0x0 "
} else {
    "63 0x0 "
};

/// The shortest time between two reads of `/proc`.
const LOOK: Duration = Duration::from_millis(100);

/// Standard input, replaced by a pipe if it is a terminal.
#[derive(Debug)]
pub(super) struct CapturedStdin {
    /// The terminal. `None` if standard input is not a terminal and was therefore not replaced.
    original: Option<OwnedFd>,
    /// The writing end of the pipe. `None` if standard input was not replaced, or once the input
    /// has ended.
    to: Mutex<Option<PipeWriter>>,
}

impl CapturedStdin {
    pub(super) fn capture() -> io::Result<CapturedStdin> {
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            return Ok(CapturedStdin {
                original: None,
                to: Mutex::new(None),
            });
        }
        let original = stdin.as_fd().try_clone_to_owned()?;
        let (from, to) = io::pipe()?;
        // A program that does not read must not block the screen.
        ioctl_fionbio(&to, true)?;
        dup2_stdin(&from)?;
        Ok(CapturedStdin {
            original: Some(original),
            to: Mutex::new(Some(to)),
        })
    }

    fn to(&self) -> MutexGuard<'_, Option<PipeWriter>> {
        self.to.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the program can be given input.
    pub(super) fn is_open(&self) -> bool {
        self.to().is_some()
    }

    /// Gives the program a line, or ends its input. If a program leaves 64 KiB unread, further
    /// lines are lost.
    pub(super) fn give(&self, line: Option<&str>) {
        let mut to = self.to();
        match (line, to.as_mut()) {
            (Some(line), Some(to)) => drop(to.write_all(format!("{line}\n").as_bytes())),
            _ => *to = None,
        }
    }

    /// Whether a thread of the program waits for input.
    fn is_awaited(&self) -> bool {
        if !self.is_open() {
            return false;
        }
        let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
        threads.flatten().any(|thread| {
            fs::read_to_string(thread.path().join("syscall"))
                .is_ok_and(|call| call.starts_with(READS))
        })
    }

    /// Makes the terminal standard input again.
    pub(super) fn give_back(&self) {
        if let Some(original) = &self.original {
            let _ = dup2_stdin(original);
        }
    }
}

/// Whether the program waits for input, cached for [`LOOK`].
#[derive(Debug, Default)]
pub(super) struct InputWatch {
    last: Cell<Option<(Instant, bool)>>,
}

impl InputWatch {
    pub(super) fn look(&self, input: &CapturedStdin) -> bool {
        #[expect(
            clippy::disallowed_methods,
            reason = "on the screen's thread, so as not to look at every frame"
        )]
        let now = Instant::now();
        if let Some((since, awaited)) = self.last.get()
            && now - since < LOOK
        {
            return awaited;
        }
        let awaited = input.is_awaited();
        self.last.set(Some((now, awaited)));
        awaited
    }
}

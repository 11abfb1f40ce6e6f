//! What a program reads while the screen is up.
//!
//! The keys are the screen's, so standard input becomes a pipe, if it is a terminal; what the person types for the program
//! goes into that. Whether a thread waits for it is asked of Linux, which says in `/proc` which system call a thread is in.

use std::{
    cell::Cell,
    fs,
    io::{self, IsTerminal, PipeWriter, Write},
    os::fd::{AsFd, OwnedFd},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rustix::{io::ioctl_fionbio, stdio::dup2_stdin};

/// How a thread looks that reads standard input: the number of `read`, and its first argument, the descriptor.
const READS: &str = if cfg!(target_arch = "x86_64") {
    "0 0x0 "
} else {
    "63 0x0 "
};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// Standard input, taken; none if it is no terminal.
#[derive(Debug)]
pub(super) struct CapturedStdin {
    before: Option<OwnedFd>,
    /// None once the input is at its end.
    to: Mutex<Option<PipeWriter>>,
}

impl CapturedStdin {
    pub(super) fn capture() -> io::Result<CapturedStdin> {
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            return Ok(CapturedStdin {
                before: None,
                to: Mutex::new(None),
            });
        }
        let before = stdin.as_fd().try_clone_to_owned()?;
        let (from, to) = io::pipe()?;
        // A program that does not read must not hold up the screen.
        ioctl_fionbio(&to, true)?;
        dup2_stdin(&from)?;
        Ok(CapturedStdin {
            before: Some(before),
            to: Mutex::new(Some(to)),
        })
    }

    fn to(&self) -> MutexGuard<'_, Option<PipeWriter>> {
        self.to.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it can be given anything.
    pub(super) fn is_open(&self) -> bool {
        self.to().is_some()
    }

    /// Gives the program a line; none is the end. A program that has not read for 64 KiB gets no more.
    pub(super) fn give(&self, line: Option<&str>) {
        let mut to = self.to();
        match (line, to.as_mut()) {
            (Some(line), Some(to)) => drop(to.write_all(format!("{line}\n").as_bytes())),
            _ => *to = None,
        }
    }

    /// Whether a thread waits for input.
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

    /// Makes standard input what it was.
    pub(super) fn give_back(&self) {
        if let Some(before) = &self.before {
            let _ = dup2_stdin(before);
        }
    }
}

/// Looks now and then whether input is awaited.
#[derive(Debug, Default)]
pub(super) struct InputWatch {
    last: Cell<Option<(Instant, bool)>>,
}

impl InputWatch {
    pub(super) fn look(&self, input: &CapturedStdin) -> bool {
        #[expect(
            clippy::disallowed_methods,
            reason = "on the screen's thread, not to look at every frame"
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

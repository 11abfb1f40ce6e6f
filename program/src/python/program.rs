//! The program as a child process.

use std::{
    cell::Cell,
    env,
    ffi::OsString,
    fs, io,
    os::{fd::OwnedFd, unix::process::ExitStatusExt},
    path::Path,
    process::{self, Child, ExitStatus, Stdio},
    time::Instant,
};

use async_signal::Signal;
use loopscope::trace::{ClockKind, Schedule};
use rustix::process::{Pid, getpgid, kill_process, kill_process_group};

use crate::output::{CliError, Exit};

use super::{
    adapter::Adapter,
    pause,
    terminal::{LOOK, ProgramTerminal, waits_for_input},
};

/// How the interpreter is started.
pub(super) struct Launch<'a> {
    pub(super) python: &'a Path,
    pub(super) arguments: &'a [OsString],
    pub(super) adapter: &'a Adapter,
    pub(super) clock: ClockKind,
    pub(super) detail: &'static str,
    pub(super) keep_uvloop: bool,
    pub(super) paused: bool,
    /// Whether snapshots are taken.
    pub(super) snapshots: bool,
    pub(super) schedule: &'a Schedule,
}

/// Where the program's output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Streams {
    /// To where it went without loopscope.
    Inherited,
    /// To standard error: standard output is for the trace.
    ToStandardError,
    /// To a terminal of the program's own. It is kept until the screen is closed.
    Captured,
    /// The same, and the program gets no input: nothing on the screen could ask for it.
    CapturedWithoutInput,
}

/// The running program.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    /// Its terminal, if it runs beside the screen.
    terminal: Option<ProgramTerminal>,
    /// Whether it waits for input, as it was at this time.
    input: Cell<Option<(Instant, bool)>>,
}

impl Program {
    pub(super) fn start(command: &Launch<'_>, streams: Streams) -> Result<Program, CliError> {
        let mut child = process::Command::new(command.python);
        child.args(command.arguments);
        child.env("PYTHONPATH", python_path(command.adapter.folder()));
        child.env("LOOPSCOPE_SOCKET", command.adapter.socket());
        child.env("LOOPSCOPE_DETAIL", command.detail);
        if command.clock == ClockKind::Virtual {
            child.env("LOOPSCOPE_CLOCK", "virtual");
        }
        if command.keep_uvloop {
            child.env("LOOPSCOPE_KEEP_UVLOOP", "1");
        }
        if command.snapshots {
            child.env("LOOPSCOPE_SNAPSHOTS", "1");
        }
        if !command.schedule.is_empty() {
            child.env("LOOPSCOPE_SCHEDULE", command.schedule.to_string());
        }
        if command.paused {
            child.env("LOOPSCOPE_PAUSED", "1");
        }
        let mut terminal = None;
        match streams {
            Streams::Inherited => {}
            Streams::ToStandardError => {
                child.stdout(Stdio::from(standard_error().map_err(CliError::new)?));
            }
            Streams::Captured | Streams::CapturedWithoutInput => {
                let screen = fs::read_link("/proc/self/fd/1").unwrap_or_default();
                child.env("LOOPSCOPE_TERMINAL", screen);
                let opened = ProgramTerminal::open(&mut child);
                terminal = Some(opened.map_err(CliError::new)?);
                if streams == Streams::CapturedWithoutInput {
                    child.stdin(Stdio::null());
                }
            }
        }
        let started = child.spawn();
        // The command keeps the program's end of the terminal open.
        drop(child);
        let child = started.map_err(|error| {
            let python = command.python.display();
            CliError::new(format!("cannot start {python}: {error}"))
        })?;
        if let Some(terminal) = &mut terminal {
            terminal.start().map_err(CliError::new)?;
        }
        Ok(Program {
            child,
            terminal,
            input: Cell::new(None),
        })
    }

    /// The number of its process.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// How the program has ended, if it has.
    pub(super) fn ended(&mut self) -> io::Result<Option<Exit>> {
        Ok(self.child.try_wait()?.map(exit))
    }

    /// Sends a signal to the program. A program with a session of its own gets it with its child
    /// processes, as a terminal sends it.
    pub(super) fn signal(&self, signal: Signal) {
        let number = match signal {
            Signal::Int => rustix::process::Signal::INT,
            Signal::Hup => rustix::process::Signal::HUP,
            _ => rustix::process::Signal::TERM,
        };
        let Some(pid) = Pid::from_raw(self.child.id().cast_signed()) else {
            return;
        };
        let _ = if self.terminal.is_some() && getpgid(Some(pid)) == Ok(pid) {
            kill_process_group(pid, number)
        } else {
            kill_process(pid, number)
        };
    }

    /// Waits a moment for a program whose loop has ended, which is about to end as well.
    pub(super) fn await_end(&mut self) {
        for _ in 0..100 {
            if !matches!(self.ended(), Ok(None)) {
                return;
            }
            pause();
        }
    }

    /// Ends the program as Ctrl-C would, and harder if it does not obey.
    pub(super) fn stop(&mut self) {
        self.end_by(&[Signal::Int, Signal::Term]);
    }

    /// Ends a program that hangs. The first SIGINT cancels the main task, which a step that waits for a
    /// lock never notices. The second one is raised in that step, which is then recorded.
    pub(super) fn stop_hanging(&mut self) {
        self.end_by(&[Signal::Int, Signal::Int, Signal::Term]);
    }

    fn end_by(&mut self, signals: &[Signal]) {
        if !matches!(self.ended(), Ok(None)) {
            return;
        }
        for signal in signals.iter().copied() {
            self.signal(signal);
            for _ in 0..50 {
                if !matches!(self.ended(), Ok(None)) {
                    return;
                }
                pause();
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Ends the program at once: the user has left, and waits for the end of this process.
    pub(super) fn end_now(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The terminal of a program that runs beside the screen.
    pub(super) fn terminal(&mut self) -> Option<&mut ProgramTerminal> {
        self.terminal.as_mut()
    }

    /// Whether a program that runs beside the screen waits for input.
    pub(super) fn waits_for_input(&self) -> bool {
        if self.terminal.is_none() {
            return false;
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "on the screen's thread, so as not to look at every frame"
        )]
        let now = Instant::now();
        if let Some((since, waits)) = self.input.get()
            && now - since < LOOK
        {
            return waits;
        }
        let waits = waits_for_input(self.child.id());
        self.input.set(Some((now, waits)));
        waits
    }
}

/// The adapter's folder, and the folders that were in the variable before.
fn python_path(folder: &Path) -> OsString {
    let mut path = folder.as_os_str().to_owned();
    if let Some(before) = env::var_os("PYTHONPATH").filter(|before| !before.is_empty()) {
        path.push(":");
        path.push(before);
    }
    path
}

fn standard_error() -> io::Result<OwnedFd> {
    Ok(rustix::io::dup(io::stderr())?)
}

/// The exit of this program: that of the program it has run.
fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(0), _) => Exit::Done,
        (Some(code), _) => Exit::Program(u8::try_from(code).unwrap_or(1)),
        (None, Some(signal)) => Exit::Signal(u8::try_from(128 + signal).unwrap_or(1)),
        (None, None) => Exit::Failed,
    }
}

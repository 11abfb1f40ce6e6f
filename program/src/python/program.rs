//! The program as a child process.

use std::{
    env,
    ffi::OsString,
    io::{self, Read, Write},
    os::{fd::OwnedFd, unix::process::ExitStatusExt},
    path::Path,
    process::{self, Child, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use async_signal::Signal;
use loopscope::trace::ClockKind;

use crate::output::{CliError, Exit};

use super::adapter::Adapter;

/// The most output that is kept while the screen is up; the oldest goes first.
const MOST_OUTPUT: usize = 16 << 20;

/// How the interpreter is started.
pub(super) struct Launch<'a> {
    pub(super) python: &'a Path,
    pub(super) arguments: &'a [OsString],
    pub(super) adapter: &'a Adapter,
    pub(super) clock: ClockKind,
    pub(super) detail: &'static str,
    pub(super) keep_uvloop: bool,
    pub(super) paused: bool,
}

/// Where the program's output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Streams {
    /// To where it went without loopscope.
    Inherited,
    /// To standard error: standard output is for the trace.
    ToStandardError,
    /// It is kept until the screen is closed.
    Captured,
}

/// The running program.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    output: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
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
        if command.paused {
            child.env("LOOPSCOPE_PAUSED", "1");
        }
        let mut output = None;
        match streams {
            Streams::Inherited => {}
            Streams::ToStandardError => {
                child.stdout(Stdio::from(standard_error().map_err(CliError::new)?));
            }
            Streams::Captured => {
                let (read, write) = io::pipe().map_err(CliError::new)?;
                child.stdin(Stdio::null());
                child.stdout(write.try_clone().map_err(CliError::new)?);
                child.stderr(write);
                output = Some(read);
            }
        }
        let child = child.spawn().map_err(|error| {
            let python = command.python.display();
            CliError::new(format!("cannot start {python}: {error}"))
        })?;
        let kept: Arc<Mutex<Vec<u8>>> = Arc::default();
        let reader = output.map(|output| {
            let kept = Arc::clone(&kept);
            let thread = thread::Builder::new().name("output".into());
            thread.spawn(move || keep(output, &kept))
        });
        let reader = reader.transpose().map_err(CliError::new)?;
        Ok(Program {
            child,
            output: kept,
            reader,
        })
    }

    /// How the program has ended, if it has.
    pub(super) fn ended(&mut self) -> io::Result<Option<Exit>> {
        Ok(self.child.try_wait()?.map(exit))
    }

    /// Sends a signal to the program.
    pub(super) fn signal(&self, signal: Signal) {
        let number = match signal {
            Signal::Int => rustix::process::Signal::INT,
            Signal::Hup => rustix::process::Signal::HUP,
            _ => rustix::process::Signal::TERM,
        };
        if let Some(pid) = rustix::process::Pid::from_raw(self.child.id().cast_signed()) {
            let _ = rustix::process::kill_process(pid, number);
        }
    }

    /// Ends the program as Ctrl-C would, and harder if it does not obey.
    pub(super) fn stop(&mut self) {
        for signal in [Signal::Int, Signal::Term] {
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

    /// Writes what the program has printed while the screen was up.
    pub(super) fn give_back_output(&mut self) {
        if let Some(reader) = self.reader.take() {
            // A child of the program may keep the pipe open, so the end of it is not waited for.
            for _ in 0..50 {
                if reader.is_finished() {
                    break;
                }
                pause();
            }
        }
        let output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = io::stdout().write_all(&output);
        let _ = io::stdout().flush();
    }
}

/// Waits for a moment, when the screen is closed and no loop of this program waits.
#[expect(clippy::disallowed_methods, reason = "no loop runs on this thread")]
fn pause() {
    thread::sleep(Duration::from_millis(10));
}

/// Reads the program's output until its end.
fn keep(mut output: impl Read, kept: &Mutex<Vec<u8>>) {
    let mut block = [0; 8192];
    while let Ok(length @ 1..) = output.read(&mut block) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(block.get(..length).unwrap_or_default());
        let surplus = kept.len().saturating_sub(MOST_OUTPUT);
        kept.drain(..surplus);
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

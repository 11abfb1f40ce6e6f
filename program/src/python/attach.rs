//! `loopscope attach`: watches a process of CPython 3.14 or newer that runs already.
//!
//! 1. The process is looked at in `/proc`: it has to exist and to be Python.
//! 2. Its own interpreter is asked to run a file inside of it, with `sys.remote_exec`. Being the same
//!    program, it has the same version. The kernel and the process have to permit that.
//! 3. The process runs the file as soon as it executes Python code. One that waits is interrupted for
//!    a moment, unless a shell has it in the foreground: the shell would take that as Ctrl-Z.
//! 4. The file loads the adapter, which connects. When the connection is closed, the adapter removes
//!    itself.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::{ffi::OsStringExt, fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use async_signal::Signal;
use loopscope::{
    runtime::LiveTrace,
    trace::{ClockKind, Log, Meta},
    tui::{Control, LoopSession, RecordError, Session, SourceStatus, TraceSource},
};
use rustix::process::{Pid, kill_process};

use crate::{
    args::{AttachCommand, DisplayArgs},
    has_screen,
    output::{CliError, CliResult, Exit, report_error},
    screen::{self, RunLimits},
    wait::SignalWait,
};

use super::{
    adapter::Adapter,
    listener::Listener,
    loop_source::LoopSource,
    printer::{Printer, empty_replay},
};

/// What the interpreter of the process runs. Its last line of output says why it could not.
const REQUEST: &str = "\
import sys
if not hasattr(sys, 'remote_exec'):
    sys.exit('version ' + sys.version.split()[0])
try:
    sys.remote_exec(int(sys.argv[1]), sys.argv[2])
except BaseException as error:
    sys.exit(type(error).__name__ + ' ' + str(error))
";

/// How long the process has to connect before it is interrupted, and before an error is reported.
const GRACE: Duration = Duration::from_millis(300);

pub(crate) fn attach(args: &AttachCommand, display: &DisplayArgs) -> CliResult {
    let display = &display.for_python();
    let process = Process::find(args.pid)?;
    let adapter = Adapter::install()?;
    let live = LiveTrace::new();
    let meta = process.meta();
    let record = args.recording.clone();
    let listener = Listener::start(&adapter, &live, &meta, record, true, false)?;
    let file = adapter.attachment().map_err(CliError::new)?;
    process.run_inside(&file)?;
    let mut wait = SignalWait::new().map_err(CliError::new)?;
    if let Some(signal) = wait.until_so(Some(GRACE), || listener.has_seen_a_loop()) {
        return Ok(exit_of(signal));
    }
    if !listener.has_seen_a_loop() {
        process.interrupt();
        if let Some(signal) = wait.until_so(Some(GRACE * 3), || listener.has_seen_a_loop()) {
            return Ok(exit_of(signal));
        }
    }
    if !listener.has_seen_a_loop() {
        report_error(&format!(
            "process {} does nothing at the moment: it is watched from its next event on; Ctrl-C gives up",
            args.pid
        ));
        let seen = || listener.has_seen_a_loop() || !process.is_alive();
        if let Some(signal) = wait.until_so(None, seen) {
            return Ok(exit_of(signal));
        }
    }
    let exit = watch(&listener, &live, meta, args, display, wait);
    listener.first().close();
    listener.end();
    exit
}

/// Watches the process until it ends or the user leaves it.
fn watch(
    listener: &Listener,
    live: &LiveTrace,
    meta: Meta,
    args: &AttachCommand,
    display: &DisplayArgs,
    mut wait: SignalWait,
) -> CliResult {
    let replay = empty_replay(meta, args.max_memory);
    if args.recording.record.is_none() && has_screen(args.mode.plain, args.mode.json) {
        drop(wait);
        let first = LoopSource::new(live.clone(), listener.first().clone(), String::new(), true);
        let source = AttachedRun {
            first,
            listener: listener.clone(),
        };
        let session = Session {
            replay,
            source: Some(Box::new(source)),
        };
        return screen::one(session, display, RunLimits::default(), None);
    }
    if args.recording.record.is_some() && !args.mode.plain && !args.mode.json {
        wait.until_so(None, || {
            live.take();
            live.is_ended()
        });
        return Ok(Exit::Done);
    }
    let mut printer = Printer::new(replay, args.mode.json, display);
    wait.until_so(None, || {
        printer.print(live);
        printer.keep(listener.new_loops(), args.max_memory);
        live.is_ended()
    });
    listener.first().close();
    listener.end();
    printer.keep(listener.new_loops(), args.max_memory);
    Ok(printer.finish(live))
}

/// The exit of this program after a signal.
fn exit_of(signal: Signal) -> Exit {
    Exit::Signal(match signal {
        Signal::Int => 130,
        Signal::Hup => 129,
        _ => 143,
    })
}

/// The loop that runs in the process, as the screen sees it. The listener knows the loops that begin
/// later, in other threads.
#[derive(Debug)]
struct AttachedRun {
    first: LoopSource,
    listener: Listener,
}

impl TraceSource for AttachedRun {
    fn take(&mut self) -> Vec<u8> {
        self.first.take()
    }

    fn control(&mut self, control: Control) {
        self.first.control(control);
    }

    fn status(&self) -> SourceStatus {
        self.first.status()
    }

    fn record(&mut self, log: &Log) -> Result<PathBuf, RecordError> {
        self.first.record(log)
    }

    fn loop_name(&self) -> String {
        "first loop".into()
    }

    fn new_loops(&mut self) -> Option<Vec<LoopSession>> {
        Some(self.listener.new_loops())
    }
}

/// A process that runs Python.
struct Process {
    pid: u32,
    folder: PathBuf,
    /// Its interpreter.
    interpreter: PathBuf,
}

impl Process {
    fn find(pid: u32) -> Result<Process, CliError> {
        let folder = PathBuf::from(format!("/proc/{pid}"));
        let Ok(status) = fs::metadata(&folder) else {
            return Err(CliError(format!("there is no process {pid}")));
        };
        let us = rustix::process::geteuid();
        let not_ours = || {
            CliError(format!(
                "process {pid} belongs to user {}: attach as that user",
                status.uid()
            ))
        };
        let interpreter = fs::read_link(folder.join("exe")).map_err(|_| not_ours())?;
        if status.uid() != us.as_raw() {
            return Err(not_ours());
        }
        let name = interpreter
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        if !name.to_ascii_lowercase().contains("python") {
            let program = interpreter.display();
            return Err(CliError(format!(
                "process {pid} is not Python: it runs {program}"
            )));
        }
        let process = Process {
            pid,
            folder,
            interpreter,
        };
        if process.has_variable("LOOPSCOPE_SOCKET") {
            return Err(CliError(format!(
                "process {pid} runs under loopscope already"
            )));
        }
        Ok(process)
    }

    /// Whether its environment had this variable at the beginning.
    fn has_variable(&self, name: &str) -> bool {
        let variables = fs::read(self.folder.join("environ")).unwrap_or_default();
        let name = format!("{name}=");
        let mut variables = variables.split(|byte| *byte == 0);
        variables.any(|variable| variable.starts_with(name.as_bytes()))
    }

    fn meta(&self) -> Meta {
        let line = fs::read(self.folder.join("cmdline")).unwrap_or_default();
        let arguments = line.split(|byte| *byte == 0).skip(1);
        let arguments: Vec<OsString> = arguments
            .filter(|argument| !argument.is_empty())
            .map(|argument| OsString::from_vec(argument.to_vec()))
            .collect();
        super::meta(&arguments, ClockKind::Real)
    }

    /// Lets the process run a file.
    fn run_inside(&self, file: &Path) -> Result<(), CliError> {
        let asked = Command::new(self.folder.join("exe"))
            .arg0(&self.interpreter)
            .args(["-I", "-c", REQUEST, &self.pid.to_string()])
            .arg(file)
            .output();
        let asked = asked.map_err(|error| {
            CliError(format!(
                "cannot run {}: {error}",
                self.interpreter.display()
            ))
        })?;
        if asked.status.success() {
            return Ok(());
        }
        let answer = String::from_utf8_lossy(&asked.stderr);
        let answer = answer.lines().last().unwrap_or_default();
        let is_off = self.has_variable("PYTHON_DISABLE_REMOTE_DEBUG");
        Err(CliError(refusal(self.pid, answer, is_off, &yama())))
    }

    fn is_alive(&self) -> bool {
        self.folder.exists()
    }

    /// Interrupts a process that waits in a system call, so that it executes some Python code.
    fn interrupt(&self) {
        let Some(pid) = Pid::from_raw(self.pid.cast_signed()) else {
            return;
        };
        let stat = || fs::read_to_string(self.folder.join("stat")).unwrap_or_default();
        let fields = stat();
        // After the name: the state, the parent, the group, the session, the terminal, its group.
        let (_, rest) = fields.rsplit_once(')').unwrap_or_default();
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let is_in_foreground = fields
            .get(2)
            .is_some_and(|group| fields.get(5) == Some(group));
        if is_in_foreground || kill_process(pid, rustix::process::Signal::STOP).is_err() {
            return;
        }
        for _ in 0..50 {
            if stat()
                .rsplit_once(')')
                .is_some_and(|(_, rest)| rest.starts_with(" T"))
            {
                break;
            }
            super::pause();
        }
        let _ = kill_process(pid, rustix::process::Signal::CONT);
    }
}

/// Which processes the kernel lets a debugger attach to.
fn yama() -> String {
    let scope: io::Result<String> = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope");
    scope.unwrap_or_default().trim().to_owned()
}

/// Why a process does not run the file, in one line.
fn refusal(pid: u32, answer: &str, is_off: bool, yama: &str) -> String {
    let (kind, words) = answer.split_once(' ').unwrap_or((answer, ""));
    let is_permission = kind == "PermissionError" || words.contains("Operation not permitted");
    if kind == "version" {
        format!(
            "process {pid} runs Python {words}, and attaching needs CPython 3.14 or newer: start the program with `loopscope python`"
        )
    } else if is_permission && !matches!(yama, "" | "0") {
        format!(
            "the kernel does not let this user attach to process {pid}: kernel.yama.ptrace_scope is {yama}; try `sudo loopscope attach {pid}`"
        )
    } else if is_permission {
        format!(
            "the kernel does not let this user attach to process {pid}: that needs the rights of a debugger"
        )
    } else if is_off {
        format!("process {pid} does not permit it: it was started with PYTHON_DISABLE_REMOTE_DEBUG")
    } else if words.contains("not enabled") || words.contains("disabled") {
        format!(
            "process {pid} does not permit it: its remote debugging is off (-X disable-remote-debug, or its build)"
        )
    } else {
        format!("cannot attach to process {pid}: {words}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_is_one_line_that_says_why() {
        let why = |answer, is_off, yama| refusal(7, answer, is_off, yama);
        assert!(why("version 3.11.7", false, "1").contains("runs Python 3.11.7"));
        let denied = "PermissionError Cannot open memory: [Errno 1] Operation not permitted";
        assert!(why(denied, false, "1").contains("ptrace_scope is 1; try `sudo"));
        assert!(why(denied, false, "0").contains("the rights of a debugger"));
        let off = "RuntimeError Remote debugging is not enabled in the remote process";
        assert!(why(off, true, "0").contains("PYTHON_DISABLE_REMOTE_DEBUG"));
        assert!(why(off, false, "0").contains("-X disable-remote-debug"));
        assert_eq!(
            why("OSError something else", false, "0"),
            "cannot attach to process 7: something else"
        );
    }
}

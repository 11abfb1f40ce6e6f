//! The loops of a Python program, as the screen sees them.

use std::{
    io::Write,
    net::Shutdown,
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use loopscope::{
    runtime::LiveTrace,
    trace::{Log, TaskId},
    tui::{self, Control, LoopSession, RecordError, SourceStatus},
    watch::record_live,
};

use crate::output::Exit;

use super::{
    listener::{Listener, lock},
    program::Program,
};

/// The commands for one loop. Those that are given before it connects are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Commands(Arc<Mutex<CommandState>>);

#[derive(Debug, Default)]
struct CommandState {
    connection: Option<UnixStream>,
    early: Vec<u8>,
}

impl Commands {
    /// The loop has connected.
    pub(super) fn connect(&self, connection: &UnixStream) {
        let mut state = lock(&self.0);
        state.connection = connection.try_clone().ok();
        let early = std::mem::take(&mut state.early);
        drop(state);
        self.send(&early);
    }

    /// Sends bytes. A program that has ended takes none.
    pub(super) fn send(&self, bytes: &[u8]) {
        let mut state = lock(&self.0);
        match &mut state.connection {
            Some(connection) => drop(connection.write_all(bytes)),
            None => state.early.extend_from_slice(bytes),
        }
    }

    /// Lets a poll be of a task: the next one if `ahead` is 1.
    pub(super) fn choose(&self, ahead: u32, task: TaskId) {
        let mut bytes = vec![b'o'];
        bytes.extend_from_slice(&ahead.to_le_bytes());
        bytes.extend_from_slice(&task.0.to_le_bytes());
        self.send(&bytes);
    }

    fn control(&self, control: Control) {
        match control {
            Control::Run | Control::Stop => self.send(b"r"),
            Control::Pause => self.send(b"p"),
            Control::Tick => self.send(b"t"),
            Control::Poll => self.send(b"s"),
            Control::Choose(task) => self.choose(1, task),
        }
    }

    /// Closes the connection.
    pub(super) fn close(&self) {
        if let Some(connection) = &lock(&self.0).connection {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

/// The state of a loop whose records go into `live`.
fn status(live: &LiveTrace, ended: bool) -> SourceStatus {
    SourceStatus {
        ended,
        paused: live.is_paused(),
        chooses: true,
        live: true,
        now: live.parked_now().filter(|_| !ended),
        ..SourceStatus::default()
    }
}

/// The first loop of a Python program, and the program itself.
#[derive(Debug)]
pub(super) struct PythonRun {
    program: Arc<Mutex<Program>>,
    listener: Listener,
    live: LiveTrace,
}

impl PythonRun {
    pub(super) fn new(program: Program, listener: Listener, live: LiveTrace) -> PythonRun {
        PythonRun {
            program: Arc::new(Mutex::new(program)),
            listener,
            live,
        }
    }

    pub(super) fn listener(&self) -> &Listener {
        &self.listener
    }

    /// What is done when the screen has been closed.
    pub(super) fn ending(&self) -> Ending {
        Ending {
            program: Arc::clone(&self.program),
            listener: self.listener.clone(),
        }
    }
}

impl tui::TraceSource for PythonRun {
    fn take(&mut self) -> Vec<u8> {
        if let Some(terminal) = lock(&self.program).terminal() {
            terminal.fit();
        }
        self.live.take()
    }

    fn input(&mut self, line: Option<&str>) {
        if let Some(terminal) = lock(&self.program).terminal() {
            terminal.type_line(line);
        }
    }

    fn control(&mut self, control: Control) {
        if control == Control::Stop {
            // A program that is paused does not see a signal.
            self.listener.first().control(control);
            let mut program = lock(&self.program);
            if self.live.is_ended() {
                program.await_end();
            }
            program.stop();
        } else {
            self.listener.first().control(control);
        }
    }

    fn status(&self) -> SourceStatus {
        let mut program = lock(&self.program);
        let program_ended = !matches!(program.ended(), Ok(None));
        let wants_input = !program_ended && program.waits_for_input();
        drop(program);
        let ended = self.live.is_drained() || (program_ended && !self.listener.has_seen_a_loop());
        SourceStatus {
            wants_input,
            returns: self.listener.snapshots().are_taken(),
            ..status(&self.live, ended)
        }
    }

    fn record(&mut self, log: &Log) -> Result<PathBuf, RecordError> {
        record_live(&self.live, log)
    }

    fn loop_name(&self) -> String {
        "first loop".into()
    }

    fn new_loops(&mut self) -> Option<Vec<LoopSession>> {
        Some(self.listener.new_loops())
    }
}

/// Another loop of the program, of a thread or of a child process, or a branch of the run.
#[derive(Debug)]
pub(super) struct LoopSource {
    live: LiveTrace,
    commands: Commands,
    name: String,
    /// It is a snapshot that goes on. It ends with its connection.
    is_branch: bool,
}

impl LoopSource {
    pub(super) fn new(
        live: LiveTrace,
        commands: Commands,
        name: String,
        is_branch: bool,
    ) -> LoopSource {
        LoopSource {
            live,
            commands,
            name,
            is_branch,
        }
    }
}

impl tui::TraceSource for LoopSource {
    fn take(&mut self) -> Vec<u8> {
        self.live.take()
    }

    fn control(&mut self, control: Control) {
        if control == Control::Stop && self.is_branch {
            self.commands.close();
        } else {
            self.commands.control(control);
        }
    }

    fn status(&self) -> SourceStatus {
        status(&self.live, self.live.is_drained())
    }

    fn record(&mut self, log: &Log) -> Result<PathBuf, RecordError> {
        record_live(&self.live, log)
    }

    fn loop_name(&self) -> String {
        self.name.clone()
    }
}

impl Drop for LoopSource {
    fn drop(&mut self) {
        if self.is_branch {
            self.commands.close();
        }
    }
}

/// The program and its runs, when the screen has been closed.
pub(super) struct Ending {
    program: Arc<Mutex<Program>>,
    listener: Listener,
}

impl Ending {
    /// Ends the program if it still runs, and prints what it has printed.
    pub(super) fn report(&self) {
        let mut program = lock(&self.program);
        if matches!(program.ended(), Ok(None)) {
            self.listener.first().send(b"r");
            program.stop();
        }
        self.listener.end();
        if let Some(terminal) = program.terminal() {
            terminal.give_back_output();
        }
        self.listener.report_nothing_seen();
    }

    /// The exit of the program.
    pub(super) fn exit(&self) -> Exit {
        let ended = lock(&self.program).ended();
        ended.ok().flatten().unwrap_or(Exit::Done)
    }
}

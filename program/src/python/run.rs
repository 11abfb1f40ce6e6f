//! The first loop of a Python program and the program itself, as the screen sees them.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use async_signal::Signal;
use loopscope::{
    runtime::LiveTrace,
    trace::Log,
    tui::{self, Control, LoopSession, RecordError, SourceStatus},
    watch::record_live,
};

use crate::output::Exit;

use super::{listener::Listener, lock, loop_source::status_of, program::Program};

/// The character that interrupts a program: Ctrl+C.
const INTERRUPT: u8 = 3;

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

    fn wants_terminal(&self) -> bool {
        let mut program = lock(&self.program);
        program
            .terminal()
            .is_some_and(|terminal| terminal.wants_real())
    }

    fn exchange(&mut self, typed: &[u8]) -> Option<Vec<u8>> {
        let mut program = lock(&self.program);
        let printed = program.terminal()?.exchange(typed);
        if typed.contains(&INTERRUPT) {
            program.signal(Signal::Int);
        }
        printed.filter(|_| matches!(program.ended(), Ok(None)))
    }

    fn decline_terminal(&mut self) {
        if let Some(terminal) = lock(&self.program).terminal() {
            terminal.decline();
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
            ..status_of(&self.live, ended)
        }
    }

    fn record(&mut self, log: &Log) -> Result<PathBuf, RecordError> {
        record_live(&self.live, log)
    }

    fn loop_name(&self) -> String {
        self.listener.first_name()
    }

    fn new_loops(&mut self) -> Option<Vec<LoopSession>> {
        Some(self.listener.new_loops())
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

//! The commands for a loop of the program.

use std::{
    io::Write,
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::{Arc, Mutex},
};

use loopscope::{trace::TaskId, tui::Control};

use super::lock;

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

    pub(super) fn control(&self, control: Control) {
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

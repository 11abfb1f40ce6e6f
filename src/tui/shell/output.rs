//! Output to the terminal: a queue, and a thread that writes what is in it.
//!
//! ```text
//!   pictures, escape sequences ──> QueuedOutput ──> queue ──> the thread ──> write ──> terminal
//!   ^ the thread that draws
//! ```
//!
//! A write to a terminal whose other end does not read waits until it does, which may be never. The
//! thread that draws must not wait: it also handles keys and signals. So a thread of its own writes.
//!
//! * The shell draws only while the queue is empty ([`is_ready`]). A slow terminal therefore gets
//!   fewer pictures, each of the newest state, and the queue holds at most one picture.
//! * At the end the sequences that give the terminal back are queued as well. [`drain`] waits for the
//!   thread to write them, but not longer than a bound.
//! * If another thread ends the process, [`finish`] queues them and closes the queue in one step: the
//!   thread of the screen may still draw, and its pictures are dropped.
//!
//! The queue, the thread and the descriptor are made once for the process, and kept: the screen may
//! end while a write waits, and may come back.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    mem,
    os::fd::AsFd,
    sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    thread::Builder,
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, poll};

/// How long a picture waits for the one before it. A terminal that reads takes less.
const BETWEEN_PICTURES: Duration = Duration::from_millis(5);

/// The terminal to draw on, if it is not standard output.
static TERMINAL: OnceLock<File> = OnceLock::new();

/// Standard output by a descriptor of its own, because the handle of the standard library is locked
/// during a write.
static STANDARD_OUTPUT: OnceLock<File> = OnceLock::new();

static QUEUE: OutputQueue = OutputQueue {
    state: Mutex::new(QueueState {
        bytes: Vec::new(),
        is_writing: false,
        has_thread: false,
        is_closed: false,
    }),
    changed: Condvar::new(),
};

struct OutputQueue {
    state: Mutex<QueueState>,
    changed: Condvar,
}

struct QueueState {
    /// What the thread has not taken yet.
    bytes: Vec<u8>,
    /// Whether the thread has taken bytes that it has not written completely.
    is_writing: bool,
    has_thread: bool,
    /// Whether the process ends, so that nothing more is written.
    is_closed: bool,
}

impl QueueState {
    fn is_empty(&self) -> bool {
        self.bytes.is_empty() && !self.is_writing
    }
}

impl OutputQueue {
    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues bytes, unless the queue is closed.
    fn push(&self, bytes: &[u8]) {
        let mut state = self.state();
        if !state.is_closed {
            state.bytes.extend_from_slice(bytes);
        }
    }

    /// Queues the last bytes and closes the queue.
    fn finish(&self, bytes: &[u8]) {
        let mut state = self.state();
        if !state.is_closed {
            state.bytes.extend_from_slice(bytes);
            state.is_closed = true;
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until everything is written, at most for `patience`. Returns whether it is.
    fn wait_empty(&self, patience: Duration) -> bool {
        let waited = self
            .changed
            .wait_timeout_while(self.state(), patience, |state| !state.is_empty());
        waited.unwrap_or_else(PoisonError::into_inner).0.is_empty()
    }

    /// Writes what is queued, for ever.
    fn write_to(&self, mut terminal: &File) {
        let mut block = Vec::new();
        loop {
            let state = self.state();
            let waited = self
                .changed
                .wait_while(state, |state| state.bytes.is_empty());
            let mut state = waited.unwrap_or_else(PoisonError::into_inner);
            mem::swap(&mut state.bytes, &mut block);
            state.is_writing = true;
            drop(state);
            write_all(&mut terminal, &block);
            block.clear();
            self.state().is_writing = false;
            self.changed.notify_all();
        }
    }
}

/// Writes a block. An error ends it: after a hang-up nothing can be written, and the thread that
/// reads the terminal notices the hang-up.
fn write_all(terminal: &mut &File, mut block: &[u8]) {
    while !block.is_empty() {
        match terminal.write(block) {
            Ok(written) => block = block.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Another program has made writes to this terminal return at once.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let _ = poll(&mut [PollFd::new(terminal, PollFlags::OUT)], None);
            }
            Err(_) => return,
        }
    }
}

/// Draws the screen on this terminal instead of standard output. Only the first call has an effect.
pub fn draw_on(terminal: File) {
    drop(TERMINAL.set(terminal));
}

/// Whether the screen has a terminal of its own, so that standard output is free for the program.
pub(super) fn is_separate() -> bool {
    TERMINAL.get().is_some()
}

/// Starts the thread, unless it runs already.
pub(super) fn start() -> io::Result<()> {
    let terminal = match TERMINAL.get() {
        Some(terminal) => terminal,
        None => standard_output()?,
    };
    let mut state = QUEUE.state();
    if !state.has_thread {
        Builder::new()
            .name("loopscope output".into())
            .spawn(|| QUEUE.write_to(terminal))?;
        state.has_thread = true;
    }
    Ok(())
}

fn standard_output() -> io::Result<&'static File> {
    if let Some(file) = STANDARD_OUTPUT.get() {
        return Ok(file);
    }
    let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    Ok(STANDARD_OUTPUT.get_or_init(|| file))
}

/// Whether the last picture is written, so that the next one can be drawn.
pub(super) fn is_ready() -> bool {
    QUEUE.wait_empty(BETWEEN_PICTURES)
}

/// Waits until everything is written, but not for long if the terminal does not read.
pub(super) fn drain(patience: Duration) {
    QUEUE.wait_empty(patience);
}

/// Writes the last bytes: what is drawn later is dropped.
pub(super) fn finish(bytes: &[u8], patience: Duration) {
    QUEUE.finish(bytes);
    QUEUE.wait_empty(patience);
}

/// The writing end of the queue. A flush lets the thread write.
#[derive(Debug)]
pub(super) struct QueuedOutput;

impl Write for QueuedOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        QUEUE.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        QUEUE.changed.notify_all();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_after_the_terminal_was_given_back() {
        let queue = OutputQueue {
            state: Mutex::new(QueueState {
                bytes: Vec::new(),
                is_writing: false,
                has_thread: false,
                is_closed: false,
            }),
            changed: Condvar::new(),
        };
        queue.push(b"picture, ");
        queue.finish(b"given back");
        queue.push(b", picture");
        queue.finish(b", given back twice");
        assert_eq!(queue.state().bytes, b"picture, given back");
    }
}

//! Input of the terminal: a thread that reads and parses it, and a queue from it to the shell.
//!
//! ```text
//!   terminal ──> poll, read ──> Parser ──> queue ──> shell
//!                ^ the thread                        ^ the thread that draws
//! ```
//!
//! The thread that draws never reads, so a terminal that sends nothing, half a sequence or too much
//! cannot stop it. The thread waits in `poll` for one of four:
//!
//! 1. The terminal has bytes: they are read and parsed. After `poll` a read does not block.
//! 2. The terminal has hung up, which `poll` reports even if no signal SIGHUP arrives, or its input
//!    has ended. The shell gets a [`InputEnd`] and closes the screen.
//! 3. The rest of a sequence does not arrive in time: the parser decides what the half of it means.
//! 4. The shell has dropped its [`Input`], which closes the pipe that the thread polls as well.
//!
//! The queue is bounded. If the shell falls behind, the thread waits, and further input stays in
//! the terminal. Ctrl-C does not wait behind other keys.

mod csi;
mod parser;
mod queue;

use std::{
    fmt,
    io::{self, PipeReader, PipeWriter},
    os::fd::OwnedFd,
    thread::Builder,
    time::{Duration, Instant},
};

use crossterm::event::Event;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{Errno, read},
};

use parser::Parser;
use queue::{EventQueue, EventSender, queue};

const CTRL_C: u8 = 3;

/// The number of bytes of one read.
const READ: usize = 4096;

/// How long the thread waits before it looks whether a full queue has room.
const FULL_WAIT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 5_000_000,
};

/// Input of the terminal, while a thread reads it. Dropping it ends the thread.
#[derive(Debug)]
pub(super) struct Input {
    events: EventQueue,
    /// Closed when this is dropped, which the thread notices.
    _stop: PipeWriter,
}

/// Why no more input arrives.
#[derive(Debug)]
pub(super) enum InputEnd {
    /// The other end of the terminal is closed.
    HungUp,
    /// The terminal cannot be read.
    Unreadable(io::Error),
    /// The thread has ended.
    Stopped,
}

impl fmt::Display for InputEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputEnd::HungUp => write!(out, "the terminal has hung up"),
            InputEnd::Unreadable(error) => write!(out, "the terminal cannot be read: {error}"),
            InputEnd::Stopped => write!(out, "the thread that reads the terminal has ended"),
        }
    }
}

impl Input {
    /// Starts to read a terminal.
    pub(super) fn start(terminal: OwnedFd) -> io::Result<Input> {
        let (stopped, stop) = io::pipe()?;
        let (sender, events) = queue();
        Builder::new()
            .name("loopscope input".into())
            .spawn(move || {
                let end = attend(&terminal, &stopped, &sender);
                if let Err(ReadStop::ByTerminal(end)) = end {
                    sender.end(end);
                }
            })?;
        Ok(Input {
            events,
            _stop: stop,
        })
    }

    /// The next event, or why there is none. Ctrl-C comes before events that arrived earlier.
    pub(super) async fn next(&self) -> Result<Event, InputEnd> {
        self.events.next().await
    }

    /// What has arrived already; `None` if the shell would have to wait.
    pub(super) fn arrived(&self) -> Option<Result<Event, InputEnd>> {
        self.events.arrived()
    }

    /// The next Ctrl-C. All other input waits.
    pub(super) async fn ctrl_c(&self) -> Event {
        self.events.ctrl_c().await
    }
}

/// Which end of the thread's work was closed.
enum ReadStop {
    ByTerminal(InputEnd),
    ByShell,
}

/// Reads and parses until one of the two ends is closed.
fn attend(terminal: &OwnedFd, stopped: &PipeReader, to: &EventSender) -> Result<(), ReadStop> {
    let send = |event: Option<Event>| match event {
        Some(event) => to.send(event).then_some(()).ok_or(ReadStop::ByShell),
        None => Ok(()),
    };
    let mut parser = Parser::default();
    let mut bytes = [0; READ];
    loop {
        wait_for_room(stopped, to)?;
        let length = match wait(terminal, stopped, parser.patience())? {
            ReadWait::Late => {
                send(parser.give_up())?;
                continue;
            }
            ReadWait::Bytes => match read(terminal, &mut bytes) {
                Ok(0) | Err(Errno::IO) => return Err(ReadStop::ByTerminal(InputEnd::HungUp)),
                Ok(length) => length,
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(error) => return Err(unreadable(error)),
            },
        };
        // The key Ctrl-C arrives alone. It ends a paste whose end was lost, and which would take it.
        if bytes.get(..length) == Some(&[CTRL_C]) {
            send(parser.give_up())?;
        }
        for byte in bytes.iter().take(length) {
            send(parser.feed(*byte))?;
        }
    }
}

fn unreadable(error: Errno) -> ReadStop {
    ReadStop::ByTerminal(InputEnd::Unreadable(error.into()))
}

/// Waits while the queue is full.
fn wait_for_room(stopped: &PipeReader, to: &EventSender) -> Result<(), ReadStop> {
    while to.is_full() {
        let mut stop = [PollFd::new(stopped, PollFlags::IN)];
        match poll(&mut stop, Some(&FULL_WAIT)) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => return Err(ReadStop::ByShell),
            Err(error) => return Err(unreadable(error)),
        }
    }
    Ok(())
}

/// What the thread has waited for.
enum ReadWait {
    /// The terminal has bytes, or its end.
    Bytes,
    /// The time is over.
    Late,
}

/// Waits for the terminal, at most for `patience`.
fn wait(
    terminal: &OwnedFd,
    stopped: &PipeReader,
    patience: Option<Duration>,
) -> Result<ReadWait, ReadStop> {
    let deadline = patience.map(|patience| now() + patience);
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(now()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        let mut both = [
            PollFd::new(terminal, PollFlags::IN),
            PollFd::new(stopped, PollFlags::IN),
        ];
        match poll(&mut both, left.as_ref()) {
            Ok(0) => return Ok(ReadWait::Late),
            Ok(_) => {}
            // A signal was handled on this thread.
            Err(Errno::INTR) => continue,
            Err(error) => return Err(unreadable(error)),
        }
        let [terminal, stopped] = both.map(|descriptor| descriptor.revents());
        if !stopped.is_empty() {
            return Err(ReadStop::ByShell);
        }
        // Bytes from before a hang-up are still read. The next `poll` then reports the hang-up
        // alone, or the read finds the end.
        if terminal.contains(PollFlags::IN) {
            return Ok(ReadWait::Bytes);
        }
        if !terminal.is_empty() {
            return Err(ReadStop::ByTerminal(InputEnd::HungUp));
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the thread's own timeout; the screen gets its time in messages"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests;

//! Lends the real terminal to a program: a debugger in it reads commands.
//!
//! The screen is left, the terminal stays in raw mode, and two streams are passed on until the debugger
//! lets the program continue, or the user returns to the screen:
//!
//! ```text
//!   terminal ──> what is typed ──> the program's terminal
//!            <── what is printed <──
//! ```
//!
//! The program's terminal echoes, and makes lines of what is typed. The sources are read meanwhile, so
//! that the screen is up to date when it returns.

use std::{
    io::{self, Write},
    os::fd::OwnedFd,
};

use async_signal::Signal;
use futures_lite::future;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{Errno, read},
};

use super::{
    Shell, exit_code, input::Input, next_signal, output::QueuedOutput, stop, terminal, tty,
};

/// How long the terminal is waited for before the program is asked for what it has printed.
const WAIT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 10_000_000,
};

/// The character with which the user takes the terminal back: Ctrl+].
const RETURN: u8 = 0x1d;

/// What the user reads before what the debugger prints.
const BANNER: &str = "\x1b[2mA debugger has the terminal until it continues. Ctrl-] returns to the screen.\x1b[0m\r\n";

impl Shell {
    /// Lends the terminal to the program that wants it, if there is one.
    pub(super) async fn lend(&mut self) -> io::Result<()> {
        if self.sources.wants_terminal().is_none() {
            return Ok(());
        }
        // The thread that reads keys ends.
        self.input = None;
        terminal::give_back();
        tty::set_raw()?;
        let terminal = tty::reader()?;
        show(BANNER.as_bytes());
        while self.exit.is_none() && self.exchange(&terminal)? {
            let signal = async { Some(next_signal(&mut self.signals).await) };
            match future::or(signal, future::ready(None)).await {
                None | Some(Signal::Winch) => {}
                Some(Signal::Cont) => tty::set_raw()?,
                Some(Signal::Tstp) => {
                    tty::restore();
                    stop::stop_process()?;
                    tty::set_raw()?;
                }
                Some(signal) => self.exit = Some(exit_code(signal)),
            }
            for message in self.sources.read() {
                self.send(message);
            }
        }
        self.input = Some(Input::start(tty::reader()?)?);
        self.resume();
        Ok(())
    }

    /// Passes on what has arrived in both directions. Returns whether the program keeps the terminal.
    fn exchange(&mut self, terminal: &OwnedFd) -> io::Result<bool> {
        let mut block = [0; 1024];
        let mut ready = [PollFd::new(terminal, PollFlags::IN)];
        let typed = match poll(&mut ready, Some(&WAIT)) {
            Ok(0) | Err(Errno::INTR) => &[],
            Ok(_) => match read(terminal, &mut block) {
                Ok(0) | Err(Errno::IO) => {
                    // The terminal has hung up.
                    self.exit = Some(129);
                    return Ok(false);
                }
                Ok(length) => block.get(..length).unwrap_or_default(),
                Err(Errno::INTR | Errno::AGAIN) => &[],
                Err(error) => return Err(error.into()),
            },
            Err(error) => return Err(error.into()),
        };
        let (typed, returns) = match typed.iter().position(|byte| *byte == RETURN) {
            Some(at) => (typed.get(..at).unwrap_or_default(), true),
            None => (typed, false),
        };
        let Some(source) = self.sources.wants_terminal() else {
            return Ok(false);
        };
        let printed = source.exchange(typed);
        if returns {
            source.decline_terminal();
        }
        show(printed.as_deref().unwrap_or_default());
        Ok(printed.is_some() && !returns)
    }
}

/// Writes to the terminal, without a wait for one that does not read.
fn show(bytes: &[u8]) {
    let _ = QueuedOutput
        .write_all(bytes)
        .and_then(|()| QueuedOutput.flush());
}

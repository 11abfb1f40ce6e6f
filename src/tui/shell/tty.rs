//! The terminal's descriptor: its modes, its size, and what input is read from.
//!
//! The descriptor is opened once and kept. A server that uses up its descriptors can therefore
//! still be watched, and its terminal can be given back.

use std::{
    fs::File,
    io::{self, IsTerminal},
    os::fd::{AsFd, OwnedFd},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

/// The terminal of the process.
struct Tty {
    descriptor: OwnedFd,
    /// The modes to restore; `None` while the terminal is not in raw mode.
    before: Option<Termios>,
}

/// `None` before the screen is first shown.
static TTY: Mutex<Option<Tty>> = Mutex::new(None);

/// The size of a terminal that does not know its own, as that of a serial line.
const USUAL: (u16, u16) = (80, 24);

/// The largest part of a terminal that is drawn on: a picture takes about 90 bytes a cell.
const LARGEST: (u16, u16) = (2_000, 600);

fn tty() -> MutexGuard<'static, Option<Tty>> {
    TTY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Standard input if it is a terminal, or else the controlling terminal.
fn open() -> io::Result<OwnedFd> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return stdin.as_fd().try_clone_to_owned();
    }
    let terminal = File::options().read(true).write(true).open("/dev/tty")?;
    Ok(terminal.into())
}

/// Sets raw mode: each key is passed on at once, and none is echoed or becomes a signal. May be
/// called again, for example after another program has changed the modes.
pub(super) fn set_raw() -> io::Result<()> {
    let mut tty = tty();
    if tty.is_none() {
        *tty = Some(Tty {
            descriptor: open()?,
            before: None,
        });
    }
    let Some(Tty { descriptor, before }) = tty.as_mut() else {
        return Ok(());
    };
    let now = tcgetattr(&*descriptor)?;
    let mut raw = now.clone();
    raw.make_raw();
    tcsetattr(&*descriptor, OptionalActions::Now, &raw)?;
    before.get_or_insert(now);
    Ok(())
}

/// Restores the modes from before the first [`set_raw`]. An error is ignored: then the terminal is
/// gone.
pub(super) fn restore() {
    if let Some(Tty { descriptor, before }) = tty().as_mut()
        && let Some(before) = before.take()
    {
        let _ = tcsetattr(&*descriptor, OptionalActions::Now, &before);
    }
}

/// Columns and rows; [`USUAL`] if the terminal does not know them, and at most [`LARGEST`].
pub(super) fn size() -> (u16, u16) {
    let tty = tty();
    let size = tty
        .as_ref()
        .and_then(|tty| tcgetwinsize(&tty.descriptor).ok());
    match size {
        Some(size) if size.ws_col > 0 && size.ws_row > 0 => {
            (size.ws_col.min(LARGEST.0), size.ws_row.min(LARGEST.1))
        }
        _ => USUAL,
    }
}

/// A descriptor to read the terminal from.
pub(super) fn reader() -> io::Result<OwnedFd> {
    match tty().as_ref() {
        Some(tty) => tty.descriptor.try_clone(),
        None => open(),
    }
}

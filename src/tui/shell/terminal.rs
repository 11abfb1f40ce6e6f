//! Takes the terminal, and gives it back as it was: at the end, on a panic, on a signal, while suspended.

use std::{
    io::{self, BufWriter, Stdout, Write},
    panic,
    sync::Arc,
    thread,
};

use crossterm::{
    cursor::{Hide, Show},
    event::{DisableMouseCapture, EnableMouseCapture},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend, layout::Rect};

/// The terminal, taken.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Quiet>>>,
}

/// Standard output, which may be gone: after a hang-up nothing can be written, and nobody is there to be told. (The
/// terminal would tell it while it is dropped, on a standard error that is gone as well, and that is a panic.)
struct Quiet(Stdout);

impl Write for Quiet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        heard(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        heard(self.0.flush(), ())
    }
}

/// Errors that mean "again" are passed on; any other means that nobody reads.
fn heard<T>(result: io::Result<T>, otherwise: T) -> io::Result<T> {
    use io::ErrorKind::{Interrupted, WouldBlock};
    match result {
        Err(error) if !matches!(error.kind(), Interrupted | WouldBlock) => Ok(otherwise),
        result => result,
    }
}

impl Screen {
    pub(super) fn enter() -> io::Result<Screen> {
        restore_on_panic();
        enable_raw_mode()?;
        let taken = take_over();
        let terminal = taken.and_then(|()| {
            let out = BufWriter::with_capacity(1 << 16, Quiet(io::stdout()));
            Terminal::new(CrosstermBackend::new(out))
        });
        match terminal {
            Ok(terminal) => Ok(Screen { terminal }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Columns and rows; nothing if the terminal does not say.
    pub(super) fn size(&self) -> (u16, u16) {
        self.terminal
            .size()
            .map_or((0, 0), |size| (size.width, size.height))
    }

    /// Draws. After a hang-up there is nobody to tell about an error: the signal that ends us is on its way.
    pub(super) fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) {
        let _ = self.terminal.draw(picture);
    }

    /// Takes the terminal again. Everything is drawn anew: what stands there is not ours. (`Terminal::clear` would ask
    /// where the cursor is, and the answer would go to who reads the keys.)
    pub(super) fn again(&mut self) {
        let _ = enable_raw_mode();
        let _ = take_over();
        let (columns, rows) = self.size();
        let _ = self.terminal.resize(Rect::new(0, 0, columns, rows));
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take_over() -> io::Result<()> {
    execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture, Hide)
}

/// Undoes all of it. Twice does no harm; errors have nobody to go to.
pub(super) fn give_back() {
    let mut out = io::stdout();
    let _ = execute!(out, DisableMouseCapture, LeaveAlternateScreen, Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// A panic of the screen's own thread gives the terminal back before it is reported. One on another thread is a task's:
/// it is caught there and shown as that task's end, so nothing is printed over the picture.
fn restore_on_panic() {
    let screen = thread::current().id();
    let before = Arc::new(panic::take_hook());
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == screen {
            give_back();
            before(info);
        }
    }));
}

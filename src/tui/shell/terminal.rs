//! Takes the terminal, and gives it back as it was: at the end, on a panic, on a signal, while suspended.

use std::{
    fs::File,
    io::{self, BufWriter, Stdout, Write},
    panic,
    sync::{Arc, OnceLock},
    thread,
};

use crossterm::{
    clipboard::CopyToClipboard,
    cursor::{Hide, Show},
    event::{DisableMouseCapture, EnableMouseCapture},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend, layout::Rect};

/// The terminal, taken.
pub(super) struct TakenTerminal {
    terminal: Terminal<CrosstermBackend<BufWriter<HangupTolerant>>>,
    /// Whether the mouse is ours.
    mouse: bool,
}

/// Where the screen is drawn, which may be gone: after a hang-up nothing can be written, and nobody is there to be told. (The
/// terminal would tell it while it is dropped, on a standard error that is gone as well, and that is a panic.)
struct HangupTolerant(TerminalOut);

impl Write for HangupTolerant {
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

/// The terminal that is drawn on, if it is not standard output.
static TERMINAL: OnceLock<File> = OnceLock::new();

/// Has the screen drawn on a terminal that is not standard output. The first one counts.
pub fn draw_on(terminal: File) {
    drop(TERMINAL.set(terminal));
}

/// Where the screen is drawn.
enum TerminalOut {
    Stdout(Stdout),
    Terminal(&'static File),
}

fn out() -> TerminalOut {
    TERMINAL
        .get()
        .map_or_else(|| TerminalOut::Stdout(io::stdout()), TerminalOut::Terminal)
}

impl Write for TerminalOut {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            TerminalOut::Stdout(stdout) => stdout.write(bytes),
            TerminalOut::Terminal(terminal) => terminal.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            TerminalOut::Stdout(stdout) => stdout.flush(),
            TerminalOut::Terminal(terminal) => terminal.flush(),
        }
    }
}

impl TakenTerminal {
    pub(super) fn enter() -> io::Result<TakenTerminal> {
        restore_on_panic();
        enable_raw_mode()?;
        let taken = take_over();
        let terminal = taken.and_then(|()| {
            let out = BufWriter::with_capacity(1 << 16, HangupTolerant(out()));
            Terminal::new(CrosstermBackend::new(out))
        });
        match terminal {
            Ok(terminal) => Ok(TakenTerminal {
                terminal,
                mouse: true,
            }),
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
        self.mouse(self.mouse);
        let (columns, rows) = self.size();
        let _ = self.terminal.resize(Rect::new(0, 0, columns, rows));
    }

    /// Takes the mouse, or gives it back so that it selects text.
    pub(super) fn mouse(&mut self, ours: bool) {
        self.mouse = ours;
        let _ = if ours {
            execute!(out(), EnableMouseCapture)
        } else {
            execute!(out(), DisableMouseCapture)
        };
    }
}

/// Puts a text on the clipboard. The terminal does it (escape sequence OSC 52), so it also works over ssh.
pub(super) fn copy(text: &str) {
    let _ = execute!(out(), CopyToClipboard::to_clipboard_from(text));
}

impl Drop for TakenTerminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn take_over() -> io::Result<()> {
    execute!(out(), EnterAlternateScreen, EnableMouseCapture, Hide)
}

/// Undoes all of it. Twice does no harm; errors have nobody to go to.
pub(super) fn give_back() {
    let mut out = out();
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
        let ours = thread::current().id() == screen;
        if ours {
            give_back();
        }
        // What a program beside the screen prints is taken in, and so is this.
        if ours || TERMINAL.get().is_some() {
            before(info);
        }
    }));
}

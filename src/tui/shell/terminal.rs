//! Takes the terminal for the screen, and gives it back as it was: at the end, on a panic, on a
//! signal, while suspended.

use std::{
    fs::File,
    io::{self, BufWriter, Stdout, Write},
    panic,
    sync::{Arc, OnceLock},
    thread,
    time::Duration,
};

use crossterm::{
    clipboard::CopyToClipboard,
    cursor::{Hide, Show},
    event::{self, DisableMouseCapture, EnableMouseCapture, Event},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend, layout::Rect};

/// The terminal while the screen has it: raw mode, alternate screen, mouse capture. Dropping it
/// gives it back.
pub(super) struct TakenTerminal {
    terminal: Terminal<CrosstermBackend<BufWriter<HangupTolerant>>>,
    /// Whether mouse events are captured.
    mouse: bool,
}

/// Output to a terminal that may have hung up. After a hang-up all writes fail. Ratatui reports a
/// failure to standard error when the terminal is dropped; standard error is closed as well, so the
/// report would panic. Such errors are therefore ignored.
struct HangupTolerant(TerminalOut);

impl Write for HangupTolerant {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        ignore_hangup(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        ignore_hangup(self.0.flush(), ())
    }
}

/// Passes on errors that ask for another attempt; replaces any other by success.
fn ignore_hangup<T>(result: io::Result<T>, otherwise: T) -> io::Result<T> {
    use io::ErrorKind::{Interrupted, WouldBlock};
    match result {
        Err(error) if !matches!(error.kind(), Interrupted | WouldBlock) => Ok(otherwise),
        result => result,
    }
}

/// The terminal to draw on, if it is not standard output.
static TERMINAL: OnceLock<File> = OnceLock::new();

/// Draws the screen on this terminal instead of standard output. Only the first call has an effect.
pub fn draw_on(terminal: File) {
    drop(TERMINAL.set(terminal));
}

/// The output that the screen is drawn on.
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

    /// Columns and rows; zero if the terminal does not say.
    pub(super) fn size(&self) -> (u16, u16) {
        self.terminal
            .size()
            .map_or((0, 0), |size| (size.width, size.height))
    }

    /// Draws. Errors are ignored: after a hang-up a signal is about to end the program.
    pub(super) fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) {
        let _ = self.terminal.draw(picture);
    }

    /// Takes the terminal again after a suspension, and makes the next picture draw every cell.
    /// Does not call `Terminal::clear`, which asks the terminal for the cursor's position: the
    /// answer would arrive among the keys.
    pub(super) fn take_again(&mut self) {
        let _ = enable_raw_mode();
        let _ = take_over();
        self.mouse(self.mouse);
        let (columns, rows) = self.size();
        let _ = self.terminal.resize(Rect::new(0, 0, columns, rows));
    }

    /// Captures the mouse, or leaves it to the terminal, which selects text with it.
    pub(super) fn mouse(&mut self, ours: bool) {
        self.mouse = ours;
        let _ = if ours {
            execute!(out(), EnableMouseCapture)
        } else {
            execute!(out(), DisableMouseCapture)
        };
    }
}

/// Returns input that has arrived already; `None` if the shell would have to wait. An `EventStream`
/// would start to wait on its own thread instead of saying that no input has arrived.
pub(super) fn pending_input() -> Option<io::Result<Event>> {
    match event::poll(Duration::from_micros(1)) {
        Ok(true) => Some(event::read()),
        Ok(false) => None,
        Err(error) => Some(Err(error)),
    }
}

/// Asks the terminal to put a text on the clipboard (escape sequence OSC 52). This also works over
/// ssh.
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

/// Undoes `take_over`. May be called twice; errors are ignored, as nothing could show them.
pub(super) fn give_back() {
    let mut out = out();
    let _ = execute!(out, DisableMouseCapture, LeaveAlternateScreen, Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// Gives the terminal back before a panic of the screen's own thread is reported. A panic on
/// another thread is a task's: it is caught there and shown as the task's end, so nothing is
/// printed over the picture.
fn restore_on_panic() {
    let screen = thread::current().id();
    let before = Arc::new(panic::take_hook());
    panic::set_hook(Box::new(move |info| {
        let ours = thread::current().id() == screen;
        if ours {
            give_back();
        }
        // If the screen has a terminal of its own, the program's standard error is captured. A
        // report of any thread may then be printed, because it does not reach the screen.
        if ours || TERMINAL.get().is_some() {
            before(info);
        }
    }));
}

//! Takes the terminal for the screen, and gives it back as it was: at the end, on a panic, on a
//! signal, while suspended.

use std::{
    io::{self, BufWriter},
    panic,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crossterm::{
    clipboard::CopyToClipboard,
    cursor::{Hide, Show},
    event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture},
    execute,
    terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen},
};
use ratatui::{
    Frame, Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect,
};

use super::{
    output::{self, QueuedOutput},
    process_end, tty,
};

/// How long the sequences that give the terminal back wait for a terminal that does not read.
const PATIENCE: Duration = Duration::from_millis(300);

/// Whether the screen has the terminal.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while the screen has it: raw mode, alternate screen, mouse capture, marked pastes.
/// Dropping it gives it back.
pub(super) struct TakenTerminal {
    terminal: FixedScreen,
    /// The size of `terminal`: columns and rows.
    size: (u16, u16),
    /// Whether mouse events are captured.
    mouse: bool,
}

type FixedScreen = Terminal<CrosstermBackend<BufWriter<QueuedOutput>>>;

/// A screen of this size that assumes nothing about what is displayed. The size is fixed, because
/// ratatui would otherwise ask crossterm for it, which opens the terminal again for each frame.
fn screen((columns, rows): (u16, u16)) -> io::Result<FixedScreen> {
    let out = BufWriter::with_capacity(1 << 16, QueuedOutput);
    let viewport = Viewport::Fixed(Rect::new(0, 0, columns, rows));
    Terminal::with_options(CrosstermBackend::new(out), TerminalOptions { viewport })
}

impl TakenTerminal {
    pub(super) fn enter() -> io::Result<TakenTerminal> {
        restore_on_panic();
        process_end::guard(give_back_at_end)?;
        output::start()?;
        tty::set_raw()?;
        let size = tty::size();
        match take_over().and_then(|()| screen(size)) {
            Ok(terminal) => Ok(TakenTerminal {
                terminal,
                size,
                mouse: true,
            }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Whether a picture can be drawn: the one before it has reached the terminal.
    pub(super) fn is_ready() -> bool {
        output::is_ready()
    }

    /// Draws. The picture is queued, so there is no error: after a hang-up the input ends, and with
    /// it the screen.
    pub(super) fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) {
        if self.size != tty::size() {
            self.fit();
        }
        let _ = self.terminal.draw(picture);
    }

    /// Follows the size of the terminal, and makes the next picture draw every cell.
    pub(super) fn fit(&mut self) {
        self.size = tty::size();
        let _ = execute!(QueuedOutput, Clear(ClearType::All));
        if let Ok(screen) = screen(self.size) {
            self.terminal = screen;
        }
    }

    /// Takes the terminal again after a suspension, and makes the next picture draw every cell.
    pub(super) fn take_again(&mut self) {
        let _ = tty::set_raw();
        let _ = take_over();
        self.mouse(self.mouse);
        self.fit();
    }

    /// Captures the mouse, or leaves it to the terminal, which selects text with it.
    pub(super) fn mouse(&mut self, ours: bool) {
        self.mouse = ours;
        let _ = if ours {
            execute!(QueuedOutput, EnableMouseCapture)
        } else {
            execute!(QueuedOutput, DisableMouseCapture)
        };
    }
}

/// Asks the terminal to put a text on the clipboard (escape sequence OSC 52). This also works over
/// ssh.
pub(super) fn copy(text: &str) {
    let _ = execute!(QueuedOutput, CopyToClipboard::to_clipboard_from(text));
}

impl Drop for TakenTerminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn take_over() -> io::Result<()> {
    IS_TAKEN.store(true, Ordering::SeqCst);
    execute!(
        QueuedOutput,
        EnterAlternateScreen,
        EnableMouseCapture,
        EnableBracketedPaste,
        Hide
    )
}

/// Undoes `take_over`. May be called twice; errors are ignored, as nothing could show them.
pub(super) fn give_back() {
    IS_TAKEN.store(false, Ordering::SeqCst);
    let _ = execute!(
        QueuedOutput,
        DisableBracketedPaste,
        DisableMouseCapture,
        LeaveAlternateScreen,
        Show
    );
    output::drain(PATIENCE);
    tty::restore();
}

/// Gives the terminal back for good, unless that is done already. The thread of the screen may draw
/// until the process has ended.
fn give_back_at_end() {
    if !IS_TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut sequences = Vec::new();
    let _ = execute!(
        sequences,
        DisableBracketedPaste,
        DisableMouseCapture,
        LeaveAlternateScreen,
        Show
    );
    output::finish(&sequences, PATIENCE);
    tty::restore();
}

/// Gives the terminal back before a panic of the screen's own thread is reported. A panic on
/// another thread is a task's: it is caught there and shown as the task's end, so nothing is
/// printed over the picture. A program that was compiled with `panic = "abort"` catches no panic: the
/// terminal is given back before any.
fn restore_on_panic() {
    let screen = thread::current().id();
    let before = Arc::new(panic::take_hook());
    panic::set_hook(Box::new(move |info| {
        let ours = thread::current().id() == screen;
        if cfg!(panic = "abort") {
            process_end::before_abort();
            return before(info);
        }
        if ours {
            give_back();
        }
        // If the screen has a terminal of its own, the program's standard error is captured. A
        // report of any thread may then be printed, because it does not reach the screen.
        if ours || output::is_separate() {
            before(info);
        }
    }));
}

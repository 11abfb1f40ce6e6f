//! The real terminal: the only part of the screen that waits, reads a clock, writes, and carries
//! out commands.
//!
//! ```text
//!   loop {
//!       draw, if something visible has changed
//!       wait for the first of: a signal, input, a due frame
//!       send it to update, and carry out the commands that come back
//!       do the same with all input that has arrived meanwhile: many keys, one picture
//!   }
//! ```
//!
//! A frame is due only while a run plays, a search is in progress or a source may have more bytes.
//! Playing takes at most thirty frames a second. If no frame is due, the shell sleeps until input
//! or a signal arrives.

mod descriptors;
mod frame_timer;
mod input;
mod quit;
mod terminal;
mod tty;

use std::{
    io::{self, Write},
    path::Path,
    time::{Duration, Instant},
};

use async_signal::{Signal, Signals};
use crossterm::event::Event;
use smol::{
    Timer, future,
    stream::{Stream, StreamExt},
};

use crate::{
    trace::Log,
    tui::{
        message::{Command, Message, PaneSlot},
        model::Model,
        source::{
            Control, LaunchError, Launcher, Options, RecordError, Session, SourceStatus, Start,
            TraceSource,
        },
        theme::Theme,
        update, view,
    },
};
pub use descriptors::need_descriptors;
use frame_timer::FrameTimer;
use input::{Input, InputEnd};
pub use quit::end_if_quit;
use terminal::TakenTerminal;
pub use terminal::draw_on;

/// The time between two frames.
const FRAME: Duration = Duration::from_millis(33);

/// For how many frames the source of a paused loop is still read after a command, because the
/// answer of the loop takes a moment to arrive.
const ECHO: u32 = 30;

/// The longest time for which input waits until the trace of a virtual run has arrived. Such a run
/// ends almost at once, so a key acts on the whole run instead of on the part that arrived first.
const ARRIVAL: Duration = Duration::from_millis(500);

/// The time between two reads of a source that is arriving, or is a file that is being read.
const ARRIVAL_FRAME: Duration = Duration::from_millis(2);

/// The number of descriptors that the screen opens, with some to spare: the terminal twice, two
/// pipes, a pair of sockets for the signals, three of async-io, and a file to record to.
pub const DESCRIPTORS: u64 = 20;

/// Shows the screen until the user leaves it. Returns the exit code: 0, or 128 plus the number of a
/// signal. If the terminal hangs up, the code is 129, as for a signal SIGHUP. After SIGQUIT it is
/// 131, and the caller ends the process with [`end_if_quit`].
///
/// # Errors
///
/// If the terminal cannot be used, or the process may not open enough descriptors.
pub fn run(options: Options, launcher: Box<dyn Launcher>) -> io::Result<u8> {
    need_descriptors(DESCRIPTORS)?;
    let (code, end) = smol::block_on(async move {
        let mut shell = Shell::new(&options, launcher)?;
        shell.begin(options.start);
        let code = shell.attend().await?;
        shell.stop_sources();
        io::Result::Ok((code, shell.input_end))
    })?;
    // The shell is dropped, so the terminal is given back.
    if let Some(end) = end {
        let _ = writeln!(io::stderr(), "loopscope: {end}");
    }
    Ok(code)
}

/// What the shell has waited for.
enum Arrival {
    Input(Result<Event, InputEnd>),
    Signal(Signal),
    Frame,
}

struct Shell {
    model: Model,
    launcher: Box<dyn Launcher>,
    /// The source of each pane; `None` for a run that is complete.
    sources: Vec<Option<OpenSource>>,
    terminal: TakenTerminal,
    input: Input,
    /// Why no more input arrives, once it does not.
    input_end: Option<InputEnd>,
    signals: Signals,
    started: Instant,
    frames: FrameTimer,
    /// Whether something visible has changed since the last picture.
    stale: bool,
    /// The exit code, once the screen is to end.
    exit: Option<u8>,
    /// Whether the process is to be suspended.
    suspend: bool,
    /// For how many more frames paused sources are read.
    echo: u32,
}

struct OpenSource {
    source: Box<dyn TraceSource>,
    /// Its status when it was last read.
    status: SourceStatus,
    opened: Instant,
}

impl OpenSource {
    /// Whether this is a virtual run whose trace is still arriving, so that keys wait for it.
    fn is_arriving(&self) -> bool {
        !self.status.live
            && !self.status.ended
            && self.status.reading.is_none()
            && now() - self.opened < ARRIVAL
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the only clock of the screen: `update` gets the time in a message"
)]
fn now() -> Instant {
    Instant::now()
}

impl Shell {
    fn new(options: &Options, launcher: Box<dyn Launcher>) -> io::Result<Shell> {
        let theme = Theme {
            palette: options.palette,
            background: options.theme,
            ascii: options.ascii,
        };
        let mut model = Model::new(theme, launcher.catalogue());
        model.configure(options);
        // Signal handlers are installed before the terminal is taken, because from then on every
        // signal has to give the terminal back.
        let signals = Signals::new([
            Signal::Term,
            Signal::Int,
            Signal::Hup,
            Signal::Quit,
            Signal::Cont,
            Signal::Winch,
        ])?;
        quit::end_at_second_quit()?;
        let terminal = TakenTerminal::enter()?;
        let input = Input::start(tty::reader()?)?;
        Ok(Shell {
            model,
            launcher,
            sources: Vec::new(),
            terminal,
            input,
            input_end: None,
            signals,
            started: now(),
            frames: FrameTimer::default(),
            stale: true,
            exit: None,
            suspend: false,
            echo: 0,
        })
    }

    fn begin(&mut self, start: Start) {
        let (columns, rows) = self.terminal.size();
        self.send(Message::Resize(columns, rows));
        match start {
            Start::Picker => {}
            Start::One(session) => self.open(PaneSlot::Only, Ok(session)),
            Start::Lesson(name) => self.send(Message::OpenLesson(name)),
            Start::Two(first, second) => {
                self.open(PaneSlot::First, Ok(first));
                self.open(PaneSlot::Second, Ok(second));
            }
        }
    }

    /// Draws, waits and handles input until the screen is to end. Returns the exit code.
    async fn attend(&mut self) -> io::Result<u8> {
        loop {
            if self.stale {
                self.stale = false;
                let model = &self.model;
                self.terminal.draw(|frame| view(model, frame));
            }
            let arrival = self.next_arrival().await;
            self.handle(arrival);
            // Input that has arrived meanwhile is handled before the next picture, so that a held
            // key does not fall behind. A key may have started a run that is now arriving: the rest
            // of the input then waits for it. A flood of input holds up neither signals nor
            // pictures for longer than a frame.
            let until = now() + FRAME;
            while !self.is_arriving()
                && self.exit.is_none()
                && now() < until
                && let Some(input) = self.input.arrived()
            {
                self.handle(Arrival::Input(input));
            }
            if self.suspend {
                self.suspend().await?;
            }
            if let Some(code) = self.exit {
                return Ok(code);
            }
        }
    }

    /// Waits for the first of a signal, input and a due frame. If several are ready, a signal comes
    /// before a frame, and a frame before input: frames are at least [`ARRIVAL_FRAME`] apart, so
    /// input is not held up, but a flood of input could hold up the frames.
    ///
    /// * While a trace is arriving, input is not read: it waits in the terminal's queue.
    /// * A frame is due only if a source may have more bytes, a run plays, or a search is in
    ///   progress. Otherwise no timer is set, and the process sleeps.
    async fn next_arrival(&mut self) -> Arrival {
        let arriving = self.is_arriving();
        let mut sources = self.sources.iter().flatten();
        let reading = sources.any(|source| source.status.reading.is_some());
        let frame = if arriving || reading {
            ARRIVAL_FRAME
        } else {
            FRAME
        };
        let due = self.frames.next(self.is_frame_due(), now(), frame);
        let input = async {
            if arriving {
                future::pending::<()>().await;
            }
            Arrival::Input(self.input.next().await)
        };
        let signal = async { Arrival::Signal(next_signal(&mut self.signals).await) };
        let due = async {
            match due {
                Some(due) => drop(Timer::at(due).await),
                None => future::pending().await,
            }
            Arrival::Frame
        };
        future::or(signal, future::or(due, input)).await
    }

    fn is_arriving(&self) -> bool {
        self.sources.iter().flatten().any(OpenSource::is_arriving)
    }

    fn is_frame_due(&self) -> bool {
        let running =
            |source: &OpenSource| !source.status.ended && (!source.status.paused || self.echo > 0);
        self.model.wants_frames() || self.sources.iter().flatten().any(running)
    }

    fn handle(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Input(Ok(event)) => self.take(event),
            // The exit code is that of a hang-up.
            Arrival::Input(Err(end)) => {
                self.input_end = Some(end);
                self.exit = self.exit.or(Some(129));
            }
            Arrival::Signal(Signal::Cont) => self.resume(),
            Arrival::Signal(Signal::Winch) => {
                self.terminal.fit();
                let (columns, rows) = self.terminal.size();
                self.send(Message::Resize(columns, rows));
            }
            Arrival::Signal(signal) => self.exit = Some(exit_code(signal)),
            Arrival::Frame => {
                self.frames.handled();
                self.read_sources();
                let time = now().saturating_duration_since(self.started);
                self.send(Message::Frame(time));
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Key(key) => self.send(Message::Key(key)),
            Event::Mouse(mouse) => self.send(Message::Mouse(mouse)),
            Event::Paste(text) => self.send(Message::Paste(text)),
            Event::Resize(_, _) | Event::FocusGained | Event::FocusLost => {}
        }
    }

    /// Takes what the sources have, and sends what is new.
    fn read_sources(&mut self) {
        self.echo = self.echo.saturating_sub(1);
        let mut news = Vec::new();
        for (pane, open) in self.sources.iter_mut().enumerate() {
            let Some(open) = open.as_mut().filter(|open| !open.status.ended) else {
                continue;
            };
            // The status is read before the bytes. If it says that the run has ended, the bytes are
            // complete. In the other order, bytes that arrive between the two reads would be lost.
            let status = open.source.status();
            let bytes = open.source.take();
            if !bytes.is_empty() || status != open.status {
                open.status = status;
                news.push(Message::Data {
                    pane,
                    bytes,
                    status,
                });
            }
        }
        for message in news {
            self.send(message);
        }
    }

    /// Sends a message to `update` and carries out the commands that it returns.
    fn send(&mut self, message: Message) {
        for command in update(&mut self.model, message) {
            match command {
                Command::Draw => self.stale = true,
                Command::Quit => self.exit = Some(0),
                Command::Suspend => self.suspend = true,
                Command::Swap => self.sources.reverse(),
                Command::KeepProgress(progress) => self.launcher.keep_progress(&progress),
                Command::Copy(text) => terminal::copy(&text),
                Command::Mouse(ours) => self.terminal.mouse(ours),
                Command::Remember(language) => {
                    if let Err(error) = self.launcher.remember(language) {
                        let words = format!("the language is not remembered: {error}");
                        self.send(Message::Notice(words));
                    }
                }
                Command::Launch { what, slot } => {
                    let result = self.launcher.start(&what);
                    self.open(slot, result);
                }
                Command::Record { pane, log } => self.record(pane, &log),
                Command::Input { pane, line } => {
                    if let Some(Some(open)) = self.sources.get_mut(pane) {
                        open.source.input(line.as_deref());
                    }
                }
                Command::Check(what) => {
                    let result = self.launcher.check(&what);
                    self.send(Message::Checked { what, result });
                }
                Command::Control { pane, control } => {
                    if let Some(Some(open)) = self.sources.get_mut(pane) {
                        open.source.control(control);
                        self.echo = ECHO;
                    }
                }
            }
        }
    }

    /// Records the run of a pane, and says where.
    fn record(&mut self, pane: usize, log: &Log) {
        let open = self.sources.get_mut(pane).and_then(Option::as_mut);
        let words = match open {
            None => RecordError::Unsupported.to_string(),
            Some(open) => match open.source.record(log) {
                Ok(path) => recorded(&path, open.status.ended),
                Err(error) => error.to_string(),
            },
        };
        self.send(Message::Notice(words));
    }

    /// Shows a run that was started, or says why it was not.
    ///
    /// The second slot keeps the first run; the other slots replace all runs. The sources of
    /// replaced runs are stopped. Sources have the same order as the panes of the model.
    fn open(&mut self, slot: PaneSlot, result: Result<Session, LaunchError>) {
        let session = match result {
            Ok(session) => session,
            Err(error) => {
                return self.send(Message::Launched {
                    slot,
                    result: Err(error),
                    status: None,
                });
            }
        };
        let source = session.source.map(|source| OpenSource {
            status: source.status(),
            source,
            opened: now(),
        });
        let status = source.as_ref().map(|source| source.status);
        let keep = usize::from(slot == PaneSlot::Second);
        for open in self.sources.iter_mut().skip(keep).flatten() {
            open.source.control(Control::Stop);
        }
        self.sources.resize_with(keep, || None);
        self.sources.push(source);
        self.send(Message::Launched {
            slot,
            result: Ok(Box::new(session.replay)),
            status,
        });
    }

    fn resume(&mut self) {
        self.terminal.take_again();
        let (columns, rows) = self.terminal.size();
        self.send(Message::Resize(columns, rows));
        self.send(Message::Resumed);
    }

    fn stop_sources(&mut self) {
        for open in self.sources.iter_mut().flatten() {
            open.source.control(Control::Stop);
        }
    }

    /// Gives the terminal back and stops the process until the shell of the user continues it
    /// (`fg`).
    async fn suspend(&mut self) -> io::Result<()> {
        self.suspend = false;
        terminal::give_back();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP)?;
        // The process may stop a moment after the call. Without job control it does not stop at
        // all: then no signal comes, and the timer ends the wait.
        let moment = async {
            Timer::after(Duration::from_millis(300)).await;
            Signal::Cont
        };
        let signal = async {
            loop {
                // A terminal that is resized meanwhile is measured when it is taken again.
                let signal = next_signal(&mut self.signals).await;
                if signal != Signal::Winch {
                    break signal;
                }
            }
        };
        let signal = future::or(signal, moment).await;
        if signal != Signal::Cont {
            self.exit = Some(exit_code(signal));
            return Ok(());
        }
        self.resume();
        Ok(())
    }
}

/// Where a run is recorded: the file's name first, as a narrow status line cuts the rest.
fn recorded(path: &Path, ended: bool) -> String {
    let name = path.file_name().unwrap_or_default().display();
    let folder = path.parent().unwrap_or(path).display();
    let verb = if ended { "recorded" } else { "recording" };
    format!("{verb} to {name} in {folder}")
}

/// The next signal. Never resolves if signals can no longer be received.
async fn next_signal(signals: &mut (impl Stream<Item = io::Result<Signal>> + Unpin)) -> Signal {
    match signals.next().await {
        Some(Ok(signal)) => signal,
        _ => future::pending().await,
    }
}

fn exit_code(signal: Signal) -> u8 {
    match signal {
        Signal::Hup => 129,
        Signal::Int => 130,
        Signal::Quit => 131,
        _ => 143,
    }
}

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
mod lend;
mod output;
mod process_end;
mod quit;
mod sources;
mod stop;
mod terminal;
mod tty;
mod worker;

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use async_io::Timer;
use async_signal::{Signal, Signals};
use crossterm::event::Event;
use futures_lite::{
    future,
    stream::{Stream, StreamExt},
};

use crate::tui::{
    message::{Command, Message, PaneSlot},
    model::Model,
    source::{LaunchError, Launcher, Loading, LoadingStep, Options, Session, Start},
    theme::Theme,
    update, view,
};
pub use descriptors::need_descriptors;
use frame_timer::FrameTimer;
use input::{Input, InputEnd};
pub use output::draw_on;
pub use process_end::{ExitHooks, set_exit_hooks};
pub use quit::end_if_quit;
use sources::Sources;
use terminal::TakenTerminal;
use worker::{WorkDone, Worker};

/// The time between two frames.
const FRAME: Duration = Duration::from_millis(33);

/// The time between two frames while a source arrives, a file is read, or a trace is searched in slices.
const ARRIVAL_FRAME: Duration = Duration::from_millis(2);

/// The time between two questions whether another loop of the program has started, while nothing
/// else asks for a frame.
const ANNOUNCEMENT: Duration = Duration::from_millis(200);

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
    let ended = async_io::block_on(async move {
        let mut shell = Shell::new(&options, launcher)?;
        shell.begin(options.start);
        let code = shell.attend().await?;
        shell.sources.stop();
        io::Result::Ok((code, shell.input_end))
    });
    // The shell is dropped, so the terminal is given back.
    stop::screen_ended();
    let (code, end) = ended?;
    if let Some(end) = end {
        let _ = writeln!(io::stderr(), "loopscope: {end}");
    }
    Ok(code)
}

/// What the shell has waited for.
enum Arrival {
    Input(Result<Event, InputEnd>),
    Signal(Signal),
    Worked(WorkDone),
    Frame,
}

struct Shell {
    model: Model,
    launcher: Box<dyn Launcher>,
    sources: Sources,
    worker: Worker,
    terminal: TakenTerminal,
    /// `None` while a program has the terminal.
    input: Option<Input>,
    /// Why no more input arrives, once it does not.
    input_end: Option<InputEnd>,
    signals: Signals,
    started: Instant,
    frames: FrameTimer,
    /// Whether something visible has changed since the last picture.
    stale: bool,
    /// What loads the first runs; `None` once they are there.
    loading: Option<Box<dyn Loading>>,
    /// The exit code, once the screen is to end.
    exit: Option<u8>,
    /// Whether the process is to be suspended.
    suspend: bool,
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
        model.works.has_shell = true;
        // Signal handlers are installed before the terminal is taken, because from then on every
        // signal has to give the terminal back.
        let signals = Signals::new([
            Signal::Term,
            Signal::Int,
            Signal::Hup,
            Signal::Quit,
            Signal::Tstp,
            Signal::Cont,
            Signal::Winch,
        ])?;
        quit::end_at_second_quit()?;
        stop::stop_after_screen()?;
        let terminal = TakenTerminal::enter()?;
        let input = Input::start(tty::reader()?)?;
        Ok(Shell {
            model,
            launcher,
            sources: Sources::default(),
            worker: Worker::default(),
            terminal,
            input: Some(input),
            input_end: None,
            signals,
            started: now(),
            frames: FrameTimer::default(),
            stale: true,
            loading: None,
            exit: None,
            suspend: false,
        })
    }

    fn begin(&mut self, start: Start) {
        let (columns, rows) = self.terminal.size();
        self.send(Message::Resize(columns, rows));
        self.show(start);
    }

    fn show(&mut self, start: Start) {
        match start {
            Start::Loading(loading) => {
                self.loading = Some(loading);
                self.load();
            }
            Start::Picker => {}
            Start::One(session) => self.open(PaneSlot::Only, Ok(session)),
            Start::Lesson(name) => self.send(Message::OpenLesson(name)),
            Start::Two(first, second) => {
                self.open(PaneSlot::First, Ok(first));
                self.open(PaneSlot::Second, Ok(second));
            }
        }
    }

    /// Looks how far the loading of the first runs is, and shows them once they are there.
    fn load(&mut self) {
        let Some(mut loading) = self.loading.take() else {
            return;
        };
        match loading.look() {
            LoadingStep::Loading(progress) => {
                self.loading = Some(loading);
                self.send(Message::Loading(Some(progress)));
            }
            LoadingStep::Loaded { start, notice } => {
                self.send(Message::Loading(None));
                self.show(start);
                if let Some(notice) = notice {
                    self.send(Message::Notice(notice));
                }
            }
            LoadingStep::Failed => self.exit = self.exit.or(Some(0)),
        }
    }

    /// Draws, waits and handles input until the screen is to end. Returns the exit code.
    async fn attend(&mut self) -> io::Result<u8> {
        loop {
            if self.stale && TakenTerminal::is_ready() {
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
            while !self.sources.are_arriving(now())
                && self.exit.is_none()
                && now() < until
                && let Some(input) = self.input.as_ref().and_then(Input::arrived)
            {
                self.handle(Arrival::Input(input));
            }
            if self.suspend {
                self.suspend().await?;
            }
            self.lend().await?;
            if let Some(code) = self.exit {
                return Ok(code);
            }
        }
    }

    /// Waits for the first of a signal, input and a due frame. If several are ready, a signal comes
    /// before a frame, and a frame before input: frames are at least [`ARRIVAL_FRAME`] apart, so
    /// input is not held up, but a flood of input could hold up the frames.
    ///
    /// * While a trace is arriving, input other than Ctrl-C waits.
    /// * A frame is due only if a source may have more bytes, a run plays, or a search is in
    ///   progress. Otherwise no timer is set, and the process sleeps.
    async fn next_arrival(&mut self) -> Arrival {
        let arriving = self.sources.are_arriving(now());
        let interval = self.interval(arriving);
        let due = self.frames.next(self.is_frame_due(), now(), interval);
        let input = async {
            match &self.input {
                Some(input) if arriving => Arrival::Input(Ok(input.ctrl_c().await)),
                Some(input) => Arrival::Input(input.next().await),
                None => future::pending().await,
            }
        };
        let signal = async { Arrival::Signal(next_signal(&mut self.signals).await) };
        let due = async {
            match due {
                Some(due) => drop(Timer::at(due).await),
                None => future::pending().await,
            }
            Arrival::Frame
        };
        let worked = async { Arrival::Worked(self.worker.next().await) };
        future::or(future::or(signal, worked), future::or(due, input)).await
    }

    fn is_frame_due(&self) -> bool {
        self.runs() || self.sources.announce_loops()
    }

    /// Whether something may change without input. A picture that could not be drawn, because the
    /// terminal has not taken the one before it, is tried again as well.
    fn runs(&self) -> bool {
        self.stale
            || self.loading.is_some()
            || self.model.wants_frames()
            || self.sources.are_running()
    }

    /// The time until the next frame, if one is due.
    fn interval(&self, arriving: bool) -> Duration {
        let works = self.model.looks_for_findings() || self.model.searches();
        if arriving || self.sources.are_read() || works {
            ARRIVAL_FRAME
        } else if self.runs() {
            FRAME
        } else {
            ANNOUNCEMENT
        }
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
            Arrival::Signal(Signal::Tstp) => self.suspend = true,
            Arrival::Signal(Signal::Winch) => {
                self.terminal.fit();
                let (columns, rows) = self.terminal.size();
                self.send(Message::Resize(columns, rows));
            }
            Arrival::Signal(signal) => self.exit = Some(exit_code(signal)),
            Arrival::Worked((number, result)) => self.send(Message::Worked { number, result }),
            Arrival::Frame => {
                self.frames.handled();
                self.load();
                for message in self.sources.read() {
                    self.send(message);
                }
                // One after the other: a loop may take the place of the one that is shown.
                for message in self.sources.new_loops(now()) {
                    self.send(message);
                }
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

    /// Sends a message to `update` and carries out the commands that it returns.
    fn send(&mut self, message: Message) {
        for command in update(&mut self.model, message) {
            match command {
                Command::Draw => self.stale = true,
                Command::Quit => self.exit = Some(0),
                Command::Suspend => self.suspend = true,
                Command::Swap => self.sources.swap(),
                Command::ShowLoop { pane, hidden } => self.sources.show_loop(pane, hidden),
                Command::CloseLoops => self.sources.close_loops(),
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
                Command::Record { pane, log } => {
                    let words = self.sources.record(pane, &log);
                    self.send(Message::Notice(words));
                }
                Command::Input { pane, line } => self.sources.input(pane, line.as_deref()),
                Command::Work(work) => self.worker.start(work),
                Command::Check(what) => {
                    let result = self.launcher.check(&what);
                    self.send(Message::Checked { what, result });
                }
                Command::Control { pane, control } => self.sources.control(pane, control),
            }
        }
    }

    /// Shows a run that was started, or says why it was not.
    fn open(&mut self, slot: PaneSlot, result: Result<Session, LaunchError>) {
        let message = match result {
            Ok(session) => self.sources.open(slot, session, now()),
            Err(error) => Message::Launched {
                slot,
                result: Err(error),
                status: None,
            },
        };
        self.send(message);
    }

    fn resume(&mut self) {
        self.terminal.take_again();
        let (columns, rows) = self.terminal.size();
        self.send(Message::Resize(columns, rows));
        self.send(Message::Resumed);
    }

    /// Gives the terminal back and stops the process until the shell of the user continues it
    /// (`fg`).
    async fn suspend(&mut self) -> io::Result<()> {
        self.suspend = false;
        terminal::give_back();
        stop::stop_process()?;
        // Without job control the process does not stop: then no signal comes, and the timer ends
        // the wait.
        let moment = async {
            Timer::after(Duration::from_millis(300)).await;
            Signal::Cont
        };
        let signal = async {
            loop {
                // A terminal that is resized meanwhile is measured when it is taken again.
                let signal = next_signal(&mut self.signals).await;
                if !matches!(signal, Signal::Winch | Signal::Tstp) {
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

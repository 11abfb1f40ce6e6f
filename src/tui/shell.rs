//! The real terminal: the only part of the screen that waits, reads a clock, writes and carries out commands.
//!
//! It sleeps until a key, a signal or a due frame comes. Frames are due only while something plays or a loop runs,
//! thirty in a second at most. Whatever has come in meanwhile is taken in before one picture is drawn of it all.

mod terminal;

use std::{
    io,
    time::{Duration, Instant},
};

use async_signal::{Signal, Signals};
use crossterm::event::{self, Event, EventStream};
use smol::{
    Timer, future,
    stream::{Stream, StreamExt},
};

use crate::tui::{
    message::{Command, Message, PaneSlot},
    model::Model,
    source::{Control, Launcher, Options, RunRequest, Session, SourceStatus, Start, TraceSource},
    theme::Theme,
    update, view,
};
use terminal::TakenTerminal;
pub use terminal::draw_on;

/// Between two frames.
const FRAME: Duration = Duration::from_millis(33);

/// For how long a loop that stands still is still listened to after it was told something.
const ECHO: u32 = 30;

/// A run on the virtual clock is as good as there when it is opened. Keys wait for it this long, and not on: they were
/// meant for what there is to be seen.
const GATHER: Duration = Duration::from_millis(500);

/// Between two looks at such a run.
const GLANCE: Duration = Duration::from_millis(2);

/// Shows the screen until the person leaves it. Returns the exit code: 0, or 128 and the number of a signal.
pub fn run(options: Options, launcher: Box<dyn Launcher>) -> io::Result<u8> {
    smol::block_on(async move {
        let mut shell = Shell::new(&options, launcher)?;
        shell.begin(options.start);
        let code = shell.attend().await;
        shell.stop_feeds();
        code
    })
}

/// What came first.
enum Arrival {
    Input(Option<io::Result<Event>>),
    Signal(Signal),
    Due,
}

struct Shell {
    model: Model,
    launcher: Box<dyn Launcher>,
    feeds: Vec<Option<OpenSource>>,
    screen: TakenTerminal,
    input: EventStream,
    signals: Signals,
    started: Instant,
    /// Something that can be seen has changed.
    stale: bool,
    /// How to end, once that is known.
    exit: Option<u8>,
    suspend: bool,
    /// Frames for which feeds are still asked although their loops stand still.
    echo: u32,
}

/// A feed, what it said last, and since when it is asked.
struct OpenSource {
    feed: Box<dyn TraceSource>,
    status: SourceStatus,
    since: Instant,
}

impl OpenSource {
    /// Whether it is only just coming in, and keys are to wait for it.
    fn is_gathering(&self) -> bool {
        !self.status.live
            && !self.status.ended
            && self.status.reading.is_none()
            && now() - self.since < GATHER
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one clock of the screen: it is only told to `update`"
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
        // First the signals: from the moment on at which the terminal is taken, each of them gives it back.
        let signals = Signals::new([Signal::Term, Signal::Int, Signal::Hup, Signal::Cont])?;
        let screen = TakenTerminal::enter()?;
        Ok(Shell {
            model,
            launcher,
            feeds: Vec::new(),
            screen,
            input: EventStream::new(),
            signals,
            started: now(),
            stale: true,
            exit: None,
            suspend: false,
            echo: 0,
        })
    }

    fn begin(&mut self, start: Start) {
        let (columns, rows) = self.screen.size();
        self.tell(Message::Resize(columns, rows));
        match start {
            Start::Picker => {}
            Start::One(session) => self.opened(PaneSlot::Only, Ok(session)),
            Start::Two(first, second) => {
                self.opened(PaneSlot::First, Ok(first));
                self.opened(PaneSlot::Second, Ok(second));
            }
        }
    }

    async fn attend(&mut self) -> io::Result<u8> {
        loop {
            if self.stale {
                self.stale = false;
                let model = &self.model;
                self.screen.draw(|frame| view(model, frame));
            }
            let arrival = self.arrival().await;
            self.take_in(&arrival);
            // A held key or a fast wheel is many messages and one picture.
            while !self.is_gathering()
                && self.exit.is_none()
                && let Some(input) = waiting()
            {
                self.take_in(&Arrival::Input(Some(input)));
            }
            if self.suspend {
                self.suspend().await?;
            }
            if let Some(code) = self.exit {
                return Ok(code);
            }
        }
    }

    /// Waits for whatever comes first. Without a due frame there is nothing to wake for but the person.
    async fn arrival(&mut self) -> Arrival {
        let (due, gathering) = (self.is_frame_due(), self.is_gathering());
        let mut sources = self.feeds.iter().flatten();
        let reading = sources.any(|source| source.status.reading.is_some());
        let input = async {
            if gathering {
                future::pending::<()>().await;
            }
            Arrival::Input(self.input.next().await)
        };
        let signal = async { Arrival::Signal(next_signal(&mut self.signals).await) };
        let frame = async {
            if due {
                Timer::after(if gathering || reading { GLANCE } else { FRAME }).await;
            } else {
                future::pending::<()>().await;
            }
            Arrival::Due
        };
        future::or(signal, future::or(input, frame)).await
    }

    fn is_gathering(&self) -> bool {
        self.feeds.iter().flatten().any(OpenSource::is_gathering)
    }

    fn is_frame_due(&self) -> bool {
        let running =
            |source: &OpenSource| !source.status.ended && (!source.status.paused || self.echo > 0);
        self.model.wants_frames() || self.feeds.iter().flatten().any(running)
    }

    fn take_in(&mut self, arrival: &Arrival) {
        match *arrival {
            Arrival::Input(Some(Ok(Event::Key(key)))) => self.tell(Message::Key(key)),
            Arrival::Input(Some(Ok(Event::Mouse(event)))) => self.tell(Message::Mouse(event)),
            Arrival::Input(Some(Ok(Event::Resize(columns, rows)))) => {
                self.tell(Message::Resize(columns, rows));
            }
            Arrival::Input(Some(Ok(_))) => {}
            // The terminal is gone.
            Arrival::Input(None | Some(Err(_))) => self.exit = self.exit.or(Some(129)),
            Arrival::Signal(Signal::Cont) => {
                self.screen.again();
                self.tell(Message::Resumed);
            }
            Arrival::Signal(signal) => self.exit = Some(exit_code(signal)),
            Arrival::Due => {
                self.listen();
                let time = now().saturating_duration_since(self.started);
                self.tell(Message::Frame(time));
            }
        }
    }

    /// Asks the feeds what there is.
    fn listen(&mut self) {
        self.echo = self.echo.saturating_sub(1);
        let mut news = Vec::new();
        for (pane, source) in self.feeds.iter_mut().enumerate() {
            let Some(source) = source.as_mut().filter(|source| !source.status.ended) else {
                continue;
            };
            // First how it is, then what it wrote: nothing can come after an end.
            let status = source.feed.status();
            let bytes = source.feed.take();
            if !bytes.is_empty() || status != source.status {
                source.status = status;
                news.push(Message::Data {
                    pane,
                    bytes,
                    status,
                });
            }
        }
        for message in news {
            self.tell(message);
        }
    }

    fn tell(&mut self, message: Message) {
        for command in update(&mut self.model, message) {
            match command {
                Command::Draw => self.stale = true,
                Command::Quit => self.exit = Some(0),
                Command::Suspend => self.suspend = true,
                Command::Swap => self.feeds.reverse(),
                Command::Copy(text) => terminal::copy(&text),
                Command::Mouse(ours) => self.screen.mouse(ours),
                Command::Launch { what, slot } => self.launch(&what, slot),
                Command::Record { pane, log } => {
                    let feed = self.feeds.get_mut(pane).and_then(Option::as_mut);
                    let recorded = feed.map_or_else(
                        || Err("this run is there as a whole: it is not recorded again".into()),
                        |source| source.feed.record(&log),
                    );
                    let words = recorded.map_or_else(
                        |error| error,
                        |name| format!("{name} has the run up to now, and will have the rest"),
                    );
                    self.tell(Message::Notice(words));
                }
                Command::Input { pane, line } => {
                    if let Some(Some(source)) = self.feeds.get_mut(pane) {
                        source.feed.input(line.as_deref());
                    }
                }
                Command::Check(what) => {
                    let result = self.launcher.check(&what);
                    self.tell(Message::Checked { what, result });
                }
                Command::Control { pane, control } => {
                    if let Some(Some(source)) = self.feeds.get_mut(pane) {
                        source.feed.control(control);
                        self.echo = ECHO;
                    }
                }
            }
        }
    }

    fn launch(&mut self, what: &RunRequest, slot: PaneSlot) {
        let result = self.launcher.start(what);
        self.opened(slot, result);
    }

    fn opened(&mut self, slot: PaneSlot, result: Result<Session, String>) {
        let session = match result {
            Ok(session) => session,
            Err(error) => {
                return self.tell(Message::Launched {
                    slot,
                    result: Err(error),
                    status: None,
                });
            }
        };
        let source = session.feed.map(|feed| OpenSource {
            status: feed.status(),
            feed,
            since: now(),
        });
        let status = source.as_ref().map(|source| source.status);
        let keep = usize::from(slot == PaneSlot::Second);
        for source in self.feeds.iter_mut().skip(keep).flatten() {
            source.feed.control(Control::Stop);
        }
        self.feeds.resize_with(keep, || None);
        self.feeds.push(source);
        self.tell(Message::Launched {
            slot,
            result: Ok(Box::new(session.replay)),
            status,
        });
    }

    fn stop_feeds(&mut self) {
        for source in self.feeds.iter_mut().flatten() {
            source.feed.control(Control::Stop);
        }
    }

    /// Gives the terminal back and stops, until somebody says `fg`.
    async fn suspend(&mut self) -> io::Result<()> {
        self.suspend = false;
        terminal::give_back();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP)?;
        // The stop may come a moment after the call. Where nobody can continue us (no job control) it never comes.
        let moment = async {
            Timer::after(Duration::from_millis(300)).await;
            Signal::Cont
        };
        let signal = future::or(next_signal(&mut self.signals), moment).await;
        if signal != Signal::Cont {
            self.exit = Some(exit_code(signal));
            return Ok(());
        }
        self.screen.again();
        self.tell(Message::Resumed);
        Ok(())
    }
}

/// Input that has come in already. (The stream would ask its thread for each key, and answer a moment later.)
fn waiting() -> Option<io::Result<Event>> {
    match event::poll(Duration::from_micros(1)) {
        Ok(true) => Some(event::read()),
        Ok(false) => None,
        Err(error) => Some(Err(error)),
    }
}

/// The next signal; never, if they cannot be heard any more.
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
        _ => 143,
    }
}

//! The sources of the runs on the screen: where their bytes come from, and what is sent to them.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    trace::Log,
    tui::{
        message::{Message, PaneSlot},
        source::{Control, LoopSession, RecordError, Session, SourceStatus, TraceSource},
    },
};

/// For how many frames the source of a paused loop is still read after a command, because the
/// answer of the loop takes a moment to arrive.
const ECHO: u32 = 30;

/// The longest time for which input waits until the trace of a virtual run has arrived. Such a run
/// ends almost at once, so a key acts on the whole run instead of on the part that arrived first.
const ARRIVAL: Duration = Duration::from_millis(500);

/// The sources, in the order of the panes of the model.
#[derive(Default)]
pub(super) struct Sources {
    /// `None` for a run that is complete.
    all: Vec<Option<OpenSource>>,
    /// Those of the loops that are not on the screen, in the order of the model.
    hidden: Vec<OpenSource>,
    /// For how many more frames paused sources are read.
    echo: u32,
}

struct OpenSource {
    source: Box<dyn TraceSource>,
    /// Its status when it was last read.
    status: SourceStatus,
    opened: Instant,
    /// Whether the source may announce further loops of its program.
    announces: bool,
}

impl OpenSource {
    fn new(source: Box<dyn TraceSource>, now: Instant) -> OpenSource {
        OpenSource {
            status: source.status(),
            source,
            opened: now,
            announces: true,
        }
    }

    /// What is new since the last call: bytes and a status, if either has changed.
    ///
    /// The status is read before the bytes. If it says that the run has ended, the bytes are
    /// complete. In the other order, bytes that arrive between the two reads would be lost.
    fn read(&mut self) -> Option<(Vec<u8>, SourceStatus)> {
        if self.status.ended {
            return None;
        }
        let status = self.source.status();
        let bytes = self.source.take();
        let is_new = !bytes.is_empty() || status != self.status;
        self.status = status;
        is_new.then_some((bytes, status))
    }
}

impl Sources {
    fn open_ones(&self) -> impl Iterator<Item = &OpenSource> {
        self.all.iter().flatten().chain(&self.hidden)
    }

    fn of(&mut self, pane: usize) -> Option<&mut OpenSource> {
        self.all.get_mut(pane).and_then(Option::as_mut)
    }

    /// Whether the trace of a virtual run is still arriving, so that keys wait for it.
    pub(super) fn are_arriving(&self, now: Instant) -> bool {
        self.open_ones().any(|open| {
            !open.status.live
                && !open.status.ended
                && open.status.reading.is_none()
                && now.saturating_duration_since(open.opened) < ARRIVAL
        })
    }

    /// Whether a file is being read.
    pub(super) fn are_read(&self) -> bool {
        self.open_ones().any(|open| open.status.reading.is_some())
    }

    /// Whether a source may have more bytes.
    pub(super) fn are_running(&self) -> bool {
        self.open_ones()
            .any(|open| !open.status.ended && (!open.status.paused || self.echo > 0))
    }

    /// Whether a source may announce further loops.
    pub(super) fn announce_loops(&self) -> bool {
        self.open_ones().any(|open| open.announces)
    }

    /// Takes what the sources have. Returns what is new.
    pub(super) fn read(&mut self) -> Vec<Message> {
        self.echo = self.echo.saturating_sub(1);
        let mut news = Vec::new();
        for (pane, open) in self.all.iter_mut().enumerate() {
            if let Some((bytes, status)) = open.as_mut().and_then(OpenSource::read) {
                news.push(Message::Data {
                    pane,
                    bytes,
                    status,
                });
            }
        }
        for (hidden, open) in self.hidden.iter_mut().enumerate() {
            if let Some((bytes, status)) = open.read() {
                news.push(Message::LoopData {
                    hidden,
                    bytes,
                    status,
                });
            }
        }
        news
    }

    /// Takes the sources of the loops that have started since the last call. Their first records
    /// come with the next [`read`](Sources::read).
    pub(super) fn new_loops(&mut self, now: Instant) -> Vec<Message> {
        let mut news = Vec::new();
        let mut sources = Vec::new();
        let shown = self.all.iter_mut().enumerate();
        let shown = shown.filter_map(|(pane, open)| Some((pane, open.as_mut()?)));
        // The pane matters for the second loop of a program only, and then the first one is shown.
        let hidden = self.hidden.iter_mut().map(|open| (0, open));
        for (pane, open) in shown.chain(hidden).filter(|(_, open)| open.announces) {
            let started = open.source.new_loops();
            open.announces = started.is_some();
            for LoopSession {
                name,
                is_main,
                session,
            } in started.into_iter().flatten()
            {
                let Some(source) = session.source else {
                    continue;
                };
                let source = OpenSource::new(source, now);
                news.push(Message::LoopStarted {
                    name,
                    is_main,
                    pane,
                    first: open.source.loop_name(),
                    replay: Box::new(session.replay),
                    status: source.status,
                });
                sources.push(source);
            }
        }
        self.hidden.append(&mut sources);
        news
    }

    /// Exchanges the source of a pane and that of a loop that was not on the screen.
    pub(super) fn show_loop(&mut self, pane: usize, hidden: usize) {
        if let (Some(Some(shown)), Some(hidden)) =
            (self.all.get_mut(pane), self.hidden.get_mut(hidden))
        {
            std::mem::swap(shown, hidden);
        }
    }

    /// Stops the loops that are not on the screen.
    pub(super) fn close_loops(&mut self) {
        for mut open in self.hidden.drain(..) {
            open.source.control(Control::Stop);
        }
    }

    /// Takes the source of a run that was started. The second slot keeps the first run; the other
    /// slots replace all runs. The sources of replaced runs are stopped.
    pub(super) fn open(&mut self, slot: PaneSlot, session: Session, now: Instant) -> Message {
        let source = session.source.map(|source| OpenSource::new(source, now));
        let status = source.as_ref().map(|source| source.status);
        let keep = usize::from(slot == PaneSlot::Second);
        for open in self.all.iter_mut().skip(keep).flatten() {
            open.source.control(Control::Stop);
        }
        self.all.resize_with(keep, || None);
        self.all.push(source);
        // A loop that was started in a pause takes a moment to leave it.
        self.echo = ECHO;
        Message::Launched {
            slot,
            result: Ok(Box::new(session.replay)),
            status,
        }
    }

    /// Records the run of a pane. Returns where, in words, or why not.
    pub(super) fn record(&mut self, pane: usize, log: &Log) -> String {
        match self.of(pane) {
            None => RecordError::Unsupported.to_string(),
            Some(open) => match open.source.record(log) {
                Ok(path) => recorded(&path, open.status.ended),
                Err(error) => error.to_string(),
            },
        }
    }

    /// Gives the program of a pane a line, or ends its input.
    pub(super) fn input(&mut self, pane: usize, line: Option<&str>) {
        if let Some(open) = self.of(pane) {
            open.source.input(line);
        }
    }

    /// The source whose program wants the real terminal, if there is one.
    pub(super) fn wants_terminal(&mut self) -> Option<&mut (dyn TraceSource + '_)> {
        for open in self.all.iter_mut().flatten().chain(&mut self.hidden) {
            if !open.status.ended && open.source.wants_terminal() {
                return Some(&mut *open.source);
            }
        }
        None
    }

    /// Controls the loop of a pane.
    pub(super) fn control(&mut self, pane: usize, control: Control) {
        if let Some(open) = self.of(pane) {
            open.source.control(control);
            self.echo = ECHO;
        }
    }

    /// Swaps the sources of two panes.
    pub(super) fn swap(&mut self) {
        self.all.reverse();
    }

    /// Stops all runs.
    pub(super) fn stop(&mut self) {
        for open in self.all.iter_mut().flatten().chain(&mut self.hidden) {
            open.source.control(Control::Stop);
        }
    }
}

/// Where a run is recorded: the file's name first, as a narrow status line cuts the rest.
fn recorded(path: &Path, ended: bool) -> String {
    let name = path.file_name().unwrap_or_default().display();
    let folder = path.parent().unwrap_or(path).display();
    let verb = if ended { "recorded" } else { "recording" };
    format!("{verb} to {name} in {folder}")
}

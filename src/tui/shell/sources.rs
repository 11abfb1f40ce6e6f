//! The sources of the runs on the screen: where their bytes come from, and what is sent to them.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    trace::Log,
    tui::{
        message::{Message, PaneSlot},
        source::{Control, RecordError, Session, SourceStatus, TraceSource},
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
    /// For how many more frames paused sources are read.
    echo: u32,
}

struct OpenSource {
    source: Box<dyn TraceSource>,
    /// Its status when it was last read.
    status: SourceStatus,
    opened: Instant,
}

impl Sources {
    fn open_ones(&self) -> impl Iterator<Item = &OpenSource> {
        self.all.iter().flatten()
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

    /// Takes what the sources have. Returns what is new.
    pub(super) fn read(&mut self) -> Vec<Message> {
        self.echo = self.echo.saturating_sub(1);
        let mut news = Vec::new();
        for (pane, open) in self.all.iter_mut().enumerate() {
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
        news
    }

    /// Takes the source of a run that was started. The second slot keeps the first run; the other
    /// slots replace all runs. The sources of replaced runs are stopped.
    pub(super) fn open(&mut self, slot: PaneSlot, session: Session, now: Instant) -> Message {
        let source = session.source.map(|source| OpenSource {
            status: source.status(),
            source,
            opened: now,
        });
        let status = source.as_ref().map(|source| source.status);
        let keep = usize::from(slot == PaneSlot::Second);
        for open in self.all.iter_mut().skip(keep).flatten() {
            open.source.control(Control::Stop);
        }
        self.all.resize_with(keep, || None);
        self.all.push(source);
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
        for open in self.all.iter_mut().flatten() {
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

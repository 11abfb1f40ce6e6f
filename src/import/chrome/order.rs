//! From slices in any order to the events of a trace.

use std::{cmp::Reverse, collections::HashMap};

use crate::trace::{Event, LocationId, Moment, PollOutcome, TaskEvent, TaskId};

use crate::import::TraceBuilder;

/// Something that happens on a track. Names and places are numbers of texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct SliceMark {
    /// Nanoseconds, since whenever the recorder counts.
    pub(super) at: i64,
    /// How long its slice is.
    pub(super) length: u64,
    track: u32,
    pub(super) what: MarkKind,
}

/// `MarkKind` happens there.
#[derive(Clone, Copy, Debug)]
pub(super) enum MarkKind {
    Start {
        name: u32,
        place: u32,
    },
    End {
        /// Whether that is the end of the task, too.
        done: bool,
    },
    /// A slice of no length.
    Whole {
        name: u32,
        place: u32,
    },
    Instant {
        text: u32,
    },
}

impl SliceMark {
    pub(super) fn new(at: i64, length: u64, track: u32, what: MarkKind) -> SliceMark {
        SliceMark {
            at,
            length,
            track,
            what,
        }
    }

    /// `MarkKind` ends makes room for what begins; of what begins at once the longer is the outer one.
    fn order(&self) -> (i64, u8, Reverse<u64>) {
        let rank = match self.what {
            MarkKind::End { .. } => 0,
            MarkKind::Start { .. } | MarkKind::Whole { .. } => 1,
            MarkKind::Instant { .. } => 2,
        };
        (self.at, rank, Reverse(self.length))
    }
}

/// Writes the marks in their order. Returns how many slices lay inside of others, too.
pub(super) fn write(
    mut marks: Vec<SliceMark>,
    texts: &[String],
    tracks: Vec<Option<String>>,
) -> (TraceBuilder, u64) {
    marks.sort_by_key(SliceMark::order);
    let start = marks.first().map_or(0, |mark| mark.at);
    let named = tracks.iter().flatten().count();
    let mut writer = SliceWriter {
        to: TraceBuilder::new(),
        texts,
        rows: tracks.into_iter().map(TrackState::new).collect(),
        tasks: HashMap::new(),
        several: named > 1,
        latest: None,
        nested: 0,
    };
    for mark in marks {
        let at = Moment(mark.at.abs_diff(start));
        match mark.what {
            MarkKind::Start { name, place } => writer.start(at, mark.track, (name, place)),
            MarkKind::End { done } => writer.end(at, mark.track, done),
            MarkKind::Whole { name, place } => {
                writer.start(at, mark.track, (name, place));
                writer.end(at, mark.track, false);
            }
            MarkKind::Instant { text } => writer.instant(at, mark.track, text),
        }
    }
    (writer.to, writer.nested)
}

struct SliceWriter<'a> {
    to: TraceBuilder,
    texts: &'a [String],
    rows: Vec<TrackState>,
    /// By track and name.
    tasks: HashMap<(u32, u32), TaskId>,
    /// Whether several tracks have names, so that a task's has to say which it is on.
    several: bool,
    /// The task whose turn began last, if that goes on: a reader takes a line of output to be its.
    latest: Option<TaskId>,
    nested: u64,
}

/// A track.
struct TrackState {
    name: Option<String>,
    depth: u32,
    running: Option<(TaskId, u32)>,
}

impl TrackState {
    fn new(name: Option<String>) -> TrackState {
        TrackState {
            name,
            depth: 0,
            running: None,
        }
    }
}

impl SliceWriter<'_> {
    fn start(&mut self, at: Moment, track: u32, (name, place): (u32, u32)) {
        let row = &mut self.rows[track as usize];
        row.depth += 1;
        if row.depth > 1 {
            self.nested += 1;
            return;
        }
        let task = match self.tasks.get(&(track, name)) {
            Some(&known) => known,
            None => self.spawn(at, track, (name, place)),
        };
        self.rows[track as usize].running = Some((task, name));
        self.latest = Some(task);
        self.write(at, &Event::Task(TaskEvent::PollStart { task }));
    }

    fn spawn(&mut self, at: Moment, track: u32, (name, place): (u32, u32)) -> TaskId {
        let task = TaskId(self.to.tasks());
        let slice = self.text(name);
        let label = match &self.rows[track as usize].name {
            Some(track) if track.contains(slice) => track.clone(),
            Some(track) if self.several => format!("{track}: {slice}"),
            _ => slice.to_owned(),
        };
        let label = self.to.name(&label);
        let texts = self.texts;
        let text = texts.get(place as usize).map_or("", String::as_str);
        let place = match self::place(text) {
            Some((file, line)) => self.to.place(file, line, 0),
            None => LocationId::UNKNOWN,
        };
        let spawn = Event::Task(TaskEvent::Spawn {
            task,
            name: label,
            at: place,
            parent: None,
        });
        self.write(at, &spawn);
        self.tasks.insert((track, name), task);
        task
    }

    fn end(&mut self, at: Moment, track: u32, done: bool) {
        let row = &mut self.rows[track as usize];
        row.depth = row.depth.saturating_sub(1);
        if row.depth > 0 {
            return;
        }
        let Some((task, name)) = row.running.take() else {
            return;
        };
        let outcome = if done {
            // The next slice of this name is another one's life.
            self.tasks.remove(&(track, name));
            PollOutcome::Ready
        } else {
            PollOutcome::Pending
        };
        self.latest = self.latest.filter(|latest| *latest != task);
        let took = 0; // follows from the moment
        self.write(
            at,
            &Event::Task(TaskEvent::PollEnd {
                task,
                outcome,
                took,
            }),
        );
    }

    fn instant(&mut self, at: Moment, track: u32, text: u32) {
        let row = &self.rows[track as usize];
        let said = self.text(text);
        let text = match (row.running, &row.name) {
            (Some((task, _)), _) if self.latest == Some(task) => said.to_owned(),
            (_, Some(name)) => format!("{name}: {said}"),
            (Some((_, name)), None) => format!("{}: {said}", self.text(name)),
            (None, None) => said.to_owned(),
        };
        let text = self.to.text(&text);
        self.write(at, &Event::Output { text });
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }

    fn write(&mut self, at: Moment, event: &Event) {
        let written = self.to.event(at, event);
        debug_assert_eq!(written, Ok(()), "{event:?}");
    }
}

/// `FILE:LINE`, taken apart.
pub(super) fn place(text: &str) -> Option<(&str, u32)> {
    let (file, line) = text.rsplit_once(':')?;
    Some((file, line.parse().ok()?))
}

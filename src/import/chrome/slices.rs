//! Sorts the slices of a Chrome trace and writes them as events.

use std::{borrow::Cow, cmp::Reverse, collections::HashMap, rc::Rc};

use crate::trace::{Event, LocationId, Moment, PollOutcome, Span, TaskEvent, TaskId};

use crate::import::TraceBuilder;

/// The start or end of a slice, or an instant. Names and locations are numbers of texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct SliceMark {
    /// Nanoseconds since the recorder's own zero.
    pub(super) at: i64,
    /// The length of the slice, in nanoseconds.
    pub(super) length: u64,
    track: u32,
    pub(super) what: MarkKind,
}

/// What happens at a mark.
#[derive(Clone, Copy, Debug)]
pub(super) enum MarkKind {
    Start {
        name: u32,
        place: u32,
    },
    End {
        /// Whether the task completes here.
        done: bool,
    },
    /// A slice of length 0, both its start and its end.
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

    /// The order of marks at one time. Ends come first, so that a slice that begins there is not inside
    /// of one that ends there. Then come starts, the longest (outermost) first, then instants.
    fn order(&self) -> (i64, u8, Reverse<u64>) {
        let rank = match self.what {
            MarkKind::End { .. } => 0,
            MarkKind::Start { .. } | MarkKind::Whole { .. } => 1,
            MarkKind::Instant { .. } => 2,
        };
        (self.at, rank, Reverse(self.length))
    }
}

/// Writes the marks in their order. Also returns how many slices lie inside of others.
pub(super) fn write(
    mut marks: Vec<SliceMark>,
    texts: &[Rc<str>],
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
    texts: &'a [Rc<str>],
    rows: Vec<TrackState>,
    /// The tasks, by track and name.
    tasks: HashMap<(u32, u32), TaskId>,
    /// Whether several tracks have names, so that the name of a task has to contain its track.
    several: bool,
    /// The task whose poll began last, while it is open: a reader attributes output to this task.
    latest: Option<TaskId>,
    nested: u64,
}

/// A track, at the mark that is being written.
struct TrackState {
    name: Option<String>,
    /// How many slices are open.
    depth: u32,
    /// The task that is being polled, and the name of its slice.
    running: Option<(TaskId, u32)>,
}

impl TrackState {
    fn new(name: Option<String>) -> TrackState {
        TrackState {
            name: name.map(|name| match cut(&name, LONGEST_TRACK) {
                Cow::Owned(start) => start,
                Cow::Borrowed(_) => name,
            }),
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
            Some(track) if self.several => format!("{}: {slice}", shortened(track)),
            _ => slice.to_owned(),
        };
        let label = self.to.name(&label);
        let texts = self.texts;
        let text = texts.get(place as usize).map_or("", |text| text);
        let place = match parse_location(text) {
            Some((file, line)) => self.to.location(file, line, 0),
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
            // The next slice with this name is another task.
            self.tasks.remove(&(track, name));
            PollOutcome::Ready
        } else {
            PollOutcome::Pending
        };
        self.latest = self.latest.filter(|latest| *latest != task);
        let took = 0; // the builder computes it from the time
        self.write(
            at,
            &Event::Task(TaskEvent::PollEnd {
                task,
                outcome,
                took: Span(took),
            }),
        );
    }

    fn instant(&mut self, at: Moment, track: u32, text: u32) {
        let row = &self.rows[track as usize];
        let line = self.text(text);
        let text = match (row.running, &row.name) {
            (Some((task, _)), _) if self.latest == Some(task) => line.to_owned(),
            (_, Some(name)) => format!("{}: {line}", shortened(name)),
            (Some((_, name)), None) => format!("{}: {line}", shortened(self.text(name))),
            (None, None) => line.to_owned(),
        };
        let text = self.to.text(&text);
        self.write(
            at,
            &Event::Output {
                text,
                at: LocationId::UNKNOWN,
            },
        );
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }

    fn write(&mut self, at: Moment, event: &Event) {
        let written = self.to.event(at, event);
        debug_assert_eq!(written, Ok(()), "{event:?}");
    }
}

/// The most characters of the name of a track. It is searched, and may be copied, for each task of the
/// track, so a long one would multiply the time that the file takes.
const LONGEST_TRACK: usize = 1024;

/// The beginning of a name that is repeated in front of many others. A long one would multiply the
/// size of the file.
fn shortened(name: &str) -> Cow<'_, str> {
    cut(name, 80)
}

/// At most this many characters of a name.
fn cut(name: &str, most: usize) -> Cow<'_, str> {
    match name.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or(name)).into(),
        None => name.into(),
    }
}

/// The file and line of a location `FILE:LINE`.
pub(super) fn parse_location(text: &str) -> Option<(&str, u32)> {
    let (file, line) = text.rsplit_once(':')?;
    Some((file, line.parse().ok()?))
}

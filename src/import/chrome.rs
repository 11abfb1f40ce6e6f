//! Chrome's trace events, as tracing-chrome, `VizTracer` and others write them.
//!
//! The format is described in "Trace Event Format", the document that `chrome://tracing` links to.
//! A trace is an array of objects, or an object with such an array as `traceEvents`. This reader
//! uses slices (`B` with `E`, `X`, and `b` with `e`), instants (`i`, `I`, `n`) and the names of
//! threads (`M` with `thread_name`). It skips all other events.
//!
//! * A track consists of the events with the same `pid` and `tid`; for `b`, `e` and `n` with the
//!   same `pid` and `id`. The outermost slices of a track are polls. Those with the same name are
//!   the polls of one task: in the threads of tracing-chrome the polls of a span, and in a
//!   `VizTracer` run with `--log_async` those of a coroutine. A slice inside of another is not a
//!   poll; such slices are only counted.
//! * A task begins with its first slice. Only `b` and `e` tell when it completes: they enclose a
//!   whole life.
//! * An instant is a line of output of the task that is being polled on the track.
//! * Wakes, queues, timers, and what a task waits for are not in the format.

mod object;
mod slices;

use std::{collections::HashMap, fmt, io::BufRead, rc::Rc};

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Unexpected,
    Visitor,
};

use crate::trace::{Aspect, ClockKind, Log, Meta};

use super::{
    ImportError, ImportFormat, Imported, cut_note, json_lines::json_error, scalar::Scalar,
};
use object::{ChromeMember, ChromeObject, ChromeValue};
use slices::{MarkKind, SliceMark};

pub(super) fn read(from: impl BufRead) -> Result<Imported, ImportError> {
    let mut reader = ChromeReader::default();
    let mut notes = Vec::new();
    match read_document(from, &mut |event| reader.take(event))? {
        DocumentEnd::Whole => {}
        DocumentEnd::Cut(line) => notes.push(cut_note(line)),
        DocumentEnd::More(line) => notes.push(format!(
            "line {line}: there is more text behind the end of the trace; it is not shown"
        )),
    }
    if reader.marks.is_empty() {
        return Err(ImportError::Empty(
            "the file contains no slice (ph X, B or b)",
        ));
    }
    let log = reader.finish(&mut notes);
    Ok(Imported { log, notes })
}

/// Collects the starts and ends of slices, and names. They may come in any order, so they are sorted
/// at the end.
#[derive(Default)]
struct ChromeReader {
    /// The number of each track, by what identifies it in the file.
    track_numbers: HashMap<String, u32>,
    tracks: Vec<ChromeTrack>,
    /// The number of each text in `texts`.
    text_numbers: HashMap<Rc<str>, u32>,
    texts: Vec<Rc<str>>,
    marks: Vec<SliceMark>,
}

#[derive(Default)]
struct ChromeTrack {
    name: Option<String>,
    /// The slices that have begun and not ended, outermost first: indices into the marks.
    open: Vec<usize>,
}

impl ChromeReader {
    fn take(&mut self, event: &ChromeObject) -> Result<(), String> {
        let Some(phase) = event.text(ChromeMember::Ph) else {
            return Err("\"ph\" is missing, the kind of the event".into());
        };
        match phase {
            "M" => self.metadata(event),
            "X" => self.complete(event)?,
            "B" | "b" => {
                let at = time(event)?;
                self.begin(event, phase, at);
            }
            "E" | "e" => {
                let at = time(event)?;
                self.end(event, phase, at);
            }
            "i" | "I" | "n" => {
                let at = time(event)?;
                let track = self.track(event, phase);
                let text = self.text(&instant_text(event));
                self.marks
                    .push(SliceMark::new(at, 0, track, MarkKind::Instant { text }));
            }
            _ => {}
        }
        Ok(())
    }

    fn metadata(&mut self, event: &ChromeObject) {
        let named = event.object(ChromeMember::Args);
        let named = named.and_then(|args| args.text(ChromeMember::Name));
        if event.text(ChromeMember::Name) == Some("thread_name")
            && let Some(name) = named
        {
            let track = self.track(event, "M");
            self.tracks[track as usize].name = Some(name.to_owned());
        }
    }

    fn complete(&mut self, event: &ChromeObject) -> Result<(), String> {
        let at = time(event)?;
        let took = if event.has(ChromeMember::Dur) {
            let took = microseconds(event.scalar(ChromeMember::Dur), "dur")?;
            u64::try_from(took).map_err(|_| "\"dur\" is negative".to_owned())?
        } else {
            0
        };
        let track = self.track(event, "X");
        let (name, place) = self.labels(event);
        let start = MarkKind::Start { name, place };
        if took == 0 {
            let whole = MarkKind::Whole { name, place };
            self.marks.push(SliceMark::new(at, 0, track, whole));
        } else {
            let end = at.saturating_add_unsigned(took);
            self.marks.push(SliceMark::new(at, took, track, start));
            self.marks.push(SliceMark::new(
                end,
                took,
                track,
                MarkKind::End { done: false },
            ));
        }
        Ok(())
    }

    fn begin(&mut self, event: &ChromeObject, phase: &str, at: i64) {
        let track = self.track(event, phase);
        let (name, place) = self.labels(event);
        self.tracks[track as usize].open.push(self.marks.len());
        // The end sets the length. A slice without an end encloses all later ones.
        let mark = SliceMark::new(at, u64::MAX, track, MarkKind::Start { name, place });
        self.marks.push(mark);
    }

    fn end(&mut self, event: &ChromeObject, phase: &str, at: i64) {
        let track = self.track(event, phase);
        let Some(open) = self.tracks[track as usize].open.pop() else {
            return; // the slice began before the recording
        };
        let took = at.saturating_sub(self.marks[open].at);
        let done = phase == "e";
        match (u64::try_from(took), self.marks[open].what) {
            (Ok(0) | Err(_), MarkKind::Start { name, place }) if !done => {
                self.marks[open].length = 0;
                self.marks[open].what = MarkKind::Whole { name, place };
            }
            (took, _) => {
                let took = took.unwrap_or(0);
                self.marks[open].length = took;
                self.marks
                    .push(SliceMark::new(at, took, track, MarkKind::End { done }));
            }
        }
    }

    /// The track of an event: its thread, or the `id` of an asynchronous slice.
    fn track(&mut self, event: &ChromeObject, phase: &str) -> u32 {
        let pid = event.scalar(ChromeMember::Pid);
        let key = if matches!(phase, "b" | "e" | "n") {
            let id = event.scalar(ChromeMember::Id);
            match event.object(ChromeMember::Id2) {
                None => format!("{pid}#{id}"),
                Some(pair) => {
                    let local = pair.scalar(ChromeMember::Local);
                    format!("{pid}#{id}#{local}#{}", pair.scalar(ChromeMember::Global))
                }
            }
        } else {
            format!("{pid}/{}", event.scalar(ChromeMember::Tid))
        };
        let next = u32::try_from(self.tracks.len()).unwrap_or(u32::MAX);
        let track = *self.track_numbers.entry(key).or_insert(next);
        if track == next {
            self.tracks.push(ChromeTrack::default());
        }
        track
    }

    /// The name of a slice and its location in the source, as numbers of texts. tracing-chrome writes
    /// the location as members of their own, `VizTracer` at the end of the name.
    fn labels(&mut self, event: &ChromeObject) -> (u32, u32) {
        let name = event.text(ChromeMember::Name).unwrap_or("slice");
        let file = event.text(ChromeMember::File);
        let line = event.scalar(ChromeMember::Line).number();
        let (name, place) = match (file.zip(line), name.strip_suffix(')')) {
            (Some((file, line)), _) => (name, format!("{file}:{line}")),
            (None, Some(start)) => match start.rsplit_once(" (") {
                Some((name, place)) if slices::parse_location(place).is_some() => {
                    (name, place.to_owned())
                }
                _ => (name, String::new()),
            },
            (None, None) => (name, String::new()),
        };
        (self.text(name), self.text(&place))
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(&known) = self.text_numbers.get(text) {
            return known;
        }
        let next = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let text: Rc<str> = text.into();
        self.texts.push(Rc::clone(&text));
        self.text_numbers.insert(text, next);
        next
    }

    fn finish(self, notes: &mut Vec<String>) -> Log {
        let meta = Meta {
            variant: ImportFormat::Chrome.words().into(),
            title: "the slices of a Chrome trace, as polls".into(),
            clock: ClockKind::Real,
            unknown: vec![Aspect::Queues, Aspect::Timers, Aspect::Waits, Aspect::Wakes],
            ..Meta::default()
        };
        // The rest needs only the numbers.
        drop((self.text_numbers, self.track_numbers));
        let tracks = self.tracks.into_iter().map(|track| track.name).collect();
        let (to, nested) = slices::write(self.marks, &self.texts, tracks);
        if nested > 0 {
            notes.push(format!(
                "{nested} slices lie inside of others and are not shown"
            ));
        }
        to.finish(meta)
    }
}

/// The text of an instant: its message, or its name if it has no message.
fn instant_text(event: &ChromeObject) -> String {
    let args = event.object(ChromeMember::Args);
    let message = args.map(|args| args.scalar(ChromeMember::Message));
    let message = message.filter(|message| **message != Scalar::Nothing);
    match message.unwrap_or(event.scalar(ChromeMember::Name)) {
        Scalar::Text(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The time of an event, in nanoseconds.
fn time(event: &ChromeObject) -> Result<i64, String> {
    if !event.has(ChromeMember::Ts) {
        return Err("\"ts\" is missing, the time of the event".into());
    }
    microseconds(event.scalar(ChromeMember::Ts), "ts")
}

/// A number of microseconds, which may have a fraction, as nanoseconds.
fn microseconds(value: &Scalar, member: &str) -> Result<i64, String> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates, as it should here"
    )]
    match *value {
        Scalar::Whole(number) => Ok(number.saturating_mul(1000)),
        Scalar::Large(_) => Ok(i64::MAX),
        Scalar::Fraction(number) => Ok((number * 1000.0).round() as i64),
        Scalar::Nothing | Scalar::Bool(_) | Scalar::Text(_) => {
            Err(format!("{member:?} is not a number of microseconds"))
        }
    }
}

/// Receives the events of a document.
type EventSink<'a> = &'a mut dyn FnMut(&ChromeObject) -> Result<(), String>;

/// How a document ends, with the number of the line.
enum DocumentEnd {
    Whole,
    /// The file breaks off before the end of the document.
    Cut(u64),
    /// Something follows the document.
    More(u64),
}

/// Passes each event to `take`, so that the document is never in memory as a whole.
fn read_document(from: impl BufRead, take: EventSink<'_>) -> Result<DocumentEnd, ImportError> {
    let mut document = serde_json::Deserializer::from_reader(from);
    match (ChromeDocument { take }).deserialize(&mut document) {
        Ok(()) => Ok(match document.end() {
            Ok(()) => DocumentEnd::Whole,
            Err(error) => DocumentEnd::More(error.line() as u64),
        }),
        Err(error) if error.is_eof() => Ok(DocumentEnd::Cut(error.line() as u64)),
        Err(error) if error.is_io() => Err(ImportError::Io(error.into())),
        Err(error) => Err(ImportError::Line {
            line: error.line() as u64,
            error: json_error(&error),
        }),
    }
}

/// An array of events, or an object with such an array.
struct ChromeDocument<'a> {
    take: EventSink<'a>,
}

impl<'de> DeserializeSeed<'de> for ChromeDocument<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ChromeDocument<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a list of events, or an object with \"traceEvents\"")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element::<ChromeValue>()? {
            let ChromeValue::Object(event) = value else {
                let found = Unexpected::Other("another value");
                return Err(A::Error::invalid_type(found, &"an event as an object"));
            };
            (self.take)(&event).map_err(A::Error::custom)?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(key) = object.next_key::<String>()? {
            if key == "traceEvents" {
                let take = &mut *self.take;
                object.next_value_seed(ChromeDocument { take })?;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

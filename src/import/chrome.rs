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

mod slices;

use std::{collections::HashMap, fmt, io::BufRead};

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};

use crate::trace::{Aspect, ClockKind, Log, Meta};

use super::{ImportError, ImportFormat, Imported, cut_note, json_lines::json_error};
use slices::{MarkKind, SliceMark};

pub(super) fn read(from: impl BufRead) -> Result<Imported, ImportError> {
    let mut reader = ChromeReader::default();
    let cut = read_document(from, &mut |event| reader.take(event))?;
    let mut notes = Vec::new();
    if let Some(line) = cut {
        notes.push(cut_note(line));
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
    text_numbers: HashMap<String, u32>,
    texts: Vec<String>,
    marks: Vec<SliceMark>,
}

#[derive(Default)]
struct ChromeTrack {
    name: Option<String>,
    /// The slices that have begun and not ended, outermost first: indices into the marks.
    open: Vec<usize>,
}

impl ChromeReader {
    fn take(&mut self, event: &Map<String, Value>) -> Result<(), String> {
        let Some(phase) = event.get("ph").and_then(Value::as_str) else {
            return Err("\"ph\" is missing, the kind of the event".into());
        };
        match phase {
            "M" => self.metadata(event),
            "X" => self.complete(event)?,
            "B" | "b" => {
                let at = time(event, "ts")?;
                self.begin(event, phase, at);
            }
            "E" | "e" => {
                let at = time(event, "ts")?;
                self.end(event, phase, at);
            }
            "i" | "I" | "n" => {
                let at = time(event, "ts")?;
                let track = self.track(event, phase);
                let text = self.text(&instant_text(event));
                self.marks
                    .push(SliceMark::new(at, 0, track, MarkKind::Instant { text }));
            }
            _ => {}
        }
        Ok(())
    }

    fn metadata(&mut self, event: &Map<String, Value>) {
        let named = event.get("args").and_then(|args| args.get("name"));
        if event.get("name").and_then(Value::as_str) == Some("thread_name")
            && let Some(name) = named.and_then(Value::as_str)
        {
            let track = self.track(event, "M");
            self.tracks[track as usize].name = Some(name.to_owned());
        }
    }

    fn complete(&mut self, event: &Map<String, Value>) -> Result<(), String> {
        let at = time(event, "ts")?;
        let took = match event.get("dur") {
            Some(_) => {
                u64::try_from(time(event, "dur")?).map_err(|_| "\"dur\" is negative".to_owned())?
            }
            None => 0,
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

    fn begin(&mut self, event: &Map<String, Value>, phase: &str, at: i64) {
        let track = self.track(event, phase);
        let (name, place) = self.labels(event);
        self.tracks[track as usize].open.push(self.marks.len());
        // The end sets the length. A slice without an end encloses all later ones.
        let mark = SliceMark::new(at, u64::MAX, track, MarkKind::Start { name, place });
        self.marks.push(mark);
    }

    fn end(&mut self, event: &Map<String, Value>, phase: &str, at: i64) {
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
    fn track(&mut self, event: &Map<String, Value>, phase: &str) -> u32 {
        let word = |key: &str| event.get(key).map(Value::to_string).unwrap_or_default();
        let asynchronous = matches!(phase, "b" | "e" | "n");
        let key = if asynchronous {
            format!("{}#{}{}", word("pid"), word("id"), word("id2"))
        } else {
            format!("{}/{}", word("pid"), word("tid"))
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
    fn labels(&mut self, event: &Map<String, Value>) -> (u32, u32) {
        let name = event.get("name").and_then(Value::as_str).unwrap_or("slice");
        let file = event.get(".file").and_then(Value::as_str);
        let line = event.get(".line").and_then(Value::as_u64);
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
        self.texts.push(text.to_owned());
        self.text_numbers.insert(text.to_owned(), next);
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
fn instant_text(event: &Map<String, Value>) -> String {
    let message = event.get("args").and_then(|args| args.get("message"));
    let name = event.get("name");
    let text = message.or(name).map(|text| {
        text.as_str()
            .map_or_else(|| text.to_string(), str::to_owned)
    });
    text.unwrap_or_default()
}

/// A member in microseconds, which may have a fraction, as nanoseconds.
fn time(event: &Map<String, Value>, key: &str) -> Result<i64, String> {
    let value = event
        .get(key)
        .ok_or_else(|| format!("{key:?} is missing"))?;
    if let Some(whole) = value.as_i64() {
        return Ok(whole.saturating_mul(1000));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates, as it should here"
    )]
    let nanoseconds = value
        .as_f64()
        .map(|micros| (micros * 1000.0).round() as i64);
    nanoseconds.ok_or_else(|| format!("{key:?} is not a number of microseconds"))
}

/// Receives the events of a document.
type EventSink<'a> = &'a mut dyn FnMut(&Map<String, Value>) -> Result<(), String>;

/// Passes each event to `take`, so that the document is never in memory as a whole. Returns the
/// line in which the document breaks off, if it does.
fn read_document(from: impl BufRead, take: EventSink<'_>) -> Result<Option<u64>, ImportError> {
    let mut document = serde_json::Deserializer::from_reader(from);
    match (ChromeDocument { take }).deserialize(&mut document) {
        Ok(()) => Ok(None),
        Err(error) if error.is_eof() => Ok(Some(error.line() as u64)),
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
        while let Some(event) = list.next_element::<Map<String, Value>>()? {
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

//! Chrome's trace events, as tracing-chrome, `VizTracer` and others write them ("Trace Event Format", the document that
//! `chrome://tracing` points to).
//!
//! A trace is an array of objects, or an object with such an array as `traceEvents`. Read are slices (`B` with `E`, `X`,
//! and `b` with `e`), instants (`i`, `I`, `n`) and names (`M`: `process_name`, `thread_name`); others are passed over.
//!
//! * A track is what shares `pid` and `tid`; for `b` and `e`, `pid` and `id`. The outermost slices of a track are turns, and
//!   those of one name are the turns of one task: in tracing-chrome's threads the polls of a span, in a `VizTracer` run with
//!   `--log_async` those of a coroutine. A slice inside of another is no turn and is counted only.
//! * A task is there from its first slice on. That it is done is known of `b` and `e` alone, which mean a whole life.
//! * An instant is a line of output of the task that has its turn on the track.
//! * Wakes, what is waited for, queues and timers are not written.

mod document;
mod order;

use std::{collections::HashMap, io::BufRead};

use serde_json::{Map, Value};

use crate::trace::{Aspect, ClockKind, Log, Meta};

use super::{ImportError, ImportFormat, Imported};
use order::{MarkKind, SliceMark};

pub(super) fn read(from: impl BufRead) -> Result<Imported, ImportError> {
    let mut reader = ChromeReader::default();
    let cut = document::read(from, &mut |event| reader.take(event))?;
    let mut notes = Vec::new();
    if let Some(line) = cut {
        notes.push(format!(
            "it breaks off in line {line}; what comes before is shown"
        ));
    }
    if reader.marks.is_empty() {
        return Err(ImportError::Empty("there is no slice in it (ph X, B or b)"));
    }
    let log = reader.finish(&mut notes);
    Ok(Imported { log, notes })
}

/// Gathers slices and names. They may come in any order.
#[derive(Default)]
struct ChromeReader {
    tracks: HashMap<String, u32>,
    /// By track: its name, and the starts of slices that have not ended.
    rows: Vec<OpenSlices>,
    names: HashMap<String, u32>,
    texts: Vec<String>,
    marks: Vec<SliceMark>,
}

/// `MarkKind` shares a `pid` and a `tid`.
#[derive(Default)]
struct OpenSlices {
    name: Option<String>,
    /// Marks of the slices that are open, outermost first.
    open: Vec<usize>,
}

impl ChromeReader {
    fn take(&mut self, event: &Map<String, Value>) -> Result<(), String> {
        let Some(phase) = event.get("ph").and_then(Value::as_str) else {
            return Err("\"ph\" is missing, which says what kind of event it is".into());
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
            self.rows[track as usize].name = Some(name.to_owned());
        }
    }

    fn complete(&mut self, event: &Map<String, Value>) -> Result<(), String> {
        let at = time(event, "ts")?;
        let took = match event.get("dur") {
            Some(_) => {
                u64::try_from(time(event, "dur")?).map_err(|_| "\"dur\" is below 0".to_owned())?
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
        self.rows[track as usize].open.push(self.marks.len());
        // How long it is follows from its end; one that has none is longer than any other.
        let mark = SliceMark::new(at, u64::MAX, track, MarkKind::Start { name, place });
        self.marks.push(mark);
    }

    fn end(&mut self, event: &Map<String, Value>, phase: &str, at: i64) {
        let track = self.track(event, phase);
        let Some(open) = self.rows[track as usize].open.pop() else {
            return; // it began before the recording
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

    /// The track of an event: by thread, or by what an asynchronous slice calls itself.
    fn track(&mut self, event: &Map<String, Value>, phase: &str) -> u32 {
        let word = |key: &str| event.get(key).map(Value::to_string).unwrap_or_default();
        let asynchronous = matches!(phase, "b" | "e" | "n");
        let key = if asynchronous {
            format!("{}#{}{}", word("pid"), word("id"), word("id2"))
        } else {
            format!("{}/{}", word("pid"), word("tid"))
        };
        let next = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let track = *self.tracks.entry(key).or_insert(next);
        if track == next {
            self.rows.push(OpenSlices::default());
        }
        track
    }

    /// The name of a slice, and its place in the source as a text: where tracing-chrome says it, or `VizTracer`, in the name.
    fn labels(&mut self, event: &Map<String, Value>) -> (u32, u32) {
        let name = event.get("name").and_then(Value::as_str).unwrap_or("slice");
        let file = event.get(".file").and_then(Value::as_str);
        let line = event.get(".line").and_then(Value::as_u64);
        let (name, place) = match (file.zip(line), name.strip_suffix(')')) {
            (Some((file, line)), _) => (name, format!("{file}:{line}")),
            (None, Some(start)) => match start.rsplit_once(" (") {
                Some((name, place)) if order::place(place).is_some() => (name, place.to_owned()),
                _ => (name, String::new()),
            },
            (None, None) => (name, String::new()),
        };
        (self.text(name), self.text(&place))
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(&known) = self.names.get(text) {
            return known;
        }
        let next = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.to_owned());
        self.names.insert(text.to_owned(), next);
        next
    }

    fn finish(self, notes: &mut Vec<String>) -> Log {
        let meta = Meta {
            variant: ImportFormat::Chrome.words().into(),
            title: "slices of a Chrome trace as turns of tasks".into(),
            clock: ClockKind::Real,
            unknown: vec![Aspect::Queues, Aspect::Timers, Aspect::Waits, Aspect::Wakes],
            ..Meta::default()
        };
        let tracks = self.rows.into_iter().map(|row| row.name).collect();
        let (to, nested) = order::write(self.marks, &self.texts, tracks);
        if nested > 0 {
            notes.push(format!(
                "{nested} slices lie inside of others and are not shown"
            ));
        }
        to.finish(meta)
    }
}

/// `MarkKind` an instant says: its message if it has one, else its name.
fn instant_text(event: &Map<String, Value>) -> String {
    let message = event.get("args").and_then(|args| args.get("message"));
    let name = event.get("name");
    let text = message.or(name).map(|text| {
        text.as_str()
            .map_or_else(|| text.to_string(), str::to_owned)
    });
    text.unwrap_or_default()
}

/// Microseconds, mostly with a fraction, as nanoseconds.
fn time(event: &Map<String, Value>, key: &str) -> Result<i64, String> {
    let value = event
        .get(key)
        .ok_or_else(|| format!("{key:?} is missing"))?;
    if let Some(whole) = value.as_i64() {
        return Ok(whole.saturating_mul(1000));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates, which is meant"
    )]
    let nanoseconds = value
        .as_f64()
        .map(|micros| (micros * 1000.0).round() as i64);
    nanoseconds.ok_or_else(|| format!("{key:?} is no number of microseconds"))
}

//! The recording of console-subscriber, the library that tokio-console connects to.
//!
//! The format is that of console-subscriber 0.5 (`console-subscriber/src/record.rs`). The first
//! line is `{"v":1}`. Each further line is an object with one member: `Spawn` with `id`, `at` and
//! `fields`; `Enter`, `Exit` or `Close` with `id` and `at`; `Waker` with `id`, `at` and `op`. An
//! `id` is that of a tracing span. Only a span that was spawned is a task; the others are tokio's
//! resources and operations, of which the file contains nothing but the number. `at` is a
//! `SystemTime` as serde writes it.
//!
//! What follows from this, and what does not:
//!
//! * Polls (`Enter` to `Exit`) and wakes are in the file. The cause of a wake is not, unless a task
//!   wakes itself. If no two polls overlap, one thread ran all tasks; then the task that is being
//!   polled is the waker and the parent. If polls overlap, wakers and parents stay unknown.
//! * `Close` means that a task was dropped. The file does not say whether it completed or was
//!   cancelled; it is shown as completed. tokio enters the span once more to drop the future, so
//!   the last poll of a task is a short one. A task that is closed without a poll just before gets
//!   an empty one.
//! * Ticks, the order of the ready queue, timers, and what a task waits for are not in the file.

use std::{
    collections::{BTreeSet, HashMap},
    io::BufRead,
};

use serde::{Deserialize, de::IgnoredAny};

use crate::trace::{
    Aspect, ClockKind, Cursor, Definition, Event, LocationId, Log, LoopEvent, Meta, Moment,
    Outcome, PollOutcome, Span, TaskEvent, TaskId, WakeEffect, WokenBy,
};

use super::{
    ImportError, Imported, LineError, TraceBuilder, cut_note,
    json_lines::{JsonLine, JsonLines},
    scalar::Scalar,
    second_note,
};

/// The first line.
#[derive(Deserialize)]
struct ConsoleHead {
    v: Option<u64>,
}

/// Any other line.
#[derive(Deserialize)]
enum ConsoleRecord {
    /// A task was spawned; this is its span.
    Spawn(SpawnRecord),
    /// A span was entered: if it is a task's, a poll begins.
    Enter(SpanRecord),
    /// A span was left: if it is a task's, a poll ends.
    Exit(SpanRecord),
    /// A span was closed: if it is a task's, the task was dropped.
    Close(SpanRecord),
    /// An operation on the waker of a task.
    Waker(WakerRecord),
    /// The first line of another recording, which was appended.
    #[serde(rename = "v")]
    Head(IgnoredAny),
}

#[derive(Deserialize)]
struct SpawnRecord {
    id: u64,
    at: SystemTimeParts,
    #[serde(default)]
    fields: Vec<SpanField>,
}

#[derive(Deserialize)]
struct SpanRecord {
    id: u64,
    at: SystemTimeParts,
}

#[derive(Deserialize)]
struct WakerRecord {
    id: u64,
    at: SystemTimeParts,
    op: WakerOp,
}

#[derive(Deserialize)]
enum WakerOp {
    Wake { self_wake: bool },
    WakeByRef { self_wake: bool },
    Clone,
    Drop,
}

/// A field of a span: its name and value.
#[derive(Deserialize)]
struct SpanField {
    name: String,
    value: Scalar,
}

#[derive(Clone, Copy, Deserialize)]
struct SystemTimeParts {
    secs_since_epoch: u64,
    nanos_since_epoch: u64,
}

impl SystemTimeParts {
    fn nanoseconds(self) -> u64 {
        let seconds = self.secs_since_epoch.saturating_mul(1_000_000_000);
        seconds.saturating_add(self.nanos_since_epoch)
    }
}

impl SpawnRecord {
    fn text(&self, name: &str) -> Option<&str> {
        self.field(name).and_then(Scalar::text)
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.field(name).and_then(Scalar::number)
    }

    fn field(&self, name: &str) -> Option<&Scalar> {
        let field = self.fields.iter().find(|field| field.name == name);
        field.map(|field| &field.value)
    }

    /// The name that the program gave the task; else the kind of task, with tokio's number for it.
    fn task_name(&self) -> String {
        let kind = self.text("kind").unwrap_or("task");
        match (self.text("task.name"), self.number("task.id")) {
            (Some(name), _) if !name.is_empty() => name.to_owned(),
            (_, Some(id)) if kind != "block_on" => format!("{kind} {id}"),
            _ => kind.to_owned(),
        }
    }

    /// The file, line and column of the spawn.
    fn location(&self) -> Option<(&str, u32, u32)> {
        let small = |name| u32::try_from(self.number(name)?).ok();
        let column = small("loc.col").unwrap_or(0);
        Some((self.text("loc.file")?, small("loc.line")?, column))
    }
}

pub(super) fn read(from: impl BufRead) -> Result<Imported, ImportError> {
    let mut lines = JsonLines::new(from);
    match lines.next()? {
        JsonLine::Value(ConsoleHead { v: Some(1) }) => {}
        JsonLine::Value(ConsoleHead { v }) => {
            let found = v.unwrap_or_default();
            return Err(lines.error(LineError::Version { found }));
        }
        JsonLine::Cut | JsonLine::End => {
            return Err(ImportError::Empty("the file has no first line"));
        }
    }
    let mut reader = ConsoleReader::default();
    let mut notes = Vec::new();
    loop {
        match lines.next()? {
            JsonLine::Value(ConsoleRecord::Head(_)) => {
                notes.push(second_note(lines.number));
                break;
            }
            JsonLine::Value(record) => reader.take(&record),
            JsonLine::Cut => {
                notes.push(cut_note(lines.number));
                break;
            }
            JsonLine::End => break,
        }
    }
    reader.flush();
    if reader.to.tasks() == 0 {
        return Err(ImportError::Empty(
            "no task was spawned in the file (was tokio built with --cfg tokio_unstable?)",
        ));
    }
    let log = reader.finish(&mut notes);
    Ok(Imported { log, notes })
}

/// Turns records into events.
///
/// The end of a poll is written one record late: if the next record of the task is `Close`, the
/// poll was the task's last one, and its outcome is [`PollOutcome::Ready`].
#[derive(Default)]
struct ConsoleReader {
    to: TraceBuilder,
    /// The tasks that are not closed, by the number of their span.
    tasks: HashMap<u64, OpenTask>,
    /// The time of the first record, in nanoseconds since 1970.
    start: Option<u64>,
    /// The tasks that are being polled.
    running: BTreeSet<TaskId>,
    /// Whether two tasks were ever polled at once.
    overlap: bool,
    /// The end of a poll that is not written yet: its span and time.
    pending_end: Option<(u64, Moment)>,
}

/// A task that is not closed.
struct OpenTask {
    task: TaskId,
    /// How many times its span was entered and not left yet.
    depth: u32,
    /// Whether it was woken since its last poll began.
    queued: bool,
}

impl ConsoleReader {
    fn take(&mut self, record: &ConsoleRecord) {
        match record {
            ConsoleRecord::Spawn(spawn) => {
                let at = self.since_start(spawn.at);
                self.flush();
                self.spawn(spawn, at);
            }
            ConsoleRecord::Enter(span) => {
                if let Some(at) = self.time_of_task(span.id, span.at) {
                    self.flush();
                    self.enter(span.id, at);
                }
            }
            ConsoleRecord::Exit(span) => {
                if let Some(at) = self.time_of_task(span.id, span.at) {
                    self.flush();
                    self.exit(span.id, at);
                }
            }
            ConsoleRecord::Close(span) => {
                if let Some(at) = self.time_of_task(span.id, span.at) {
                    self.close(span.id, at);
                }
            }
            ConsoleRecord::Waker(waker) => {
                let at = self.time_of_task(waker.id, waker.at);
                match (at, &waker.op) {
                    (Some(at), WakerOp::Wake { self_wake } | WakerOp::WakeByRef { self_wake }) => {
                        self.flush();
                        self.wake(waker.id, at, *self_wake);
                    }
                    // Copies of a waker do nothing to the task.
                    (Some(_), WakerOp::Clone | WakerOp::Drop) | (None, _) => {}
                }
            }
            ConsoleRecord::Head(_) => {}
        }
    }

    /// Loop time; the first record is its start.
    fn since_start(&mut self, at: SystemTimeParts) -> Moment {
        let at = at.nanoseconds();
        let start = *self.start.get_or_insert(at);
        Moment(at.saturating_sub(start))
    }

    /// The time of a record, or `None` if its span is not a task (but a resource, or an operation).
    fn time_of_task(&mut self, id: u64, at: SystemTimeParts) -> Option<Moment> {
        let at = self.since_start(at);
        self.tasks.contains_key(&id).then_some(at)
    }

    fn spawn(&mut self, record: &SpawnRecord, at: Moment) {
        let task = TaskId(self.to.tasks());
        let name = self.to.name(&record.task_name());
        let place = record
            .location()
            .map_or(LocationId::UNKNOWN, |(file, line, column)| {
                self.to.location(file, line, column)
            });
        let parent = self.only_running();
        let spawn = Event::Task(TaskEvent::Spawn {
            task,
            name,
            at: place,
            parent,
        });
        self.write(at, &spawn);
        let row = OpenTask {
            task,
            depth: 0,
            queued: true,
        };
        self.tasks.insert(record.id, row);
    }

    fn enter(&mut self, id: u64, at: Moment) {
        let Some(row) = self.tasks.get_mut(&id) else {
            return;
        };
        row.depth += 1;
        if row.depth > 1 {
            return;
        }
        row.queued = false;
        let task = row.task;
        self.overlap |= !self.running.is_empty();
        self.running.insert(task);
        self.write(at, &Event::Task(TaskEvent::PollStart { task }));
    }

    fn exit(&mut self, id: u64, at: Moment) {
        let Some(row) = self.tasks.get_mut(&id) else {
            return;
        };
        row.depth = row.depth.saturating_sub(1);
        if row.depth == 0 && self.running.contains(&row.task) {
            self.pending_end = Some((id, at));
        }
    }

    fn wake(&mut self, id: u64, at: Moment, itself: bool) {
        let running = self.only_running();
        let Some(row) = self.tasks.get_mut(&id) else {
            return;
        };
        let by = match running {
            _ if itself => WokenBy::Task(row.task),
            Some(task) => WokenBy::Task(task),
            None => WokenBy::Unknown,
        };
        let effect = if row.queued {
            WakeEffect::Redundant
        } else {
            WakeEffect::Enqueued
        };
        row.queued = true;
        let task = row.task;
        self.write(at, &Event::Task(TaskEvent::Wake { task, by, effect }));
    }

    fn close(&mut self, id: u64, at: Moment) {
        if self.pending_end.is_none_or(|(pending, _)| pending != id) {
            self.flush();
        }
        let Some(row) = self.tasks.remove(&id) else {
            return;
        };
        let pending_end = self.pending_end.take();
        if pending_end.is_none() && !self.running.contains(&row.task) {
            self.write(at, &Event::Task(TaskEvent::PollStart { task: row.task }));
        }
        let at = pending_end.map_or(at, |(_, at)| at);
        self.end_poll(row.task, at, PollOutcome::Ready);
    }

    /// Writes the pending end of a poll: another record followed, so it was not the last poll.
    fn flush(&mut self) {
        let Some((id, at)) = self.pending_end.take() else {
            return;
        };
        if let Some(task) = self.tasks.get(&id).map(|row| row.task) {
            self.end_poll(task, at, PollOutcome::Pending);
        }
    }

    fn end_poll(&mut self, task: TaskId, at: Moment, outcome: PollOutcome) {
        self.running.remove(&task);
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

    /// The task that is being polled, if there is exactly one.
    fn only_running(&self) -> Option<TaskId> {
        self.running
            .first()
            .copied()
            .filter(|_| self.running.len() == 1)
    }

    fn write(&mut self, at: Moment, event: &Event) {
        let written = self.to.event(at, event);
        debug_assert_eq!(written, Ok(()), "{event:?}");
    }

    fn finish(mut self, notes: &mut Vec<String>) -> Log {
        if self.tasks.is_empty() {
            let (outcome, now) = (Outcome::Finished, self.to.now());
            self.write(now, &Event::Loop(LoopEvent::End { outcome }));
        }
        let meta = Meta {
            variant: super::ImportFormat::Console.words().into(),
            title: "a recording of tokio's tasks".into(),
            clock: ClockKind::Real,
            unknown: vec![Aspect::Queues, Aspect::Timers, Aspect::Waits],
            ..Meta::default()
        };
        let log = self.to.finish(meta);
        if !self.overlap {
            return log;
        }
        notes.push(
            "polls overlap, so the tasks ran on several threads: it is unknown which task woke or spawned another"
                .into(),
        );
        without_wakers(&log)
    }
}

/// The trace without wakers and parents, which are guesses if there were several threads.
///
/// It is decoded and built again. All its texts are names, so that each keeps its number.
fn without_wakers(log: &Log) -> Log {
    let mut to = TraceBuilder::new();
    let mut cursor = Cursor::START;
    let mut names: Vec<String> = Vec::new();
    loop {
        while let Some(definition) = cursor.next_definition(&log.bytes) {
            match definition {
                Definition::Text(text) => {
                    names.push(String::from_utf8_lossy(text).into_owned());
                    to.name(names.last().map_or("", String::as_str));
                }
                Definition::Location(file, line, column) => {
                    let file = names.get(file.index()).map_or("", String::as_str);
                    to.location(file, line, column);
                }
                // These follow a gap, or are those of an adapter, and this trace has neither.
                Definition::Name(..)
                | Definition::Frame { .. }
                | Definition::PollSample { .. }
                | Definition::Wakes(_)
                | Definition::Tasks { .. }
                | Definition::Resume(_) => {}
            }
        }
        let Some(mut event) = cursor.next_event(&log.bytes) else {
            return to.finish(log.meta.clone());
        };
        match &mut event {
            Event::Task(TaskEvent::Spawn { parent, .. }) => *parent = None,
            Event::Task(TaskEvent::Wake { task, by, .. }) if *by != WokenBy::Task(*task) => {
                *by = WokenBy::Unknown;
            }
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        }
        let written = to.event(cursor.now, &event);
        debug_assert_eq!(written, Ok(()), "{event:?}");
    }
}

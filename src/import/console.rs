//! The recording of console-subscriber, tokio-console's half inside of a program.
//!
//! Its first line is `{"v":1}`; each further one is an object with one member (console-subscriber 0.5,
//! `console-subscriber/src/record.rs`): `Spawn` with `id`, `at`, `fields`; `Enter`, `Exit`, `Close` with `id`, `at`; `Waker`
//! with `id`, `at`, `op`. An `id` is a span's; only spans that were spawned are tasks, the others are tokio's resources and
//! operations, of which nothing but the number is written. `at` is a `SystemTime` as serde writes it.
//!
//! `SpanEvent` follows from it, and what does not:
//!
//! * Turns (`Enter` to `Exit`) and wakes are there. Who wakes is not, but for a task that wakes itself; if no two turns ever
//!   overlap, one thread ran them all, and the task that has its turn is the waker and the parent. If turns overlap, wakers
//!   and parents are not known.
//! * `Close` comes when a task has been dropped, and whether it was done or cancelled is not said: it is shown as done. tokio
//!   enters a span once more to drop the future in it, so a task ends with a short turn of its own. One that is closed
//!   without a turn just before has an empty one there.
//! * Ticks, the ready queue's order, timers, and what a task waits for are not written.

mod record;

use std::{collections::HashMap, io::BufRead};

use serde_json::Value;

use crate::trace::{
    Aspect, ClockKind, Cursor, Definition, Event, LocationId, Log, LoopEvent, Meta, Moment,
    Outcome, PollOutcome, TaskEvent, TaskId, WakeEffect, WokenBy,
};

use super::{
    ImportError, Imported, TraceBuilder,
    json_lines::{JsonLine, JsonLines},
};
use record::{ConsoleRecord, SpanEvent, parse_record};

pub(super) fn read(from: impl BufRead) -> Result<Imported, ImportError> {
    let mut lines = JsonLines::new(from);
    match lines.next()? {
        JsonLine::Object(head) if head.get("v").and_then(Value::as_u64) == Some(1) => {}
        JsonLine::Object(_) => {
            return Err(lines.wrong(
                "the recording has another version; this program reads version 1, {\"v\":1}",
            ));
        }
        JsonLine::Cut | JsonLine::End => return Err(ImportError::Empty("there is no first line")),
    }
    let mut reader = ConsoleReader::default();
    let mut notes = Vec::new();
    loop {
        match lines.next()? {
            JsonLine::Object(object) => {
                let record = parse_record(&object).map_err(|what| lines.wrong(what))?;
                reader.take_record(&record);
            }
            JsonLine::Cut => {
                notes.push(format!(
                    "it breaks off in line {}; what comes before is shown",
                    lines.number
                ));
                break;
            }
            JsonLine::End => break,
        }
    }
    reader.flush();
    if reader.to.tasks() == 0 {
        return Err(ImportError::Empty(
            "no task was spawned in it (was tokio built with --cfg tokio_unstable?)",
        ));
    }
    let log = reader.finish(&mut notes);
    Ok(Imported { log, notes })
}

#[derive(Default)]
struct ConsoleReader {
    to: TraceBuilder,
    tasks: HashMap<u64, OpenTask>,
    /// Nanoseconds since 1970 of the first record.
    start: Option<u64>,
    /// The tasks that have a turn.
    running: Vec<TaskId>,
    /// Whether two ever had one at once.
    overlap: bool,
    /// The end of a turn that may turn out to be the task's last one.
    pending_end: Option<(u64, Moment)>,
}

/// A task that is not closed.
struct OpenTask {
    task: TaskId,
    /// How often its span is entered.
    depth: u32,
    queued: bool,
}

impl ConsoleReader {
    fn take_record(&mut self, record: &ConsoleRecord<'_>) {
        let start = *self.start.get_or_insert(record.at);
        let at = Moment(record.at.saturating_sub(start));
        let id = record.id;
        if let SpanEvent::Spawn { name, place } = &record.what {
            self.flush();
            return self.spawn(id, at, name, *place);
        }
        if !self.tasks.contains_key(&id) {
            return; // a resource, or an operation on one
        }
        match record.what {
            SpanEvent::Close => return self.close(id, at),
            SpanEvent::Other => return,
            SpanEvent::Spawn { .. }
            | SpanEvent::Enter
            | SpanEvent::Exit
            | SpanEvent::Wake { .. } => self.flush(),
        }
        match record.what {
            SpanEvent::Enter => self.enter(id, at),
            SpanEvent::Exit => self.exit(id, at),
            SpanEvent::Wake { itself } => self.wake(id, at, itself),
            SpanEvent::Spawn { .. } | SpanEvent::Close | SpanEvent::Other => {}
        }
    }

    fn spawn(&mut self, id: u64, at: Moment, name: &str, place: Option<(&str, u32, u32)>) {
        let task = TaskId(self.to.tasks());
        let name = self.to.name(name);
        let place = place.map_or(LocationId::UNKNOWN, |(file, line, column)| {
            self.to.place(file, line, column)
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
        self.tasks.insert(id, row);
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
        self.running.push(task);
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
        if self
            .pending_end
            .is_none_or(|(pending_end, _)| pending_end != id)
        {
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

    /// A turn that was `pending_end` back has not been the last one.
    fn flush(&mut self) {
        let Some((id, at)) = self.pending_end.take() else {
            return;
        };
        if let Some(task) = self.tasks.get(&id).map(|row| row.task) {
            self.end_poll(task, at, PollOutcome::Pending);
        }
    }

    fn end_poll(&mut self, task: TaskId, at: Moment, outcome: PollOutcome) {
        self.running.retain(|running| *running != task);
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

    /// The task that has its turn, if there is just one.
    fn only_running(&self) -> Option<TaskId> {
        match self.running.as_slice() {
            &[task] => Some(task),
            _ => None,
        }
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
            "turns of tasks overlap, so there were several threads: who woke or spawned whom is not known".into(),
        );
        without_wakers(&log)
    }
}

/// The same trace without what only holds on one thread. All texts of it are names, so each keeps its number.
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
                    to.place(file, line, column);
                }
                // There is no gap in what was built here.
                Definition::Name(..)
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

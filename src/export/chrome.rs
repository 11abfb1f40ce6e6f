//! Chrome's trace events, as JSON ("Trace Event Format"): <https://ui.perfetto.dev>, `chrome://tracing`, speedscope and many
//! others open them.
//!
//! The same picture as in [`perfetto`](super::perfetto()): a thread a task (`tid` is its number + 1, 0 is the loop), a turn is a
//! slice (`X`), a wake an arrow (`s` where it was called, `f` at the turn that it led to), a queue's length a counter
//! (`C`). Times are microseconds with a fraction.

use std::io::{self, Write};

use crate::replay::Replay;
use crate::trace::{
    Aspect, CallbackEvent, Event, LoopEvent, Moment, PollOutcome, Position, TaskEvent, TaskId,
    WakeEffect, WokenBy,
};

use super::{
    json::{JsonObject, quoted},
    label,
    walk::{LoopWalk, QueueLengths, events},
};

/// Writes the trace.
pub fn chrome(replay: &Replay, mut to: impl Write) -> io::Result<()> {
    let name = quoted(&label::run(replay));
    write!(
        to,
        "{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"name\":{name}}},\"traceEvents\":[\n\
         {{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{{\"name\":{name}}}}},\n\
         {{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"name\":\"thread_name\",\"args\":{{\"name\":\"loop\"}}}}"
    )?;
    let mut writer = ChromeWriter {
        replay,
        to,
        object: JsonObject::default(),
        walk: LoopWalk::default(),
        written: None,
        tick: None,
    };
    for (position, event, at) in events(replay) {
        writer.before(&event, at)?;
        writer.walk.apply(position, &event, at);
        writer.after(position, &event, at)?;
    }
    writer.open_polls(replay.index().head().now())?;
    writer.to.write_all(b"\n]}\n")?;
    writer.to.flush()
}

struct ChromeWriter<'a, W> {
    replay: &'a Replay,
    to: W,
    object: JsonObject,
    walk: LoopWalk,
    written: Option<QueueLengths>,
    /// When the tick that goes on began.
    tick: Option<Moment>,
}

const LOOP: u64 = 0;

fn thread(task: TaskId) -> u64 {
    u64::from(task.0) + 1
}

impl<W: Write> ChromeWriter<'_, W> {
    fn before(&mut self, event: &Event, at: Moment) -> io::Result<()> {
        match *event {
            Event::Task(TaskEvent::PollStart { task }) => {
                self.lengths(at)?;
                let woken = self.walk.row(task).woken;
                if woken == Position(0) {
                    return Ok(());
                }
                self.flow("f", woken, thread(task), at)
            }
            // An advance comes with the moment after it.
            Event::Loop(LoopEvent::Advance { by, .. }) => {
                self.lengths(Moment(at.0.saturating_sub(by)))
            }
            Event::Callback(CallbackEvent::Start { .. }) => self.lengths(at),
            Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => {
                self.poll_slice(task, Some(outcome), at)
            }
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => Ok(()),
        }
    }

    fn after(&mut self, position: Position, event: &Event, at: Moment) -> io::Result<()> {
        match *event {
            Event::Task(TaskEvent::PollEnd { .. }) => self.lengths(at),
            Event::Task(TaskEvent::Wake {
                by,
                effect: WakeEffect::Enqueued,
                ..
            }) => self.flow("s", position, waker_thread(by), at),
            Event::Task(TaskEvent::Spawn { task, parent, .. }) => {
                self.name(task)?;
                self.flow("s", position, parent.map_or(LOOP, thread), at)
            }
            Event::Loop(LoopEvent::TickStart) => {
                self.tick = Some(at);
                Ok(())
            }
            Event::Loop(LoopEvent::TickEnd) => match self.tick.take() {
                Some(since) => {
                    let object = slice(&mut self.object, "tick", LOOP, since, at);
                    write_object(&mut self.to, object.end())
                }
                None => Ok(()),
            },
            Event::Output { text } => {
                let thread = self.walk.running.map_or(LOOP, thread);
                let text = self.replay.tables().text(text);
                let object = self.object.begin().text("ph", "i").text("s", "t");
                object.number("pid", 1_u32).number("tid", thread);
                object.micros("ts", at.0).text("name", text);
                write_object(&mut self.to, object.end())
            }
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Gap { .. } => Ok(()),
        }
    }

    /// The name of a task's thread, and its place among the others.
    fn name(&mut self, task: TaskId) -> io::Result<()> {
        let name = label::track(self.replay.tables(), task);
        let args = format!("{{\"name\":{}}}", quoted(&name));
        let order = format!("{{\"sort_index\":{}}}", thread(task));
        for (kind, args) in [("thread_name", args), ("thread_sort_index", order)] {
            let object = self.object.begin().text("ph", "M").number("pid", 1_u32);
            object.number("tid", thread(task)).text("name", kind);
            write_object(&mut self.to, object.raw("args", &args).end())?;
        }
        Ok(())
    }

    /// A turn that is over, or (without an outcome) one that goes on at the end of the recording.
    fn poll_slice(
        &mut self,
        task: TaskId,
        outcome: Option<PollOutcome>,
        at: Moment,
    ) -> io::Result<()> {
        let row = self.walk.row(task);
        let tables = self.replay.tables();
        let name = label::slice(tables, task);
        let object = slice(&mut self.object, &name, thread(task), row.since, at);
        let place = label::place(tables, row.wait_at);
        let note = match outcome {
            Some(PollOutcome::Pending) if place.is_empty() => None,
            Some(PollOutcome::Pending) => Some(("await", place)),
            Some(outcome) => Some(("outcome", outcome.as_str().to_owned())),
            None => Some(("outcome", "not recorded".to_owned())),
        };
        if let Some((key, text)) = note {
            object.raw("args", &format!("{{\"{key}\":{}}}", quoted(&text)));
        }
        write_object(&mut self.to, object.end())
    }

    fn open_polls(&mut self, at: Moment) -> io::Result<()> {
        let running = |status| status == crate::replay::Status::Running;
        let rows = self
            .walk
            .rows()
            .filter(|(_, row)| running(row.phase.status()));
        let open: Vec<TaskId> = rows.map(|(task, _)| task).collect();
        open.into_iter()
            .try_for_each(|task| self.poll_slice(task, None, at))
    }

    /// One end of an arrow.
    fn flow(&mut self, end: &str, number: Position, thread: u64, at: Moment) -> io::Result<()> {
        let object = self.object.begin().text("ph", end).text("cat", "wake");
        object.text("name", "wake").number("id", number.0);
        object
            .number("pid", 1_u32)
            .number("tid", thread)
            .micros("ts", at.0);
        if end == "f" {
            // The slice round it, not the next one.
            object.text("bp", "e");
        }
        write_object(&mut self.to, object.end())
    }

    /// The lengths of the queues, if they have changed.
    fn lengths(&mut self, at: Moment) -> io::Result<()> {
        let now = self.walk.lengths;
        let before = self.written.replace(now);
        let meta = &self.replay.log().meta;
        let values = |lengths: QueueLengths| {
            [
                ("ready", Aspect::Wakes, lengths.ready),
                ("timers", Aspect::Timers, lengths.timers),
                ("pending", Aspect::Waits, lengths.pending),
            ]
        };
        let old = before.map(values);
        for (index, (name, part, value)) in values(now).into_iter().enumerate() {
            if !meta.has(part) || old.is_some_and(|old| old[index].2 == value) {
                continue;
            }
            let object = self.object.begin().text("ph", "C").number("pid", 1_u32);
            object.text("name", name).micros("ts", at.0);
            let args = format!("{{\"tasks\":{value}}}");
            write_object(&mut self.to, object.raw("args", &args).end())?;
        }
        Ok(())
    }
}

fn waker_thread(by: WokenBy) -> u64 {
    match by {
        WokenBy::Task(task) => thread(task),
        WokenBy::Callback(_)
        | WokenBy::Timer(_)
        | WokenBy::Io
        | WokenBy::Thread(_)
        | WokenBy::Loop
        | WokenBy::Unknown => LOOP,
    }
}

fn slice<'a>(
    object: &'a mut JsonObject,
    name: &str,
    thread: u64,
    since: Moment,
    until: Moment,
) -> &'a mut JsonObject {
    let object = object.begin().text("ph", "X").text("name", name);
    object.number("pid", 1_u32).number("tid", thread);
    object
        .micros("ts", since.0)
        .micros("dur", until.since(since))
}

fn write_object(to: &mut impl Write, object: &str) -> io::Result<()> {
    to.write_all(b",\n")?;
    to.write_all(object.as_bytes())
}

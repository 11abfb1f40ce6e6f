//! Perfetto's own format: <https://ui.perfetto.dev> opens it, and its trace processor queries it with SQL.
//!
//! One track a task, with its turns as slices; a track of the loop with its ticks; wakes as arrows from where they were
//! called to the turn that they led to; the lengths of the queues as counters. What the recording does not know is left
//! out.

mod packet;

use std::{
    collections::HashMap,
    io::{self, Write},
};

use crate::replay::Replay;
use crate::trace::{
    Aspect, CallbackEvent, Event, LocationId, LoopEvent, Moment, PollOutcome, Position, TaskEvent,
    TaskId, TextId, WakeEffect, WokenBy,
};

use super::{
    label,
    proto::ProtoMessage,
    walk::{LoopWalk, QueueLengths, events},
};
use packet::{
    AWAIT, BEGIN, BY, CALLBACK, COUNTER, END, FIRST_NAME, FIRST_TASK, INSTANT, LOOP, OUTCOME,
    PENDING, PROCESS, READY, SPAWN, TICK, TIMERS, WAKE, event, note, packet,
};

/// Writes the trace.
pub fn perfetto(replay: &Replay, to: impl Write) -> io::Result<()> {
    let mut writer = PerfettoWriter::new(replay, to);
    writer.head();
    for (position, event, at) in events(replay) {
        writer.before(&event, at);
        writer.walk.apply(position, &event, at);
        writer.after(position, &event, at);
        writer.flush(WRITE)?;
    }
    writer.flush(0)?;
    writer.to.flush()
}

/// So many bytes are written at once.
const WRITE: usize = 1 << 16;

struct PerfettoWriter<'a, W> {
    replay: &'a Replay,
    to: W,
    trace: ProtoMessage,
    walk: LoopWalk,
    /// The lengths that were written last.
    written: Option<QueueLengths>,
    counters: [Option<u64>; 3],
    /// By the text of a task's name: the number that stands for it.
    names: HashMap<TextId, u64>,
    /// By task.
    slices: Vec<u64>,
    places: HashMap<LocationId, String>,
    in_tick: bool,
}

impl<'a, W: Write> PerfettoWriter<'a, W> {
    fn new(replay: &'a Replay, to: W) -> PerfettoWriter<'a, W> {
        let meta = &replay.log().meta;
        let known = |part, track| Some(track).filter(|_| meta.has(part));
        let waits = meta.has(Aspect::Waits);
        PerfettoWriter {
            replay,
            to,
            trace: ProtoMessage::default(),
            walk: LoopWalk::default(),
            written: None,
            counters: [
                known(Aspect::Wakes, READY),
                known(Aspect::Timers, TIMERS),
                Some(PENDING).filter(|_| waits),
            ],
            names: HashMap::new(),
            slices: Vec::new(),
            places: HashMap::new(),
            in_tick: false,
        }
    }

    fn flush(&mut self, most: usize) -> io::Result<()> {
        if self.trace.bytes.len() > most {
            self.to.write_all(&self.trace.bytes)?;
            self.trace.bytes.clear();
        }
        Ok(())
    }

    /// The tracks that are always there, and the names that are.
    fn head(&mut self) {
        let name = label::run(self.replay);
        packet(&mut self.trace, |packet| {
            packet.number(13, 1_u32); // everything that was defined before is void
            packet.message(12, |interned| {
                for (number, name) in [
                    (WAKE, "wake"),
                    (SPAWN, "spawn"),
                    (TICK, "tick"),
                    (CALLBACK, "callback"),
                ] {
                    interned.message(2, |entry| {
                        entry.number(1, number).text(2, name);
                    });
                }
                for (number, name) in [(AWAIT, "await"), (OUTCOME, "outcome"), (BY, "by")] {
                    interned.message(3, |entry| {
                        entry.number(1, number).text(2, name);
                    });
                }
            });
            packet.message(60, |track| {
                track.number(1, PROCESS).text(2, &name);
                track.message(3, |process| {
                    process.number(1, 1_u32).text(6, &name);
                });
            });
        });
        self.track(LOOP, "loop", false);
        for (counter, name) in self
            .counters
            .into_iter()
            .zip(["ready", "timers", "pending"])
        {
            if let Some(counter) = counter {
                self.track(counter, name, true);
            }
        }
    }

    fn track(&mut self, number: u64, name: &str, counter: bool) {
        packet(&mut self.trace, |packet| {
            packet.message(60, |track| {
                track.number(1, number).text(2, name).number(5, PROCESS);
                if counter {
                    track.message(8, |_| ());
                }
            });
        });
    }

    /// What has to be written while the loop is still as it was: the lengths that led here, and the turn that ends a
    /// task's time in the queue.
    fn before(&mut self, event: &Event, at: Moment) {
        match *event {
            Event::Task(TaskEvent::PollStart { task }) => {
                self.lengths(at);
                self.begin_poll(task, at);
            }
            // An advance comes with the moment after it.
            Event::Loop(LoopEvent::Advance { by, .. }) => {
                self.lengths(Moment(at.0.saturating_sub(by)));
            }
            Event::Callback(CallbackEvent::Start { .. }) => self.lengths(at),
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        }
    }

    fn after(&mut self, position: Position, event: &Event, at: Moment) {
        match *event {
            Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => {
                self.end_poll(task, outcome, at);
                self.lengths(at);
            }
            Event::Task(TaskEvent::Wake {
                task: _,
                by,
                effect: WakeEffect::Enqueued,
            }) => self.arrow(WAKE, by, position, at),
            Event::Task(TaskEvent::Spawn { task, parent, .. }) => {
                self.task(task);
                let by = parent.map_or(WokenBy::Loop, WokenBy::Task);
                self.arrow(SPAWN, by, position, at);
            }
            Event::Loop(LoopEvent::TickStart) => {
                self.in_tick = true;
                self.simple(BEGIN, TICK, at);
            }
            Event::Loop(LoopEvent::TickEnd) if self.in_tick => {
                self.in_tick = false;
                self.simple(END, TICK, at);
            }
            Event::Callback(CallbackEvent::Start { .. }) => self.simple(BEGIN, CALLBACK, at),
            Event::Callback(CallbackEvent::End { .. }) => self.simple(END, CALLBACK, at),
            Event::Output { text } => self.line(text, at),
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Gap { .. } => {}
        }
    }

    /// A new task: its track, and the name of its turns.
    fn task(&mut self, task: TaskId) {
        let tables = self.replay.tables();
        let name = label::track(tables, task);
        self.track(FIRST_TASK + u64::from(task.0), &name, false);
        let text = tables.task(task).map(|info| info.name).unwrap_or_default();
        let next = FIRST_NAME + self.names.len() as u64;
        let number = *self.names.entry(text).or_insert(next);
        if number == next {
            let slice = label::slice(tables, task);
            packet(&mut self.trace, |packet| {
                packet.number(13, 2_u32);
                packet.message(12, |interned| {
                    interned.message(2, |entry| {
                        entry.number(1, number).text(2, &slice);
                    });
                });
            });
        }
        self.slices.push(number);
    }

    fn begin_poll(&mut self, task: TaskId, at: Moment) {
        let woken = self.walk.row(task).woken;
        let name = self.slices.get(task.index()).copied().unwrap_or(TICK);
        event(&mut self.trace, at, |event| {
            event
                .number(9, BEGIN)
                .number(10, name)
                .number(11, FIRST_TASK + u64::from(task.0));
            if woken != Position(0) {
                event.fixed(48, woken.0.into());
            }
        });
    }

    fn end_poll(&mut self, task: TaskId, outcome: PollOutcome, at: Moment) {
        let row = self.walk.row(task);
        let place = match outcome {
            PollOutcome::Pending if row.wait_at != LocationId::UNKNOWN => {
                let tables = self.replay.tables();
                let place = self.places.entry(row.wait_at);
                Some(&*place.or_insert_with(|| label::place(tables, row.wait_at)))
            }
            PollOutcome::Pending
            | PollOutcome::Ready
            | PollOutcome::Panicked
            | PollOutcome::Cancelled
            | PollOutcome::Failed => None,
        };
        event(&mut self.trace, at, |event| {
            event
                .number(9, END)
                .number(11, FIRST_TASK + u64::from(task.0));
            if let Some(place) = place {
                note(event, AWAIT, place);
            }
            if outcome != PollOutcome::Pending {
                note(event, OUTCOME, outcome.as_str());
            }
        });
    }

    /// The beginning of an arrow: an instant on the track of whoever does it. Its end is the turn that it leads to.
    fn arrow(&mut self, name: u64, by: WokenBy, position: Position, at: Moment) {
        let track = match by {
            WokenBy::Task(task) => FIRST_TASK + u64::from(task.0),
            WokenBy::Callback(_)
            | WokenBy::Timer(_)
            | WokenBy::Io
            | WokenBy::Thread(_)
            | WokenBy::Loop
            | WokenBy::Unknown => LOOP,
        };
        let by = match by {
            WokenBy::Thread(name) => Some(self.replay.tables().text(name)),
            WokenBy::Timer(_) => Some("timer"),
            WokenBy::Io => Some("I/O"),
            WokenBy::Unknown => Some("not recorded"),
            WokenBy::Task(_) | WokenBy::Callback(_) | WokenBy::Loop => None,
        };
        event(&mut self.trace, at, |event| {
            event.number(9, INSTANT).number(10, name).number(11, track);
            event.fixed(47, position.0.into());
            if let Some(by) = by {
                note(event, BY, by);
            }
        });
    }

    /// A slice of the loop's own.
    fn simple(&mut self, kind: u32, name: u64, at: Moment) {
        event(&mut self.trace, at, |event| {
            event.number(9, kind).number(11, LOOP);
            if kind == BEGIN {
                event.number(10, name);
            }
        });
    }

    /// A line of output, on the track of the task that printed it.
    fn line(&mut self, text: TextId, at: Moment) {
        let running = self.walk.running;
        let track = running.map_or(LOOP, |task| FIRST_TASK + u64::from(task.0));
        let text = self.replay.tables().text(text);
        event(&mut self.trace, at, |event| {
            event.number(9, INSTANT).number(11, track).text(23, text);
        });
    }

    /// The lengths of the queues that have changed since they were last written.
    fn lengths(&mut self, at: Moment) {
        let now = self.walk.lengths;
        let before = self.written.replace(now);
        if before == Some(now) {
            return;
        }
        let values = |lengths: QueueLengths| [lengths.ready, lengths.timers, lengths.pending];
        let old = before.map(values);
        for (index, (counter, value)) in self.counters.into_iter().zip(values(now)).enumerate() {
            let Some(counter) = counter else { continue };
            if old.is_some_and(|old| old[index] == value) {
                continue;
            }
            event(&mut self.trace, at, |event| {
                event
                    .number(9, COUNTER)
                    .number(11, counter)
                    .number(30, value);
            });
        }
    }
}

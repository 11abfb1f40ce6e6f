//! Perfetto's own format: <https://ui.perfetto.dev> opens it, and its trace processor queries it
//! with SQL.
//!
//! Each task is a track with its polls as slices; the loop is a track with its ticks. Wakes are
//! arrows from the wake to the poll that it leads to, and the lengths of the queues are counters.
//! What the recording does not contain is left out. [`packet`] lists the messages of the format.

mod packet;

use std::{
    collections::HashMap,
    io::{self, Write},
};

use crate::jsonl::location_text;
use crate::replay::Replay;
use crate::trace::{LocationId, Moment, PollOutcome, Position, TaskId, TextId, WokenBy};

use super::{
    gap_name, repeated, run_name, slice_name, track_name,
    visitor::{Arrow, PollSlice, QueueKind, TimelineVisitor, visit},
};
use packet::{
    AWAIT, BEGIN, BY, CALLBACK, COUNTER, END, FIRST_NAME, FIRST_TASK, INSTANT, LOOP, OUTCOME,
    PENDING, PROCESS, ProtoMessage, READY, SPAWN, TICK, TIMERS, WAKE, event, note, packet,
};

/// Writes the trace.
pub fn perfetto(replay: &Replay, to: impl Write) -> io::Result<()> {
    let mut writer = PerfettoWriter {
        replay,
        to,
        trace: ProtoMessage::default(),
        names: HashMap::new(),
        slices: Vec::new(),
        locations: HashMap::new(),
    };
    writer.head();
    visit(replay, &mut writer)?;
    writer.flush(0)?;
    writer.to.flush()
}

/// How many bytes are collected before they are written.
const CHUNK: usize = 1 << 16;

struct PerfettoWriter<'a, W> {
    replay: &'a Replay,
    to: W,
    /// Packets that are not written yet.
    trace: ProtoMessage,
    /// The number of each name of a slice: Perfetto interns names.
    names: HashMap<TextId, u64>,
    /// The number of the name of each task's slices.
    slices: Vec<u64>,
    locations: HashMap<LocationId, String>,
}

fn task_track(task: TaskId) -> u64 {
    FIRST_TASK + u64::from(task.0)
}

fn counter_track(queue: QueueKind) -> u64 {
    match queue {
        QueueKind::Ready => READY,
        QueueKind::Timers => TIMERS,
        QueueKind::Pending => PENDING,
    }
}

impl<W: Write> PerfettoWriter<'_, W> {
    fn flush(&mut self, most: usize) -> io::Result<()> {
        if self.trace.bytes.len() > most {
            self.to.write_all(&self.trace.bytes)?;
            self.trace.bytes.clear();
        }
        Ok(())
    }

    /// The tracks that are always there, and the names that are.
    fn head(&mut self) {
        let name = run_name(self.replay);
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
        self.define_track(LOOP, "loop", false);
        let replay = self.replay;
        for queue in QueueKind::ALL {
            if queue.is_recorded(replay) {
                self.define_track(counter_track(queue), queue.name(), true);
            }
        }
    }

    fn define_track(&mut self, number: u64, name: &str, counter: bool) {
        packet(&mut self.trace, |packet| {
            packet.message(60, |track| {
                track.number(1, number).text(2, name).number(5, PROCESS);
                if counter {
                    track.message(8, |_| ());
                }
            });
        });
    }

    /// A slice of the loop itself begins or ends.
    fn loop_slice(&mut self, kind: u32, name: u64, at: Moment) -> io::Result<()> {
        event(&mut self.trace, at, |event| {
            event.number(9, kind).number(11, LOOP);
            if kind == BEGIN {
                event.number(10, name);
            }
        });
        self.flush(CHUNK)
    }
}

impl<W: Write> TimelineVisitor for PerfettoWriter<'_, W> {
    /// A track, and the name of the slices on it.
    fn track(&mut self, task: TaskId) -> io::Result<()> {
        let tables = self.replay.tables();
        let name = track_name(tables, task);
        self.define_track(task_track(task), &name, false);
        let text = tables.task(task).map(|info| info.name).unwrap_or_default();
        let next = FIRST_NAME + self.names.len() as u64;
        let number = *self.names.entry(text).or_insert(next);
        if number == next {
            let slice = slice_name(tables, task);
            packet(&mut self.trace, |packet| {
                packet.number(13, 2_u32);
                packet.message(12, |interned| {
                    interned.message(2, |entry| {
                        entry.number(1, number).text(2, &slice);
                    });
                });
            });
        }
        if task.index() >= self.slices.len() {
            self.slices.resize(task.index() + 1, TICK);
        }
        self.slices[task.index()] = number;
        self.flush(CHUNK)
    }

    fn poll_start(&mut self, task: TaskId, woken: Option<Position>, at: Moment) -> io::Result<()> {
        let name = self.slices.get(task.index()).copied().unwrap_or(TICK);
        event(&mut self.trace, at, |event| {
            event
                .number(9, BEGIN)
                .number(10, name)
                .number(11, task_track(task));
            if let Some(woken) = woken {
                event.fixed(48, woken.0);
            }
        });
        self.flush(CHUNK)
    }

    fn poll_end(&mut self, poll: &PollSlice) -> io::Result<()> {
        let tables = self.replay.tables();
        let waits = poll.outcome == Some(PollOutcome::Pending);
        let location = (waits && poll.wait_at != LocationId::UNKNOWN).then(|| {
            let location = self.locations.entry(poll.wait_at);
            &*location.or_insert_with(|| location_text(tables, poll.wait_at).unwrap_or_default())
        });
        event(&mut self.trace, poll.until, |event| {
            event.number(9, END).number(11, task_track(poll.task));
            if let Some(location) = location {
                note(event, AWAIT, location);
            }
            if let Some(outcome) = poll.outcome.filter(|_| !waits) {
                note(event, OUTCOME, outcome.as_str());
            }
        });
        self.flush(CHUNK)
    }

    fn cut_poll(&mut self, poll: &PollSlice) -> io::Result<()> {
        event(&mut self.trace, poll.until, |event| {
            event.number(9, END).number(11, task_track(poll.task));
        });
        self.flush(CHUNK)
    }

    /// Perfetto draws a slice that does not end up to the end of the trace.
    fn open_poll(&mut self, _: &PollSlice) -> io::Result<()> {
        Ok(())
    }

    /// A gap is a slice of the loop.
    fn gap(&mut self, events: u64, since: Moment, until: Moment) -> io::Result<()> {
        event(&mut self.trace, since, |event| {
            event.number(9, BEGIN).number(11, LOOP);
            event.text(23, &gap_name(events));
        });
        self.loop_slice(END, TICK, until)
    }

    /// An arrow begins at an instant, on the track of the task that causes it.
    fn arrow(&mut self, arrow: &Arrow) -> io::Result<()> {
        let name = if arrow.is_spawn { SPAWN } else { WAKE };
        let (track, by) = match arrow.by {
            WokenBy::Task(task) => (task_track(task), None),
            WokenBy::Thread(name) => (LOOP, Some(repeated(self.replay.tables().text(name)))),
            WokenBy::Timer(_) => (LOOP, Some("timer")),
            WokenBy::Io => (LOOP, Some("I/O")),
            WokenBy::Unknown => (LOOP, Some("not recorded")),
            WokenBy::Callback(_) | WokenBy::Loop => (LOOP, None),
        };
        event(&mut self.trace, arrow.at, |event| {
            event.number(9, INSTANT).number(10, name).number(11, track);
            event.fixed(47, arrow.number.0);
            if let Some(by) = by {
                note(event, BY, by);
            }
        });
        self.flush(CHUNK)
    }

    fn counter(&mut self, queue: QueueKind, length: u32, at: Moment) -> io::Result<()> {
        event(&mut self.trace, at, |event| {
            event
                .number(9, COUNTER)
                .number(11, counter_track(queue))
                .number(30, length);
        });
        self.flush(CHUNK)
    }

    fn tick_start(&mut self, at: Moment) -> io::Result<()> {
        self.loop_slice(BEGIN, TICK, at)
    }

    fn tick_end(&mut self, _: Moment, at: Moment) -> io::Result<()> {
        self.loop_slice(END, TICK, at)
    }

    fn callback_start(&mut self, at: Moment) -> io::Result<()> {
        self.loop_slice(BEGIN, CALLBACK, at)
    }

    fn callback_end(&mut self, at: Moment) -> io::Result<()> {
        self.loop_slice(END, CALLBACK, at)
    }

    /// A line of output is an instant on the track of the task that printed it.
    fn output(&mut self, task: Option<TaskId>, text: TextId, at: Moment) -> io::Result<()> {
        let track = task.map_or(LOOP, task_track);
        let text = self.replay.tables().text(text);
        event(&mut self.trace, at, |event| {
            event.number(9, INSTANT).number(11, track).text(23, text);
        });
        self.flush(CHUNK)
    }
}

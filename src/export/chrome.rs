//! Chrome's trace events as JSON, which <https://ui.perfetto.dev>, `chrome://tracing`, speedscope
//! and many other programs open.
//!
//! The format is described in "Trace Event Format", the document that `chrome://tracing` links to.
//! The content is the same as in [`perfetto`](super::perfetto()): each task is a thread (`tid` is
//! the task's number + 1, and 0 is the loop), a poll is a slice (`X`), a wake is an arrow (from `s`
//! at the wake to `f` at the poll that it leads to), and the length of a queue is a counter (`C`).
//! Times are microseconds with a fraction.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use crate::jsonl::location_text;
use crate::replay::Replay;
use crate::trace::{Moment, PollOutcome, Position, Span, TaskId, TextId};

use super::{
    gap_name, run_name, slice_name, track_name,
    visitor::{Arrow, PollSlice, QueueKind, TimelineVisitor, visit},
};

/// Writes the trace.
pub fn chrome(replay: &Replay, mut to: impl Write) -> io::Result<()> {
    let name = serde_json::to_string(&run_name(replay))?;
    write!(
        to,
        "{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"name\":{name}}},\"traceEvents\":[\n\
         {{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{{\"name\":{name}}}}},\n\
         {{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"name\":\"thread_name\",\"args\":{{\"name\":\"loop\"}}}}"
    )?;
    let mut writer = ChromeWriter { replay, to };
    visit(replay, &mut writer)?;
    writer.to.write_all(b"\n]}\n")?;
    writer.to.flush()
}

/// One trace event: its kind is the member `ph`.
#[derive(Serialize)]
#[serde(tag = "ph")]
enum ChromeEvent<'a> {
    #[serde(rename = "M")]
    Metadata {
        pid: u32,
        tid: u64,
        name: &'a str,
        args: ChromeArgs<'a>,
    },
    #[serde(rename = "X")]
    Slice {
        name: &'a str,
        pid: u32,
        tid: u64,
        ts: Microseconds,
        dur: Microseconds,
        #[serde(skip_serializing_if = "Option::is_none")]
        args: Option<ChromeArgs<'a>>,
    },
    #[serde(rename = "s")]
    ArrowStart {
        cat: &'a str,
        name: &'a str,
        id: u64,
        pid: u32,
        tid: u64,
        ts: Microseconds,
    },
    #[serde(rename = "f")]
    ArrowEnd {
        cat: &'a str,
        name: &'a str,
        id: u64,
        pid: u32,
        tid: u64,
        ts: Microseconds,
        /// The arrow ends at the slice that encloses it, not at the next one.
        bp: &'a str,
    },
    #[serde(rename = "C")]
    Counter {
        pid: u32,
        name: &'a str,
        ts: Microseconds,
        args: ChromeArgs<'a>,
    },
    #[serde(rename = "i")]
    Instant {
        /// The scope of the instant: `t` for its thread.
        s: &'a str,
        pid: u32,
        tid: u64,
        ts: Microseconds,
        name: &'a str,
    },
}

/// The one member that `args` has.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ChromeArgs<'a> {
    Name(&'a str),
    SortIndex(u64),
    Tasks(u32),
    Await(&'a str),
    Outcome(&'a str),
}

/// Nanoseconds, written as microseconds.
struct Microseconds(u64);

impl Serialize for Microseconds {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 % 1000 {
            0 => to.serialize_u64(self.0 / 1000),
            #[expect(
                clippy::cast_precision_loss,
                reason = "exact up to 2^53 nanoseconds, which are 104 days"
            )]
            _ => to.serialize_f64(self.0 as f64 / 1000.0),
        }
    }
}

impl From<Span> for Microseconds {
    fn from(span: Span) -> Microseconds {
        Microseconds(span.nanos())
    }
}

impl From<Moment> for Microseconds {
    fn from(at: Moment) -> Microseconds {
        Microseconds(at.0)
    }
}

/// The one process of the file.
const PID: u32 = 1;

/// The thread of the loop.
const LOOP: u64 = 0;

fn thread(task: TaskId) -> u64 {
    u64::from(task.0) + 1
}

struct ChromeWriter<'a, W> {
    replay: &'a Replay,
    to: W,
}

impl<W: Write> ChromeWriter<'_, W> {
    fn write(&mut self, event: &ChromeEvent<'_>) -> io::Result<()> {
        self.to.write_all(b",\n")?;
        Ok(serde_json::to_writer(&mut self.to, event)?)
    }

    fn poll(&mut self, poll: &PollSlice, args: Option<ChromeArgs<'_>>) -> io::Result<()> {
        self.write(&ChromeEvent::Slice {
            name: &slice_name(self.replay.tables(), poll.task),
            pid: PID,
            tid: thread(poll.task),
            ts: poll.since.into(),
            dur: poll.until.since(poll.since).into(),
            args,
        })
    }
}

impl<W: Write> TimelineVisitor for ChromeWriter<'_, W> {
    /// The name of the task's thread, and its place among the others.
    fn track(&mut self, task: TaskId) -> io::Result<()> {
        let (pid, tid) = (PID, thread(task));
        let name = track_name(self.replay.tables(), task);
        self.write(&ChromeEvent::Metadata {
            pid,
            tid,
            name: "thread_name",
            args: ChromeArgs::Name(&name),
        })?;
        self.write(&ChromeEvent::Metadata {
            pid,
            tid,
            name: "thread_sort_index",
            args: ChromeArgs::SortIndex(tid),
        })
    }

    fn poll_start(&mut self, task: TaskId, woken: Option<Position>, at: Moment) -> io::Result<()> {
        let Some(woken) = woken else {
            return Ok(());
        };
        self.write(&ChromeEvent::ArrowEnd {
            cat: "wake",
            name: "wake",
            id: woken.0,
            pid: PID,
            tid: thread(task),
            ts: at.into(),
            bp: "e",
        })
    }

    fn poll_end(&mut self, poll: &PollSlice) -> io::Result<()> {
        let location = location_text(self.replay.tables(), poll.wait_at);
        let args = match poll.outcome {
            Some(PollOutcome::Pending) => location.as_deref().map(ChromeArgs::Await),
            Some(outcome) => Some(ChromeArgs::Outcome(outcome.as_str())),
            None => Some(ChromeArgs::Outcome("not recorded")),
        };
        self.poll(poll, args)
    }

    fn cut_poll(&mut self, poll: &PollSlice) -> io::Result<()> {
        self.poll_end(poll)
    }

    fn open_poll(&mut self, poll: &PollSlice) -> io::Result<()> {
        self.poll_end(poll)
    }

    /// A gap is a slice of the loop.
    fn gap(&mut self, events: u64, since: Moment, until: Moment) -> io::Result<()> {
        self.write(&ChromeEvent::Slice {
            name: &gap_name(events),
            pid: PID,
            tid: LOOP,
            ts: since.into(),
            dur: until.since(since).into(),
            args: None,
        })
    }

    fn arrow(&mut self, arrow: &Arrow) -> io::Result<()> {
        let tid = arrow.by.task().map_or(LOOP, thread);
        self.write(&ChromeEvent::ArrowStart {
            cat: "wake",
            name: "wake",
            id: arrow.number.0,
            pid: PID,
            tid,
            ts: arrow.at.into(),
        })
    }

    fn counter(&mut self, queue: QueueKind, length: u32, at: Moment) -> io::Result<()> {
        self.write(&ChromeEvent::Counter {
            pid: PID,
            name: queue.name(),
            ts: at.into(),
            args: ChromeArgs::Tasks(length),
        })
    }

    fn tick_start(&mut self, _: Moment) -> io::Result<()> {
        Ok(())
    }

    fn tick_end(&mut self, since: Moment, at: Moment) -> io::Result<()> {
        self.write(&ChromeEvent::Slice {
            name: "tick",
            pid: PID,
            tid: LOOP,
            ts: since.into(),
            dur: at.since(since).into(),
            args: None,
        })
    }

    /// Callbacks have no slices here, because those of the loop's thread would have to nest in the
    /// tick, which is written when it ends.
    fn callback_start(&mut self, _: Moment) -> io::Result<()> {
        Ok(())
    }

    fn callback_end(&mut self, _: Moment) -> io::Result<()> {
        Ok(())
    }

    fn output(&mut self, task: Option<TaskId>, text: TextId, at: Moment) -> io::Result<()> {
        self.write(&ChromeEvent::Instant {
            s: "t",
            pid: PID,
            tid: task.map_or(LOOP, thread),
            ts: at.into(),
            name: self.replay.tables().text(text),
        })
    }
}

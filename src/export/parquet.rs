//! Tables in columns (Apache Parquet): databases and data frames read them where one machine's screen ends.
//!
//! Two tables. `events` has a row an event; `spans` a row for each stretch in which a task did one thing. Texts are written
//! out and not numbered, so that no second table is needed to read them; Parquet keeps each once a row group.

mod rows;

use std::io::{self, Write};

use crate::replay::{Replay, Status};
use crate::trace::{Event, LocationId, Moment, Position, Tables, TaskId, Wait, Waker};

use super::{
    label,
    walk::{Row, Walk, events as all},
};
use rows::{Cell, Rows};

const EVENTS: &str = "message events {
    required int64 position;
    required int64 t_ns;
    required int32 tick;
    required binary event (UTF8);
    optional int32 task;
    optional binary name (UTF8);
    optional binary by (UTF8);
    optional int32 by_task;
    optional binary what (UTF8);
    optional int32 number;
    optional int64 value;
    optional binary place (UTF8);
}";

const SPANS: &str = "message spans {
    required int32 task;
    required binary name (UTF8);
    required binary state (UTF8);
    required int64 start_ns;
    required int64 end_ns;
    required int64 start_position;
    required int64 end_position;
    optional binary wait (UTF8);
    optional binary place (UTF8);
}";

/// Writes the table of events.
///
/// Columns: the position after it, the moment (ns), the tick, the kind (as in `docs/jsonl.md`), the task with its name, who
/// did it (`by`, with `by_task` if it was a task), what (an outcome, an effect, a verb, what is waited for, a text), the
/// number of a timer, resource, callback or joined task, a value (ns, bytes, a length), the place in the source.
pub fn events(replay: &Replay, to: impl Write + Send) -> io::Result<()> {
    let tables = replay.tables();
    let mut rows = Rows::new(EVENTS, to)?;
    let mut tick = 0_u32;
    for (position, event, at) in all(replay) {
        tick += u32::from(event == Event::TickStart);
        let detail = Detail::of(tables, &event);
        rows.row([
            Cell::from(position.0),
            Cell::Long(long(at.0)),
            Cell::Int(tick.cast_signed()),
            Cell::text(detail.kind),
            Cell::task(detail.task),
            Cell::maybe(detail.task.map(|task| tables.task_name(task).to_owned())),
            Cell::maybe(detail.by),
            Cell::task(detail.by_task),
            Cell::maybe(detail.what),
            detail
                .number
                .map_or(Cell::None, |number| Cell::Int(number.cast_signed())),
            detail
                .value
                .map_or(Cell::None, |value| Cell::Long(long(value))),
            Cell::place(tables, detail.place),
        ])?;
    }
    rows.finish()
}

/// Writes the table of spans: which task, its state (`running`, `ready`, `timer`, `pending`), from when to when, between
/// which positions, and for the last two what it waits for and where. A span that the end of the recording cuts off ends
/// there.
pub fn spans(replay: &Replay, to: impl Write + Send) -> io::Result<()> {
    let mut rows = Rows::new(SPANS, to)?;
    let mut walk = Walk::default();
    // Where the stretch of each task began.
    let mut starts: Vec<Position> = Vec::new();
    for (position, event, at) in all(replay) {
        let subject = subject(&event);
        let before = subject.map(|task| (task, walk.row(task)));
        walk.apply(position, &event, at);
        let Some((task, before)) = before else {
            continue;
        };
        if task.index() >= starts.len() {
            starts.resize(task.index() + 1, position);
        }
        if walk.row(task).lane.status() != before.lane.status() {
            let start = std::mem::replace(&mut starts[task.index()], position);
            span(
                &mut rows,
                replay.tables(),
                task,
                before,
                (start, position),
                at,
            )?;
        }
    }
    let (end, now) = (replay.end(), replay.index().head().now());
    let rest: Vec<(TaskId, Row)> = walk.rows().collect();
    for (task, row) in rest {
        span(
            &mut rows,
            replay.tables(),
            task,
            row,
            (starts[task.index()], end),
            now,
        )?;
    }
    rows.finish()
}

fn span<W: Write + Send>(
    rows: &mut Rows<W>,
    tables: &Tables,
    task: TaskId,
    row: Row,
    (from, to): (Position, Position),
    until: Moment,
) -> io::Result<()> {
    let state = match row.lane.status() {
        Status::Running => "running",
        Status::Ready => "ready",
        Status::Timer => "timer",
        Status::Pending => "pending",
        Status::Absent | Status::Done | Status::Failed | Status::Cancelled => return Ok(()),
    };
    let waits = matches!(row.lane.status(), Status::Timer | Status::Pending);
    rows.row([
        Cell::Int(task.0.cast_signed()),
        Cell::text(tables.task_name(task)),
        Cell::text(state),
        Cell::Long(long(row.since.0)),
        Cell::Long(long(until.0)),
        Cell::from(from.0),
        Cell::from(to.0),
        Cell::maybe(waits.then(|| wait(row.wait).0.to_owned())),
        Cell::place(tables, Some(row.wait_at).filter(|_| waits)),
    ])
}

/// The task that an event may move.
fn subject(event: &Event) -> Option<TaskId> {
    match *event {
        Event::Spawn { task, .. }
        | Event::Wake { task, .. }
        | Event::PollStart { task }
        | Event::PollEnd { task, .. } => Some(task),
        _ => None,
    }
}

/// What stands in the columns of an event.
#[derive(Default)]
struct Detail {
    kind: &'static str,
    task: Option<TaskId>,
    by: Option<String>,
    by_task: Option<TaskId>,
    what: Option<String>,
    number: Option<u32>,
    value: Option<u64>,
    place: Option<LocationId>,
}

impl Detail {
    fn of(tables: &Tables, event: &Event) -> Detail {
        match *event {
            Event::Spawn {
                task, at, parent, ..
            } => Detail {
                by: parent.map(|_| "task".into()),
                by_task: parent,
                place: Some(at),
                ..Detail::task("spawn", task)
            },
            Event::Wake { task, by, effect } => Detail {
                by: Some(waker(tables, by)),
                by_task: match by {
                    Waker::Task(by) => Some(by),
                    _ => None,
                },
                what: Some(effect.name().into()),
                ..Detail::task("wake", task)
            },
            Event::PollStart { task } => Detail::task("poll", task),
            Event::Wait { task, on, at, .. } => {
                let (what, number) = wait(on);
                Detail {
                    what: Some(what.into()),
                    number,
                    place: Some(at),
                    ..Detail::task("wait", task)
                }
            }
            Event::PollEnd {
                task,
                outcome,
                took,
            } => Detail {
                what: Some(outcome.name().into()),
                value: Some(took),
                ..Detail::task("poll_end", task)
            },
            Event::Failed { task, message } => Detail {
                what: Some(tables.text(message).into()),
                ..Detail::task("failed", task)
            },
            Event::CancelAsked { task } => Detail::task("cancel", task),
            Event::CancelDelivered { task } => Detail::task("cancelled", task),
            Event::TimerSet {
                timer,
                task,
                deadline,
            } => Detail {
                number: Some(timer.0),
                value: Some(deadline.0),
                ..Detail::task("timer", task)
            },
            _ => Detail::of_the_loop(tables, event),
        }
    }

    fn of_the_loop(tables: &Tables, event: &Event) -> Detail {
        let text = |text| Some(tables.text(text).to_owned());
        let numbered = |kind, number| Detail {
            kind,
            number: Some(number),
            ..Detail::default()
        };
        let valued = |kind, value: u64| Detail {
            kind,
            value: Some(value),
            ..Detail::default()
        };
        let said = |kind, what: Option<String>| Detail {
            kind,
            what,
            ..Detail::default()
        };
        match *event {
            Event::TickStart => said("tick", None),
            Event::Park { until: Some(until) } => valued("park", until.0),
            Event::Park { until: None } => said("park", None),
            Event::Advance { by, why } => Detail {
                what: Some(why.name().into()),
                ..valued("advance", by)
            },
            Event::Timers { due } => valued("timers", due.into()),
            Event::Run { ready } => valued("run", ready.into()),
            Event::TickEnd => said("tick_end", None),
            Event::TimerFired { timer } => numbered("fired", timer.0),
            Event::TimerCancelled { timer } => numbered("timer_cancelled", timer.0),
            Event::ResourceNew {
                resource,
                kind,
                limit,
                at,
                ..
            } => Detail {
                what: Some(kind.name().into()),
                value: Some(limit.into()),
                place: Some(at),
                ..numbered("resource", resource.0)
            },
            Event::Use {
                resource,
                verb,
                value,
            } => Detail {
                what: Some(verb.name().into()),
                value: Some(value.into()),
                ..numbered("use", resource.0)
            },
            Event::ResourceDropped { resource } => numbered("dropped", resource.0),
            Event::CallbackScheduled { callback, name } => Detail {
                what: text(name),
                ..numbered("callback", callback.0)
            },
            Event::CallbackStart { callback } => numbered("callback_start", callback.0),
            Event::CallbackEnd { callback, took } => Detail {
                value: Some(took),
                ..numbered("callback_end", callback.0)
            },
            Event::Output { text: line } => said("output", text(line)),
            Event::End { outcome } => said("end", Some(outcome.name().into())),
            Event::Gap { events } => valued("gap", events.into()),
            _ => Detail::default(),
        }
    }

    fn task(kind: &'static str, task: TaskId) -> Detail {
        Detail {
            kind,
            task: Some(task),
            ..Detail::default()
        }
    }
}

fn waker(tables: &Tables, by: Waker) -> String {
    match by {
        Waker::Task(_) => "task".into(),
        Waker::Callback(_) => "callback".into(),
        Waker::Timer(_) => "timer".into(),
        Waker::Io => "io".into(),
        Waker::Thread(name) => format!("thread {}", tables.text(name)),
        Waker::Loop => "loop".into(),
        Waker::Unknown => "unknown".into(),
    }
}

fn wait(on: Wait) -> (&'static str, Option<u32>) {
    match on {
        Wait::Unknown => ("unknown", None),
        Wait::Yield => ("yield", None),
        Wait::Timer(timer) => ("timer", Some(timer.0)),
        Wait::Join(task) => ("join", Some(task.0)),
        Wait::Send(resource) => ("send", Some(resource.0)),
        Wait::Receive(resource) => ("receive", Some(resource.0)),
        Wait::Acquire(resource) => ("acquire", Some(resource.0)),
        Wait::Operation(resource) => ("operation", Some(resource.0)),
    }
}

impl Cell {
    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn maybe(text: Option<String>) -> Cell {
        text.map_or(Cell::None, Cell::Text)
    }

    fn task(task: Option<TaskId>) -> Cell {
        task.map_or(Cell::None, |task| Cell::Int(task.0.cast_signed()))
    }

    fn place(tables: &Tables, at: Option<LocationId>) -> Cell {
        let place = at.map(|at| label::place(tables, at));
        Cell::maybe(place.filter(|place| !place.is_empty()))
    }
}

/// Parquet has no numbers above those.
fn long(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

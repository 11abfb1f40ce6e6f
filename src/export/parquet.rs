//! Tables in columns (Apache Parquet): databases and data frames read them where one machine's screen ends.
//!
//! Two tables. `events` has a row an event; `spans` a row for each stretch in which a task did one thing. Texts are written
//! out and not numbered, so that no second table is needed to read them; Parquet keeps each once a row group.

mod detail;
mod rows;

use std::io::{self, Write};

use crate::replay::{Replay, Status};
use crate::trace::{Event, LocationId, LoopEvent, Moment, Position, Tables, TaskEvent, TaskId};

use super::{
    label,
    walk::{LoopWalk, WalkTask, events as all},
};
use detail::{EventColumns, wait};
use rows::{ColumnValue, TableWriter};

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
/// did it (`by`, with `by_task` if it was a task), what (an outcome, an effect, an operation, what is waited for, a text), the
/// number of a timer, resource, callback or joined task, a value (ns, bytes, a length), the place in the source.
pub fn events(replay: &Replay, to: impl Write + Send) -> io::Result<()> {
    let tables = replay.tables();
    let mut rows = TableWriter::new(EVENTS, to)?;
    let mut tick = 0_u32;
    for (position, event, at) in all(replay) {
        tick += u32::from(event == Event::Loop(LoopEvent::TickStart));
        let detail = EventColumns::of(tables, &event);
        rows.row([
            ColumnValue::from(position.0),
            ColumnValue::Long(long(at.0)),
            ColumnValue::Int(tick.cast_signed()),
            ColumnValue::text(detail.kind),
            ColumnValue::task(detail.task),
            ColumnValue::maybe(detail.task.map(|task| tables.task_name(task).to_owned())),
            ColumnValue::maybe(detail.by),
            ColumnValue::task(detail.by_task),
            ColumnValue::maybe(detail.what),
            detail.number.map_or(ColumnValue::None, |number| {
                ColumnValue::Int(number.cast_signed())
            }),
            detail
                .value
                .map_or(ColumnValue::None, |value| ColumnValue::Long(long(value))),
            ColumnValue::place(tables, detail.place),
        ])?;
    }
    rows.finish()
}

/// Writes the table of spans: which task, its state (`running`, `ready`, `timer`, `pending`), from when to when, between
/// which positions, and for the last two what it waits for and where. A span that the end of the recording cuts off ends
/// there.
pub fn spans(replay: &Replay, to: impl Write + Send) -> io::Result<()> {
    let mut rows = TableWriter::new(SPANS, to)?;
    let mut walk = LoopWalk::default();
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
        if walk.row(task).phase.status() != before.phase.status() {
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
    let rest: Vec<(TaskId, WalkTask)> = walk.rows().collect();
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
    rows: &mut TableWriter<W>,
    tables: &Tables,
    task: TaskId,
    row: WalkTask,
    (from, to): (Position, Position),
    until: Moment,
) -> io::Result<()> {
    let state = match row.phase.status() {
        Status::Running => "running",
        Status::Ready => "ready",
        Status::Timer => "timer",
        Status::Pending => "pending",
        Status::Unknown => "unknown",
        Status::Absent | Status::Done | Status::Failed | Status::Cancelled => return Ok(()),
    };
    let waits = matches!(row.phase.status(), Status::Timer | Status::Pending);
    rows.row([
        ColumnValue::Int(task.0.cast_signed()),
        ColumnValue::text(tables.task_name(task)),
        ColumnValue::text(state),
        ColumnValue::Long(long(row.since.0)),
        ColumnValue::Long(long(until.0)),
        ColumnValue::from(from.0),
        ColumnValue::from(to.0),
        ColumnValue::maybe(waits.then(|| wait(row.wait).0.to_owned())),
        ColumnValue::place(tables, Some(row.wait_at).filter(|_| waits)),
    ])
}

/// The task that an event may move.
fn subject(event: &Event) -> Option<TaskId> {
    match *event {
        Event::Task(
            TaskEvent::Spawn { task, .. }
            | TaskEvent::Wake { task, .. }
            | TaskEvent::PollStart { task }
            | TaskEvent::PollEnd { task, .. },
        ) => Some(task),
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => None,
    }
}

impl ColumnValue {
    fn text(text: &str) -> ColumnValue {
        ColumnValue::Text(text.to_owned())
    }

    fn maybe(text: Option<String>) -> ColumnValue {
        text.map_or(ColumnValue::None, ColumnValue::Text)
    }

    fn task(task: Option<TaskId>) -> ColumnValue {
        task.map_or(ColumnValue::None, |task| {
            ColumnValue::Int(task.0.cast_signed())
        })
    }

    fn place(tables: &Tables, at: Option<LocationId>) -> ColumnValue {
        let place = at.map(|at| label::place(tables, at));
        ColumnValue::maybe(place.filter(|place| !place.is_empty()))
    }
}

/// Parquet has no numbers above those.
fn long(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

//! Writes a run as JSON Lines, the format of `docs/jsonl.md` that [`import`](mod@crate::import)
//! reads.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use serde::Serialize;

use super::repeated;
use crate::jsonl::{
    EventLine, GapEndLine, HeadLine, LineText, ResourceLine, SpawnLine, TextPairs, TimedLine,
    TimerLine, VERSION, WaitLine, WaitTarget, WakeCause, location_text,
};
use crate::replay::Replay;
use crate::trace::{
    CallbackEvent, Cursor, Definition, Event, LocationId, LoopEvent, Meta, ResourceEvent, Tables,
    TaskEvent, TaskId, TextId, TimerEvent, Wait, WakeEffect, WokenBy,
};

/// Writes the trace.
pub fn jsonl(replay: &Replay, mut to: impl Write) -> io::Result<()> {
    write_line(&mut to, &head_line(&replay.log().meta))?;
    let (tables, bytes) = (replay.tables(), &replay.log().bytes);
    let mut cursor = Cursor::START;
    loop {
        let known = cursor.tasks();
        let event = match cursor.next_frequent(bytes) {
            Some(event) => Some(event),
            None => cursor.next_rare(bytes),
        };
        if let Some(event) = event {
            let line = TimedLine {
                t: Some(cursor.now()),
                event: event_line(tables, &event),
            };
            write_line(&mut to, &line)?;
            if let Event::Task(TaskEvent::Spawn { task, name, .. }) = event {
                write_last_name(&mut to, tables, task, name)?;
            }
            continue;
        }
        match cursor.next_definition(bytes) {
            Some(Definition::Tasks {
                name, at, parent, ..
            }) => {
                for task in (known..cursor.tasks()).map(TaskId) {
                    write_gap_task(&mut to, tables, task, (name, at, parent))?;
                }
            }
            Some(Definition::Resume(actor)) => write_gap_end(&mut to, &cursor, actor)?,
            Some(
                Definition::Text(_)
                | Definition::Location(..)
                | Definition::Name(..)
                | Definition::Frame { .. }
                | Definition::PollSample { .. }
                | Definition::Wakes(_),
            ) => {}
            None => break,
        }
    }
    to.flush()
}

/// A spawn tells the name that the task had then. A later name is a line of its own.
fn write_last_name(
    to: &mut impl Write,
    tables: &Tables,
    task: TaskId,
    name: TextId,
) -> io::Result<()> {
    let last_name = tables.task(task).map_or(name, |info| info.name);
    if last_name == name {
        return Ok(());
    }
    let event = EventLine::Name {
        task: task.0.into(),
        name: tables.text(last_name).into(),
    };
    write_line(to, &TimedLine { t: None, event })
}

/// A task that was spawned in a gap, without the name, location and parent that are lost.
fn write_gap_task(
    to: &mut impl Write,
    tables: &Tables,
    task: TaskId,
    (name, at, parent): (TextId, LocationId, Option<TaskId>),
) -> io::Result<()> {
    let event = EventLine::GapTask(SpawnLine {
        task: task.0.into(),
        name: (name != TextId::UNKNOWN).then(|| tables.text(name).into()),
        at: location(tables, at),
        parent: parent.map(|TaskId(parent)| parent.into()),
    });
    write_line(to, &TimedLine { t: None, event })?;
    write_last_name(to, tables, task, name)
}

/// Where the recording continues behind a gap.
fn write_gap_end(to: &mut impl Write, cursor: &Cursor, actor: WokenBy) -> io::Result<()> {
    let event = EventLine::GapEnd(GapEndLine {
        polls: cursor.polls(),
        ticks: cursor.ticks(),
        running: actor.task().map(|TaskId(task)| task.into()),
    });
    let t = Some(cursor.now());
    write_line(to, &TimedLine { t, event })
}

fn write_line(to: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *to, line)?;
    to.write_all(b"\n")
}

fn head_line(meta: &Meta) -> HeadLine<'_> {
    HeadLine {
        loopscope: Some(VERSION),
        scenario: non_empty(&meta.scenario),
        variant: non_empty(&meta.variant),
        title: non_empty(&meta.title),
        clock: Some(meta.clock),
        seed: Some(meta.seed),
        tick_policy: Some(meta.tick_policy),
        schedule: (!meta.schedule.is_empty()).then(|| meta.schedule.to_string()),
        unknown: Some(meta.unknown.clone()).filter(|unknown| !unknown.is_empty()),
        params: pairs(&meta.params),
        sources: pairs(&meta.sources),
    }
}

fn non_empty(text: &str) -> Option<LineText<'_>> {
    Some(text.into()).filter(|_| !text.is_empty())
}

fn pairs(pairs: &[(String, String)]) -> Option<TextPairs<'_>> {
    Some(TextPairs(pairs.into())).filter(|_| !pairs.is_empty())
}

fn event_line<'a>(tables: &'a Tables, event: &Event) -> EventLine<'a> {
    match *event {
        Event::Loop(event) => loop_line(event),
        Event::Task(event) => task_line(tables, event),
        Event::Timer(event) => timer_line(event),
        Event::Resource(event) => resource_line(tables, event),
        Event::Callback(event) => callback_line(tables, event),
        Event::Output { text, at } => EventLine::Output {
            text: tables.text(text).into(),
            at: location(tables, at),
        },
        Event::Gap { events } => EventLine::Gap { events },
    }
}

fn loop_line(event: LoopEvent) -> EventLine<'static> {
    match event {
        LoopEvent::TickStart => EventLine::Tick,
        LoopEvent::Park { until } => EventLine::Park { until },
        LoopEvent::Advance { why, .. } => EventLine::Advance { why },
        LoopEvent::TimerPhase { due } => EventLine::Timers { due },
        LoopEvent::RunPhase { ready } => EventLine::Run { ready },
        LoopEvent::TickEnd => EventLine::TickEnd,
        LoopEvent::End { outcome } => EventLine::End { outcome },
    }
}

fn task_line(tables: &Tables, event: TaskEvent) -> EventLine<'_> {
    let number = |TaskId(task)| u64::from(task);
    match event {
        TaskEvent::Spawn {
            task,
            name,
            at,
            parent,
        } => EventLine::Spawn(SpawnLine {
            task: number(task),
            name: Some(tables.text(name).into()),
            at: location(tables, at),
            parent: parent.map(number),
        }),
        TaskEvent::Wake { task, by, effect } => EventLine::Wake {
            task: number(task),
            by: wake_cause(tables, by),
            effect: Some(effect).filter(|effect| *effect != WakeEffect::Enqueued),
        },
        TaskEvent::PollStart { task } => EventLine::Poll { task: number(task) },
        TaskEvent::Wait {
            task,
            on,
            at,
            at_creation,
            also,
        } => EventLine::Wait(WaitLine {
            task: number(task),
            on: Some(wait_target(tables, on)),
            at: location(tables, at),
            at_creation: at_creation.then_some(true),
            also: also.then_some(true),
        }),
        TaskEvent::Joined { task, joined, at } => EventLine::Joined {
            task: number(task),
            joined: number(joined),
            at: location(tables, at),
        },
        TaskEvent::PollEnd { task, outcome, .. } => EventLine::PollEnd {
            task: number(task),
            outcome: Some(outcome),
        },
        TaskEvent::Failed { task, message } => EventLine::Failed {
            task: number(task),
            message: tables.text(message).into(),
        },
        TaskEvent::CancelRequested { task, dropped } => EventLine::Cancel {
            task: number(task),
            dropped: dropped.then_some(true),
        },
        TaskEvent::CancelDelivered { task } => EventLine::Cancelled { task: number(task) },
    }
}

fn timer_line(event: TimerEvent) -> EventLine<'static> {
    match event {
        TimerEvent::Set {
            timer,
            task,
            deadline,
        } => EventLine::Timer(TimerLine {
            timer,
            task: task.map(|task| task.0.into()),
            deadline,
        }),
        TimerEvent::Fired { timer } => EventLine::Fired { timer },
        TimerEvent::Cancelled { timer } => EventLine::TimerCancelled { timer },
    }
}

fn resource_line(tables: &Tables, event: ResourceEvent) -> EventLine<'_> {
    match event {
        ResourceEvent::Created {
            resource,
            kind,
            name,
            at,
            limit,
            at_first_use,
        } => EventLine::Resource(ResourceLine {
            resource,
            kind,
            name: Some(tables.text(name).into()),
            at: location(tables, at),
            limit: Some(limit).filter(|limit| *limit > 0),
            at_first_use: at_first_use.then_some(true),
        }),
        ResourceEvent::Op {
            resource,
            op,
            value,
        } => EventLine::Use {
            resource,
            verb: op,
            value: Some(value),
        },
        ResourceEvent::Member { resource, task } => EventLine::Member {
            resource,
            task: task.0.into(),
        },
        ResourceEvent::Bytes { resource, text } => EventLine::Bytes {
            resource,
            text: tables.text(text).into(),
        },
        ResourceEvent::Dropped { resource } => EventLine::Dropped { resource },
    }
}

fn callback_line(tables: &Tables, event: CallbackEvent) -> EventLine<'_> {
    match event {
        CallbackEvent::Scheduled { callback, name } => EventLine::Callback {
            callback: callback.0.into(),
            name: Some(tables.text(name).into()),
        },
        CallbackEvent::Start { callback } => EventLine::CallbackStart {
            callback: callback.0.into(),
        },
        CallbackEvent::End { callback, .. } => EventLine::CallbackEnd {
            callback: callback.0.into(),
        },
    }
}

fn location(tables: &Tables, at: LocationId) -> Option<LineText<'static>> {
    location_text(tables, at).map(Cow::Owned)
}

fn wake_cause(tables: &Tables, by: WokenBy) -> Option<WakeCause<'_>> {
    Some(match by {
        WokenBy::Task(task) => WakeCause::Task(task.0.into()),
        WokenBy::Callback(callback) => WakeCause::Callback(callback.0.into()),
        WokenBy::Timer(timer) => WakeCause::Timer(timer),
        WokenBy::Thread(name) => WakeCause::Thread(repeated(tables.text(name)).into()),
        WokenBy::Io => WakeCause::Io,
        WokenBy::Loop => WakeCause::Loop,
        WokenBy::Unknown => return None,
    })
}

fn wait_target(tables: &Tables, on: Wait) -> WaitTarget {
    match on {
        Wait::Unknown => WaitTarget::Unknown,
        Wait::Yield => WaitTarget::Yield,
        Wait::Timer(timer) => WaitTarget::Timer(timer),
        // A wait may name a task that does not exist; a reader of lines would refuse it.
        Wait::Join(task) if tables.task(task).is_none() => WaitTarget::Unknown,
        Wait::Join(task) => WaitTarget::Join(task.0.into()),
        Wait::Send(resource) => WaitTarget::Send(resource),
        Wait::Receive(resource) => WaitTarget::Receive(resource),
        Wait::Acquire(resource) => WaitTarget::Acquire(resource),
        Wait::Operation(resource) => WaitTarget::Operation(resource),
        Wait::All(resource) => WaitTarget::All(resource),
        Wait::Any(resource) => WaitTarget::Any(resource),
    }
}

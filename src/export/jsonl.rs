//! Our own form as lines of JSON: `docs/jsonl.md` says what stands in them, and [`import`](mod@crate::import) reads them.

use std::io::{self, Write};

use crate::replay::Replay;
use crate::trace::{
    CallbackEvent, Event, LocationId, Log, LoopEvent, Meta, Moment, ResourceEvent, Tables,
    TaskEvent, TextId, TimerEvent, Wait, WakeEffect, WokenBy,
};

use super::{
    json::{JsonObject, quoted},
    label,
    walk::events,
};

/// Writes the trace.
pub fn jsonl(replay: &Replay, mut to: impl Write) -> io::Result<()> {
    let mut object = JsonObject::default();
    head(replay.log(), &mut object);
    line(&mut to, &mut object)?;
    let tables = replay.tables();
    for (_, event, at) in events(replay) {
        object.begin().number("t", at.0);
        loop_event(&event, tables, &mut object);
        line(&mut to, &mut object)?;
        if let Event::Task(TaskEvent::Spawn { task, name, .. }) = event {
            let called = tables.task(task).map_or(name, |info| info.name);
            if called != name {
                object.begin().text("e", "name").number("task", task.0);
                object.text("name", tables.text(called));
                line(&mut to, &mut object)?;
            }
        }
    }
    to.flush()
}

fn line(to: &mut impl Write, object: &mut JsonObject) -> io::Result<()> {
    to.write_all(object.end().as_bytes())?;
    to.write_all(b"\n")
}

/// The first line: what run it is of.
fn head(log: &Log, to: &mut JsonObject) {
    let Meta {
        scenario,
        variant,
        title,
        params,
        clock,
        seed,
        sources,
        schedule,
        tick_policy,
        unknown,
    } = &log.meta;
    to.begin().number("loopscope", 1_u32);
    for (key, text) in [
        ("scenario", scenario),
        ("variant", variant),
        ("title", title),
    ] {
        if !text.is_empty() {
            to.text(key, text);
        }
    }
    to.text("clock", clock.as_str()).number("seed", *seed);
    to.text("turns", tick_policy.as_str());
    if !schedule.is_empty() {
        to.text("schedule", &schedule.to_string());
    }
    if !unknown.is_empty() {
        let words: Vec<String> = unknown.iter().map(|part| quoted(part.as_str())).collect();
        to.raw("unknown", &format!("[{}]", words.join(",")));
    }
    for (key, pairs) in [("params", params), ("sources", sources)] {
        if !pairs.is_empty() {
            let pair =
                |(key, value): &(String, String)| format!("{}:{}", quoted(key), quoted(value));
            let members: Vec<String> = pairs.iter().map(pair).collect();
            to.raw(key, &format!("{{{}}}", members.join(",")));
        }
    }
}

/// The events of the loop itself; the others are left to the ones below.
fn loop_event(event: &Event, tables: &Tables, to: &mut JsonObject) {
    match *event {
        Event::Loop(LoopEvent::TickStart) => to.text("e", "tick"),
        Event::Loop(LoopEvent::Park { until }) => {
            to.text("e", "park");
            optional(to, "until", until.map(|Moment(until)| until))
        }
        Event::Loop(LoopEvent::Advance { why, .. }) => {
            to.text("e", "advance").text("why", why.as_str())
        }
        Event::Loop(LoopEvent::TimerPhase { due }) => to.text("e", "timers").number("due", due),
        Event::Loop(LoopEvent::RunPhase { ready }) => to.text("e", "run").number("ready", ready),
        Event::Loop(LoopEvent::TickEnd) => to.text("e", "tick_end"),
        Event::Gap { events } => to.text("e", "gap").number("events", events),
        Event::Loop(LoopEvent::End { outcome }) => {
            to.text("e", "end").text("outcome", outcome.as_str())
        }
        Event::Output { text } => to.text("e", "output").text("text", tables.text(text)),
        Event::Task(_) | Event::Timer(_) | Event::Resource(_) | Event::Callback(_) => {
            task_event(event, tables, to)
        }
    };
}

fn task_event<'a>(event: &Event, tables: &Tables, to: &'a mut JsonObject) -> &'a mut JsonObject {
    match *event {
        Event::Task(TaskEvent::Spawn {
            task,
            name,
            at,
            parent,
        }) => {
            to.text("e", "spawn").number("task", task.0);
            named(to, tables, name, at);
            optional(to, "parent", parent.map(|parent| parent.0.into()))
        }
        Event::Task(TaskEvent::Wake { task, by, effect }) => {
            to.text("e", "wake").number("task", task.0);
            if by != WokenBy::Unknown {
                to.raw("by", &waker(tables, by));
            }
            if effect != WakeEffect::Enqueued {
                to.text("effect", effect.as_str());
            }
            to
        }
        Event::Task(TaskEvent::PollStart { task }) => to.text("e", "poll").number("task", task.0),
        Event::Task(TaskEvent::Wait { task, on, at, also }) => {
            to.text("e", "wait").number("task", task.0);
            to.raw("on", &wait(on));
            place(to, tables, at);
            if also { to.truth("also") } else { to }
        }
        Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => to
            .text("e", "poll_end")
            .number("task", task.0)
            .text("outcome", outcome.as_str()),
        Event::Task(TaskEvent::Failed { task, message }) => to
            .text("e", "failed")
            .number("task", task.0)
            .text("message", tables.text(message)),
        Event::Task(TaskEvent::CancelRequested { task, dropped }) => {
            let to = to.text("e", "cancel").number("task", task.0);
            if dropped { to.truth("dropped") } else { to }
        }
        Event::Task(TaskEvent::CancelDelivered { task }) => {
            to.text("e", "cancelled").number("task", task.0)
        }
        Event::Loop(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => thing_event(event, tables, to),
    }
}

/// Timers, resources and callbacks.
fn thing_event<'a>(event: &Event, tables: &Tables, to: &'a mut JsonObject) -> &'a mut JsonObject {
    match *event {
        Event::Timer(TimerEvent::Set {
            timer,
            task,
            deadline,
        }) => to
            .text("e", "timer")
            .number("timer", timer.0)
            .number("task", task.0)
            .number("deadline", deadline.0),
        Event::Timer(TimerEvent::Fired { timer }) => to.text("e", "fired").number("timer", timer.0),
        Event::Timer(TimerEvent::Cancelled { timer }) => {
            to.text("e", "timer_cancelled").number("timer", timer.0)
        }
        Event::Resource(ResourceEvent::Created {
            resource,
            kind,
            name,
            at,
            limit,
        }) => {
            to.text("e", "resource").number("resource", resource.0);
            to.text("kind", kind.as_str());
            named(to, tables, name, at);
            optional(to, "limit", Some(limit.into()).filter(|limit| *limit > 0))
        }
        Event::Resource(ResourceEvent::Op {
            resource,
            op,
            value,
        }) => to
            .text("e", "use")
            .number("resource", resource.0)
            .text("verb", op.as_str())
            .number("value", value),
        Event::Resource(ResourceEvent::Dropped { resource }) => {
            to.text("e", "dropped").number("resource", resource.0)
        }
        Event::Callback(CallbackEvent::Scheduled { callback, name }) => to
            .text("e", "callback")
            .number("callback", callback.0)
            .text("name", tables.text(name)),
        Event::Callback(CallbackEvent::Start { callback }) => to
            .text("e", "callback_start")
            .number("callback", callback.0),
        Event::Callback(CallbackEvent::End { callback, .. }) => {
            to.text("e", "callback_end").number("callback", callback.0)
        }
        Event::Loop(_) | Event::Task(_) | Event::Output { .. } | Event::Gap { .. } => to,
    }
}

fn optional<'a>(to: &'a mut JsonObject, key: &str, value: Option<u64>) -> &'a mut JsonObject {
    match value {
        Some(value) => to.number(key, value),
        None => to,
    }
}

fn named(to: &mut JsonObject, tables: &Tables, name: TextId, at: LocationId) {
    to.text("name", tables.text(name));
    place(to, tables, at);
}

fn place(to: &mut JsonObject, tables: &Tables, at: LocationId) {
    let place = label::place(tables, at);
    if !place.is_empty() {
        to.text("at", &place);
    }
}

fn waker(tables: &Tables, by: WokenBy) -> String {
    match by {
        WokenBy::Task(task) => format!("{{\"task\":{}}}", task.0),
        WokenBy::Callback(callback) => format!("{{\"callback\":{}}}", callback.0),
        WokenBy::Timer(timer) => format!("{{\"timer\":{}}}", timer.0),
        WokenBy::Thread(name) => format!("{{\"thread\":{}}}", quoted(tables.text(name))),
        WokenBy::Io => "\"io\"".into(),
        WokenBy::Loop => "\"loop\"".into(),
        WokenBy::Unknown => "\"unknown\"".into(),
    }
}

fn wait(on: Wait) -> String {
    match on {
        Wait::Unknown => "\"unknown\"".into(),
        Wait::Yield => "\"yield\"".into(),
        Wait::Timer(timer) => format!("{{\"timer\":{}}}", timer.0),
        Wait::Join(task) => format!("{{\"join\":{}}}", task.0),
        Wait::Send(resource) => format!("{{\"send\":{}}}", resource.0),
        Wait::Receive(resource) => format!("{{\"receive\":{}}}", resource.0),
        Wait::Acquire(resource) => format!("{{\"acquire\":{}}}", resource.0),
        Wait::Operation(resource) => format!("{{\"operation\":{}}}", resource.0),
    }
}

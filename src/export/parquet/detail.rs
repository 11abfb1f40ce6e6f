//! What stands in the columns of an event.

use crate::trace::{
    CallbackEvent, Event, LocationId, LoopEvent, ResourceEvent, Tables, TaskEvent, TaskId,
    TimerEvent, Wait, WokenBy,
};

/// The columns of an event, but for its position and moment. What it has nothing to say for is none.
#[derive(Default)]
pub(super) struct EventColumns {
    pub(super) kind: &'static str,
    pub(super) task: Option<TaskId>,
    pub(super) by: Option<String>,
    pub(super) by_task: Option<TaskId>,
    pub(super) what: Option<String>,
    pub(super) number: Option<u32>,
    pub(super) value: Option<u64>,
    pub(super) place: Option<LocationId>,
}

impl EventColumns {
    pub(super) fn of(tables: &Tables, event: &Event) -> EventColumns {
        match *event {
            Event::Task(TaskEvent::Spawn {
                task, at, parent, ..
            }) => EventColumns {
                by: parent.map(|_| "task".into()),
                by_task: parent,
                place: Some(at),
                ..EventColumns::task("spawn", task)
            },
            Event::Task(TaskEvent::Wake { task, by, effect }) => EventColumns {
                by: Some(waker(tables, by)),
                by_task: match by {
                    WokenBy::Task(by) => Some(by),
                    WokenBy::Callback(_)
                    | WokenBy::Timer(_)
                    | WokenBy::Io
                    | WokenBy::Thread(_)
                    | WokenBy::Loop
                    | WokenBy::Unknown => None,
                },
                what: Some(effect.as_str().into()),
                ..EventColumns::task("wake", task)
            },
            Event::Task(TaskEvent::PollStart { task }) => EventColumns::task("poll", task),
            Event::Task(TaskEvent::Wait { task, on, at, .. }) => {
                let (what, number) = wait(on);
                EventColumns {
                    what: Some(what.into()),
                    number,
                    place: Some(at),
                    ..EventColumns::task("wait", task)
                }
            }
            Event::Task(TaskEvent::PollEnd {
                task,
                outcome,
                took,
            }) => EventColumns {
                what: Some(outcome.as_str().into()),
                value: Some(took),
                ..EventColumns::task("poll_end", task)
            },
            Event::Task(TaskEvent::Failed { task, message }) => EventColumns {
                what: Some(tables.text(message).into()),
                ..EventColumns::task("failed", task)
            },
            Event::Task(TaskEvent::CancelRequested { task, dropped }) => EventColumns {
                what: dropped.then(|| "dropped".into()),
                ..EventColumns::task("cancel", task)
            },
            Event::Task(TaskEvent::CancelDelivered { task }) => {
                EventColumns::task("cancelled", task)
            }
            Event::Timer(TimerEvent::Set {
                timer,
                task,
                deadline,
            }) => EventColumns {
                number: Some(timer.0),
                value: Some(deadline.0),
                ..EventColumns::task("timer", task)
            },
            Event::Loop(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => EventColumns::of_the_loop(tables, event),
        }
    }

    fn of_the_loop(tables: &Tables, event: &Event) -> EventColumns {
        let text = |text| Some(tables.text(text).to_owned());
        let numbered = |kind, number| EventColumns {
            kind,
            number: Some(number),
            ..EventColumns::default()
        };
        let valued = |kind, value: u64| EventColumns {
            kind,
            value: Some(value),
            ..EventColumns::default()
        };
        let said = |kind, what: Option<String>| EventColumns {
            kind,
            what,
            ..EventColumns::default()
        };
        match *event {
            Event::Loop(LoopEvent::TickStart) => said("tick", None),
            Event::Loop(LoopEvent::Park { until: Some(until) }) => valued("park", until.0),
            Event::Loop(LoopEvent::Park { until: None }) => said("park", None),
            Event::Loop(LoopEvent::Advance { by, why }) => EventColumns {
                what: Some(why.as_str().into()),
                ..valued("advance", by)
            },
            Event::Loop(LoopEvent::TimerPhase { due }) => valued("timers", due.into()),
            Event::Loop(LoopEvent::RunPhase { ready }) => valued("run", ready.into()),
            Event::Loop(LoopEvent::TickEnd) => said("tick_end", None),
            Event::Timer(TimerEvent::Fired { timer }) => numbered("fired", timer.0),
            Event::Timer(TimerEvent::Cancelled { timer }) => numbered("timer_cancelled", timer.0),
            Event::Resource(ResourceEvent::Created {
                resource,
                kind,
                limit,
                at,
                ..
            }) => EventColumns {
                what: Some(kind.as_str().into()),
                value: Some(limit.into()),
                place: Some(at),
                ..numbered("resource", resource.0)
            },
            Event::Resource(ResourceEvent::Op {
                resource,
                op,
                value,
            }) => EventColumns {
                what: Some(op.as_str().into()),
                value: Some(value.into()),
                ..numbered("use", resource.0)
            },
            Event::Resource(ResourceEvent::Dropped { resource }) => numbered("dropped", resource.0),
            Event::Callback(CallbackEvent::Scheduled { callback, name }) => EventColumns {
                what: text(name),
                ..numbered("callback", callback.0)
            },
            Event::Callback(CallbackEvent::Start { callback }) => {
                numbered("callback_start", callback.0)
            }
            Event::Callback(CallbackEvent::End { callback, took }) => EventColumns {
                value: Some(took),
                ..numbered("callback_end", callback.0)
            },
            Event::Output { text: line } => said("output", text(line)),
            Event::Loop(LoopEvent::End { outcome }) => said("end", Some(outcome.as_str().into())),
            Event::Gap { events } => valued("gap", events.into()),
            Event::Task(_) | Event::Timer(_) => EventColumns::default(),
        }
    }

    fn task(kind: &'static str, task: TaskId) -> EventColumns {
        EventColumns {
            kind,
            task: Some(task),
            ..EventColumns::default()
        }
    }
}

/// Who did it, in a word; a thread with its name.
fn waker(tables: &Tables, by: WokenBy) -> String {
    match by {
        WokenBy::Task(_) => "task".into(),
        WokenBy::Callback(_) => "callback".into(),
        WokenBy::Timer(_) => "timer".into(),
        WokenBy::Io => "io".into(),
        WokenBy::Thread(name) => format!("thread {}", tables.text(name)),
        WokenBy::Loop => "loop".into(),
        WokenBy::Unknown => "unknown".into(),
    }
}

/// What is waited for, in a word, and its number.
pub(super) fn wait(on: Wait) -> (&'static str, Option<u32>) {
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

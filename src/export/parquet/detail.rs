//! What stands in the columns of an event.

use crate::trace::{
    CallbackEvent, Event, LocationId, LoopEvent, ResourceEvent, Tables, TaskEvent, TaskId,
    TimerEvent, Wait, WokenBy,
};

/// The columns of an event, but for its position and moment. What it has nothing to say for is none.
#[derive(Default)]
pub(super) struct Detail {
    pub(super) kind: &'static str,
    pub(super) task: Option<TaskId>,
    pub(super) by: Option<String>,
    pub(super) by_task: Option<TaskId>,
    pub(super) what: Option<String>,
    pub(super) number: Option<u32>,
    pub(super) value: Option<u64>,
    pub(super) place: Option<LocationId>,
}

impl Detail {
    pub(super) fn of(tables: &Tables, event: &Event) -> Detail {
        match *event {
            Event::Task(TaskEvent::Spawn {
                task, at, parent, ..
            }) => Detail {
                by: parent.map(|_| "task".into()),
                by_task: parent,
                place: Some(at),
                ..Detail::task("spawn", task)
            },
            Event::Task(TaskEvent::Wake { task, by, effect }) => Detail {
                by: Some(waker(tables, by)),
                by_task: match by {
                    WokenBy::Task(by) => Some(by),
                    _ => None,
                },
                what: Some(effect.as_str().into()),
                ..Detail::task("wake", task)
            },
            Event::Task(TaskEvent::PollStart { task }) => Detail::task("poll", task),
            Event::Task(TaskEvent::Wait { task, on, at, .. }) => {
                let (what, number) = wait(on);
                Detail {
                    what: Some(what.into()),
                    number,
                    place: Some(at),
                    ..Detail::task("wait", task)
                }
            }
            Event::Task(TaskEvent::PollEnd {
                task,
                outcome,
                took,
            }) => Detail {
                what: Some(outcome.as_str().into()),
                value: Some(took),
                ..Detail::task("poll_end", task)
            },
            Event::Task(TaskEvent::Failed { task, message }) => Detail {
                what: Some(tables.text(message).into()),
                ..Detail::task("failed", task)
            },
            Event::Task(TaskEvent::CancelRequested { task, dropped }) => Detail {
                what: dropped.then(|| "dropped".into()),
                ..Detail::task("cancel", task)
            },
            Event::Task(TaskEvent::CancelDelivered { task }) => Detail::task("cancelled", task),
            Event::Timer(TimerEvent::Set {
                timer,
                task,
                deadline,
            }) => Detail {
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
            Event::Loop(LoopEvent::TickStart) => said("tick", None),
            Event::Loop(LoopEvent::Park { until: Some(until) }) => valued("park", until.0),
            Event::Loop(LoopEvent::Park { until: None }) => said("park", None),
            Event::Loop(LoopEvent::Advance { by, why }) => Detail {
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
            }) => Detail {
                what: Some(kind.as_str().into()),
                value: Some(limit.into()),
                place: Some(at),
                ..numbered("resource", resource.0)
            },
            Event::Resource(ResourceEvent::Op {
                resource,
                op,
                value,
            }) => Detail {
                what: Some(op.as_str().into()),
                value: Some(value.into()),
                ..numbered("use", resource.0)
            },
            Event::Resource(ResourceEvent::Dropped { resource }) => numbered("dropped", resource.0),
            Event::Callback(CallbackEvent::Scheduled { callback, name }) => Detail {
                what: text(name),
                ..numbered("callback", callback.0)
            },
            Event::Callback(CallbackEvent::Start { callback }) => {
                numbered("callback_start", callback.0)
            }
            Event::Callback(CallbackEvent::End { callback, took }) => Detail {
                value: Some(took),
                ..numbered("callback_end", callback.0)
            },
            Event::Output { text: line } => said("output", text(line)),
            Event::Loop(LoopEvent::End { outcome }) => said("end", Some(outcome.as_str().into())),
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

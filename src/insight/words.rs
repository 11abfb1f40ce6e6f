//! The words that every face uses for tasks, waits, resources and events.

use super::width::fit;
use crate::replay::{ResourceState, State, Status, TaskState};
use crate::trace::{
    Advance, Aspect, CallbackEvent, Event, LoopEvent, Meta, Outcome, PollOutcome, ResourceEvent,
    ResourceId, ResourceKind, ResourceOp, Tables, TaskEvent, TaskId, TimerEvent, Wait, WakeEffect,
    WokenBy,
};

/// The most columns a name may take in a sentence.
const NAME: usize = 24;

/// The same for a resource: an address with its kind has room.
const RESOURCE: usize = 34;

/// A task's number and name: `#1 hello`.
pub fn task_label(tables: &Tables, task: TaskId) -> String {
    match tables.task_name(task) {
        "" => task.to_string(),
        name => format!("{task} {}", fit(name, NAME)),
    }
}

/// The letter code of a status: the first thing that tells states apart.
pub fn status_code(status: Status) -> &'static str {
    match status {
        Status::Absent => "-",
        Status::Ready => "RDY",
        Status::Running => "RUN",
        Status::Timer => "TMR",
        Status::Pending => "PND",
        Status::Unknown => "?",
        Status::Done => "DONE",
        Status::Failed => "ERR",
        Status::Cancelled => "CXL",
    }
}

/// The place of the loop at which a task of this status is: a step is a move between two of these.
pub fn queue_name(status: Status) -> &'static str {
    match status {
        Status::Absent => "nowhere",
        Status::Ready => "READY",
        Status::Running => "RUNNING",
        Status::Timer => "TIMERS",
        Status::Pending => "PENDING",
        Status::Unknown => "UNKNOWN",
        Status::Done => "DONE",
        Status::Failed => "FAILED",
        Status::Cancelled => "CANCELLED",
    }
}

/// How many events are missing: `65536 events are missing here`.
pub(super) fn missing_words(events: u32) -> String {
    match events {
        1 => "one event is missing here".to_owned(),
        events => format!("{events} events are missing here"),
    }
}

/// A span in seconds: `1.500`.
pub fn seconds(time: impl std::fmt::Display) -> String {
    time.to_string()
}

/// What a task waits for: `join #1 hello`, `timer due 2.000`, `receive on channel jobs (0/4)`.
pub fn wait_words(meta: &Meta, tables: &Tables, state: &State, row: &TaskState) -> String {
    if row.phase.wait_is_unknown() {
        return "what is not known: events are missing".to_owned();
    }
    if row.wait == Wait::Unknown && !meta.has(Aspect::Waits) {
        return "not recorded".to_owned();
    }
    let words = wait_on(tables, state, row.wait);
    match row.also {
        0 => words,
        more => format!("{words}, or {more} more"),
    }
}

/// See [`wait_words`].
pub(super) fn wait_on(tables: &Tables, state: &State, wait: Wait) -> String {
    let resource = |id: ResourceId| state.resource(id);
    match wait {
        Wait::Unknown => "something the loop does not know".to_owned(),
        Wait::Yield => "its next turn".to_owned(),
        Wait::Timer(timer) => match state.timer(timer).copied() {
            Some(timer) => format!("timer due {}", timer.deadline),
            None => "timer".to_owned(),
        },
        Wait::Join(task) => format!("join {}", task_label(tables, task)),
        Wait::Send(id) => format!("send on {}", resource_name(tables, resource(id), id)),
        Wait::Receive(id) => format!("receive on {}", resource_name(tables, resource(id), id)),
        Wait::Acquire(id) => resource_name(tables, resource(id), id),
        Wait::Operation(id) => {
            let name = resource_name(tables, resource(id), id);
            match resource(id).map(|resource| resource.kind) {
                Some(ResourceKind::Listener) => format!("connection on {name}"),
                Some(ResourceKind::Stream | ResourceKind::Io) => {
                    let way = match resource(id).map(|resource| resource.in_flight_by_direction) {
                        Some([reads, 0]) if reads > 0 => "read",
                        Some([0, writes]) if writes > 0 => "write",
                        _ => "I/O",
                    };
                    format!("{way} on {name}")
                }
                Some(ResourceKind::Pool) => format!("work on {name}"),
                _ => name,
            }
        }
    }
}

/// A resource's words, or its number when it is not there (any more).
pub(super) fn resource_name(
    tables: &Tables,
    resource: Option<&ResourceState>,
    id: ResourceId,
) -> String {
    resource.map_or_else(
        || format!("resource {}", id.0),
        |resource| resource_words(tables, resource),
    )
}

/// A resource with what it holds: `channel jobs (2/4)`, `lock db (held by #1 hello)`.
pub fn resource_words(tables: &Tables, resource: &ResourceState) -> String {
    let name = fit(tables.text(resource.name), RESOURCE);
    let word = kind_word(resource.kind);
    // What nobody gave a name is called after its kind. And a name such as `TcpStream 127.0.0.1:8000` says itself what it is.
    let label = match (name.is_empty() || name == word, name.contains(' ')) {
        (true, _) => word.to_owned(),
        (_, true) => name,
        _ => format!("{word} {name}"),
    };
    match resource.kind {
        ResourceKind::Channel if resource.limit > 0 => {
            format!("{label} ({}/{})", resource.value, resource.limit)
        }
        ResourceKind::Channel => format!("{label} ({})", resource.value),
        ResourceKind::Semaphore => {
            format!("{label} ({}/{} free)", resource.value, resource.limit)
        }
        ResourceKind::Lock => match resource.user {
            Some(user) => format!("{label} (held by {})", task_label(tables, user)),
            None => format!("{label} (free)"),
        },
        ResourceKind::Event
        | ResourceKind::Future
        | ResourceKind::Group
        | ResourceKind::Listener
        | ResourceKind::Stream
        | ResourceKind::Pool
        | ResourceKind::Io
        | ResourceKind::Foreign
        | ResourceKind::Value => label,
    }
}

fn kind_word(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Channel => "channel",
        ResourceKind::Lock => "lock",
        ResourceKind::Semaphore => "semaphore",
        ResourceKind::Event => "event",
        ResourceKind::Group => "group",
        ResourceKind::Listener => "listener",
        ResourceKind::Stream => "stream",
        ResourceKind::Pool => "thread pool",
        ResourceKind::Io => "I/O",
        ResourceKind::Future | ResourceKind::Foreign => "future",
        ResourceKind::Value => "value",
    }
}

/// An event in a few words, without the state around it: `#1 hello wakes #0 main`.
pub fn event_words(tables: &Tables, event: &Event) -> String {
    let label = |task| task_label(tables, task);
    match *event {
        Event::Task(TaskEvent::Spawn { task, parent, .. }) => match parent {
            Some(parent) => format!("{} spawns {}", label(parent), label(task)),
            None => format!("{} is spawned", label(task)),
        },
        Event::Task(TaskEvent::Wake { task, by, effect }) => {
            let woken = match by {
                WokenBy::Task(by) if by == task => format!("{} wakes itself", label(task)),
                by @ (WokenBy::Task(_)
                | WokenBy::Callback(_)
                | WokenBy::Timer(_)
                | WokenBy::Io
                | WokenBy::Thread(_)
                | WokenBy::Loop
                | WokenBy::Unknown) => format!("{} wakes {}", waker_words(tables, by), label(task)),
            };
            match effect {
                WakeEffect::Enqueued => woken,
                WakeEffect::Redundant => format!("{woken} (ready already)"),
                WakeEffect::TooLate => format!("{woken} (ended before)"),
            }
        }
        Event::Task(TaskEvent::PollStart { task }) => format!("poll {}", label(task)),
        Event::Task(TaskEvent::Wait { task, on, .. }) => {
            format!("{} waits: {}", label(task), wait_kind(tables, on))
        }
        Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => {
            let how = match outcome {
                PollOutcome::Pending => "gives way",
                PollOutcome::Ready => "is done",
                PollOutcome::Panicked => "panicked",
                PollOutcome::Failed => "is done, with an error",
                PollOutcome::Cancelled => "is cancelled",
            };
            format!("{} {how}", label(task))
        }
        Event::Task(TaskEvent::Failed { task, message }) => {
            format!("{} fails: {}", label(task), tables.text(message))
        }
        Event::Task(TaskEvent::CancelRequested {
            task,
            dropped: true,
        }) => {
            format!("the handle of {} is dropped", label(task))
        }
        Event::Task(TaskEvent::CancelRequested { task, .. }) => {
            format!("{} is asked to end", label(task))
        }
        Event::Task(TaskEvent::CancelDelivered { task }) => {
            format!("{} is told to end", label(task))
        }
        Event::Timer(TimerEvent::Set { task, deadline, .. }) => {
            format!("{} sets a timer due {deadline}", label(task))
        }
        Event::Output { text } => format!("prints \"{}\"", tables.text(text)),
        Event::Loop(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Gap { .. } => other_words(tables, event),
    }
}

/// The events that are about no task.
fn other_words(tables: &Tables, event: &Event) -> String {
    match *event {
        Event::Loop(LoopEvent::TickStart) => "tick starts".to_owned(),
        Event::Loop(LoopEvent::Park { until: Some(until) }) => format!("parks until {until}"),
        Event::Loop(LoopEvent::Park { until: None }) => "parks".to_owned(),
        Event::Loop(LoopEvent::Advance { by, why }) => match why {
            Advance::Waited => format!("waited {} s", seconds(by)),
            Advance::Jumped => format!("clock jumps {} s", seconds(by)),
            Advance::Worked => format!("works {} s without giving way", seconds(by)),
            Advance::Passed => format!("{} s go by", seconds(by)),
        },
        Event::Loop(LoopEvent::TimerPhase { due }) => format!("{due} due"),
        Event::Loop(LoopEvent::RunPhase { ready }) => format!("runs {ready}"),
        Event::Loop(LoopEvent::TickEnd) => "tick ends".to_owned(),
        Event::Timer(TimerEvent::Fired { timer }) => format!("timer {} fires", timer.0),
        Event::Timer(TimerEvent::Cancelled { timer }) => format!("timer {} is cancelled", timer.0),
        Event::Resource(ResourceEvent::Created { kind, name, .. }) => {
            format!("new {} {}", kind_word(kind), tables.text(name))
        }
        Event::Resource(ResourceEvent::Op {
            resource,
            op,
            value,
        }) => format!("{} resource {} ({value})", verb_word(op), resource.0),
        Event::Resource(ResourceEvent::Dropped { resource }) => {
            format!("drops resource {}", resource.0)
        }
        Event::Callback(CallbackEvent::Scheduled { name, .. }) => {
            format!("schedules callback {}", tables.text(name))
        }
        Event::Callback(CallbackEvent::Start { callback }) => {
            format!("callback {} starts", callback.0)
        }
        Event::Callback(CallbackEvent::End { callback, .. }) => {
            format!("callback {} ends", callback.0)
        }
        Event::Loop(LoopEvent::End { outcome }) => outcome_words(outcome).to_owned(),
        Event::Gap { events } => missing_words(events),
        Event::Task(_) | Event::Timer(_) | Event::Output { .. } => String::new(),
    }
}

fn wait_kind(tables: &Tables, on: Wait) -> String {
    // Without a state, a resource is only a number.
    wait_on(tables, &State::default(), on)
}

/// Who woke, in words.
pub(super) fn waker_words(tables: &Tables, by: WokenBy) -> String {
    match by {
        WokenBy::Task(task) => task_label(tables, task),
        WokenBy::Callback(callback) => format!("callback {}", callback.0),
        WokenBy::Timer(_) => "its timer".to_owned(),
        WokenBy::Io => "I/O".to_owned(),
        WokenBy::Thread(name) => match fit(tables.text(name), NAME) {
            name if name.starts_with("thread") => name,
            name if name.is_empty() => "another thread".to_owned(),
            name => format!("thread {name}"),
        },
        WokenBy::Loop => "the loop".to_owned(),
        WokenBy::Unknown => "somebody".to_owned(),
    }
}

pub(super) fn verb_word(op: ResourceOp) -> &'static str {
    match op {
        ResourceOp::Sent => "sends on",
        ResourceOp::Received => "receives on",
        ResourceOp::Closed => "closes",
        ResourceOp::Acquired => "takes",
        ResourceOp::Released => "gives back",
        ResourceOp::Set => "sets",
        ResourceOp::Cleared => "clears",
        ResourceOp::Begun => "begins an operation on",
        ResourceOp::Ended => "ends its operation on",
        ResourceOp::Abandoned => "gives up its operation on",
        ResourceOp::Read => "reads from",
        ResourceOp::Wrote => "writes to",
        ResourceOp::Accepted => "accepts a connection on",
        ResourceOp::Connected => "is connected by",
        ResourceOp::Loaded => "reads",
        ResourceOp::Stored => "writes",
    }
}

/// How a run ended, as a sentence without its full stop.
pub(super) fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Finished => "The main task is done: the run is finished",
        Outcome::Deadlock => "Deadlock: nothing can ever run again",
        Outcome::Stalled => "Stalled: nothing runs, and the loop knows of nothing to come",
        Outcome::Panicked => "The main task failed: the run is over",
        Outcome::Stopped => "The run was stopped",
        Outcome::Limit => "The limit of events is reached: the recording stops here",
    }
}

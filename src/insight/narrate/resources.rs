//! What a task did to a channel, a lock, a socket or any other resource.

use crate::replay::ResourceState;
use crate::trace::{
    Event, LocationId, OperationKind, ResourceEvent, ResourceId, ResourceKind, ResourceOp,
};

use super::{
    super::words::{fit, op_words, resource_kind_word},
    NAME, TEXT, Told,
};

pub(super) fn of_resource(step: &Told<'_>, event: ResourceEvent) -> String {
    match event {
        ResourceEvent::Created {
            kind,
            name,
            at,
            at_first_use: true,
            ..
        } => first_used(step, kind, step.tables().text(name), at),
        ResourceEvent::Created {
            kind, name, limit, ..
        } => created(step, kind, step.tables().text(name), limit),
        ResourceEvent::Op {
            resource,
            op,
            value,
        } => operation(step, resource, op, value),
        ResourceEvent::Member { resource, task } => {
            let name = group_name(step, resource);
            format!("{} becomes a member of {name}.", step.label(task))
        }
        ResourceEvent::Bytes { text, .. } => {
            format!("What passed: \"{}\".", fit(step.tables().text(text), TEXT))
        }
        ResourceEvent::Dropped { resource } => dropped(step, resource),
    }
}

fn dropped(step: &Told<'_>, id: ResourceId) -> String {
    let name = step.resource_label(id);
    match step.before.resource(id).map(|resource| resource.kind) {
        Some(ResourceKind::Stream) => format!("The connection {name} is closed."),
        Some(ResourceKind::Listener) => format!("{name} stops listening."),
        Some(ResourceKind::Io) => format!("{} has ended.", call_name(step, id)),
        Some(ResourceKind::Pool | ResourceKind::Scope) => format!("{name} has ended."),
        Some(ResourceKind::Group) => format!("{} has ended.", group_name(step, id)),
        Some(
            ResourceKind::Channel
            | ResourceKind::Lock
            | ResourceKind::Semaphore
            | ResourceKind::Event
            | ResourceKind::Future
            | ResourceKind::Foreign
            | ResourceKind::Value
            | ResourceKind::Generator,
        )
        | None => format!("{name} {}.", step.choose("is dropped", "is no longer used")),
    }
}

/// A group by the call that made it: `` `gather` ``.
fn group_name(step: &Told<'_>, id: ResourceId) -> String {
    let resource = step.before.resource(id);
    let name = resource.map_or("", |resource| step.tables().text(resource.name));
    if name.is_empty() || name == default_name(ResourceKind::Group) {
        "the group".to_owned()
    } else {
        format!("`{}`", fit(name, NAME))
    }
}

/// An I/O call by its name: `` `connect` ``.
fn call_name(step: &Told<'_>, id: ResourceId) -> String {
    let resource = step.before.resource(id);
    let name = resource.map_or("", |resource| step.tables().text(resource.name));
    format!("`{}`", fit(name, NAME))
}

/// An address without the type of its socket: `127.0.0.1:8899`.
fn address(name: &str) -> &str {
    match name.split_once(' ') {
        Some((kind, rest)) if kind.starts_with("Tcp") || kind.starts_with("Unix") => rest,
        Some(_) | None => name,
    }
}

/// A resource whose creation could not be recorded: this is its first use.
fn first_used(step: &Told<'_>, kind: ResourceKind, name: &str, at: LocationId) -> String {
    let actor = step.actor();
    let word = resource_kind_word(kind, step.language);
    let what = match name {
        name if name.is_empty() || name == default_name(kind) => with_article(word),
        name => format!("{word} `{}`", fit(name, NAME)),
    };
    match step.quote(at) {
        Some(quote) => format!(
            "{actor} is the first to use {what}, created at line {}.",
            quote.line
        ),
        None => format!("{actor} is the first to use {what}."),
    }
}

fn created(step: &Told<'_>, kind: ResourceKind, name: &str, limit: u32) -> String {
    let actor = step.actor();
    let name = fit(name, NAME);
    let unnamed = name.is_empty() || name == default_name(kind);
    // A resource without a name of its own is named after its kind.
    let creates = |kind: &str| {
        if unnamed {
            format!("{actor} creates {}", with_article(kind))
        } else {
            format!("{actor} creates {kind} `{name}`")
        }
    };
    let channel = step.choose("channel", "queue");
    match (kind, limit) {
        (ResourceKind::Channel, 0) => format!("{}, with no limit.", creates(channel)),
        (ResourceKind::Channel, limit) => format!("{}, with room for {limit}.", creates(channel)),
        (ResourceKind::Semaphore, 1) => format!("{}, with one permit.", creates("semaphore")),
        (ResourceKind::Semaphore, limit) => {
            format!("{}, with {limit} permits.", creates("semaphore"))
        }
        (ResourceKind::Lock, _) => format!("{}.", creates("lock")),
        (ResourceKind::Event, _) => format!("{} (unset).", creates("event")),
        (ResourceKind::Future, _) => format!("{}, without a value.", creates("future")),
        (ResourceKind::Foreign, _) => {
            format!("{}.", creates(step.choose("future", "coroutine")))
        }
        (ResourceKind::Group, _) if unnamed => format!("{actor} makes a group of tasks."),
        (ResourceKind::Group, _) => format!("{actor} makes a group of tasks: `{name}`."),
        (ResourceKind::Listener, _) => format!("{actor} listens on {}.", address(&name)),
        (ResourceKind::Stream, _) => format!("{actor} has a connection with {}.", address(&name)),
        (ResourceKind::Pool, _) if name == "thread pool" => {
            format!("{actor} hands work to another thread.")
        }
        (ResourceKind::Pool, _) => format!("{actor} hands work to another thread: `{name}`."),
        (ResourceKind::Io, _) => format!("{actor} calls `{name}`."),
        (ResourceKind::Value, _) => format!("{actor} creates shared value `{name}`."),
        (ResourceKind::Scope, _) => format!("{actor} opens a scope: `{name}`."),
        (ResourceKind::Generator, _) => format!("{}.", creates("generator")),
    }
}

fn with_article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u', 'I']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// The name that the runtime gives to a resource that has none.
const fn default_name(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Channel => "channel",
        ResourceKind::Lock => "lock",
        ResourceKind::Semaphore => "semaphore",
        ResourceKind::Event => "event",
        ResourceKind::Future | ResourceKind::Foreign => "future",
        ResourceKind::Group => "group",
        ResourceKind::Listener
        | ResourceKind::Stream
        | ResourceKind::Pool
        | ResourceKind::Io
        | ResourceKind::Value => "",
        ResourceKind::Scope => "scope",
        ResourceKind::Generator => "generator",
    }
}

fn operation(step: &Told<'_>, id: ResourceId, op: ResourceOp, value: u32) -> String {
    let actor = step.actor();
    let resource = step.before.resource(id).copied();
    // The words show the resource as it is after the operation.
    let mut after = resource;
    if let Some(after) = &mut after {
        after.apply(op, value, step.before.running.task());
    }
    let label = step.resource_label(id);
    let full = match after {
        Some(after) => format!("{label}{}", holds(&after)),
        None => label.clone(),
    };
    let kind = resource.map(|resource| resource.kind);
    match op {
        ResourceOp::Read | ResourceOp::Wrote => transfer(step, id, op, value),
        ResourceOp::Loaded => format!("{actor} reads {label}: {value}."),
        ResourceOp::Stored => format!("{actor} writes {label}: it is now {value}."),
        ResourceOp::Received if kind == Some(ResourceKind::Future) => {
            format!("{actor} takes the value of {label}.")
        }
        ResourceOp::Set if kind == Some(ResourceKind::Future) => {
            format!("{actor} resolves {label}.")
        }
        ResourceOp::SetError => format!(
            "{actor} resolves {label} with an {}.",
            step.choose("error", "exception")
        ),
        ResourceOp::Sent => format!("{actor} puts an item into {full}."),
        ResourceOp::Received => format!("{actor} takes an item out of {full}."),
        ResourceOp::Acquired if kind == Some(ResourceKind::Semaphore) => {
            format!("{actor} takes a permit of {full}.")
        }
        ResourceOp::Released if kind == Some(ResourceKind::Semaphore) => {
            format!("{actor} returns a permit to {full}.")
        }
        ResourceOp::Acquired | ResourceOp::Released => {
            format!("{actor} {} {label}.", op_words(op, step.language))
        }
        ResourceOp::Begun | ResourceOp::Ended | ResourceOp::Abandoned => {
            io_operation(step, id, op, OperationKind::from_value(value))
        }
        ResourceOp::Accepted => format!(
            "{actor} accepts a connection on {}.",
            socket_name(step, resource, id)
        ),
        ResourceOp::Connected => format!(
            "{actor} is connected to {}.",
            socket_name(step, resource, id)
        ),
        ResourceOp::Yielded => format!("{label} pauses, and {actor} continues."),
        ResourceOp::Closed if kind == Some(ResourceKind::Generator) => {
            format!("{label} has ended.")
        }
        ResourceOp::Closed
        | ResourceOp::Set
        | ResourceOp::Cleared
        | ResourceOp::Entered
        | ResourceOp::Left
        | ResourceOp::Resumed => format!("{actor} {} {label}.", op_words(op, step.language)),
    }
}

/// What a channel or semaphore holds: ` (1 of 2)`, ` (1 of 2 free)`.
fn holds(resource: &ResourceState) -> String {
    let (value, limit) = (resource.value, resource.limit);
    match (resource.kind, limit) {
        (ResourceKind::Channel, 0) => format!(" (now {value})"),
        (ResourceKind::Channel, limit) => format!(" (now {value} of {limit})"),
        (ResourceKind::Semaphore, limit) => format!(" ({value} of {limit} free)"),
        (
            ResourceKind::Lock
            | ResourceKind::Event
            | ResourceKind::Future
            | ResourceKind::Group
            | ResourceKind::Listener
            | ResourceKind::Stream
            | ResourceKind::Pool
            | ResourceKind::Io
            | ResourceKind::Foreign
            | ResourceKind::Value
            | ResourceKind::Scope
            | ResourceKind::Generator,
            _,
        ) => String::new(),
    }
}

fn socket_name(step: &Told<'_>, resource: Option<ResourceState>, id: ResourceId) -> String {
    match resource {
        Some(resource) => fit(address(step.tables().text(resource.name)), NAME),
        None => step.resource_label(id),
    }
}

/// A read or write, with what passed: the event that follows has it, if it was recorded.
fn transfer(step: &Told<'_>, id: ResourceId, op: ResourceOp, bytes: u32) -> String {
    let actor = step.actor();
    let name = socket_name(step, step.before.resource(id).copied(), id);
    let count = match bytes {
        1 => "1 byte".to_owned(),
        bytes => format!("{bytes} bytes"),
    };
    let mut ahead = step.after;
    let passed = match ahead.next_event(&step.replay.log().bytes) {
        Some(Event::Resource(ResourceEvent::Bytes { resource, text })) if resource == id => {
            Some(fit(step.tables().text(text), TEXT))
        }
        Some(_) | None => None,
    };
    match (op == ResourceOp::Wrote, bytes, passed) {
        (false, 0, _) => format!("{actor} reads the end of {name}: nothing more will come."),
        (true, _, Some(text)) => format!("{actor} writes \"{text}\" to {name} ({count})."),
        (false, _, Some(text)) => format!("{actor} reads \"{text}\" from {name} ({count})."),
        (true, _, None) => format!("{actor} writes {count} to {name}."),
        (false, _, None) => format!("{actor} reads {count} from {name}."),
    }
}

/// An operation that takes a while: that it begins, that it is done, that it is given up.
fn io_operation(
    step: &Told<'_>,
    id: ResourceId,
    op: ResourceOp,
    direction: OperationKind,
) -> String {
    let actor = step.actor();
    let awaited = operation_words(step, id, direction);
    let kind = step.before.resource(id).map(|resource| resource.kind);
    if kind == Some(ResourceKind::Foreign) {
        let name = step.resource_label(id);
        return if op == ResourceOp::Begun {
            format!("{actor} starts {name}.")
        } else if op == ResourceOp::Abandoned {
            let ends = step.choose("is dropped", "is closed");
            format!("{name} {ends} before it is done.")
        } else {
            format!("{name} is done.")
        };
    }
    match op {
        ResourceOp::Begun => format!("{actor} waits for {awaited}."),
        ResourceOp::Abandoned => format!("{actor} no longer waits for {awaited}."),
        ResourceOp::Sent
        | ResourceOp::Received
        | ResourceOp::Closed
        | ResourceOp::Acquired
        | ResourceOp::Released
        | ResourceOp::Set
        | ResourceOp::Cleared
        | ResourceOp::Ended
        | ResourceOp::Read
        | ResourceOp::Wrote
        | ResourceOp::Accepted
        | ResourceOp::Connected
        | ResourceOp::Loaded
        | ResourceOp::Stored
        | ResourceOp::Entered
        | ResourceOp::Left
        | ResourceOp::Resumed
        | ResourceOp::Yielded
        | ResourceOp::SetError => format!("The wait of {actor} for {awaited} has ended."),
    }
}

/// What an operation in flight waits for: `data from 127.0.0.1:40000`.
fn operation_words(step: &Told<'_>, id: ResourceId, direction: OperationKind) -> String {
    let resource = step.before.resource(id).copied();
    let name = socket_name(step, resource, id);
    match resource.map(|resource| resource.kind) {
        Some(ResourceKind::Listener) => format!("a connection on {name}"),
        Some(ResourceKind::Stream) => match direction {
            OperationKind::Read => format!("data from {name}"),
            OperationKind::Write => format!("room to write to {name}"),
            OperationKind::Other => format!("the connection to {name}"),
        },
        Some(ResourceKind::Pool) if name == "thread pool" => "work on the thread pool".to_owned(),
        Some(ResourceKind::Pool) => format!("`{name}` on the thread pool"),
        Some(ResourceKind::Io) => format!("the end of {}", call_name(step, id)),
        Some(
            ResourceKind::Channel
            | ResourceKind::Lock
            | ResourceKind::Semaphore
            | ResourceKind::Event
            | ResourceKind::Future
            | ResourceKind::Group
            | ResourceKind::Foreign
            | ResourceKind::Value
            | ResourceKind::Scope
            | ResourceKind::Generator,
        )
        | None => format!("the end of {}", step.resource_label(id)),
    }
}

/// The operation that a task waits for: the direction that is in flight, if there is only one.
pub(super) fn operation_awaited(step: &Told<'_>, id: ResourceId) -> String {
    let in_flight = step
        .before
        .resource(id)
        .map_or([0; 2], |resource| resource.in_flight_by_direction);
    let direction = match in_flight {
        [(1..), 0] => OperationKind::Read,
        [0, (1..)] => OperationKind::Write,
        [_, _] => OperationKind::Other,
    };
    let is_stream = step
        .before
        .resource(id)
        .is_some_and(|resource| resource.kind == ResourceKind::Stream);
    if is_stream && direction == OperationKind::Other {
        let name = socket_name(step, step.before.resource(id).copied(), id);
        return format!("I/O on {name}");
    }
    operation_words(step, id, direction)
}

/// What I/O has made possible: `127.0.0.1:40000 is ready to read`.
pub(super) fn readiness(step: &Told<'_>, id: ResourceId) -> String {
    let resource = step.before.resource(id).copied();
    let name = socket_name(step, resource, id);
    let Some(resource) = resource else {
        return "I/O is ready".to_owned();
    };
    match (resource.kind, resource.in_flight_by_direction) {
        (ResourceKind::Io, _) => format!("{} can continue", call_name(step, id)),
        (ResourceKind::Listener, _) => format!("a connection is waiting on {name}"),
        (_, [(1..), 0]) => format!("{name} is ready to read"),
        (_, [0, (1..)]) => format!("{name} is ready to write"),
        (_, [_, _]) => format!("I/O on {name} is ready"),
    }
}

/// What a task waits for that waits for a lock, a permit, an event or a future.
pub(super) fn awaited(step: &Told<'_>, id: ResourceId) -> String {
    let label = step.resource_label(id);
    match step.before.resource(id).map(|resource| resource.kind) {
        Some(ResourceKind::Semaphore) => format!("a permit of {label}"),
        Some(ResourceKind::Future) => format!("the value of {label}"),
        Some(ResourceKind::Event) => format!("{label} to be set"),
        Some(
            ResourceKind::Channel
            | ResourceKind::Lock
            | ResourceKind::Group
            | ResourceKind::Listener
            | ResourceKind::Stream
            | ResourceKind::Pool
            | ResourceKind::Io
            | ResourceKind::Foreign
            | ResourceKind::Value
            | ResourceKind::Scope
            | ResourceKind::Generator,
        )
        | None => label,
    }
}

/// Whether a resource is a socket or other I/O, whose readiness the reactor reports.
pub(super) fn is_socket(step: &Told<'_>, id: ResourceId) -> bool {
    let kind = step.before.resource(id).map(|resource| resource.kind);
    matches!(
        kind,
        Some(ResourceKind::Listener | ResourceKind::Stream | ResourceKind::Io)
    )
}

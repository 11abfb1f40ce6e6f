//! What a task did to a socket or to other I/O, and what it waits for there.

use crate::replay::ResourceState;
use crate::trace::{
    Event, OperationKind, ResourceEvent, ResourceId, ResourceKind, ResourceOp, Span,
};

use super::{
    super::words::{address, duration, fit},
    NAME, TEXT, Told,
};

/// An I/O call by its name: `` `connect` ``.
pub(super) fn call_name(step: &Told<'_>, id: ResourceId) -> String {
    let resource = step.before.resource(id);
    let name = resource.map_or("", |resource| step.tables().text(resource.name));
    format!("`{}`", fit(name, NAME))
}

/// A socket by its address.
pub(super) fn socket_name(
    step: &Told<'_>,
    resource: Option<ResourceState>,
    id: ResourceId,
) -> String {
    match resource {
        Some(resource) => fit(address(step.tables().text(resource.name)), NAME),
        None => step.resource_label(id),
    }
}

/// A read or write, with what passed: the event that follows has it, if it was recorded.
pub(super) fn transfer(step: &Told<'_>, id: ResourceId, op: ResourceOp, bytes: u32) -> String {
    let actor = step.actor();
    let name = socket_name(step, step.before.resource(id).copied(), id);
    let count = match bytes {
        1 => "1 byte".to_owned(),
        bytes => format!("{bytes} bytes"),
    };
    let mut ahead = step.after;
    let passed = match step.replay.next_event(&mut ahead) {
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
pub(super) fn operation(
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
        | ResourceOp::SetError
        | ResourceOp::Tried
        | ResourceOp::Failed
        | ResourceOp::Started
        | ResourceOp::Ran
        | ResourceOp::Buffered => format!("The wait of {actor} for {awaited} has ended."),
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
        Some(ResourceKind::Child) => format!("{} to exit", step.resource_label(id)),
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
            | ResourceKind::Generator
            | ResourceKind::RwLock
            | ResourceKind::Barrier
            | ResourceKind::Cell
            | ResourceKind::Thread,
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

/// Whether a resource is a socket or other I/O, whose readiness the reactor reports.
pub(super) fn is_socket(step: &Told<'_>, id: ResourceId) -> bool {
    let kind = step.before.resource(id).map(|resource| resource.kind);
    matches!(
        kind,
        Some(ResourceKind::Listener | ResourceKind::Stream | ResourceKind::Io)
    )
}

/// For how many microseconds work waited for a thread of the pool.
pub(super) fn job_waited(label: &str, microseconds: u32) -> String {
    let waited = duration(Span(u64::from(microseconds) * 1_000));
    format!("The work of {label} had waited for a thread for {waited}.")
}

/// For how many microseconds work ran on the pool.
pub(super) fn job_ran(label: &str, microseconds: u32) -> String {
    let ran = duration(Span(u64::from(microseconds) * 1_000));
    format!("The work of {label} has run for {ran}.")
}

/// How many bytes that a task has written wait to be sent.
pub(super) fn unsent(actor: &str, label: &str, bytes: u32) -> String {
    format!("{actor} has written {bytes} bytes to {label} that the peer has not taken yet.")
}

/// A task closes a connection, with its descriptor if the value is 1. Either side can be shut down alone, while
/// data still comes from the other.
pub(super) fn closes(actor: &str, socket: &str, value: u32) -> String {
    if value == 1 {
        format!("{actor} closes the connection with {socket}.")
    } else {
        format!("{actor} shuts down its side of the connection with {socket}.")
    }
}

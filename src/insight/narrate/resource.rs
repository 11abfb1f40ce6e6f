//! What happened, for resources, callbacks and output.

use crate::replay::EventStep;
use crate::trace::{CallbackEvent, Event, ResourceEvent, ResourceId, ResourceKind, ResourceOp};

use super::{
    super::width::fit,
    super::words::{resource_name, resource_words, verb_word},
};

pub(super) fn what(step: &EventStep<'_>) -> String {
    match step.event {
        Event::Resource(ResourceEvent::Created {
            kind, name, limit, ..
        }) => made(step, kind, step.tables().text(name), limit),
        Event::Resource(ResourceEvent::Op {
            resource,
            op,
            value,
        }) => used(step, resource, op, value),
        Event::Resource(ResourceEvent::Dropped { resource }) => {
            format!("{} is dropped.", name(step, resource))
        }
        Event::Callback(CallbackEvent::Scheduled { name, .. }) => format!(
            "{} schedules callback {}: it is put at the end of READY.",
            step.actor(),
            fit(step.tables().text(name), 24)
        ),
        Event::Callback(CallbackEvent::Start { callback }) => {
            let waiting = step
                .before
                .callbacks
                .iter()
                .find(|waiting| waiting.callback == callback);
            let name = waiting.map_or("", |waiting| step.tables().text(waiting.name));
            format!("Callback {} moves from READY to RUNNING.", fit(name, 24))
        }
        Event::Callback(CallbackEvent::End { .. }) => {
            format!("{} returns: the slot is free.", step.actor())
        }
        Event::Output { text } => format!(
            "{} prints \"{}\".",
            step.actor(),
            fit(step.tables().text(text), 44)
        ),
        Event::Loop(_) | Event::Task(_) | Event::Timer(_) | Event::Gap { .. } => String::new(),
    }
}

fn name(step: &EventStep<'_>, resource: ResourceId) -> String {
    resource_name(step.tables(), step.before.resource(resource), resource)
}

fn made(step: &EventStep<'_>, kind: ResourceKind, name: &str, limit: u32) -> String {
    let name = fit(name, 34);
    // What nobody gave a name is called after its kind.
    let made = |what: &str| {
        if name == what {
            let article = if kind == ResourceKind::Event {
                "an"
            } else {
                "a"
            };
            return format!("{} makes {article} {what}", step.actor());
        }
        format!("{} makes {what} {name}", step.actor())
    };
    match (kind, limit) {
        (ResourceKind::Channel, 0) => format!("{}, with room for any number.", made("channel")),
        (ResourceKind::Channel, limit) => format!("{}, with room for {limit}.", made("channel")),
        (ResourceKind::Semaphore, limit) => {
            format!("{}, with {limit} permits.", made("semaphore"))
        }
        (ResourceKind::Lock, _) => format!("{}.", made("lock")),
        (ResourceKind::Event, _) => format!("{}, not set.", made("event")),
        (ResourceKind::Future, _) => format!("{}, without a value.", made("future")),
        (ResourceKind::Foreign, _) => format!("{}.", made("future")),
        (ResourceKind::Group, _) => format!("{}.", made("group")),
        (ResourceKind::Listener, _) => format!("{} listens: {name}.", step.actor()),
        (ResourceKind::Stream, _) => format!("{} has connection {name}.", step.actor()),
        (ResourceKind::Pool, _) => {
            format!("{} hands work to another thread: {name}.", step.actor())
        }
        (ResourceKind::Io, _) => format!("{} uses {name}.", step.actor()),
        (ResourceKind::Value, _) => format!("{} makes shared value {name}.", step.actor()),
    }
}

fn used(step: &EventStep<'_>, resource: ResourceId, op: ResourceOp, value: u32) -> String {
    let actor = step.actor();
    let mut after = step.before.resource(resource).copied();
    // The words show the resource as it is after the event, so the move is done here, too.
    if let Some(after) = &mut after {
        match op {
            ResourceOp::Sent | ResourceOp::Received => after.value = value,
            ResourceOp::Acquired => {
                after.value = value;
                after.user = match step.before.running {
                    crate::replay::Running::Task(task) => Some(task),
                    crate::replay::Running::Nothing | crate::replay::Running::Callback(..) => None,
                };
            }
            ResourceOp::Released => {
                after.value = value;
                after.user = None;
            }
            ResourceOp::Closed
            | ResourceOp::Set
            | ResourceOp::Cleared
            | ResourceOp::Begun
            | ResourceOp::Ended
            | ResourceOp::Abandoned
            | ResourceOp::Read
            | ResourceOp::Wrote
            | ResourceOp::Accepted
            | ResourceOp::Connected
            | ResourceOp::Loaded
            | ResourceOp::Stored => {}
        }
    }
    let name = after.as_ref().map_or_else(
        || format!("resource {}", resource.0),
        |resource| resource_words(step.tables(), resource),
    );
    let is_future = after.is_some_and(|resource| resource.kind == ResourceKind::Future);
    match op {
        ResourceOp::Read if value == 0 => format!("{actor} reads the end of {name}."),
        ResourceOp::Read | ResourceOp::Wrote => {
            format!("{actor} {} {name}: {value} bytes.", verb_word(op))
        }
        ResourceOp::Loaded => format!("{actor} reads {name}: {value}."),
        ResourceOp::Stored => format!("{actor} writes {name}: it is {value} now."),
        ResourceOp::Received if is_future => format!("{actor} takes the value of {name}."),
        ResourceOp::Sent => format!("{actor} puts an item into {name}."),
        ResourceOp::Received => format!("{actor} takes an item out of {name}."),
        ResourceOp::Closed
        | ResourceOp::Acquired
        | ResourceOp::Released
        | ResourceOp::Set
        | ResourceOp::Cleared
        | ResourceOp::Begun
        | ResourceOp::Ended
        | ResourceOp::Abandoned
        | ResourceOp::Accepted
        | ResourceOp::Connected => format!("{actor} {} {name}.", verb_word(op)),
    }
}

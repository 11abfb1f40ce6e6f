//! What a task did to a channel, a lock, a socket or any other resource.

use crate::replay::ResourceState;
use crate::trace::{
    LocationId, OperationKind, ResourceEvent, ResourceId, ResourceKind, ResourceOp,
};

use super::{
    super::{
        language::Language,
        words::{address, fit, name_in, op_words, readers, resource_kind_word},
    },
    NAME, TEXT, Told, io,
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
        Some(ResourceKind::Stream) => {
            let name = io::socket_name(step, step.before.resource(id).copied(), id);
            if is_address(&name) {
                format!("The connection with {name} is closed.")
            } else {
                format!("`{name}` is no longer used.")
            }
        }
        Some(ResourceKind::Listener) => format!("{name} stops listening."),
        Some(ResourceKind::Io) => format!("{} has ended.", io::call_name(step, id)),
        Some(ResourceKind::Scope) => format!("{name} has ended."),
        Some(ResourceKind::Pool) => pool_call_ended(step, id),
        Some(ResourceKind::Group) => format!("{} has ended.", group_name(step, id)),
        Some(ResourceKind::Thread) => format!("{name} has ended, or has no more work."),
        Some(
            ResourceKind::Channel
            | ResourceKind::Lock
            | ResourceKind::Semaphore
            | ResourceKind::Event
            | ResourceKind::Future
            | ResourceKind::Foreign
            | ResourceKind::Value
            | ResourceKind::Generator
            | ResourceKind::RwLock
            | ResourceKind::Barrier
            | ResourceKind::Cell
            | ResourceKind::Child,
        )
        | None => format!("{name} {}.", step.choose("is dropped", "is no longer used")),
    }
}

/// The pool is for all; what ends is one call that was handed to it.
fn pool_call_ended(step: &Told<'_>, id: ResourceId) -> String {
    let resource = step.before.resource(id);
    match resource.map_or("", |resource| step.tables().text(resource.name)) {
        "" | "thread pool" => "The call on the thread pool has ended.".to_owned(),
        name => format!("`{}` on the thread pool has ended.", fit(name, NAME)),
    }
}

/// A group by the call that made it: `` `gather` ``.
fn group_name(step: &Told<'_>, id: ResourceId) -> String {
    let resource = step.before.resource(id);
    let name = resource.map_or("", |resource| step.tables().text(resource.name));
    if name.is_empty() || name == default_name(ResourceKind::Group) {
        "the group".to_owned()
    } else {
        format!(
            "`{}`",
            fit(name_in(ResourceKind::Group, name, step.language), NAME)
        )
    }
}

/// Whether the name of a connection is that of its other end. In a program of asyncio it is what the
/// task waits for, such as `StreamReader`.
fn is_address(name: &str) -> bool {
    let address = address(name);
    address.len() < name.len() || address.contains([':', '/'])
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
    let name = fit(name_in(kind, name, step.language), NAME);
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
        (ResourceKind::Group, _) if unnamed => format!("{actor} creates a group of tasks."),
        // In Python a group is made by the call that awaits it, unless it is a `TaskGroup`.
        (ResourceKind::Group, _) if step.language == Language::Python && name != "TaskGroup" => {
            format!("{actor} calls `{name}`, which waits for a group of tasks.")
        }
        (ResourceKind::Group, _) => format!("{actor} creates a group of tasks: `{name}`."),
        (ResourceKind::Listener, _) => format!("{actor} listens on {}.", address(&name)),
        (ResourceKind::Stream, _) if !is_address(&name) => {
            format!("{actor} begins to use `{name}`.")
        }
        (ResourceKind::Stream, _) => {
            format!("{actor} has a connection with {}.", address(&name))
        }
        (ResourceKind::Pool, _) if name == "thread pool" => {
            format!("{actor} hands work to another thread.")
        }
        (ResourceKind::Pool, _) => format!("{actor} hands work to another thread: `{name}`."),
        (ResourceKind::Io, _) => format!("{actor} calls `{name}`."),
        (ResourceKind::Value, _) => format!("{actor} creates shared value `{name}`."),
        (ResourceKind::Scope, _) => format!("{actor} opens a scope: `{name}`."),
        (ResourceKind::Generator, _) => format!("{}.", creates("generator")),
        (ResourceKind::RwLock, _) => format!("{}.", creates("rwlock")),
        (ResourceKind::Barrier, size) => format!("{}, for {size} tasks.", creates("barrier")),
        (ResourceKind::Child, _) => format!("{actor} waits for child process `{name}`."),
        (ResourceKind::Thread, _) => {
            format!("The program has another thread: `{name}`. It may wake a task.")
        }
        (ResourceKind::Cell, _) => format!("{}, without a value.", creates("cell")),
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
        ResourceKind::RwLock => "rwlock",
        ResourceKind::Barrier => "barrier",
        ResourceKind::Cell => "cell",
        ResourceKind::Child => "child",
        ResourceKind::Thread => "thread",
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
    let socket = || io::socket_name(step, resource, id);
    match op {
        ResourceOp::Read | ResourceOp::Wrote => io::transfer(step, id, op, value),
        ResourceOp::Loaded => format!("{actor} reads {label}: {value}."),
        ResourceOp::Stored => format!("{actor} writes {label}: it is now {value}."),
        ResourceOp::Received if kind == Some(ResourceKind::Future) => {
            format!("{actor} takes the value of {label}.")
        }
        ResourceOp::Tried => format!("{actor} asks for {full} without waiting."),
        ResourceOp::Failed => format!("The operation of {actor} on {label} fails."),
        ResourceOp::Set if kind == Some(ResourceKind::Future) => resolved(step, &actor, &label, op),
        ResourceOp::SetError => resolved(step, &actor, &label, op),
        ResourceOp::Started => io::job_waited(&label, value),
        ResourceOp::Ran => io::job_ran(&label, value),
        ResourceOp::Buffered => io::unsent(&actor, &label, value),
        ResourceOp::Sent => format!("{actor} puts an item into {full}."),
        ResourceOp::Received => format!("{actor} takes an item out of {full}."),
        ResourceOp::Acquired if kind == Some(ResourceKind::Semaphore) => {
            format!("{actor} takes a permit of {full}.")
        }
        ResourceOp::Released if kind == Some(ResourceKind::Semaphore) => {
            format!("{actor} returns a permit to {full}.")
        }
        ResourceOp::Acquired | ResourceOp::Released if kind == Some(ResourceKind::RwLock) => {
            let before = resource.as_ref().and_then(readers);
            let now = after.as_ref().and_then(readers);
            rw_lock(&actor, op, &full, before, now)
        }
        ResourceOp::Acquired | ResourceOp::Released => {
            format!("{actor} {} {label}.", op_words(op, step.language))
        }
        ResourceOp::Entered if kind == Some(ResourceKind::Barrier) => {
            format!("{actor} arrives at {full}.")
        }
        ResourceOp::Set if kind == Some(ResourceKind::Barrier) => {
            format!("{actor} is the last to arrive at {label}: it opens.")
        }
        ResourceOp::Begun | ResourceOp::Ended | ResourceOp::Abandoned => {
            io::operation(step, id, op, OperationKind::from_value(value))
        }
        ResourceOp::Accepted => format!("{actor} accepts a connection on {}.", socket()),
        ResourceOp::Connected => format!("{actor} is connected to {}.", socket()),
        ResourceOp::Yielded => format!("{label} pauses, and {actor} continues."),
        ResourceOp::Closed if kind == Some(ResourceKind::Generator) => {
            format!("{label} has ended.")
        }
        ResourceOp::Closed if kind == Some(ResourceKind::Stream) => {
            io::closes(&actor, &socket(), value)
        }
        ResourceOp::Closed
        | ResourceOp::Set
        | ResourceOp::Cleared
        | ResourceOp::Entered
        | ResourceOp::Left
        | ResourceOp::Resumed => format!("{actor} {} {label}.", op_words(op, step.language)),
    }
}

/// A task gives a future its value, or an error.
fn resolved(step: &Told<'_>, actor: &str, label: &str, op: ResourceOp) -> String {
    if op == ResourceOp::SetError {
        let error = step.choose("error", "exception");
        return format!("{actor} resolves {label} with an {error}.");
    }
    format!("{actor} resolves {label}.")
}

/// A read-write lock changes hands. `None` stands for the writer.
fn rw_lock(
    actor: &str,
    op: ResourceOp,
    lock: &str,
    before: Option<u32>,
    now: Option<u32>,
) -> String {
    match (op, before, now) {
        (ResourceOp::Acquired, _, None) => format!("{actor} acquires {lock} to write."),
        (ResourceOp::Acquired, _, Some(_)) => format!("{actor} acquires {lock} to read."),
        (_, None, _) => format!("{actor} ends its write of {lock}."),
        (_, Some(_), _) => format!("{actor} ends its read of {lock}."),
    }
}

/// What a channel or semaphore holds: ` (1 of 2)`, ` (1 of 2 free)`.
fn holds(resource: &ResourceState) -> String {
    let (value, limit) = (resource.value, resource.limit);
    match (resource.kind, limit) {
        (ResourceKind::Channel, 0) => format!(" (now {value})"),
        (ResourceKind::Channel, limit) => format!(" (now {value} of {limit})"),
        (ResourceKind::Semaphore, limit) => format!(" ({value} of {limit} free)"),
        (ResourceKind::Barrier, limit) => format!(" ({value} of {limit} arrived)"),
        (ResourceKind::RwLock, _) => match readers(resource) {
            Some(1) => " (1 reader)".to_owned(),
            Some(readers) => format!(" ({readers} readers)"),
            None => String::new(),
        },
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
            | ResourceKind::Generator
            | ResourceKind::Cell
            | ResourceKind::Child
            | ResourceKind::Thread,
            _,
        ) => String::new(),
    }
}

/// What a task waits for that waits for a lock, a permit, an event or a future.
pub(super) fn awaited(step: &Told<'_>, id: ResourceId) -> String {
    let label = step.resource_label(id);
    match step.before.resource(id).map(|resource| resource.kind) {
        Some(ResourceKind::Semaphore) => format!("a permit of {label}"),
        Some(ResourceKind::Future) => format!("the value of {label}"),
        Some(ResourceKind::Event | ResourceKind::Cell) => format!("{label} to be set"),
        Some(ResourceKind::Barrier) => format!("{label} to open"),
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
            | ResourceKind::Generator
            | ResourceKind::RwLock
            | ResourceKind::Child
            | ResourceKind::Thread,
        )
        | None => label,
    }
}

//! Notes on channels, locks, shared values and the like.

use crate::replay::{EventStep, Running};
use crate::trace::{LocationId, ResourceId, ResourceKind, ResourceOp, TaskId, Wait};

use super::{super::Note, MANY, note};

pub(super) fn used(
    step: &EventStep<'_>,
    id: ResourceId,
    op: ResourceOp,
    value: u32,
) -> Option<Note> {
    let resource = step.before.resource(id)?;
    let unbounded = resource.kind == ResourceKind::Channel && resource.limit == 0;
    if unbounded && op == ResourceOp::Sent && value > 2 && value > resource.peak {
        return note(
            format!("{value} items wait, and nothing ever makes the sender wait."),
            "a queue without limit slows nobody",
        );
    }
    let Running::Task(task) = step.before.running else {
        return None;
    };
    if op == ResourceOp::Stored {
        return out_of_date(step, id, task);
    }
    let waited_for = step.before.tasks.get(task)?.wait;
    let wanted = match op {
        ResourceOp::Received if resource.kind == ResourceKind::Future => Wait::Acquire(id),
        ResourceOp::Received => Wait::Receive(id),
        ResourceOp::Acquired => Wait::Acquire(id),
        ResourceOp::Sent
        | ResourceOp::Closed
        | ResourceOp::Released
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
        | ResourceOp::Stored => return None,
    };
    if waited_for == wanted {
        return None;
    }
    note(
        format!(
            "It was there already, so {} runs on in the same turn.",
            step.label(task)
        ),
        "awaiting what is there does not give way",
    )
}

/// A shared value is written by a task that does not know what others wrote since it looked.
fn out_of_date(step: &EventStep<'_>, id: ResourceId, task: TaskId) -> Option<Note> {
    let value = step.history().value(id, step.before.position)?;
    let missed = value.missed(task, step.before.position)?;
    let by = missed
        .task
        .map_or("a callback".to_owned(), |by| step.label(by));
    note(
        format!(
            "The {} of {by} is lost: {} had read the value before that.",
            missed.value,
            step.label(task)
        ),
        "over an await the world may change",
    )
}

/// The same line makes one semaphore after the other, while the first is still there.
pub(super) fn another_semaphore(step: &EventStep<'_>, at: LocationId) -> Option<Note> {
    let mut others = step.before.resources.iter().take(MANY).flatten();
    if !others.any(|other| other.kind == ResourceKind::Semaphore && other.at == at) {
        return None;
    }
    note(
        "There is one from this line already: each limits only those who use it.".to_owned(),
        "a semaphore limits those who share it",
    )
}

/// A future with a name is dropped, and nobody ever polled it.
pub(super) fn never_polled(step: &EventStep<'_>, resource: ResourceId) -> Option<Note> {
    let future = step.before.resource(resource)?;
    if future.kind != ResourceKind::Foreign || future.user.is_some() {
        return None;
    }
    note(
        "It was made and dropped: not one line of it ran.".to_owned(),
        "what is never polled never runs",
    )
}

//! Notes about channels, semaphores, shared values and futures.

use crate::trace::{LocationId, ResourceEvent, ResourceId, ResourceKind, ResourceOp, TaskId, Wait};

use super::{super::lesson::rule, Note, SEARCHED, Told, note, tasks::begins_poll};

/// From this length on, and growing, a channel without limit gets a note.
const PILED_UP: u32 = 3;

pub(super) fn of_resource(step: &Told<'_>, event: ResourceEvent) -> Option<Note> {
    match event {
        ResourceEvent::Created {
            kind: ResourceKind::Semaphore,
            at,
            ..
        } => another_semaphore(step, at),
        ResourceEvent::Created { .. }
        | ResourceEvent::Member { .. }
        | ResourceEvent::Bytes { .. } => None,
        ResourceEvent::Op {
            resource,
            op,
            value,
        } => operation(step, resource, op, value),
        ResourceEvent::Dropped { resource } => never_polled(step, resource),
    }
}

fn operation(step: &Told<'_>, id: ResourceId, op: ResourceOp, value: u32) -> Option<Note> {
    match op {
        ResourceOp::Sent => piled_up(step, id, value),
        ResourceOp::Stored => outdated_write(step, id, step.before.running.task()?),
        ResourceOp::Received | ResourceOp::Acquired => ready_at_once(step, id, op),
        ResourceOp::Closed
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
        | ResourceOp::Entered
        | ResourceOp::Left
        | ResourceOp::Resumed
        | ResourceOp::Yielded
        | ResourceOp::SetError
        | ResourceOp::Tried
        | ResourceOp::Failed
        | ResourceOp::Started
        | ResourceOp::Ran
        | ResourceOp::Buffered => None,
    }
}

/// Items pile up in a channel without limit, while another task is there to take them out.
fn piled_up(step: &Told<'_>, id: ResourceId, value: u32) -> Option<Note> {
    let channel = step.before.resource(id)?;
    let unbounded = channel.kind == ResourceKind::Channel && channel.limit == 0;
    let grows = value >= PILED_UP && value > channel.peak;
    if !unbounded || !grows || step.before.unfinished() < 2 {
        return None;
    }
    note(
        format!("{value} items wait, and nothing ever makes the sender wait."),
        rule::UNBOUNDED,
    )
}

/// A task gets at once what it awaits. If it has waited, either its last declared wait says so, or
/// the operation is the first thing that it does in a later poll.
fn ready_at_once(step: &Told<'_>, id: ResourceId, op: ResourceOp) -> Option<Note> {
    let task = step.before.running.task()?;
    let row = step.before.tasks.get(task)?;
    let is_future = step.before.resource(id)?.kind == ResourceKind::Future;
    let waited_for = if op == ResourceOp::Acquired || is_future {
        Wait::Acquire(id)
    } else {
        Wait::Receive(id)
    };
    let had_waited = row.is_partly_lost() || row.polls() > 1;
    if row.wait == waited_for || (had_waited && begins_poll(step, task)) {
        return None;
    }
    let label = step.label(task);
    note(
        format!("It was ready at once, so {label} continues without suspending."),
        rule::READY_AWAIT,
    )
}

/// A task writes a shared value that another task has written since this one read it.
fn outdated_write(step: &Told<'_>, id: ResourceId, task: TaskId) -> Option<Note> {
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
        rule::ACROSS_AWAIT,
    )
}

/// A line creates a semaphore while another one from the same line still exists.
fn another_semaphore(step: &Told<'_>, at: LocationId) -> Option<Note> {
    if at == LocationId::UNKNOWN {
        return None;
    }
    let others = step.before.resources.values().take(SEARCHED);
    let same = others
        .filter(|other| other.kind == ResourceKind::Semaphore && other.at == at)
        .count();
    let already = match same {
        0 => return None,
        1 => "one semaphore".to_owned(),
        more => format!("{more} semaphores"),
    };
    note(
        format!("This line has already created {already}: each limits only the tasks that use it."),
        rule::SEMAPHORE_SHARED,
    )
}

/// A named future is dropped without ever having been polled.
fn never_polled(step: &Told<'_>, resource: ResourceId) -> Option<Note> {
    let future = step.before.resource(resource)?;
    if future.kind != ResourceKind::Foreign || future.user.is_some() {
        return None;
    }
    note(
        step.choose(
            "It was created and dropped: not one line of it ran.",
            "It was created and never awaited: not one line of it ran.",
        )
        .to_owned(),
        rule::NEVER_POLLED,
    )
}

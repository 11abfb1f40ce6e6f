//! What is done to resources.

use crate::replay::EventStep;
use crate::trace::{ResourceEvent, ResourceId, ResourceKind, ResourceOp};

use super::{Visitor, stuck};

/// The value of an operation that sets something from outside of the loop, without waking the loop.
const UNNOTICED: u32 = 2;

impl Visitor {
    pub(super) fn resource_event(&mut self, step: &EventStep<'_>, event: &ResourceEvent) {
        match *event {
            ResourceEvent::Created {
                resource,
                kind,
                name,
                at,
                limit,
                ..
            } => {
                self.forget(resource);
                self.pressure.created(step, resource, kind, limit);
                self.handles.created(step, resource, kind, at);
                self.pool.created(step, resource, kind, at);
                self.values.created(step, resource, kind, (name, at, limit));
            }
            ResourceEvent::Op {
                resource,
                op,
                value,
            } => self.operation(step, resource, op, value),
            ResourceEvent::Member { resource, task } => {
                if !is_wait(step, resource) {
                    self.fate.awaited(step, task);
                }
            }
            ResourceEvent::Bytes { .. } => {}
            ResourceEvent::Dropped { resource } => {
                self.poll.uses_socket(resource);
                self.values.dropped(step, resource, &mut self.claims);
                self.growth.dropped(step.before, resource, &mut self.claims);
                self.handles.dropped(step, self.poll.started, resource);
                self.fair
                    .dropped(step, &self.uses, resource, &mut self.claims);
                self.inversion
                    .dropped(step.before, resource, &mut self.claims);
                self.pressure
                    .dropped(step.before, resource, &mut self.claims);
                self.order.dropped(step, resource, &mut self.claims);
                if !self.main_ended {
                    self.locks.dropped(step.before, resource, &mut self.claims);
                }
                self.forget(resource);
            }
        }
    }

    fn forget(&mut self, resource: ResourceId) {
        self.uses.forget(resource);
        self.locks.forget(resource);
        self.peers.forget(resource);
        self.herd.forget(resource);
        self.handles.forget(resource);
        self.pool.forget(resource);
        self.writes.forget(resource);
        self.fair.forget(resource);
        self.abandoned.forget(resource);
    }

    /// What an operation of any kind tells of the poll that makes it.
    fn note_progress(
        &mut self,
        step: &EventStep<'_>,
        resource: ResourceId,
        op: ResourceOp,
        value: u32,
    ) {
        self.poll.progress += 1;
        if is_look(op) {
            self.poll.looks += 1;
            self.poll.reads += u32::from(is_read(step, resource, op, value));
        } else {
            self.poll.work += 1;
        }
        if (op == ResourceOp::Read && value == 0) || op == ResourceOp::Failed {
            let known = step.before.resource(resource);
            if known.is_some_and(|known| known.kind == ResourceKind::Stream) {
                self.fate.peer_ends(&self.poll);
            }
        }
        if matches!(
            op,
            ResourceOp::Read | ResourceOp::Wrote | ResourceOp::Accepted | ResourceOp::Connected
        ) {
            self.poll.uses_socket(resource);
        }
        self.abandoned.operation(step, resource, op, value);
        let running = step.before.running.task();
        self.uses.used(resource, op, running, step.position());
        if op == ResourceOp::Accepted
            && let Some(task) = running
        {
            self.series.accepts(task);
        }
        self.handles.used(step, resource, op, value);
    }

    fn operation(
        &mut self,
        step: &EventStep<'_>,
        resource: ResourceId,
        op: ResourceOp,
        value: u32,
    ) {
        self.note_progress(step, resource, op, value);
        let running = step.before.running.task();
        let claims = &mut self.claims;
        self.lost.operation(step, resource, op, value, claims);
        match op {
            ResourceOp::Acquired => {
                let acquired = (resource, value);
                self.locks.acquired(step, &self.poll, acquired, claims);
                self.values.acquired(step, &self.poll, acquired, claims);
            }
            ResourceOp::Released => {
                if self.locks.released(step, resource) {
                    self.uses.moves(resource);
                }
            }
            ResourceOp::Loaded => self.values.loaded(step, resource),
            ResourceOp::Stored => {
                self.values
                    .stored(step, &self.poll, (resource, value), claims);
            }
            ResourceOp::Begun | ResourceOp::Resumed => self.values.begun(resource),
            ResourceOp::Sent => {
                self.growth.item(step, &self.poll, resource, op);
                self.inversion.sent(step, resource);
                self.pressure.item(step, resource, op, value);
                self.order.sent(step, resource, op);
                self.fate.hands_on(running);
            }
            ResourceOp::Received => {
                self.growth.item(step, &self.poll, resource, op);
                self.inversion.received(step, resource);
                self.pressure.item(step, resource, op, value);
                self.fair
                    .received(step, &self.poll, &self.uses, resource, claims);
                self.fate.takes(running);
            }
            ResourceOp::Read | ResourceOp::Wrote => {
                if op == ResourceOp::Read {
                    self.fate.takes(running);
                } else {
                    self.fate.hands_on(running);
                }
                let poll = &self.poll;
                self.peers.moved(step, poll, resource, op, value, claims);
                self.retry.operation_succeeds(step, resource, claims);
            }
            ResourceOp::Accepted | ResourceOp::Connected => {
                self.retry.operation_succeeds(step, resource, claims);
            }
            ResourceOp::Tried => self.locks.tried(resource),
            ResourceOp::Failed => self.retry.operation_fails(step, resource),
            ResourceOp::Started => self.pool.started(resource, value),
            ResourceOp::Ran => self.pool.ran(step, resource, value, claims),
            ResourceOp::Ended | ResourceOp::Abandoned => self.pool.ended(step, resource),
            ResourceOp::Buffered => {
                self.writes
                    .buffered(step, &self.poll, resource, value, claims);
            }
            // Something outside of the loop has set it, and not woken the loop: that waits to its deadline.
            ResourceOp::Set if value == UNNOTICED => {
                stuck::conclude_set_from_outside(step.before, resource, step.position(), claims);
            }
            ResourceOp::Closed
            | ResourceOp::Set
            | ResourceOp::Cleared
            | ResourceOp::Entered
            | ResourceOp::Left
            | ResourceOp::Yielded
            | ResourceOp::SetError => {}
        }
    }
}

/// Whether an operation only looks at something, or tells that others may.
fn is_look(op: ResourceOp) -> bool {
    matches!(
        op,
        ResourceOp::Acquired
            | ResourceOp::Released
            | ResourceOp::Loaded
            | ResourceOp::Cleared
            | ResourceOp::Tried
    )
}

/// Whether a look cannot have changed what it looks at.
fn is_read(step: &EventStep<'_>, resource: ResourceId, op: ResourceOp, value: u32) -> bool {
    let is_shared = |by: u32| {
        let resource = step.before.resource(resource);
        resource.is_some_and(|resource| resource.kind == ResourceKind::RwLock) && by != 0
    };
    let before = step
        .before
        .resource(resource)
        .map_or(0, |known| known.value);
    matches!(op, ResourceOp::Loaded | ResourceOp::Tried)
        || (op == ResourceOp::Acquired && is_shared(value))
        || (op == ResourceOp::Released && is_shared(before))
}

/// Whether a group is that of `asyncio.wait`, which looks at no result: the adapter tells which results
/// the program has looked at.
fn is_wait(step: &EventStep<'_>, group: ResourceId) -> bool {
    let known = step.before.resource(group);
    known.is_some_and(|group| step.tables().text(group.name) == "wait")
}

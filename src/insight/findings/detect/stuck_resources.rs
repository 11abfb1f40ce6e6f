//! Tasks that are stuck at a channel, a lock or an event: `lostwakeup`, `chandeadlock`, `senderalive`, and
//! the `unpolled` of a lock.

use crate::replay::{ResourceState, State, TaskState};
use crate::trace::{ResourceId, ResourceKind, TaskId, Wait};

use super::{
    super::{
        claim::Claim,
        proof::{NamedResource, Proof},
        rule::Severity,
    },
    stuck::{SEARCHED, Stuck},
};

impl Stuck<'_> {
    /// The task waits for a resource that is ready, or for an event that was set and cleared before.
    pub(super) fn has_happened(&self, task: TaskId, row: &TaskState) -> Option<Claim> {
        let Some(Wait::Receive(id) | Wait::Acquire(id)) = self.wait(task) else {
            return None;
        };
        let resource = self.state.resource(id)?;
        let is_ready = is_ready_resource(self.state, id);
        if is_ready && matches!(resource.kind, ResourceKind::Lock | ResourceKind::Semaphore) {
            return Some(self.reserved(task, resource));
        }
        let set = self.uses.of(id).and_then(|known| known.set);
        let was_set = resource.kind == ResourceKind::Event && set.is_some();
        (is_ready || was_set || self.came_late(task)).then(|| {
            let proof = Proof::LostWakeup {
                resource: Some(NamedResource::from_state(resource)),
                waited: self.state.now().since(row.since),
            };
            Claim::new(Some(task), self.spot(task), proof)
                .also([resource.at])
                .evidence(set)
                .evidence(self.event(task))
        })
    }

    /// The tasks that wait for room in a channel from which only they themselves have taken items. Whether
    /// another task could take one is not recorded.
    pub(super) fn own_channels(&self) -> Vec<Claim> {
        let is_own = |task: TaskId, row: &TaskState| {
            let Wait::Send(id) = row.wait else {
                return false;
            };
            let known = self.uses.of(id);
            known.is_some_and(|known| known.receivers == [task]) && self.waits_for_one(task)
        };
        let rows = self.state.tasks.unfinished().take(SEARCHED);
        rows.filter(|(task, row)| is_own(*task, row))
            .filter_map(|(task, _)| self.channel(task, &[]))
            .collect()
    }

    /// The task waits for an item, or for room, that cannot come.
    pub(super) fn channel(
        &self,
        task: TaskId,
        unfinished: &[(TaskId, &TaskState)],
    ) -> Option<Claim> {
        let waits = self.wait(task)?;
        let (Wait::Send(id) | Wait::Receive(id)) = waits else {
            return None;
        };
        let sends = matches!(waits, Wait::Send(_));
        let resource = self.state.resource(id)?;
        let channel = NamedResource::from_state(resource);
        let known = self.uses.of(id);
        let sent = known.map_or(0, |known| known.sent);
        let others = match known {
            Some(known) if sends => &known.receivers,
            Some(known) => &known.senders,
            None => &Vec::new(),
        };
        // The other end waits for a channel as well.
        let other = unfinished.iter().find_map(|(at, _)| {
            let Some(Wait::Send(waited) | Wait::Receive(waited)) = self.wait(*at) else {
                return None;
            };
            let is_other_end = others.is_empty() || others.contains(at);
            (*at != task && waited != id && is_other_end).then_some((*at, waited))
        });
        let also = other.map(|(at, _)| self.spot(at).at);
        let proof = if sends || other.is_some() {
            Proof::ChanDeadlock {
                channel,
                sends,
                other: other.and_then(|(_, waited)| NamedResource::of(self.state, waited)),
            }
        } else {
            Proof::SenderAlive { channel, sent }
        };
        Some(
            Claim::new(Some(task), self.spot(task), proof)
                .also(also.into_iter().chain([resource.at]))
                .evidence(self.event(task))
                .evidence(other.and_then(|(at, _)| self.event(at))),
        )
    }

    /// The task waits for a lock or a permit that is free. It was released to the future that had
    /// waited longest, and the task of that future does not poll it.
    fn reserved(&self, task: TaskId, resource: &ResourceState) -> Claim {
        let proof = Proof::UnpolledLock {
            lock: NamedResource::from_state(resource),
        };
        Claim::new(Some(task), self.spot(task), proof)
            .severity(Severity::Error)
            .also([resource.at])
            .evidence(self.event(task))
    }
}

/// Whether what a task receives or acquires is there.
pub(super) fn is_ready_resource(state: &State, id: ResourceId) -> bool {
    let Some(resource) = state.resource(id) else {
        return false;
    };
    match resource.kind {
        ResourceKind::Channel => resource.value > 0 || resource.closed,
        ResourceKind::Event | ResourceKind::Future | ResourceKind::Cell => resource.value > 0,
        ResourceKind::Lock => resource.value > 0 && state.holdings.of(id).next().is_none(),
        ResourceKind::Semaphore => resource.value > 0 && resource.limit > 0,
        ResourceKind::Group
        | ResourceKind::Listener
        | ResourceKind::Stream
        | ResourceKind::Pool
        | ResourceKind::Io
        | ResourceKind::Foreign
        | ResourceKind::Value
        | ResourceKind::Scope
        | ResourceKind::Generator
        | ResourceKind::RwLock
        | ResourceKind::Barrier
        | ResourceKind::Child
        | ResourceKind::Thread => false,
    }
}

//! Values and futures: `race` and `unawaited`.
//!
//! * *Race.* A task reads a shared value, suspends, another task writes the value, and the first one
//!   writes it without another read: the write of the other task is lost.
//!   An adapter that cannot see reads says so itself, when a write has overwritten another.
//! * *Race under a lock.* A task takes a lock for many readers to read, and later to write; between the two
//!   another task has taken it to write. The task may look at the value once more before it writes, which
//!   no trace shows, so that is an info.
//! * *Unawaited.* A named future is created, and dropped before its first poll. A task that is
//!   cancelled drops its futures on purpose. Of a future such as that of a send, the runtime records
//!   only that it was dropped without a poll. It may be the loser of `or`, so that is an info.

use crate::insight::id_map::IdMap;

use crate::replay::{EventStep, ResourceState, Running, TaskState};
use crate::trace::{LocationId, Position, ResourceId, ResourceKind, TaskId, TextId};

use super::{
    super::{
        claim::{Claim, Claims, Nearness, Spot},
        proof::{NamedResource, Proof},
        rule::{Rule, Severity},
    },
    open_poll::OpenPoll,
};

/// Looks at shared values and named futures.
#[derive(Debug, Default)]
pub(in crate::insight::findings) struct ValueDetector {
    /// What is known of each value.
    values: IdMap<ResourceId, ValueUse>,
    /// The named futures that were not polled yet.
    unpolled: IdMap<ResourceId, UnpolledFuture>,
}

/// The reads and the last write of a value.
///
/// A task that writes the value has no read of it from then on. So if the last write is later than a
/// read that a task still has, another task made that write.
#[derive(Debug, Default)]
struct ValueUse {
    /// When each task has last read the value, of those that have not written it since.
    reads: IdMap<TaskId, Position>,
    /// The task that has last written it, and when.
    written: Option<(TaskId, Position)>,
}

#[derive(Clone, Copy, Debug)]
struct UnpolledFuture {
    name: TextId,
    at: LocationId,
    event: Position,
    /// It was recorded when it was dropped. The loser of `or` is dropped without a poll as well, if its
    /// rival is ready at once.
    at_drop: bool,
}

impl ValueDetector {
    pub(in crate::insight::findings) fn loaded(&mut self, step: &EventStep<'_>, value: ResourceId) {
        if let Some(task) = step.before.running.task() {
            let value = self.values.entry(value).or_default();
            value.reads.insert(task, step.position());
        }
    }

    /// A lock is acquired. One for many readers tells whether what it guards is read or written.
    #[inline]
    pub(in crate::insight::findings) fn acquired(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        (lock, value): (ResourceId, u32),
        claims: &mut Claims,
    ) {
        if let Some(resource) = step.before.resource(lock)
            && resource.kind == ResourceKind::RwLock
        {
            self.acquired_to_share(step, poll, (resource, lock), value > 0, claims);
        }
    }

    fn acquired_to_share(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        (resource, lock): (&ResourceState, ResourceId),
        is_read: bool,
        claims: &mut Claims,
    ) {
        let Some(task) = step.before.running.task() else {
            return;
        };
        if is_read {
            self.loaded(step, lock);
            return;
        }
        let known = self.values.entry(lock).or_default();
        let read = known.reads.remove(&task);
        let before = known.written.replace((task, step.position()));
        let (Some(event), Some((other, written))) = (read, before) else {
            return;
        };
        if written > event && other != task {
            let lock = NamedResource::from_state(resource);
            let spot = Spot {
                nearness: Nearness::AwaitBefore,
                ..poll.spot(step).0
            };
            let claim = Claim::new(Some(task), spot, Proof::RaceUnderLock { lock, other })
                .severity(Severity::Info)
                .also([resource.at])
                .evidence([event, written, step.position()]);
            claims.push(claim);
        }
    }

    pub(in crate::insight::findings) fn stored(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        (value, written): (ResourceId, u32),
        claims: &mut Claims,
    ) {
        let Some(task) = step.before.running.task() else {
            return;
        };
        if let Some(resource) = step.before.resource(value)
            && resource.limit != 0
        {
            overwritten(step, (task, TaskId(written)), resource, claims);
            return;
        }
        let known = self.values.entry(value).or_default();
        let read = known.reads.remove(&task);
        let before = known.written.replace((task, step.position()));
        let (Some(event), Some((other, written))) = (read, before) else {
            return;
        };
        if written < event {
            return;
        }
        let name = step.before.resource(value).map(|value| value.name);
        let at = step.before.resource(value).map(|value| value.at);
        let spot = Spot {
            nearness: Nearness::AwaitBefore,
            ..poll.spot(step).0
        };
        let proof = Proof::Race {
            value: name.unwrap_or(TextId::UNKNOWN),
            other: Some(other),
        };
        let claim = Claim::new(Some(task), spot, proof).also(at).evidence([
            event,
            written,
            step.position(),
        ]);
        claims.push(claim);
    }

    pub(in crate::insight::findings) fn created(
        &mut self,
        step: &EventStep<'_>,
        resource: ResourceId,
        kind: ResourceKind,
        (name, at, limit): (TextId, LocationId, u32),
    ) {
        self.forget(resource);
        if matches!(kind, ResourceKind::Foreign | ResourceKind::Generator) {
            let future = UnpolledFuture {
                name,
                at,
                event: step.position(),
                at_drop: limit == 1,
            };
            self.unpolled.insert(resource, future);
        }
    }

    /// A named future is polled for the first time.
    pub(in crate::insight::findings) fn begun(&mut self, resource: ResourceId) {
        self.unpolled.remove(&resource);
    }

    pub(in crate::insight::findings) fn dropped(
        &mut self,
        step: &EventStep<'_>,
        resource: ResourceId,
        claims: &mut Claims,
    ) {
        let created = self.unpolled.get(&resource).copied();
        self.forget(resource);
        let running = step.before.running.task();
        let is_cancelled = match step.before.running {
            Running::Task(task) => {
                let row = step.before.tasks.get(task);
                row.is_none_or(TaskState::cancel_requested)
            }
            // An async function that is given to the loop as a callback makes a future, and runs nothing.
            Running::Callback(..) => false,
            Running::Nothing => true,
        };
        if let Some(created) = created.filter(|_| !is_cancelled) {
            let proof = Proof::Unawaited { name: created.name };
            let severity = if created.at_drop {
                Severity::Info
            } else {
                Rule::Unawaited.entry().severity
            };
            let claim = Claim::new(running, Spot::exact(created.at), proof)
                .severity(severity)
                .evidence([created.event, step.position()]);
            claims.push(claim);
        }
    }

    fn forget(&mut self, resource: ResourceId) {
        self.unpolled.remove(&resource);
        self.values.remove(&resource);
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        *self = ValueDetector::default();
    }
}

/// An adapter has seen that a task wrote a value from what it had read before another task wrote it. The
/// value of the operation is the other task. The limit tells what the first task had done: 1 if it has
/// computed what it writes, 2 if it has only tested that the value was absent.
fn overwritten(
    step: &EventStep<'_>,
    (task, other): (TaskId, TaskId),
    resource: &ResourceState,
    claims: &mut Claims,
) {
    let proof = Proof::Race {
        value: resource.name,
        other: Some(other),
    };
    // Two tasks may each make what is absent on purpose: the results are alike.
    let severity = if resource.limit == 2 {
        Severity::Info
    } else {
        Rule::Race.entry().severity
    };
    let claim = Claim::new(Some(task), Spot::exact(resource.at), proof)
        .severity(severity)
        .evidence([step.position()]);
    claims.push(claim);
}

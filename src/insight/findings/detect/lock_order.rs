//! `lockorder` (possible): locks that are taken in orders which make a circle.
//!
//! Each task that takes a lock while it holds another one adds an arrow between the two. A circle of
//! arrows by different tasks is a possible deadlock, although none of the tasks may have waited in
//! this run. A read-write lock counts where it is taken for writing. It is none in two cases: all of them
//! held one more lock in common, which lets only one of them in; a lock was only tried, so that its task
//! does not wait for it. It is an `info` if one of them had ended before another was spawned.

use crate::insight::id_map::IdMap;

use crate::replay::{EventStep, ResourceState};
use crate::trace::{Position, ResourceId, ResourceKind, TaskId, Wait};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        proof::{NamedResource, Proof},
        rule::Severity,
    },
    open_poll::OpenPoll,
};

/// The most locks of a task that are looked at.
pub(super) const HELD: usize = 64;

/// The most arrows between locks, and the longest circle of them.
const ARROWS: usize = 4096;
const CIRCLE: usize = 4;

/// The most tasks that are kept of an arrow.
const TAKERS: usize = 3;

/// The most ways along the arrows that the search of a circle looks at.
const WAYS: usize = 32;

/// In which order tasks take locks.
#[derive(Debug, Default)]
pub(super) struct LockOrders {
    /// The number of each lock; slots are used again.
    numbers: IdMap<ResourceId, u64>,
    created: u64,
    /// What different tasks did, by the two locks.
    arrows: IdMap<(u64, u64), Vec<LockArrow>>,
    /// The locks at the ends of the arrows that begin at a lock, sorted.
    ends: IdMap<u64, Vec<u64>>,
    /// The lock that was asked for last without waiting.
    tried: Option<ResourceId>,
}

/// A task took a lock while it held another one.
#[derive(Clone, Debug)]
struct LockArrow {
    task: TaskId,
    spot: Spot,
    to: NamedResource,
    /// The other locks that it held.
    gates: Vec<u64>,
    /// Whether it waited for the lock.
    waited: bool,
    event: Position,
}

impl LockOrders {
    fn number(&mut self, lock: ResourceId) -> u64 {
        let created = &mut self.created;
        *self.numbers.entry(lock).or_insert_with(|| {
            *created += 1;
            *created
        })
    }

    /// A lock is asked for without waiting. A task that gives up instead of waiting closes no circle.
    pub(super) fn tried(&mut self, lock: ResourceId) {
        self.tried = Some(lock);
    }

    /// A task takes a lock, perhaps while it holds others.
    pub(super) fn arrow(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        task: TaskId,
        lock: ResourceId,
        claims: &mut Claims,
    ) {
        if self.tried.take() == Some(lock) {
            return;
        }
        if self.arrows.len() >= ARROWS {
            return;
        }
        let held: Vec<ResourceId> = step
            .before
            .holdings
            .by(task)
            .take(HELD)
            .map(|held| held.resource)
            .filter(|held| *held != lock)
            .filter(|held| step.before.resource(*held).is_some_and(is_held_alone))
            .collect();
        let Some(to) = NamedResource::of(step.before, lock).filter(|_| !held.is_empty()) else {
            return;
        };
        let numbers: Vec<u64> = held.iter().map(|held| self.number(*held)).collect();
        let number = self.number(lock);
        let waited = poll.waited == Wait::Acquire(lock);
        for from in &numbers {
            let key = (*from, number);
            let known = self.arrows.get(&key).map_or(&[][..], Vec::as_slice);
            let of_task = known.iter().position(|known| known.task == task);
            let is_known = match of_task {
                Some(at) => known[at].waited || !waited,
                None => known.len() >= TAKERS,
            };
            if is_known || self.arrows.len() >= ARROWS {
                continue;
            }
            let (spot, _) = poll.spot(step);
            let spot = if waited {
                Spot::awaits(poll.resumed, poll.resumed_at_creation, poll.waited)
            } else {
                spot
            };
            let arrow = LockArrow {
                task,
                spot,
                to,
                gates: numbers
                    .iter()
                    .copied()
                    .filter(|gate| gate != from)
                    .collect(),
                waited,
                event: step.position(),
            };
            let known = self.arrows.entry(key).or_default();
            match of_task {
                Some(at) => known[at] = arrow,
                None => known.push(arrow),
            }
            let ends = self.ends.entry(*from).or_default();
            if let Err(at) = ends.binary_search(&number) {
                ends.insert(at, number);
            }
            self.circle(step, key, claims);
        }
    }

    /// Searches a circle of arrows that goes through a new one.
    fn circle(&self, step: &EventStep<'_>, new: (u64, u64), claims: &mut Claims) {
        let mut ways: Vec<Vec<(u64, u64)>> = vec![vec![new]];
        for _ in 0..WAYS {
            let Some(way) = ways.pop() else {
                return;
            };
            let end = way.last().map_or(0, |(_, to)| *to);
            if end == new.0 {
                self.claim_circle(step, &way, claims);
                return;
            }
            if way.len() >= CIRCLE {
                continue;
            }
            let ends = self.ends.get(&end).map_or(&[][..], Vec::as_slice);
            let is_new = |to: &&u64| **to == new.0 || !way.iter().any(|(known, _)| known == *to);
            for to in ends.iter().filter(is_new).take(WAYS) {
                let mut longer = way.clone();
                longer.push((end, *to));
                ways.push(longer);
            }
        }
    }

    fn claim_circle(&self, step: &EventStep<'_>, way: &[(u64, u64)], claims: &mut Claims) {
        let circles = self.circles_by_different_tasks(way);
        let together = circles.iter().find(|circle| is_together(step, circle));
        let Some(arrows) = together.or(circles.first()) else {
            return;
        };
        let last = arrows[0];
        let proof = Proof::LockOrder {
            locks: arrows.iter().map(|arrow| arrow.to).collect(),
            tasks: arrows.iter().map(|arrow| arrow.task).collect(),
            is_now: false,
        };
        let severity = match together {
            Some(_) => Severity::Warning,
            None => Severity::Info,
        };
        let claim = Claim::new(Some(last.task), last.spot, proof)
            .severity(severity)
            .also(arrows.iter().map(|arrow| arrow.spot.at))
            .evidence(arrows.iter().map(|arrow| arrow.event));
        claims.push(claim);
    }

    /// The arrows of a circle, each by another task, and without a lock that all of them held in common.
    fn circles_by_different_tasks(&self, way: &[(u64, u64)]) -> Vec<Vec<&LockArrow>> {
        let mut circles: Vec<Vec<&LockArrow>> = vec![Vec::new()];
        for key in way {
            let arrows = self.arrows.get(key).map_or(&[][..], Vec::as_slice);
            circles = circles
                .iter()
                .flat_map(|circle| {
                    let others = arrows
                        .iter()
                        .filter(|arrow| circle.iter().all(|known| known.task != arrow.task));
                    others.map(|arrow| [circle.as_slice(), &[arrow]].concat())
                })
                .collect();
        }
        circles.retain(|circle| {
            let mut gates = circle.first().map_or(&[][..], |arrow| &arrow.gates).iter();
            !circle.is_empty()
                && !gates.any(|gate| circle.iter().all(|arrow| arrow.gates.contains(gate)))
        });
        circles
    }

    /// The slot has another resource from now on, or none.
    pub(super) fn forget(&mut self, lock: ResourceId) {
        self.numbers.remove(&lock);
    }

    pub(super) fn gap(&mut self) {
        self.numbers.clear();
    }
}

/// Whether all tasks of a circle could take their locks at the same time.
fn is_together(step: &EventStep<'_>, circle: &[&LockArrow]) -> bool {
    circle.iter().all(|one| {
        let mut later = circle.iter().filter(|other| other.event > one.event);
        later.all(|other| may_overlap(step, one, other))
    })
}

/// Whether the task of an arrow could take its locks while the task of a later arrow takes its own:
/// not if it had ended before the other was spawned.
fn may_overlap(step: &EventStep<'_>, earlier: &LockArrow, later: &LockArrow) -> bool {
    let Some(info) = step.tables().task(later.task) else {
        return true;
    };
    let row = step.before.tasks.get(earlier.task);
    let ended = row.filter(|row| row.status().ended()).map(|row| row.since);
    info.spawned < earlier.event || ended.is_none_or(|ended| ended > info.spawned_at)
}

/// Whether one task at a time can hold it, or a task writes under it.
pub(super) fn is_held_alone(resource: &ResourceState) -> bool {
    is_exclusive(resource.kind, resource.limit) || is_written(resource.kind, resource.value)
}

/// Whether a lock for many readers, of which this is left, has a writer.
pub(super) fn is_written(kind: ResourceKind, left: u32) -> bool {
    kind == ResourceKind::RwLock && left == 0
}

/// Whether only one task can hold it.
pub(super) fn is_exclusive(kind: ResourceKind, limit: u32) -> bool {
    match kind {
        ResourceKind::Lock => true,
        ResourceKind::Semaphore => limit == 1,
        ResourceKind::Channel
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
        | ResourceKind::RwLock
        | ResourceKind::Barrier
        | ResourceKind::Cell
        | ResourceKind::Child
        | ResourceKind::Thread => false,
    }
}

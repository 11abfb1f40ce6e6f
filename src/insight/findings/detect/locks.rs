//! Locks and permits: `convoy`, `lockorder` (possible) and `permitleak`.
//!
//! * *Convoy.* A task that holds a lock suspends for a timer, I/O, the thread pool or another task.
//!   When it is polled again after a slow wait, the tasks that wait for its lock are counted. The
//!   same lock and the same `.await` have to meet at least two such tasks several times.
//! * *Lock order.* Each task that takes a lock while it holds another one adds an arrow between the
//!   two. A circle of arrows by different tasks is a possible deadlock, unless all of them held one
//!   more lock in common, which lets only one of them in.
//! * *Permit leak.* A task that holds a permit has ended, and others wait for the semaphore.

use std::collections::HashMap;

use crate::replay::{EventStep, State, Status};
use crate::trace::{LocationId, Moment, Position, ResourceId, ResourceKind, Span, TaskId, Wait};

use super::{
    super::{
        claim::{CauseKey, Claim, Claims, Nearness, Spot},
        limits::Limits,
        proof::{NamedResource, Proof},
        rule::{Rule, Severity},
    },
    open_poll::OpenPoll,
};

/// The most arrows between locks, and the longest circle of them.
const ARROWS: usize = 4096;
const CIRCLE: usize = 4;

/// The most acquisitions of permits whose places are kept.
const PLACES: usize = 4096;

/// The most semaphores and waiting tasks that are looked at.
const SEARCHED: usize = 4096;

/// Looks at how locks are held.
#[derive(Debug)]
pub(in crate::insight::findings) struct LockDetector {
    wait: Span,
    times: u64,
    /// The tasks in line for each lock.
    lines: HashMap<ResourceId, Vec<TaskId>>,
    /// The tasks that hold a lock, with the wait in which they do.
    holders: HashMap<TaskId, HeldWait>,
    convoys: HashMap<(LocationId, LocationId), Convoy>,
    /// The number of each lock; slots are used again.
    numbers: HashMap<ResourceId, u64>,
    created: u64,
    arrows: HashMap<(u64, u64), LockArrow>,
    /// Where tasks have taken permits.
    places: HashMap<(ResourceId, TaskId), Spot>,
}

/// A wait of a task that holds locks.
#[derive(Clone, Copy, Debug, Default)]
struct HeldWait {
    locks: u32,
    /// When it suspended, and for what, if it has.
    since: Option<HeldSince>,
}

/// The suspension of a task that holds locks.
#[derive(Clone, Copy, Debug)]
struct HeldSince {
    from: Moment,
    wait: Wait,
    at: LocationId,
    event: Position,
    /// The deadline of the timer that it waits for: what comes later is not the fault of the task.
    until: Option<Moment>,
}

/// Slow waits inside of one lock at one `.await`.
#[derive(Clone, Copy, Debug)]
struct Convoy {
    times: u64,
    cost: Span,
    /// The one resource on which all of these waits were.
    device: Option<ResourceId>,
}

/// A task took a lock while it held another one.
#[derive(Clone, Debug)]
struct LockArrow {
    task: TaskId,
    spot: Spot,
    to: NamedResource,
    /// The other locks that it held.
    gates: Vec<u64>,
    /// Whether it waited for the lock. A `try_lock` never waits.
    waited: bool,
    event: Position,
}

impl LockDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> LockDetector {
        LockDetector {
            wait: limits.span(Rule::Convoy, "wait"),
            times: limits.count(Rule::Convoy, "times"),
            lines: HashMap::new(),
            holders: HashMap::new(),
            convoys: HashMap::new(),
            numbers: HashMap::new(),
            created: 0,
            arrows: HashMap::new(),
            places: HashMap::new(),
        }
    }

    // ---- the lines

    /// A task has suspended for a lock.
    pub(in crate::insight::findings) fn waits(&mut self, task: TaskId, lock: ResourceId) {
        let line = self.lines.entry(lock).or_default();
        if !line.contains(&task) {
            line.push(task);
        }
    }

    /// A task that waited for a lock is woken.
    pub(in crate::insight::findings) fn woken(&mut self, task: TaskId, lock: ResourceId) {
        if let Some(line) = self.lines.get_mut(&lock) {
            line.retain(|waiting| *waiting != task);
        }
    }

    // ---- the holders

    pub(in crate::insight::findings) fn acquired(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        lock: ResourceId,
        claims: &mut Claims,
    ) {
        let Some(task) = step.before.running.task() else {
            return;
        };
        let Some(resource) = step.before.resource(lock) else {
            return;
        };
        if is_exclusive(resource.kind, resource.limit) {
            self.holders.entry(task).or_default().locks += 1;
            self.arrow(step, poll, task, lock, claims);
        } else if resource.kind == ResourceKind::Semaphore && self.places.len() < PLACES {
            self.places.insert((lock, task), poll.spot(step).0);
        }
    }

    pub(in crate::insight::findings) fn released(
        &mut self,
        step: &EventStep<'_>,
        lock: ResourceId,
    ) {
        let Some(resource) = step.before.resource(lock) else {
            return;
        };
        let running = step.before.running.task();
        let held = step.before.holdings.of(lock).map(|held| held.task);
        let mut held = held.collect::<Vec<_>>();
        let own = held.iter().position(|task| Some(*task) == running);
        let holder = own
            .or((!held.is_empty()).then_some(0))
            .map(|at| held.remove(at));
        let Some(holder) = holder else {
            return;
        };
        if !is_exclusive(resource.kind, resource.limit) {
            self.places.remove(&(lock, holder));
            return;
        }
        if let Some(known) = self.holders.get_mut(&holder) {
            known.locks = known.locks.saturating_sub(1);
            if known.locks == 0 {
                self.holders.remove(&holder);
            }
        }
    }

    /// A task has suspended.
    #[inline]
    pub(in crate::insight::findings) fn suspended(&mut self, step: &EventStep<'_>, task: TaskId) {
        if self.holders.is_empty() {
            return;
        }
        if let Some(held) = self.holders.get_mut(&task)
            && let Some(row) = step.before.tasks.get(task)
        {
            let until = match row.wait {
                Wait::Timer(timer) => step.before.timer(timer).map(|timer| timer.deadline),
                Wait::Unknown
                | Wait::Yield
                | Wait::Join(_)
                | Wait::Send(_)
                | Wait::Receive(_)
                | Wait::Acquire(_)
                | Wait::Operation(_)
                | Wait::All(_)
                | Wait::Any(_) => None,
            };
            held.since = Some(HeldSince {
                from: step.at(),
                wait: row.wait,
                at: row.wait_at,
                event: step.position(),
                until,
            });
        }
    }

    /// A task is polled again.
    #[inline]
    pub(in crate::insight::findings) fn resumed(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        claims: &mut Claims,
    ) {
        if self.holders.is_empty() {
            return;
        }
        let since = self
            .holders
            .get_mut(&task)
            .and_then(|held| held.since.take());
        if let Some(since) = since
            && is_slow(since.wait)
            && since
                .until
                .map_or(step.at(), |until| until.min(step.at()))
                .since(since.from)
                >= self.wait
        {
            self.slow_wait(step, task, since, claims);
        }
    }

    /// A holder was suspended for a long time: counts the tasks in line for its locks.
    fn slow_wait(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        since: HeldSince,
        claims: &mut Claims,
    ) {
        let HeldSince {
            from: since,
            wait,
            at,
            event,
            ..
        } = since;
        let now = step.at();
        let held: Vec<ResourceId> = step
            .before
            .holdings
            .by(task)
            .map(|held| held.resource)
            .collect();
        for lock in held {
            let Some(resource) = step.before.resource(lock) else {
                continue;
            };
            let line = self.lines.get(&lock).map_or(&[][..], Vec::as_slice);
            if line.len() < 2 || !is_exclusive(resource.kind, resource.limit) {
                continue;
            }
            let waits = line.iter().filter_map(|task| step.before.tasks.get(*task));
            let cost: Span = waits.map(|row| now.since(row.since.max(since))).sum();
            let device = match wait {
                Wait::Operation(id) => Some(id),
                _ => None,
            };
            let convoy = self.convoys.entry((resource.at, at)).or_insert(Convoy {
                times: 0,
                cost: Span::ZERO,
                device,
            });
            convoy.times += 1;
            convoy.cost += cost;
            convoy.device = convoy.device.filter(|known| Some(*known) == device);
            if convoy.times < self.times {
                continue;
            }
            let severity = if convoy.device.is_some() {
                Severity::Info
            } else {
                Severity::Warning
            };
            let proof = Proof::Convoy {
                lock: NamedResource::from_state(resource),
                held: now.since(since),
                queued: line.len() as u64,
            };
            let claim = Claim::new(Some(task), Spot::exact(at), proof)
                .severity(severity)
                .cost(std::mem::take(&mut convoy.cost))
                .also([resource.at])
                .evidence([event, step.position()]);
            claims.push(claim);
        }
    }

    // ---- the order

    fn number(&mut self, lock: ResourceId) -> u64 {
        let created = &mut self.created;
        *self.numbers.entry(lock).or_insert_with(|| {
            *created += 1;
            *created
        })
    }

    /// A task takes a lock, perhaps while it holds others.
    fn arrow(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        task: TaskId,
        lock: ResourceId,
        claims: &mut Claims,
    ) {
        let held: Vec<ResourceId> = step
            .before
            .holdings
            .by(task)
            .map(|held| held.resource)
            .filter(|held| *held != lock)
            .filter(|held| {
                let resource = step.before.resource(*held);
                resource.is_some_and(|held| is_exclusive(held.kind, held.limit))
            })
            .collect();
        let Some(to) = NamedResource::of(step.before, lock).filter(|_| !held.is_empty()) else {
            return;
        };
        let numbers: Vec<u64> = held.iter().map(|held| self.number(*held)).collect();
        let number = self.number(lock);
        let waited = poll.waited == Wait::Acquire(lock);
        for from in &numbers {
            let key = (*from, number);
            let known = self.arrows.get(&key);
            if known.is_some_and(|known| known.waited || !waited) || self.arrows.len() >= ARROWS {
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
            self.arrows.insert(key, arrow);
            self.circle(key, claims);
        }
    }

    /// Searches a circle of arrows that goes through a new one.
    fn circle(&self, new: (u64, u64), claims: &mut Claims) {
        let mut ways: Vec<Vec<(u64, u64)>> = vec![vec![new]];
        while let Some(way) = ways.pop() {
            let end = way.last().map_or(0, |(_, to)| *to);
            if end == new.0 {
                self.claim_circle(&way, claims);
                return;
            }
            if way.len() >= CIRCLE {
                continue;
            }
            let mut next: Vec<(u64, u64)> = self
                .arrows
                .keys()
                .filter(|(from, to)| {
                    *from == end && !way.iter().any(|(known, _)| known == to && *known != new.0)
                })
                .copied()
                .collect();
            next.sort_unstable();
            for arrow in next {
                let mut longer = way.clone();
                longer.push(arrow);
                ways.push(longer);
            }
        }
    }

    fn claim_circle(&self, way: &[(u64, u64)], claims: &mut Claims) {
        let arrows: Vec<&LockArrow> = way.iter().filter_map(|key| self.arrows.get(key)).collect();
        let mut tasks: Vec<TaskId> = arrows.iter().map(|arrow| arrow.task).collect();
        tasks.sort_unstable();
        tasks.dedup();
        let Some(last) = arrows.first() else {
            return;
        };
        let gated = last
            .gates
            .iter()
            .any(|gate| arrows.iter().all(|arrow| arrow.gates.contains(gate)));
        if tasks.len() < arrows.len() || gated {
            return;
        }
        let severity = if arrows.iter().any(|arrow| arrow.waited) {
            Severity::Warning
        } else {
            Severity::Info
        };
        let proof = Proof::LockOrder {
            locks: arrows.iter().map(|arrow| arrow.to).collect(),
            tasks: arrows.iter().map(|arrow| arrow.task).collect(),
            is_now: false,
        };
        let claim = Claim::new(Some(last.task), last.spot, proof)
            .severity(severity)
            .also(arrows.iter().map(|arrow| arrow.spot.at))
            .evidence(arrows.iter().map(|arrow| arrow.event));
        claims.push(claim);
    }

    /// The slot has another resource from now on, or none.
    pub(in crate::insight::findings) fn forget(&mut self, lock: ResourceId) {
        self.numbers.remove(&lock);
        self.lines.remove(&lock);
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.lines.clear();
        self.holders.clear();
        self.numbers.clear();
        self.places.clear();
    }

    // ---- permits

    /// The semaphores for which tasks wait although holders of their permits have ended.
    /// Returns the first of these findings.
    pub(in crate::insight::findings) fn conclude(
        &self,
        state: &State,
        claims: &mut Claims,
    ) -> Option<CauseKey> {
        let mut found = None;
        let mut waited: Vec<ResourceId> = state
            .tasks
            .unfinished()
            .take(SEARCHED)
            .filter(|(_, row)| row.status() == Status::Pending)
            .filter_map(|(_, row)| match row.wait {
                Wait::Acquire(id) => Some(id),
                _ => None,
            })
            .collect();
        waited.sort_unstable();
        waited.dedup();
        for id in waited {
            let Some(resource) = state.resource(id) else {
                continue;
            };
            if resource.kind != ResourceKind::Semaphore || resource.value > 0 {
                continue;
            }
            let held: Vec<_> = state.holdings.of(id).collect();
            let ended = |task: TaskId| state.tasks.get(task).is_none_or(|row| row.status().ended());
            let leaked: Vec<_> = held.iter().filter(|held| ended(held.task)).collect();
            // Others that live may give a permit back, but those that have ended cannot.
            let Some(first) = leaked.first() else {
                continue;
            };
            let is_over = held.len() == leaked.len();
            let unknown = Spot {
                at: LocationId::UNKNOWN,
                nearness: Nearness::AwaitBefore,
            };
            let spot = self
                .places
                .get(&(id, first.task))
                .copied()
                .unwrap_or(unknown);
            let proof = Proof::PermitLeak {
                semaphore: NamedResource::from_state(resource),
                permits: leaked.len() as u64,
                of: resource.limit,
            };
            let claim = Claim::new(Some(first.task), spot, proof)
                .severity(if is_over {
                    Severity::Error
                } else {
                    Severity::Warning
                })
                .also([resource.at])
                .evidence(leaked.iter().map(|held| held.event));
            found.get_or_insert(claim.key());
            claims.push(claim);
        }
        found
    }
}

/// Whether only one task can hold it.
fn is_exclusive(kind: ResourceKind, limit: u32) -> bool {
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
        | ResourceKind::Child => false,
    }
}

/// Whether a wait takes as long as something outside the program does.
fn is_slow(wait: Wait) -> bool {
    match wait {
        Wait::Timer(_) | Wait::Join(_) | Wait::Operation(_) | Wait::All(_) | Wait::Any(_) => true,
        Wait::Unknown | Wait::Yield | Wait::Send(_) | Wait::Receive(_) | Wait::Acquire(_) => false,
    }
}

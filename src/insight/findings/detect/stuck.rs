//! Tasks that can never continue: `selfdeadlock`, `joincycle`, `lockorder` (now), `chandeadlock`,
//! `senderalive`, `lostwakeup`, `deadlock` and `stalled`.
//!
//! All of this is read from one state: the last one, or the one before main ends, because the loop
//! then cancels all other tasks. The steps are:
//!
//! 1. *Circles.* Each task that waits for one thing only leads to the task that it joins, or that
//!    holds its lock. A way that returns to itself is a circle: none of its tasks can continue. A
//!    task of the circle that has a timer may be a timeout, so the circle is then no proof.
//! 2. *Channels*, *events that have happened*: only when the loop itself has found that no task can
//!    run again.
//! 3. The outcome of the run follows from the findings of the first two steps; it is a finding of
//!    its own if there are none.

use crate::insight::id_map::IdSet;

use crate::replay::{State, Status, TaskState, TickPhase};
use crate::trace::{LocationId, Outcome, Position, ResourceId, ResourceKind, TaskId, Wait};

use super::{
    super::{
        claim::{CauseKey, Claim, Claims, Nearness, Spot},
        hang::{has_other_threads, waits_for_nothing_outside},
        proof::{NamedResource, Proof},
        rule::{Rule, Severity},
    },
    channels::ResourceUses,
    limited::{LimitedWait, LimitedWaits},
};
use crate::insight::facts::{StuckReason, stuck_reason, stuck_reason_of};

/// With more unfinished tasks than this, no circle is searched.
pub(super) const SEARCHED: usize = 20_000;

const MAIN: TaskId = TaskId(0);

/// Makes the claims about tasks that can never continue.
///
/// `cause` is a finding that explains the outcome.
pub(in crate::insight::findings) fn conclude(
    state: &State,
    uses: &ResourceUses,
    cause: Option<CauseKey>,
    claims: &mut Claims,
) {
    let stuck = Stuck::new(state, uses);
    let mut causes = stuck.circles(claims);
    causes.extend(cause);
    let is_over = match state.outcome {
        Some(outcome) => matches!(outcome, Outcome::Deadlock | Outcome::Stalled),
        None => state.phase == TickPhase::Parked && stuck.is_idle_for_ever(),
    };
    if is_over {
        causes.extend(stuck.resources(claims));
        let is_stalled = state.outcome == Some(Outcome::Stalled);
        stuck.outcome(!is_stalled, causes.first().copied(), claims);
    }
}

/// The same when the loop begins to wait without a deadline.
pub(in crate::insight::findings) fn conclude_idle(
    state: &State,
    uses: &ResourceUses,
    claims: &mut Claims,
) {
    if !state.timers.is_empty() {
        return;
    }
    let stuck = Stuck::new(state, uses);
    if stuck.is_idle_for_ever() {
        stuck.all(claims);
    }
}

/// What [`conclude_idle`] would claim if the other threads of the program did not exist.
pub(in crate::insight::findings) fn conclude_idle_beside_threads(
    state: &State,
    uses: &ResourceUses,
    claims: &mut Claims,
) {
    let stuck = Stuck::new(state, uses);
    if stuck.is_idle() {
        stuck.all(claims);
    }
}

/// The claims about tasks that wait for each other while no task has a timer. What else the loop waits for
/// does not matter.
#[inline(never)]
pub(in crate::insight::findings) fn conclude_circles(
    state: &State,
    uses: &ResourceUses,
    claims: &mut Claims,
) {
    if state.timers.is_empty() && state.missing == 0 {
        let stuck = Stuck::new(state, uses);
        stuck.circles(claims);
        for claim in stuck.own_channels() {
            claims.push(claim);
        }
    }
}

/// Whether a task waits for room in a channel that only it itself reads.
pub(in crate::insight::findings) fn is_in_own_channel(state: &State, uses: &ResourceUses) -> bool {
    let is_idle = state.timers.is_empty() && state.phase == TickPhase::Parked;
    is_idle && !Stuck::new(state, uses).own_channels().is_empty()
}

/// The claim about a task that gives up a wait, if it is in a circle of waits. The tasks of the circle may
/// have limits.
pub(in crate::insight::findings) fn conclude_given_up(
    state: &State,
    uses: &ResourceUses,
    limits: &LimitedWaits,
    task: TaskId,
    claims: &mut Claims,
) {
    let mut stuck = Stuck::new(state, uses).with_limits(limits);
    if state.missing > 0 || !stuck.wait(task).is_some_and(may_be_in_circle) {
        return;
    }
    stuck.limited = std::mem::take(&mut stuck.sleeping);
    let mut way: Vec<(TaskId, Option<ResourceId>)> = Vec::new();
    let mut next = Some(task);
    while let Some(at) = next.filter(|at| stuck.waits_for_one(*at)) {
        if let Some(first) = way.iter().position(|(on_way, _)| *on_way == at) {
            stuck.circle(&way[first..], claims);
            return;
        }
        let step = stuck.next(at);
        way.push((at, step.and_then(|(_, lock)| lock)));
        next = step.map(|(task, _)| task);
    }
}

/// The claims about a loop that waits for nothing but the limits of some tasks.
pub(in crate::insight::findings) fn conclude_guarded(
    state: &State,
    uses: &ResourceUses,
    limits: &LimitedWaits,
    claims: &mut Claims,
) {
    if uses.is_used_from_outside() || state.missing > 0 {
        return;
    }
    let mut stuck = Stuck::new(state, uses).with_limits(limits);
    stuck.limited = std::mem::take(&mut stuck.sleeping);
    stuck.circles(claims);
    if !has_other_threads(state) {
        stuck.resources(claims);
    }
}

/// The claim about a loop that waits for nothing but the limits of some tasks, and of which nothing is known
/// that could wake a task before. It may wait so on purpose.
pub(in crate::insight::findings) fn conclude_guarded_stall(
    state: &State,
    uses: &ResourceUses,
    limits: &LimitedWaits,
    claims: &mut Claims,
) {
    if uses.is_used_from_outside() || state.missing > 0 || has_other_threads(state) {
        return;
    }
    let mut stalled = Claims::default();
    Stuck::new(state, uses)
        .with_limits(limits)
        .outcome(false, None, &mut stalled);
    for merged in stalled.into_merged() {
        let claim = merged.worst;
        let waits_for_event = claim
            .task
            .and_then(|task| state.tasks.get(task))
            .is_some_and(|row| matches!(row.wait, Wait::Acquire(id) if is_event(state, id)));
        if claim.rule == Rule::Stalled && waits_for_event {
            claims.push(claim.severity(Severity::Info));
        }
    }
}

/// The claims about the tasks that wait for a resource while something outside of the loop sets it, without
/// waking the loop.
pub(in crate::insight::findings) fn conclude_set_from_outside(
    state: &State,
    id: ResourceId,
    position: Position,
    claims: &mut Claims,
) {
    let Some(resource) = state.resource(id) else {
        return;
    };
    for (task, row) in state.tasks.unfinished().take(SEARCHED) {
        if matches!(row.wait, Wait::Acquire(on) | Wait::Receive(on) | Wait::Send(on) if on == id) {
            let proof = Proof::LostWakeup {
                resource: Some(NamedResource::from_state(resource)),
                waited: state.now().since(row.since),
            };
            let claim = Claim::new(Some(task), Spot::of_wait(row), proof)
                .also([resource.at])
                .evidence([row.woken(), position]);
            claims.push(claim);
        }
    }
}

/// The claim about a loop in which all tasks wait, and of which nothing is known that could wake one.
pub(in crate::insight::findings) fn conclude_stalled(
    state: &State,
    uses: &ResourceUses,
    claims: &mut Claims,
) {
    Stuck::new(state, uses).outcome(false, None, claims);
}

/// A state whose tasks may be stuck.
pub(super) struct Stuck<'a> {
    pub(super) state: &'a State,
    pub(super) uses: &'a ResourceUses,
    /// The tasks that have a timer.
    pub(super) sleeping: IdSet<TaskId>,
    /// Whether there are timers that no task has set. What their callbacks wake is not known.
    has_other_timers: bool,
    /// The tasks of which a timer is only the limit of their wait.
    pub(super) limited: IdSet<TaskId>,
    /// What the tasks wait for whose last declared wait is a limit.
    pub(super) limits: Option<&'a LimitedWaits>,
}

impl<'a> Stuck<'a> {
    pub(super) fn new(state: &'a State, uses: &'a ResourceUses) -> Stuck<'a> {
        Stuck {
            state,
            uses,
            sleeping: state
                .timers
                .values()
                .filter_map(|timer| timer.task)
                .collect(),
            has_other_timers: state.timers.values().any(|timer| timer.task.is_none()),
            limited: IdSet::default(),
            limits: None,
        }
    }

    fn with_limits(self, limits: &'a LimitedWaits) -> Stuck<'a> {
        Stuck {
            limits: Some(limits),
            ..self
        }
    }

    /// The wait of a task beside its limit.
    pub(super) fn beside_limit(&self, task: TaskId) -> Option<&'a LimitedWait> {
        self.limits?.of(self.state, task)
    }

    /// What a task waits for, apart from its limit.
    pub(super) fn wait(&self, task: TaskId) -> Option<Wait> {
        let limited = self.beside_limit(task).map(|limited| limited.on);
        limited.or_else(|| self.row(task).map(|row| row.wait))
    }

    pub(super) fn row(&self, task: TaskId) -> Option<&TaskState> {
        self.state.tasks.get(task)
    }

    /// A task that waits for one thing, with nothing else that could end its wait.
    pub(super) fn waits_for_one(&self, task: TaskId) -> bool {
        if self.beside_limit(task).is_some() {
            return true;
        }
        let row = self.row(task);
        let waits = row.is_some_and(|row| {
            let is_one = row.also == 0 || (row.also == 1 && self.limited.contains(&task));
            row.status() == Status::Pending && is_one && !row.is_being_cancelled()
        });
        waits && !self.sleeping.contains(&task)
    }

    pub(super) fn spot(&self, task: TaskId) -> Spot {
        if let Some(limited) = self.beside_limit(task) {
            return Spot::awaits(limited.at, limited.at_creation, limited.on);
        }
        match self.row(task) {
            Some(row) => Spot::of_wait(row),
            None => Spot::exact(LocationId::UNKNOWN),
        }
    }

    /// The claims about a loop that is idle for ever.
    fn all(&self, claims: &mut Claims) {
        let mut causes = self.circles(claims);
        causes.extend(self.resources(claims));
        self.outcome(true, causes.first().copied(), claims);
    }

    /// Whether the trace ends while its loop is parked, and nothing is known that could wake a task:
    /// no timer, no operation, no socket, no callback, no thread.
    fn is_idle_for_ever(&self) -> bool {
        self.is_idle() && !has_other_threads(self.state)
    }

    /// The same without a look at threads. One that has woken a task before may do so again, and a bare
    /// future may be completed by anything.
    fn is_idle(&self) -> bool {
        let state = self.state;
        let waits = |row: &TaskState| {
            let is_known = match row.wait {
                Wait::Join(_) | Wait::Send(_) | Wait::Receive(_) | Wait::All(_) | Wait::Any(_) => {
                    true
                }
                Wait::Acquire(id) => state
                    .resource(id)
                    .is_some_and(|resource| resource.kind != ResourceKind::Future),
                Wait::Unknown | Wait::Yield | Wait::Timer(_) | Wait::Operation(_) => false,
            };
            row.status() == Status::Pending && is_known
        };
        self.sleeping.is_empty()
            && !self.has_other_timers
            && !self.uses.is_used_from_outside()
            && waits_for_nothing_outside(state)
            && state.missing == 0
            && state.tasks.unfinished().next().is_some()
            && state.tasks.unfinished().all(|(_, row)| waits(row))
    }

    /// The position after the event that put a task into the ready queue last: its last poll began
    /// after it.
    pub(super) fn event(&self, task: TaskId) -> Option<Position> {
        self.row(task).map(TaskState::woken)
    }

    /// The task that has to continue before this one can.
    pub(super) fn next(&self, task: TaskId) -> Option<(TaskId, Option<ResourceId>)> {
        let reason = match self.beside_limit(task) {
            Some(limited) => stuck_reason_of(self.state, task, limited.on),
            None => stuck_reason(self.state, task),
        };
        match reason {
            StuckReason::Joins(other) => match self.wait(task)? {
                Wait::Any(_) => None,
                Wait::Unknown
                | Wait::Yield
                | Wait::Timer(_)
                | Wait::Join(_)
                | Wait::Send(_)
                | Wait::Receive(_)
                | Wait::Acquire(_)
                | Wait::Operation(_)
                | Wait::All(_) => Some((other, None)),
            },
            StuckReason::JoinsItself => Some((task, None)),
            StuckReason::HeldBy(id, _) | StuckReason::HoldsItself(id) => self.holder(task, id),
            StuckReason::Full(_)
            | StuckReason::Empty(_)
            | StuckReason::NeverSet(_)
            | StuckReason::Unknown => None,
        }
    }

    /// The holder of a lock that a task waits for. A semaphore has one if all permits that are taken
    /// are in the hands of one task.
    fn holder(&self, task: TaskId, id: ResourceId) -> Option<(TaskId, Option<ResourceId>)> {
        let resource = self.state.resource(id)?;
        let mut holders = self.state.holdings.of(id).map(|held| held.task);
        let first = holders.next()?;
        let kind = resource.kind;
        let holder = if kind == ResourceKind::RwLock && holders.any(|other| other == task) {
            Some(task)
        } else if matches!(kind, ResourceKind::Lock | ResourceKind::RwLock) {
            Some(first)
        } else if kind == ResourceKind::Semaphore && resource.value == 0 && !self.uses.is_moved(id)
        {
            holders.all(|other| other == first).then_some(first)
        } else {
            None
        };
        holder.map(|holder| (holder, Some(id)))
    }

    /// A task waits for something that the loop does not know, and no wake comes.
    fn lost_waker(&self, task: TaskId, spot: Option<Spot>, claims: &mut Claims) {
        let waited = self.row(task).map(|row| self.state.now().since(row.since));
        let proof = Proof::LostWakeup {
            resource: None,
            waited: waited.unwrap_or_default(),
        };
        let spot = spot.unwrap_or(Spot {
            at: LocationId::UNKNOWN,
            nearness: Nearness::Spawned,
        });
        claims.push(Claim::new(Some(task), spot, proof).evidence(self.event(task)));
    }

    /// The outcome: of the tasks that wait, the one at the end of main's way.
    fn outcome(&self, is_deadlock: bool, cause: Option<CauseKey>, claims: &mut Claims) {
        let mut task = MAIN;
        let mut way = vec![task];
        while let Some((next, _)) = self.next(task) {
            if way.contains(&next) {
                break;
            }
            way.push(next);
            task = next;
        }
        let is_unfinished =
            |row: &TaskState| matches!(row.status(), Status::Pending | Status::Timer);
        let found = self.row(task).filter(|row| is_unfinished(row));
        let (task, row) = match found {
            Some(row) => (task, row),
            None => match self.state.tasks.unfinished().next() {
                Some(first) => first,
                None => return,
            },
        };
        let unfinished = self.state.unfinished();
        let resource = waited_resource(row.wait);
        let resource = resource.and_then(|id| NamedResource::of(self.state, id));
        let proof = if is_deadlock {
            Proof::Deadlock {
                unfinished,
                on: row.wait,
                resource,
                circle: Vec::new(),
            }
        } else {
            Proof::Stalled {
                unfinished,
                beside_threads: has_other_threads(self.state),
            }
        };
        let awaited = way.iter().rev().map(|task| self.spot(*task));
        let spot = awaited.clone().find(|spot| !spot.is_unknown());
        if !is_deadlock && row.wait == Wait::Unknown {
            self.lost_waker(task, spot, claims);
        }
        let spot = spot.unwrap_or_else(|| self.spot(task));
        let claim = Claim::new(Some(task), spot, proof)
            .also(way.iter().map(|task| self.spot(*task).at))
            .evidence(way.iter().filter_map(|task| self.event(*task)))
            .evidence([self.state.position])
            .follows(cause);
        // Another thread may still wake a task.
        claims.push(if !is_deadlock && has_other_threads(self.state) {
            claim.severity(Severity::Warning)
        } else {
            claim
        });
    }
}

fn is_event(state: &State, id: ResourceId) -> bool {
    let resource = state.resource(id);
    resource
        .is_some_and(|resource| matches!(resource.kind, ResourceKind::Event | ResourceKind::Future))
}

/// The resource that a wait is for.
fn waited_resource(wait: Wait) -> Option<ResourceId> {
    match wait {
        Wait::Send(id) | Wait::Receive(id) | Wait::Acquire(id) | Wait::Operation(id) => Some(id),
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Join(_)
        | Wait::All(_)
        | Wait::Any(_) => None,
    }
}

/// Whether a wait leads to another task.
pub(super) fn may_be_in_circle(wait: Wait) -> bool {
    match wait {
        Wait::Join(_) | Wait::Acquire(_) | Wait::All(_) => true,
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::Operation(_)
        | Wait::Any(_) => false,
    }
}

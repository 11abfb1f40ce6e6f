//! `permitleak`: permits that are not given back.
//!
//! A task that holds a permit has ended, and others wait for the semaphore: when the run ends, or when
//! one of them gives up. Permits that one task takes and another one releases may be anywhere. They are
//! leaked if a task waits for one while no task can run again.
//!
//! A permit is *kept beyond a limit* if a task has taken it after the limit was set, the limit is reached, and
//! the poll that follows, which drops the work, does not give it back. If that happens again and again, these
//! permits count as leaked although their task lives.
//!
//! At the end of main perhaps no task waits. If some tasks give their permit back themselves, and several have
//! ended with one, these permits may be lost; or something else has them now. So that is an info.

use crate::insight::id_map::{IdMap, IdSet};

use crate::replay::{EventStep, State, Status};
use crate::trace::{LocationId, Position, ResourceId, ResourceKind, TaskId, Wait};

use super::{
    super::{
        claim::{CauseKey, Claim, Claims, Nearness, Spot},
        proof::{NamedResource, PermitLoss, Proof},
        rule::Severity,
    },
    limited::LimitedWaits,
    lock_order::HELD,
};

/// The most acquisitions of permits whose places are kept.
const PLACES: usize = 4096;

/// The most waiting tasks that are looked at.
const SEARCHED: usize = 4096;

/// How many tasks have ended with a permit, and how many have given theirs back, before permits that no task
/// waits for count as kept.
const KEPT: usize = 2;

/// Where permits are taken.
#[derive(Debug, Default)]
pub(super) struct PermitPlaces {
    places: IdMap<(ResourceId, TaskId), Spot>,
    /// Where a task has last waited for a permit of each semaphore.
    asked: IdMap<ResourceId, Spot>,
    /// The permits that the open poll has taken, if it is the first of its task: the next `.await` is
    /// nearer to the place than the spawn.
    unplaced: Vec<(ResourceId, TaskId)>,
    /// The semaphores that others than the holders release: their permits are tokens, which a timer or a
    /// producer gives out, and the tasks that take them keep them.
    tokens: IdSet<ResourceId>,
    /// The tasks with permits whose limit is reached: when, and when the permits were taken.
    limited: IdMap<TaskId, (Position, Vec<(ResourceId, Position)>)>,
    /// The permits that are kept beyond a limit, and when they were taken.
    beyond: IdMap<ResourceId, Vec<Position>>,
    /// How often the permits of each semaphore were given back by the tasks that had them.
    returned: IdMap<ResourceId, usize>,
}

impl PermitPlaces {
    /// A task has taken a permit.
    pub(super) fn acquired(&mut self, semaphore: ResourceId, task: TaskId, spot: Spot) {
        if self.places.len() < PLACES {
            if spot.nearness == Nearness::Spawned {
                self.unplaced.push((semaphore, task));
            }
            self.places.insert((semaphore, task), spot);
        }
    }

    /// A task waits for a permit.
    pub(super) fn asked(&mut self, semaphore: ResourceId, spot: Spot) {
        if !spot.is_unknown() && self.asked.len() < PLACES {
            self.asked.insert(semaphore, spot);
        }
    }

    /// Where a task has taken a permit. If only a line near it is known, it is where another one has waited
    /// for a permit.
    fn place(&self, semaphore: ResourceId, task: TaskId) -> Option<Spot> {
        let taken = self.places.get(&(semaphore, task)).copied();
        let is_exact = taken.is_some_and(|spot| spot.nearness == Nearness::Exact);
        let asked = self.asked.get(&semaphore).copied();
        if is_exact { taken } else { asked.or(taken) }
    }

    /// A permit was given back by a task that had none, or by a callback.
    pub(super) fn given_out(&mut self, semaphore: ResourceId) {
        self.tokens.insert(semaphore);
    }

    /// The slot has another resource from now on, or none.
    pub(super) fn forget(&mut self, semaphore: ResourceId) {
        self.tokens.remove(&semaphore);
        self.asked.remove(&semaphore);
        self.returned.remove(&semaphore);
        self.beyond.remove(&semaphore);
    }

    /// A timer of a task fires, which was set at this position: if that is a limit, the next poll drops the
    /// work and gives back what was taken since.
    pub(super) fn limit_reached(&mut self, step: &EventStep<'_>, task: TaskId, set: Position) {
        if self.places.is_empty() || self.limited.len() >= PLACES {
            return;
        }
        let state = step.before;
        let held = state.holdings.by(task).take(HELD);
        let since = held.filter(|held| held.event > set && is_semaphore(state, held.resource));
        let since: Vec<_> = since.map(|held| (held.resource, held.event)).collect();
        if !since.is_empty() {
            self.limited.insert(task, (step.position(), since));
        }
    }

    /// A poll of a task ends.
    #[inline]
    pub(super) fn poll_ended(&mut self, state: &State, task: TaskId, started: Position) {
        if self.limited.is_empty() {
            return;
        }
        if self
            .limited
            .get(&task)
            .is_some_and(|limited| limited.0 < started)
            && let Some((_, taken)) = self.limited.remove(&task)
        {
            for (semaphore, event) in taken {
                let mut held = state.holdings.of(semaphore);
                let beyond = self.beyond.entry(semaphore).or_default();
                if held.any(|held| held.event == event) && beyond.len() < PLACES {
                    beyond.push(event);
                }
            }
        }
    }

    /// A task has suspended at an `.await`.
    #[inline]
    pub(super) fn suspended(&mut self, task: TaskId, at: LocationId) {
        if self.unplaced.is_empty() {
            return;
        }
        for key in std::mem::take(&mut self.unplaced) {
            if key.1 == task
                && at != LocationId::UNKNOWN
                && let Some(spot) = self.places.get_mut(&key)
            {
                let nearness = Nearness::AwaitAfter;
                *spot = Spot { at, nearness };
            }
        }
    }

    /// The permit that a task had was given back.
    pub(super) fn released(&mut self, semaphore: ResourceId, task: TaskId) {
        self.places.remove(&(semaphore, task));
        *self.returned.entry(semaphore).or_default() += 1;
    }

    /// The permits of tasks that have ended, when main ends and no task waits for one.
    pub(super) fn main_ends(&self, state: &State, claims: &mut Claims) {
        let mut returned: Vec<ResourceId> = self.returned.keys().copied().collect();
        returned.sort_unstable();
        for id in returned {
            claims.extend_one(self.kept(state, id));
        }
    }

    /// The same for one semaphore, which may be dropped before main ends.
    pub(super) fn kept(&self, state: &State, id: ResourceId) -> Option<Claim> {
        let resource = state.resource(id)?;
        let returned = self.returned.get(&id).copied().unwrap_or_default();
        if returned < KEPT || self.tokens.contains(&id) || resource.value >= resource.limit {
            return None;
        }
        let ended = |task| state.tasks.get(task).is_none_or(|row| row.status().ended());
        let held = state.holdings.of(id);
        let kept: Vec<_> = held.filter(|held| ended(held.task)).collect();
        let first = kept.first().filter(|_| kept.len() >= KEPT)?;
        let place = self.place(id, first.task);
        let proof = Proof::PermitLeak {
            semaphore: NamedResource::from_state(resource),
            permits: kept.len() as u64,
            of: resource.limit,
            how: PermitLoss::Kept,
        };
        let spot = place.unwrap_or(Spot::exact(resource.at));
        let claim = Claim::new(Some(first.task), spot, proof)
            .severity(Severity::Info)
            .also([resource.at])
            .evidence(kept.iter().map(|held| held.event));
        Some(claim)
    }

    /// The permits for which tasks wait until a limit, while nothing else runs.
    pub(super) fn conclude_guarded(
        &self,
        state: &State,
        limits: &LimitedWaits,
        claims: &mut Claims,
    ) {
        let limited = state.timers.values().filter_map(|timer| {
            let limited = limits.of(state, timer.task?)?;
            semaphore_of(limited.on)
        });
        let mut waited = waited_for(state);
        waited.extend(limited);
        let mut found = Claims::default();
        self.conclude_of(state, waited, true, &mut found);
        for merged in found.into_merged() {
            let mut claim = merged.worst.severity(Severity::Info);
            if let Proof::PermitLeak { how, .. } = &mut claim.proof {
                *how = PermitLoss::Idle;
            }
            claims.push(claim);
        }
    }

    /// The semaphores for which tasks wait although holders of their permits have ended.
    /// Returns the first of these findings.
    pub(super) fn conclude(
        &self,
        state: &State,
        is_over: bool,
        claims: &mut Claims,
    ) -> Option<CauseKey> {
        self.conclude_of(state, waited_for(state), is_over, claims)
    }

    /// The same for these semaphores.
    fn conclude_of(
        &self,
        state: &State,
        mut waited: Vec<ResourceId>,
        is_over: bool,
        claims: &mut Claims,
    ) -> Option<CauseKey> {
        let mut found = None;
        waited.sort_unstable();
        waited.dedup();
        for id in waited {
            if let Some(claim) = self.leaked(state, id, is_over) {
                found.get_or_insert(claim.key());
                claims.push(claim);
            }
        }
        found
    }

    /// A semaphore for which a task waits, and whose permits tasks have that have ended. Where permits
    /// move from task to task, it is not known which task has one; but if no task can run again, nothing
    /// gives one back.
    pub(super) fn leaked(&self, state: &State, id: ResourceId, is_over: bool) -> Option<Claim> {
        let resource = state.resource(id)?;
        let moves = self.tokens.contains(&id);
        if resource.kind != ResourceKind::Semaphore || resource.value > 0 || (moves && !is_over) {
            return None;
        }
        let held: Vec<_> = state.holdings.of(id).collect();
        let ended = |task: TaskId| state.tasks.get(task).is_none_or(|row| row.status().ended());
        let beyond = self.beyond.get(&id).map_or(&[][..], Vec::as_slice);
        let is_beyond = |event: &Position| beyond.len() >= KEPT && beyond.contains(event);
        let leaked: Vec<_> = held
            .iter()
            .filter(|held| moves || ended(held.task) || is_beyond(&held.event))
            .collect();
        // Others that live may give a permit back, but those that have ended cannot.
        let first = leaked.first()?;
        let is_over = held.len() == leaked.len();
        let how = if leaked.iter().any(|held| is_beyond(&held.event)) {
            PermitLoss::Limit
        } else {
            PermitLoss::Waited
        };
        let unknown = Spot {
            at: LocationId::UNKNOWN,
            nearness: Nearness::AwaitBefore,
        };
        let spot = self.place(id, first.task).unwrap_or(unknown);
        let proof = Proof::PermitLeak {
            semaphore: NamedResource::from_state(resource),
            permits: leaked.len() as u64,
            of: resource.limit,
            how,
        };
        let severity = if is_over && how == PermitLoss::Waited {
            Severity::Error
        } else {
            Severity::Warning
        };
        let claim = Claim::new(Some(first.task), spot, proof)
            .severity(severity)
            .also([resource.at])
            .evidence(leaked.iter().map(|held| held.event));
        Some(claim)
    }
}

/// What the tasks wait for that wait for a lock or a permit.
fn waited_for(state: &State) -> Vec<ResourceId> {
    let rows = state.tasks.unfinished().take(SEARCHED);
    let pending = rows.filter(|(_, row)| row.status() == Status::Pending);
    pending
        .filter_map(|(_, row)| semaphore_of(row.wait))
        .collect()
}

fn semaphore_of(wait: Wait) -> Option<ResourceId> {
    if let Wait::Acquire(id) = wait {
        Some(id)
    } else {
        None
    }
}

fn is_semaphore(state: &State, id: ResourceId) -> bool {
    let resource = state.resource(id);
    resource.is_some_and(|resource| resource.kind == ResourceKind::Semaphore)
}

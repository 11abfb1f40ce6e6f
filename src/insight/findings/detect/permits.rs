//! `permitleak`: permits that are not given back.
//!
//! A task that holds a permit has ended, and others wait for the semaphore.

use crate::insight::id_map::IdMap;

use crate::replay::{State, Status};
use crate::trace::{LocationId, ResourceId, ResourceKind, TaskId, Wait};

use super::super::{
    claim::{CauseKey, Claim, Claims, Nearness, Spot},
    proof::{NamedResource, Proof},
    rule::Severity,
};

/// The most acquisitions of permits whose places are kept.
const PLACES: usize = 4096;

/// The most waiting tasks that are looked at.
const SEARCHED: usize = 4096;

/// Where permits are taken.
#[derive(Debug, Default)]
pub(super) struct PermitPlaces {
    places: IdMap<(ResourceId, TaskId), Spot>,
}

impl PermitPlaces {
    /// A task has taken a permit.
    pub(super) fn acquired(&mut self, semaphore: ResourceId, task: TaskId, spot: Spot) {
        if self.places.len() < PLACES {
            self.places.insert((semaphore, task), spot);
        }
    }

    /// The permit that a task had was given back.
    pub(super) fn released(&mut self, semaphore: ResourceId, task: TaskId) {
        self.places.remove(&(semaphore, task));
    }

    /// The semaphores for which tasks wait although holders of their permits have ended.
    /// Returns the first of these findings.
    pub(super) fn conclude(&self, state: &State, claims: &mut Claims) -> Option<CauseKey> {
        let mut found = None;
        let mut waited: Vec<ResourceId> = state
            .tasks
            .unfinished()
            .take(SEARCHED)
            .filter(|(_, row)| row.status() == Status::Pending)
            .filter_map(|(_, row)| {
                if let Wait::Acquire(id) = row.wait {
                    Some(id)
                } else {
                    None
                }
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

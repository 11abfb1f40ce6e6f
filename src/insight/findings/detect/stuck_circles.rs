//! Circles of waits: `selfdeadlock`, `joincycle`, `lockorder` (now) and `deadlock`.

use crate::insight::id_map::IdSet;

use crate::replay::Status;
use crate::trace::{ResourceId, TaskId};

use super::{
    super::{
        claim::{CauseKey, Claim, Claims},
        proof::{NamedResource, Proof},
    },
    stuck::{SEARCHED, Stuck, may_be_in_circle},
};

impl Stuck<'_> {
    /// Claims each circle of tasks.
    pub(super) fn circles(&self, claims: &mut Claims) -> Vec<CauseKey> {
        let mut causes = Vec::new();
        let mut checked: IdSet<TaskId> = IdSet::default();
        for (start, row) in self.state.tasks.unfinished().take(SEARCHED) {
            let waits = self.wait(start).unwrap_or(row.wait);
            let is_pending = row.status() == Status::Pending || self.beside_limit(start).is_some();
            if !is_pending || !may_be_in_circle(waits) {
                continue;
            }
            let mut way: Vec<(TaskId, Option<ResourceId>)> = Vec::new();
            let mut next = Some(start);
            while let Some(task) = next {
                // A task that is met a second time is on this way, or was on an earlier one.
                if !checked.insert(task) {
                    let first = way.iter().position(|(on_way, _)| *on_way == task);
                    causes.extend(first.and_then(|first| self.circle(&way[first..], claims)));
                    break;
                }
                let step = self.next(task).filter(|_| self.waits_for_one(task));
                way.push((task, step.and_then(|(_, lock)| lock)));
                next = step.map(|(task, _)| task);
            }
        }
        causes
    }

    pub(super) fn circle(
        &self,
        circle: &[(TaskId, Option<ResourceId>)],
        claims: &mut Claims,
    ) -> Option<CauseKey> {
        let tasks: Vec<TaskId> = circle.iter().map(|(task, _)| *task).collect();
        let locks: Vec<NamedResource> = circle
            .iter()
            .filter_map(|(_, lock)| NamedResource::of(self.state, (*lock)?))
            .collect();
        // The wait that closed the circle is the last one that began.
        let last = tasks
            .iter()
            .max_by_key(|task| self.row(**task).map(|row| row.since))?;
        let proof = match (tasks.len(), locks.len()) {
            (1, _) => Proof::SelfDeadlock {
                holds: locks.first().copied(),
            },
            (_, 0) => Proof::JoinCycle {
                tasks: tasks.clone(),
            },
            (all, held) if all == held => Proof::LockOrder {
                locks,
                tasks: tasks.clone(),
                is_now: true,
            },
            _ => Proof::Deadlock {
                unfinished: self.state.unfinished(),
                on: self.wait(*last)?,
                resource: locks.first().copied(),
                circle: tasks.clone(),
            },
        };
        let held = circle.iter().filter_map(|(_, lock)| {
            let held = self.state.holdings.of((*lock)?).next();
            held.map(|held| held.event)
        });
        let claim = Claim::new(Some(*last), self.spot(*last), proof)
            .also(tasks.iter().map(|task| self.spot(*task).at))
            .evidence(held)
            .evidence(tasks.iter().filter_map(|task| self.event(*task)));
        let key = claim.key();
        claims.push(claim);
        Some(key)
    }
}

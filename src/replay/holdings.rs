//! Which tasks hold which locks and permits at a position.
//!
//! A [`ResourceState`](super::ResourceState) has only the number of free permits. Who holds the
//! others follows from the operations: a task that acquires a permit holds it until it releases one,
//! or until the resource is dropped. A permit may be released by another task than the one that
//! acquired it, because a guard can be moved; then the oldest holding of the resource ends. A permit
//! that was acquired outside of any task has no holding.

use std::collections::{BTreeMap, BTreeSet};

use crate::trace::{Moment, Position, ResourceId, ResourceOp, TaskId};

/// A lock or a permit in the hands of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The lock or semaphore.
    pub resource: ResourceId,
    /// The task that acquired it.
    pub task: TaskId,
    /// Since when.
    pub since: Moment,
    /// The position after the event.
    pub event: Position,
}

/// The last operation on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastOp {
    /// The resource.
    pub resource: ResourceId,
    /// What was done.
    pub op: ResourceOp,
    /// The position after the event.
    pub event: Position,
    /// How many polls had ended before it: an event with the same number is in the same poll.
    pub polls: u64,
}

/// All holdings.
///
/// The tables are sorted, because a recorded program may hold any number of permits: finding one may
/// not take a walk over the others. A holding has one entry in each of the first two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// By resource, the oldest holding of each first.
    by_resource: BTreeMap<(ResourceId, Position), Holding>,
    /// By task and resource, the oldest holding of each first.
    by_task: BTreeSet<(TaskId, ResourceId, Position)>,
    /// How many holdings each resource has.
    counts: BTreeMap<ResourceId, usize>,
}

/// Before the first event, and after the last one.
const EVENTS: (Position, Position) = (Position(0), Position(u64::MAX));

impl Holdings {
    /// The holdings of one resource, oldest first.
    pub fn of(&self, resource: ResourceId) -> impl Iterator<Item = &Holding> {
        let all = (resource, EVENTS.0)..=(resource, EVENTS.1);
        self.by_resource.range(all).map(|(_, held)| held)
    }

    /// What a task holds, by resource.
    pub fn by(&self, task: TaskId) -> impl Iterator<Item = &Holding> {
        let resources = (ResourceId(0), ResourceId(u32::MAX));
        let all = (task, resources.0, EVENTS.0)..=(task, resources.1, EVENTS.1);
        let keys = self.by_task.range(all);
        keys.filter_map(|(_, resource, event)| self.by_resource.get(&(*resource, *event)))
    }

    /// The task whose holding of a resource ends if `task` releases one: itself, if it holds one, or
    /// else the task with the oldest holding.
    pub fn releasing(&self, resource: ResourceId, task: Option<TaskId>) -> Option<TaskId> {
        let holds = |task: &TaskId| {
            let all = (*task, resource, EVENTS.0)..=(*task, resource, EVENTS.1);
            self.by_task.range(all).next().is_some()
        };
        let oldest = || self.of(resource).next().map(|held| held.task);
        task.filter(holds).or_else(oldest)
    }

    pub(super) fn acquire(&mut self, holding: Holding) {
        let Holding {
            resource,
            task,
            event,
            ..
        } = holding;
        self.by_task.insert((task, resource, event));
        self.by_resource.insert((resource, event), holding);
        *self.counts.entry(resource).or_default() += 1;
    }

    /// A permit is released; at most `most` permits of the resource are held after that. If `task`
    /// holds none, the oldest holding ends, unless the permit was one of which no task is known.
    pub(super) fn release(&mut self, resource: ResourceId, task: Option<TaskId>, most: u32) {
        let own = |task| {
            let all = (task, resource, EVENTS.0)..=(task, resource, EVENTS.1);
            self.by_task.range(all).next().map(|(_, _, event)| *event)
        };
        let found = task.and_then(own).or_else(|| {
            let count = self.counts.get(&resource).copied().unwrap_or(0);
            let oldest = || self.of(resource).next().map(|held| held.event);
            (count > most as usize).then(oldest).flatten()
        });
        if let Some(event) = found {
            self.end(resource, event);
        }
    }

    fn end(&mut self, resource: ResourceId, event: Position) {
        if let Some(held) = self.by_resource.remove(&(resource, event)) {
            self.by_task.remove(&(held.task, resource, event));
        }
        if let Some(count) = self.counts.get_mut(&resource) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&resource);
            }
        }
    }

    pub(super) fn drop_resource(&mut self, resource: ResourceId) {
        if self.counts.contains_key(&resource) {
            let ended: Vec<Position> = self.of(resource).map(|held| held.event).collect();
            for event in ended {
                self.end(resource, event);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Holdings::default();
    }

    pub(super) fn weight(&self) -> usize {
        // The nodes of a tree are at least half full.
        2 * (self.by_resource.len() * size_of::<((ResourceId, Position), Holding)>()
            + self.by_task.len() * size_of::<(TaskId, ResourceId, Position)>()
            + self.counts.len() * size_of::<(ResourceId, usize)>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: ResourceId = ResourceId(0);

    fn held(tasks: &[u32]) -> Holdings {
        let mut holdings = Holdings::default();
        for (task, event) in tasks.iter().zip(1..) {
            holdings.acquire(Holding {
                resource: LOCK,
                task: TaskId(*task),
                since: Moment::START,
                event: Position(event),
            });
        }
        holdings
    }

    fn tasks(holdings: &Holdings) -> Vec<u32> {
        holdings.of(LOCK).map(|held| held.task.0).collect()
    }

    #[test]
    fn a_task_releases_its_own_permit_first() {
        let mut holdings = held(&[1, 2, 3]);
        holdings.release(LOCK, Some(TaskId(2)), 2);
        assert_eq!(tasks(&holdings), [1, 3]);
    }

    #[test]
    fn a_moved_permit_ends_the_oldest_holding() {
        let mut holdings = held(&[1, 2]);
        holdings.release(LOCK, Some(TaskId(7)), 1);
        assert_eq!(tasks(&holdings), [2]);
    }

    #[test]
    fn a_permit_of_no_task_ends_no_holding() {
        let mut holdings = held(&[1]);
        holdings.release(LOCK, None, 1);
        assert_eq!(tasks(&holdings), [1]);
    }
}

//! Which tasks hold which locks and permits at a position.
//!
//! A [`ResourceState`](super::ResourceState) has only the number of free permits. Who holds the
//! others follows from the operations: a task that acquires a permit holds it until it releases one,
//! or until the resource is dropped. A permit may be released by another task than the one that
//! acquired it, because a guard can be moved; then the oldest holding of the resource ends. A permit
//! that was acquired outside of any task has no holding.

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

/// All holdings, in the order in which they began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings(Vec<Holding>);

impl Holdings {
    /// The holdings of one resource, oldest first.
    pub fn of(&self, resource: ResourceId) -> impl Iterator<Item = &Holding> {
        self.0.iter().filter(move |held| held.resource == resource)
    }

    /// What a task holds, oldest first.
    pub fn by(&self, task: TaskId) -> impl Iterator<Item = &Holding> {
        self.0.iter().filter(move |held| held.task == task)
    }

    pub(super) fn acquire(&mut self, holding: Holding) {
        self.0.push(holding);
    }

    /// A permit is released; at most `most` permits of the resource are held after that. If `task`
    /// holds none, the oldest holding ends, unless the permit was one of which no task is known.
    pub(super) fn release(&mut self, resource: ResourceId, task: Option<TaskId>, most: u32) {
        let own = |held: &Holding| held.resource == resource && Some(held.task) == task;
        let found = self.0.iter().position(own).or_else(|| {
            let too_many = self.of(resource).count() > most as usize;
            let oldest = || self.0.iter().position(|held| held.resource == resource);
            too_many.then(oldest).flatten()
        });
        if let Some(at) = found {
            self.0.remove(at);
        }
    }

    pub(super) fn drop_resource(&mut self, resource: ResourceId) {
        if !self.0.is_empty() {
            self.0.retain(|held| held.resource != resource);
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn weight(&self) -> usize {
        self.0.len() * size_of::<Holding>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: ResourceId = ResourceId(0);

    fn held(tasks: &[u32]) -> Holdings {
        let mut holdings = Holdings::default();
        for task in tasks {
            holdings.acquire(Holding {
                resource: LOCK,
                task: TaskId(*task),
                since: Moment::START,
                event: Position(0),
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

//! Which tasks hold which locks and permits at a position.
//!
//! A [`ResourceState`](super::ResourceState) has only the number of free permits. Who holds the
//! others follows from the operations: a task that acquires a permit holds it until it releases one,
//! or until the resource is dropped. A permit may be released by another task than the one that
//! acquired it, because a guard can be moved; then the oldest holding of the resource ends. A permit
//! that was acquired outside of any task has no holding.

use std::{collections::BTreeMap, iter};

use crate::trace::{Moment, Position, ResourceId, ResourceOp, TaskId};

use super::slot_table::SlotTable;

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
/// A recorded program may hold any number of permits, and takes and releases locks all the time: finding a
/// holding may not take a walk over the others, and most are found without a search. Each holding has
/// an entry, which is in the list of its resource and in the list of its task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    entries: Vec<HoldingEntry>,
    /// Entries to be used again.
    free: Vec<EntryId>,
    by_resource: SlotTable<HoldingList>,
    by_task: SlotTable<HoldingList>,
    /// The holdings by resource and task, except for the oldest of each resource. A lock has no other.
    younger: BTreeMap<(ResourceId, TaskId, Position), EntryId>,
}

/// The index of an entry.
type EntryId = u32;

/// A holding in two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct HoldingEntry {
    holding: Holding,
    of_resource: HoldingLinks,
    of_task: HoldingLinks,
}

/// The neighbours of an entry in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct HoldingLinks {
    older: Option<EntryId>,
    younger: Option<EntryId>,
}

/// The ends of a list that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct HoldingList {
    oldest: EntryId,
    youngest: EntryId,
    length: usize,
}

/// Selects one of the two lists that an entry is in.
type LinkSide = fn(&mut HoldingEntry) -> &mut HoldingLinks;

impl Holdings {
    /// The holdings of one resource, oldest first.
    pub fn of(&self, resource: ResourceId) -> impl Iterator<Item = &Holding> {
        let list = self.by_resource.get(resource.index());
        self.walk(list, |entry| entry.of_resource)
    }

    /// What a task holds, oldest first.
    pub fn by(&self, task: TaskId) -> impl Iterator<Item = &Holding> {
        let list = self.by_task.get(task.index());
        self.walk(list, |entry| entry.of_task)
    }

    fn walk(
        &self,
        list: Option<&HoldingList>,
        links: fn(&HoldingEntry) -> HoldingLinks,
    ) -> impl Iterator<Item = &Holding> {
        let entry = |id: EntryId| self.entries.get(id as usize);
        let first = list.and_then(|list| entry(list.oldest));
        iter::successors(first, move |at| entry(links(at).younger?)).map(|entry| &entry.holding)
    }

    /// The task whose holding of a resource ends if `task` releases one: itself, if it holds one, or
    /// else the task with the oldest holding.
    pub fn releasing(&self, resource: ResourceId, task: Option<TaskId>) -> Option<TaskId> {
        let oldest = || self.of(resource).next().map(|held| held.task);
        task.filter(|task| self.own(resource, *task).is_some())
            .or_else(oldest)
    }

    /// The oldest holding of a resource by a task.
    fn own(&self, resource: ResourceId, task: TaskId) -> Option<EntryId> {
        let list = self.by_resource.get(resource.index())?;
        if self.entries.get(list.oldest as usize)?.holding.task == task {
            return Some(list.oldest);
        }
        if list.length == 1 {
            return None;
        }
        let all = (resource, task, Position(0))..=(resource, task, Position(u64::MAX));
        self.younger.range(all).next().map(|(_, id)| *id)
    }

    pub(super) fn acquire(&mut self, holding: Holding) {
        let entry = HoldingEntry {
            holding,
            of_resource: HoldingLinks::default(),
            of_task: HoldingLinks::default(),
        };
        // More holdings at once than there are numbers do not fit into memory.
        let new = EntryId::try_from(self.entries.len()).unwrap_or(EntryId::MAX);
        let id = self.free.pop().unwrap_or(new);
        match self.entries.get_mut(id as usize) {
            Some(place) => *place = entry,
            None => self.entries.push(entry),
        }
        let (resource, task) = (holding.resource, holding.task);
        let entries = &mut self.entries;
        append(entries, &mut self.by_task, task.index(), id, of_task);
        let length = append(
            entries,
            &mut self.by_resource,
            resource.index(),
            id,
            of_resource,
        );
        if length > 1 {
            self.younger.insert((resource, task, holding.event), id);
        }
    }

    /// A permit is released; at most `most` permits of the resource are held after that. If `task`
    /// holds none, the oldest holding ends, unless the permit was one of which no task is known.
    pub(super) fn release(&mut self, resource: ResourceId, task: Option<TaskId>, most: u32) {
        let own = task.and_then(|task| self.own(resource, task));
        let found = own.or_else(|| {
            let list = self.by_resource.get(resource.index());
            list.filter(|list| list.length > most as usize)
                .map(|list| list.oldest)
        });
        if let Some(id) = found {
            self.end(id);
        }
    }

    fn end(&mut self, id: EntryId) {
        let HoldingEntry {
            holding,
            of_resource: in_resource,
            ..
        } = self.entries[id as usize];
        let (resource, task) = (holding.resource, holding.task);
        // The oldest holding is not among the younger ones. If it ends, the next one becomes the oldest.
        let leaves = match (in_resource.older, in_resource.younger) {
            (Some(_), _) => Some(holding),
            (None, next) => next.map(|next| self.entries[next as usize].holding),
        };
        if let Some(held) = leaves {
            self.younger.remove(&(resource, held.task, held.event));
        }
        let entries = &mut self.entries;
        remove(entries, &mut self.by_task, task.index(), id, of_task);
        remove(
            entries,
            &mut self.by_resource,
            resource.index(),
            id,
            of_resource,
        );
        self.free.push(id);
    }

    pub(super) fn drop_resource(&mut self, resource: ResourceId) {
        while let Some(list) = self.by_resource.get(resource.index()) {
            self.end(list.oldest);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Holdings::default();
    }

    pub(super) fn weight(&self) -> usize {
        // The nodes of a tree are at least half full.
        let younger = 2 * size_of::<((ResourceId, TaskId, Position), EntryId)>();
        self.entries.len() * size_of::<HoldingEntry>()
            + self.free.len() * size_of::<EntryId>()
            + self.by_resource.weight()
            + self.by_task.weight()
            + self.younger.len() * younger
    }
}

fn of_resource(entry: &mut HoldingEntry) -> &mut HoldingLinks {
    &mut entry.of_resource
}

fn of_task(entry: &mut HoldingEntry) -> &mut HoldingLinks {
    &mut entry.of_task
}

/// Adds an entry to the end of the list in a slot. Returns the length of the list.
fn append(
    entries: &mut [HoldingEntry],
    lists: &mut SlotTable<HoldingList>,
    slot: usize,
    id: EntryId,
    side: LinkSide,
) -> usize {
    let mut is_first = false;
    let list = lists.get_or_fill(slot, || {
        is_first = true;
        HoldingList {
            oldest: id,
            youngest: id,
            length: 0,
        }
    });
    list.length += 1;
    if !is_first {
        let before = std::mem::replace(&mut list.youngest, id);
        side(&mut entries[before as usize]).younger = Some(id);
        side(&mut entries[id as usize]).older = Some(before);
    }
    list.length
}

/// Removes an entry from the list in a slot.
fn remove(
    entries: &mut [HoldingEntry],
    lists: &mut SlotTable<HoldingList>,
    slot: usize,
    id: EntryId,
    side: LinkSide,
) {
    let HoldingLinks { older, younger } = *side(&mut entries[id as usize]);
    if older.is_none() && younger.is_none() {
        lists.remove(slot);
        return;
    }
    if let Some(list) = lists.get_mut(slot) {
        list.length -= 1;
        list.oldest = older.map_or(younger.unwrap_or(list.oldest), |_| list.oldest);
        list.youngest = younger.map_or(older.unwrap_or(list.youngest), |_| list.youngest);
    }
    if let Some(older) = older {
        side(&mut entries[older as usize]).younger = younger;
    }
    if let Some(younger) = younger {
        side(&mut entries[younger as usize]).older = older;
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

    /// What the lists say is compared with a plain list of holdings.
    #[test]
    fn the_holdings_of_many_operations_are_those_of_a_plain_list() {
        let mut holdings = Holdings::default();
        let mut plain: Vec<Holding> = Vec::new();
        let mut random = 1_u32;
        let mut next = |below: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 16) % below
        };
        for event in 1..20_000 {
            let (resource, task) = (ResourceId(next(5)), TaskId(next(7)));
            match next(20) {
                0..10 => {
                    let held = Holding {
                        resource,
                        task,
                        since: Moment::START,
                        event: Position(event),
                    };
                    holdings.acquire(held);
                    plain.push(held);
                }
                10..19 => {
                    holdings.release(resource, Some(task), 0);
                    let mut of = plain.iter().filter(|held| held.resource == resource);
                    let oldest = of.clone().next();
                    let ended = of.find(|held| held.task == task).or(oldest).copied();
                    plain.retain(|held| Some(*held) != ended);
                }
                _ => {
                    holdings.drop_resource(resource);
                    plain.retain(|held| held.resource != resource);
                }
            }
            let of: Vec<_> = holdings.of(resource).copied().collect();
            let by: Vec<_> = holdings.by(task).copied().collect();
            assert!(
                of.iter()
                    .eq(plain.iter().filter(|held| held.resource == resource))
            );
            assert!(by.iter().eq(plain.iter().filter(|held| held.task == task)));
        }
        for resource in 0..5 {
            holdings.drop_resource(ResourceId(resource));
        }
        assert_eq!(holdings.entries.len(), holdings.free.len());
        assert!(holdings.younger.is_empty() && holdings.by_task.is_empty());
    }

    #[test]
    fn a_permit_of_no_task_ends_no_holding() {
        let mut holdings = held(&[1]);
        holdings.release(LOCK, None, 1);
        assert_eq!(tasks(&holdings), [1]);
    }
}

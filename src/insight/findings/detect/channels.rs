//! Who has used which channel, and which events were set: what the rules about waits for ever need
//! besides a state.

use crate::insight::id_map::IdSet;
use crate::replay::SlotTable;
use crate::trace::{Position, ResourceId, ResourceOp, TaskId, Wait, WokenBy};

/// The most users of each kind that are kept for a resource.
const USERS: usize = 16;

/// The uses of a channel, an event or a future.
#[derive(Clone, Debug, Default)]
pub(in crate::insight::findings) struct ResourceUse {
    /// The tasks that have put an item in.
    pub(in crate::insight::findings) senders: Vec<TaskId>,
    /// The tasks that have taken an item out.
    pub(in crate::insight::findings) receivers: Vec<TaskId>,
    /// How many items were put in.
    pub(in crate::insight::findings) sent: u64,
    /// How many items were taken out.
    pub(in crate::insight::findings) taken: u64,
    /// The position after the last event that took an item out.
    pub(in crate::insight::findings) last_taken: Option<Position>,
    /// The position after the last event that set it.
    pub(in crate::insight::findings) set: Option<Position>,
    /// The task that has cleared it since.
    pub(in crate::insight::findings) cleared_by: Option<TaskId>,
    /// The position after the last event that woke a task which waited for it.
    pub(in crate::insight::findings) woken: Option<Position>,
    /// The tasks that were woken from a wait for it.
    pub(in crate::insight::findings) served: Vec<TaskId>,
    /// The tasks that have put in and taken out the last item: nothing is to be noted for those.
    last_sender: Option<TaskId>,
    last_receiver: Option<TaskId>,
}

/// The uses of all resources that exist.
#[derive(Debug, Default)]
pub(in crate::insight::findings) struct ResourceUses {
    uses: SlotTable<ResourceUse>,
    /// A task that waited for another task, a channel or a lock was woken from outside of the loop.
    outside: bool,
    /// The semaphores whose permits were released by other tasks than those that had taken them.
    moved: IdSet<ResourceId>,
}

impl ResourceUses {
    pub(in crate::insight::findings) fn of(&self, resource: ResourceId) -> Option<&ResourceUse> {
        self.uses.get(resource.index())
    }

    /// Whether something outside of the loop wakes tasks that wait for other tasks, channels or locks.
    pub(in crate::insight::findings) fn is_used_from_outside(&self) -> bool {
        self.outside
    }

    /// A task is woken.
    #[inline]
    pub(in crate::insight::findings) fn woken(
        &mut self,
        task: TaskId,
        wait: Wait,
        by: WokenBy,
        position: Position,
    ) {
        if let Wait::Acquire(event) = wait {
            let known = self.known(event);
            known.woken = Some(position);
            add(&mut known.served, Some(task));
        }
        self.outside |= match by {
            WokenBy::Thread(_) => true,
            WokenBy::Io => !matches!(wait, Wait::Operation(_) | Wait::Unknown),
            WokenBy::Task(_)
            | WokenBy::Callback(_)
            | WokenBy::Timer(_)
            | WokenBy::Loop
            | WokenBy::Unknown => false,
        };
    }

    /// A permit is released by another task than the one that had taken it.
    pub(in crate::insight::findings) fn moves(&mut self, semaphore: ResourceId) {
        self.moved.insert(semaphore);
    }

    /// Whether the permits of a semaphore move from task to task, so that who has one is not known.
    pub(in crate::insight::findings) fn is_moved(&self, semaphore: ResourceId) -> bool {
        self.moved.contains(&semaphore)
    }

    /// The channels from which a task has taken items.
    pub(in crate::insight::findings) fn received_by(
        &self,
        task: TaskId,
    ) -> impl Iterator<Item = ResourceId> {
        let uses = self.uses.iter();
        uses.filter(move |(_, known)| known.receivers.contains(&task))
            .map(|(id, _)| ResourceId(id))
    }

    /// A resource is used by a task, or by a callback.
    pub(in crate::insight::findings) fn used(
        &mut self,
        resource: ResourceId,
        op: ResourceOp,
        task: Option<TaskId>,
        position: Position,
    ) {
        match op {
            ResourceOp::Sent => {
                let known = self.known(resource);
                known.sent += 1;
                if known.last_sender != task {
                    known.last_sender = task;
                    add(&mut known.senders, task);
                }
            }
            ResourceOp::Received => {
                let known = self.known(resource);
                known.taken += 1;
                known.last_taken = Some(position);
                if known.last_receiver != task {
                    known.last_receiver = task;
                    add(&mut known.receivers, task);
                }
            }
            ResourceOp::Set | ResourceOp::SetError => {
                let known = self.known(resource);
                (known.set, known.cleared_by) = (Some(position), None);
            }
            ResourceOp::Cleared => {
                if let Some(known) = self.uses.get_mut(resource.index()) {
                    known.cleared_by = task;
                }
            }
            ResourceOp::Closed
            | ResourceOp::Acquired
            | ResourceOp::Released
            | ResourceOp::Begun
            | ResourceOp::Ended
            | ResourceOp::Abandoned
            | ResourceOp::Read
            | ResourceOp::Wrote
            | ResourceOp::Accepted
            | ResourceOp::Connected
            | ResourceOp::Loaded
            | ResourceOp::Stored
            | ResourceOp::Entered
            | ResourceOp::Left
            | ResourceOp::Resumed
            | ResourceOp::Yielded
            | ResourceOp::Tried
            | ResourceOp::Failed
            | ResourceOp::Started
            | ResourceOp::Ran
            | ResourceOp::Buffered => {}
        }
    }

    #[inline]
    fn known(&mut self, resource: ResourceId) -> &mut ResourceUse {
        self.uses
            .get_or_fill(resource.index(), ResourceUse::default)
    }

    /// The slot has another resource from now on, or none.
    pub(in crate::insight::findings) fn forget(&mut self, resource: ResourceId) {
        self.uses.take(resource.index());
        if !self.moved.is_empty() {
            self.moved.remove(&resource);
        }
    }

    pub(in crate::insight::findings) fn clear(&mut self) {
        self.uses.clear();
        self.moved.clear();
    }
}

fn add(users: &mut Vec<TaskId>, task: Option<TaskId>) {
    if let Some(task) = task
        && users.len() < USERS
        && !users.contains(&task)
    {
        users.push(task);
    }
}

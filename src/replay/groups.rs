//! The groups of tasks at a position, with how many of their members have ended.
//!
//! A resource slot is used again once its resource was dropped, but the members of a dropped group
//! may still run: `try_gather` detaches them after an error. So a group has a number of its own,
//! which is never used again. The table of tasks keeps the number of each member's group, and the
//! end of a task counts in that group only. A group is forgotten once it was dropped and its last member has ended.

use std::{collections::BTreeMap, num::NonZeroU32};

/// The number of a group. Groups count from 1 in the order of their creation, so that `None`
/// takes no more space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupId(NonZeroU32);

/// How far a group of tasks is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupProgress {
    /// How many tasks are its members, ended ones included.
    pub total: u32,
    /// How many of them have ended: completed, failed or cancelled.
    pub ended: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct GroupEntry {
    progress: GroupProgress,
    dropped: bool,
}

/// The groups that have a member that has not ended, or that were not dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Groups {
    entries: BTreeMap<GroupId, GroupEntry>,
    /// How many groups there were.
    created: u32,
}

impl Groups {
    /// Creates a group.
    pub(super) fn open(&mut self) -> GroupId {
        self.created = self.created.saturating_add(1);
        let id = GroupId(NonZeroU32::MIN.saturating_add(self.created - 1));
        self.entries.insert(id, GroupEntry::default());
        id
    }

    /// Notes that the group was dropped.
    pub(super) fn close(&mut self, group: Option<GroupId>) {
        self.change(group, |entry| entry.dropped = true);
    }

    /// Counts a new member.
    pub(super) fn join(&mut self, group: GroupId, has_ended: bool) {
        self.change(Some(group), |entry| {
            entry.progress.total += 1;
            entry.progress.ended += u32::from(has_ended);
        });
    }

    /// Counts a member that has moved to another group.
    pub(super) fn leave(&mut self, group: GroupId) {
        self.change(Some(group), |entry| {
            entry.progress.total = entry.progress.total.saturating_sub(1);
        });
    }

    /// Counts a member that has ended. A call, because few tasks are members.
    #[cold]
    pub(super) fn member_ended(&mut self, group: GroupId) {
        self.change(Some(group), |entry| entry.progress.ended += 1);
    }

    /// Forgets all groups, because events are missing. Their numbers are not used again.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(super) fn get(&self, group: GroupId) -> Option<GroupProgress> {
        self.entries.get(&group).map(|entry| entry.progress)
    }

    pub(super) fn weight(&self) -> usize {
        self.entries.len() * size_of::<(GroupId, GroupEntry)>()
    }

    fn change(&mut self, group: Option<GroupId>, change: impl FnOnce(&mut GroupEntry)) {
        let Some(group) = group else {
            return;
        };
        if let Some(entry) = self.entries.get_mut(&group) {
            change(entry);
            if entry.dropped && entry.progress.ended >= entry.progress.total {
                self.entries.remove(&group);
            }
        }
    }
}

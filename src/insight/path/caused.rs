//! What open polls and callbacks have caused: it continues at their ends.
//!
//! In a trace of this program one poll is open at a time. In an imported recording a hundred thousand
//! may be, and each finds what it has caused without a look at that of the others.

use crate::insight::id_map::IdMap;
use crate::trace::{CallbackId, Moment, TaskId, TimerId};

use super::Limit;

/// Something that an open poll or callback has caused.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    /// A task is ready: it was spawned or woken, perhaps after a wait for a limit since a moment.
    Ready(TaskId, Option<(Moment, Limit)>),
    /// A callback was scheduled.
    Scheduled(CallbackId),
    /// A timer was set.
    Set(TimerId),
}

/// What polls and callbacks that have not ended have caused. In an imported recording they may overlap.
#[derive(Clone, Debug, Default)]
pub(super) struct Caused {
    /// The task of the poll that has caused something last; `None` for a callback.
    by: Option<TaskId>,
    /// What it has caused.
    effects: Vec<Effect>,
    /// What the other ones have caused.
    others: IdMap<Option<TaskId>, Vec<Effect>>,
}

impl Caused {
    /// Adds something that a poll or callback causes.
    pub(super) fn add(&mut self, by: Option<TaskId>, effect: Effect) {
        if self.by != by {
            self.change_to(by);
        }
        self.effects.push(effect);
    }

    fn change_to(&mut self, by: Option<TaskId>) {
        if !self.effects.is_empty() {
            let before = std::mem::take(&mut self.effects);
            self.others.insert(self.by, before);
        }
        if let Some(own) = self.others.remove(&by) {
            self.effects = own;
        }
        self.by = by;
    }

    /// Takes what a poll or callback has caused. [`Caused::reuse`] takes the list back.
    pub(super) fn take(&mut self, by: Option<TaskId>) -> Vec<Effect> {
        if self.by == by {
            std::mem::take(&mut self.effects)
        } else {
            self.others.remove(&by).unwrap_or_default()
        }
    }

    /// Keeps the memory of a list for the next poll.
    pub(super) fn reuse(&mut self, mut list: Vec<Effect>) {
        if self.effects.capacity() == 0 {
            list.clear();
            self.effects = list;
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.effects.clear();
        self.others.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_that_overlap_keep_what_each_has_caused() {
        let tasks = [Some(TaskId(1)), None, Some(TaskId(2))];
        let mut caused = Caused::default();
        for round in 0..3 {
            for (place, by) in (0..).zip(tasks) {
                caused.add(by, Effect::Set(TimerId(10 * round + place)));
            }
        }
        for (place, by) in (0..).zip(tasks) {
            let list = caused.take(by);
            let timers = list.iter().map(|effect| match effect {
                Effect::Set(timer) => timer.0,
                Effect::Ready(..) | Effect::Scheduled(_) => u32::MAX,
            });
            let expected = [0, 1, 2].map(|round| 10 * round + place);
            assert_eq!(timers.collect::<Vec<_>>(), expected);
            caused.reuse(list);
            assert!(caused.take(by).is_empty());
        }
    }
}

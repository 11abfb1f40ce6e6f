//! The timer queue: earliest deadline first; of equal deadlines, the one that was set first.
//!
//! A queue of 128-bit numbers, and a table of slots beside it. Cancelling a timer only vacates its
//! slot: the entry stays until it comes up, or until more than half of a larger queue is stale.

use crate::trace::TimerId;

use super::{
    deadline_queue::{DeadlineQueue, QueuedDeadline},
    task_key::WakeTarget,
};

/// The address of a timer: its slot and its sequence number. Slots are used again; the sequence
/// number tells apart the timers that use one slot one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runtime) struct TimerKey {
    pub(in crate::runtime) slot: TimerId,
    sequence: u32,
}

/// The timer queue of a loop.
#[derive(Debug, Default)]
pub(in crate::runtime) struct Timers {
    /// An entry for each armed timer, and the stale entries of cancelled timers.
    queue: DeadlineQueue,
    slots: Vec<TimerSlot>,
    /// The slots that are free.
    free: Vec<u32>,
    /// The sequence number of the next timer.
    next: u32,
    /// How many timers are armed: set, and neither fired nor cancelled.
    armed: usize,
}

#[derive(Debug)]
struct TimerSlot {
    sequence: u32,
    /// `None` if the slot is free.
    target: Option<WakeTarget>,
}

impl Timers {
    /// Adds a timer that wakes `target` at `deadline`.
    pub(in crate::runtime) fn set(&mut self, deadline: u64, target: WakeTarget) -> TimerKey {
        let sequence = self.next;
        self.next = self.next.wrapping_add(1);
        let new = TimerSlot {
            sequence,
            target: Some(target),
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = new;
            slot
        } else {
            self.slots.push(new);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        };
        self.armed += 1;
        self.queue
            .push(u128::from(deadline) << 64 | u128::from(sequence) << 32 | u128::from(slot));
        TimerKey {
            slot: TimerId(slot),
            sequence,
        }
    }

    /// The slot of a timer, unless the timer has fired or was cancelled.
    #[inline]
    fn armed(&mut self, key: TimerKey) -> Option<&mut TimerSlot> {
        let slot = self.slots.get_mut(key.slot.index())?;
        (slot.sequence == key.sequence && slot.target.is_some()).then_some(slot)
    }

    /// Replaces the target of a timer, and returns the old one. If the timer has fired, returns the
    /// new target as an error. The caller drops the returned target after giving up its borrow of
    /// the queue, because dropping a waker may do anything.
    pub(in crate::runtime) fn rewake(
        &mut self,
        key: TimerKey,
        target: WakeTarget,
    ) -> Result<WakeTarget, WakeTarget> {
        match self.armed(key).and_then(|slot| slot.target.as_mut()) {
            Some(before) => Ok(std::mem::replace(before, target)),
            None => Err(target),
        }
    }

    /// Cancels a timer. Returns its target, which the caller drops after giving up its borrow of
    /// the queue.
    ///
    /// The queue is rebuilt when more than half of its entries are stale. A rebuild costs time in
    /// proportion to the queue, but only happens after as many cancellations as half the queue has
    /// entries, so the cost per cancellation stays constant.
    pub(in crate::runtime) fn cancel(&mut self, key: TimerKey) -> Option<WakeTarget> {
        let target = self.armed(key)?.target.take();
        self.free.push(key.slot.0);
        self.armed -= 1;
        if self.queue.len() > 64 && self.queue.len() > 2 * self.armed {
            let slots = &self.slots;
            self.queue.retain(|entry| is_armed(slots, entry));
        }
        target
    }

    /// Whether no timer is in the queue, armed or cancelled.
    #[inline]
    pub(in crate::runtime) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// The earliest deadline. Removes the stale entries that are before it in the queue.
    pub(in crate::runtime) fn next(&mut self) -> Option<u64> {
        while let Some(entry) = self.queue.peek() {
            if is_armed(&self.slots, entry) {
                return Some(deadline_of(entry));
            }
            self.queue.pop();
        }
        None
    }

    /// Moves all timers that are due into `due`, in the order in which they fire.
    pub(in crate::runtime) fn take_due(&mut self, now: u64, due: &mut Vec<(TimerId, WakeTarget)>) {
        while let Some(entry) = self.queue.peek()
            && deadline_of(entry) <= now
        {
            self.queue.pop();
            if !is_armed(&self.slots, entry) {
                continue;
            }
            let slot = slot_of(entry);
            if let Some(target) = self.slots[slot as usize].target.take() {
                self.free.push(slot);
                self.armed -= 1;
                due.push((TimerId(slot), target));
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "taking an entry apart")]
fn slot_of(entry: QueuedDeadline) -> u32 {
    entry as u32
}

#[expect(clippy::cast_possible_truncation, reason = "taking an entry apart")]
fn is_armed(slots: &[TimerSlot], entry: QueuedDeadline) -> bool {
    let slot = &slots[slot_of(entry) as usize];
    slot.target.is_some() && slot.sequence == (entry >> 32) as u32
}

fn deadline_of(entry: QueuedDeadline) -> u64 {
    (entry >> 64) as u64
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn some_target() -> WakeTarget {
        WakeTarget::Waker(Waker::noop().clone())
    }

    fn due(timers: &mut Timers, now: u64) -> Vec<u32> {
        let mut due = Vec::new();
        timers.take_due(now, &mut due);
        due.into_iter().map(|(timer, _)| timer.0).collect()
    }

    #[test]
    fn fire_by_deadline_then_by_age() {
        let mut timers = Timers::default();
        for deadline in [30, 10, 20, 10] {
            timers.set(deadline, some_target());
        }
        assert_eq!(timers.next(), Some(10));
        assert_eq!(due(&mut timers, 20), [1, 3, 2]);
        assert_eq!(due(&mut timers, 100), [0]);
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn a_cancelled_timer_does_not_fire_and_its_slot_is_used_again() {
        let mut timers = Timers::default();
        let first = timers.set(10, some_target());
        assert!(timers.cancel(first).is_some());
        assert!(timers.cancel(first).is_none());
        let second = timers.set(5, some_target());
        assert_eq!(second.slot, first.slot);
        assert!(timers.rewake(first, some_target()).is_err());
        assert_eq!(due(&mut timers, 10), [0]);
    }

    #[test]
    fn cancelled_timers_do_not_pile_up() {
        let mut timers = Timers::default();
        for deadline in 0..10_000 {
            let key = timers.set(1_000_000 + deadline, some_target());
            timers.cancel(key);
        }
        assert!(timers.queue.len() < 100, "{} entries", timers.queue.len());
    }
}

//! The order of timers: numbers, the least first.
//!
//! Most timers are due soon, and many of them at about the same time. A heap pays for each of them the
//! depth of the whole heap, at its end in places of memory that are far apart. This queue puts near
//! deadlines unsorted into buckets of [`WIDTH`] nanoseconds, and sorts a bucket when its time comes:
//!
//! ```text
//!    passed and present buckets      the next BUCKETS buckets         later
//!   ────────────────────────────┬──────────────────────────────┬──────────────>
//!     `sorted`, `early`       horizon   `buckets`                  `far`
//! ```
//!
//! * `sorted` has what was in the last bucket that came up, and what was in `far` for that time.
//! * `early` is a heap of what was added behind the horizon after that.
//! * `far` is a heap, too. Its entries stay in it until their bucket comes up. While there are no
//!   others, they are taken from it, and the horizon does not pass the present: a deadline in an hour
//!   would otherwise make all that come before it early.

use std::{cmp::Reverse, collections::BinaryHeap};

/// An entry: deadline (64 bits), sequence number (32), slot (32). Comparing two entries as numbers
/// compares their deadlines first and their sequence numbers next.
pub(super) type QueuedDeadline = u128;

/// How long a bucket is, as a power of two of nanoseconds: 66 µs.
const WIDTH: u32 = 16;

/// How many buckets there are. They cover 17 ms.
const BUCKETS: usize = 256;

/// Bits of the words that say which buckets have entries.
const BITS: usize = u64::BITS as usize;

/// Timers in the order in which they fire.
#[derive(Debug, Default)]
pub(super) struct DeadlineQueue {
    /// The latest first, so that the earliest is taken from the end.
    sorted: Vec<QueuedDeadline>,
    early: BinaryHeap<Reverse<QueuedDeadline>>,
    /// The number of the first bucket that has not come up.
    horizon: u64,
    /// The bucket with a number is at its remainder. Empty until the first near deadline.
    buckets: Vec<Vec<QueuedDeadline>>,
    /// A bit for each bucket that has entries.
    filled: [u64; BUCKETS / BITS],
    far: BinaryHeap<Reverse<QueuedDeadline>>,
    len: usize,
}

/// The number of the bucket that an entry belongs to.
fn bucket_of(entry: QueuedDeadline) -> u64 {
    let deadline = (entry >> 64) as u64;
    deadline >> WIDTH
}

/// Where a bucket is.
fn place(bucket: u64) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "a remainder")]
    let place = (bucket % BUCKETS as u64) as usize;
    place
}

impl DeadlineQueue {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub(super) fn push(&mut self, entry: QueuedDeadline) {
        self.len += 1;
        let bucket = bucket_of(entry);
        match bucket.checked_sub(self.horizon) {
            None => self.early.push(Reverse(entry)),
            Some(ahead) if ahead < BUCKETS as u64 => {
                if self.buckets.is_empty() {
                    self.buckets.resize_with(BUCKETS, Vec::new);
                }
                let place = place(bucket);
                self.buckets[place].push(entry);
                self.filled[place / BITS] |= 1 << (place % BITS);
            }
            Some(_) => self.far.push(Reverse(entry)),
        }
    }

    /// The least entry.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<QueuedDeadline> {
        if self.sorted.is_empty() && self.early.is_empty() {
            if self.len == 0 {
                return None;
            }
            self.bring_up();
        }
        match (self.sorted.last(), self.early.peek()) {
            (Some(&sorted), Some(&Reverse(early))) => Some(sorted.min(early)),
            (Some(&sorted), None) => Some(sorted),
            (None, Some(&Reverse(early))) => Some(early),
            (None, None) => self.far.peek().map(|far| far.0),
        }
    }

    /// Removes the least entry, which [`peek`](Self::peek) has returned.
    #[inline]
    pub(super) fn pop(&mut self) {
        let is_popped = match (self.sorted.last(), self.early.peek()) {
            (Some(&sorted), Some(&Reverse(early))) if early < sorted => self.early.pop().is_some(),
            (Some(_), _) => self.sorted.pop().is_some(),
            (None, Some(_)) => self.early.pop().is_some(),
            (None, None) => self.pop_far(),
        };
        self.len -= usize::from(is_popped);
    }

    #[cold]
    fn pop_far(&mut self) -> bool {
        let Some(Reverse(entry)) = self.far.pop() else {
            return false;
        };
        self.horizon = self.horizon.max(bucket_of(entry));
        true
    }

    /// Sorts the next bucket that has entries, or that `far` has entries for, unless it is far.
    #[inline(never)]
    fn bring_up(&mut self) {
        let near = self.next_filled();
        let far = self.far.peek().map(|entry| bucket_of(entry.0));
        let Some(bucket) = near.into_iter().chain(far).min() else {
            return;
        };
        if bucket - self.horizon >= BUCKETS as u64 {
            return;
        }
        if near == Some(bucket) {
            let place = place(bucket);
            std::mem::swap(&mut self.sorted, &mut self.buckets[place]);
            self.filled[place / BITS] &= !(1 << (place % BITS));
        }
        while let Some(&Reverse(entry)) = self.far.peek()
            && bucket_of(entry) == bucket
        {
            self.sorted.push(entry);
            self.far.pop();
        }
        self.sorted.sort_unstable_by_key(|entry| Reverse(*entry));
        self.horizon = bucket + 1;
    }

    /// The number of the first bucket with entries.
    fn next_filled(&self) -> Option<u64> {
        let first = place(self.horizon);
        let words = self.filled.len();
        // The word of the first bucket is looked at twice: from that bucket on, and at last up to it.
        for step in 0..=words {
            let word = (first / BITS + step) % words;
            let from_first = u64::MAX << (first % BITS);
            let bits = match step {
                0 => self.filled[word] & from_first,
                _ if step == words => self.filled[word] & !from_first,
                _ => self.filled[word],
            };
            if bits != 0 {
                let found = word * BITS + bits.trailing_zeros() as usize;
                let ahead = (found + BUCKETS - first) % BUCKETS;
                return Some(self.horizon + ahead as u64);
            }
        }
        None
    }

    /// Keeps the entries for which `keep` is true.
    pub(super) fn retain(&mut self, keep: impl Fn(QueuedDeadline) -> bool) {
        self.sorted.retain(|entry| keep(*entry));
        self.early.retain(|entry| keep(entry.0));
        self.far.retain(|entry| keep(entry.0));
        self.len = self.sorted.len() + self.early.len() + self.far.len();
        for (place, bucket) in self.buckets.iter_mut().enumerate() {
            bucket.retain(|entry| keep(*entry));
            self.len += bucket.len();
            if bucket.is_empty() {
                self.filled[place / BITS] &= !(1 << (place % BITS));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(deadline: u64, sequence: u32) -> QueuedDeadline {
        u128::from(deadline) << 64 | u128::from(sequence) << 32
    }

    /// Deadlines of all distances, in the past too, and gaps of all lengths between the calls.
    #[test]
    fn buckets_keep_the_order_of_a_heap() {
        let mut random = fastrand::Rng::with_seed(15);
        let (mut queue, mut model) = (DeadlineQueue::default(), BinaryHeap::new());
        let mut now = 0_u64;
        for sequence in 0..60_000 {
            match random.u32(0..10) {
                0..5 => {
                    let distance = random.u64(..) >> random.u32(30..64);
                    let back = random.u64(0..100_000);
                    let deadline = (now + distance).saturating_sub(back);
                    queue.push(entry(deadline, sequence));
                    model.push(Reverse(entry(deadline, sequence)));
                }
                5..9 => {
                    let least = queue.peek();
                    assert_eq!(least, model.pop().map(|entry| entry.0));
                    if let Some(least) = least {
                        queue.pop();
                        now = now.max(u64::try_from(least >> 64).unwrap());
                    }
                }
                _ if sequence % 500 == 0 => {
                    queue.retain(|entry| entry >> 32 & 3 != 0);
                    model.retain(|entry| entry.0 >> 32 & 3 != 0);
                }
                _ => now += random.u64(..) >> random.u32(34..64),
            }
            assert_eq!(
                (queue.len(), queue.is_empty()),
                (model.len(), model.is_empty())
            );
        }
        queue.push(entry(u64::MAX, 0));
        while let Some(least) = queue.peek() {
            assert!(model.pop().is_none_or(|entry| entry.0 == least));
            queue.pop();
        }
        assert_eq!(queue.len(), 0);
    }
}

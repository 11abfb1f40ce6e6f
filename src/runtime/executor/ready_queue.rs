//! The ready queue: two lists, so that each access is one index and one comparison.
//!
//! The loop polls the entries of `now` from `at` on, and what is woken joins the end of `next`. When
//! `now` is used up, the two lists change places. A ring buffer would give the same order, but has to
//! compute at each access where it wraps around.

use super::task_key::TaskKey;

/// The entries that wait to be polled, first in, first out.
#[derive(Debug, Default)]
pub(in crate::runtime) struct ReadyQueue {
    /// The entries before `next`. Those before the index `at` were taken out already.
    now: Vec<TaskKey>,
    at: usize,
    next: Vec<TaskKey>,
}

impl ReadyQueue {
    pub(super) const fn new() -> ReadyQueue {
        ReadyQueue {
            now: Vec::new(),
            at: 0,
            next: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.now.len() - self.at + self.next.len()
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an entry at the end.
    #[inline]
    pub(in crate::runtime) fn push(&mut self, key: TaskKey) {
        self.next.push(key);
    }

    /// Takes the first entry out.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<TaskKey> {
        if let Some(&key) = self.now.get(self.at) {
            self.at += 1;
            return Some(key);
        }
        self.pop_next()
    }

    /// Takes the first entry of `next` out: `now` is used up.
    #[inline(never)]
    fn pop_next(&mut self) -> Option<TaskKey> {
        self.now.clear();
        std::mem::swap(&mut self.now, &mut self.next);
        self.at = 0;
        let key = *self.now.first()?;
        self.at = 1;
        Some(key)
    }

    /// All entries in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = TaskKey> {
        self.now[self.at..].iter().chain(&self.next).copied()
    }

    /// Moves the entry at an index, counted from the front, to the front.
    pub(super) fn bring_forward(&mut self, index: usize) {
        let left = self.now.len() - self.at;
        if index < left {
            self.now[self.at..=self.at + index].rotate_right(1);
        } else if index - left < self.next.len() {
            let key = self.next.remove(index - left);
            self.now.insert(self.at, key);
        }
    }

    /// Removes all entries.
    pub(super) fn clear(&mut self) {
        *self = ReadyQueue::new();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// Random operations give the same as with a `VecDeque`.
    #[test]
    fn two_lists_keep_the_order_of_one() {
        let mut random = fastrand::Rng::with_seed(15);
        let (mut queue, mut model) = (ReadyQueue::new(), VecDeque::new());
        for task in 0..20_000 {
            match random.u32(0..8) {
                0..4 => {
                    queue.push(TaskKey { slot: 0, task });
                    model.push_back(TaskKey { slot: 0, task });
                }
                4..7 => assert_eq!(queue.pop(), model.pop_front()),
                _ if !model.is_empty() => {
                    let index = random.usize(..model.len());
                    queue.bring_forward(index);
                    let key = model.remove(index).unwrap();
                    model.push_front(key);
                }
                _ => {}
            }
            assert_eq!(
                (queue.len(), queue.is_empty()),
                (model.len(), model.is_empty())
            );
            if task % 97 == 0 {
                assert!(queue.iter().eq(model.iter().copied()));
            }
        }
        queue.clear();
        assert_eq!(queue.pop(), None);
    }
}

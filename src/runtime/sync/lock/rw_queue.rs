//! Readers and writers, and the queue of the futures that wait to become one.
//!
//! A lock is in one of these states, which exclude each other but for the last two:
//!
//! * *Free*: no guard exists.
//! * *Read*: there are guards of readers. At most one of them is upgradable: it may become the
//!   writer.
//! * *Written*: there is the guard of one writer, and no other.
//! * *A writer is pending*: it is the next, and waits until the readers have left. No reader is
//!   admitted meanwhile, so the writer cannot wait for ever.
//!
//! An upgradable reader and a pending writer exclude each other: either will be the next writer.
//! While there is one, further writers and upgradable readers wait in the queue, but readers are
//! admitted beside an upgradable one. These are the rules of async-lock. In addition, what waits is
//! admitted in the order of the queue, so a run on the virtual clock has one order only.
//!
//! A future that waits is *admitted* as if it had its guard already: it is counted, removed from the
//! queue, and woken. Its next poll makes the guard. If it is dropped instead, it leaves as a guard
//! does.

use std::{collections::VecDeque, task::Waker};

use crate::runtime::sync::guarded::Guarded;

/// What a guard allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RwMode {
    /// To read.
    Read,
    /// To read, and to become the writer.
    Upgradable,
    /// To write.
    Write,
}

/// The readers, the writer and the queue of one lock.
pub(super) struct RwQueue {
    state: Guarded<RwState>,
}

struct RwState {
    /// How many readers there are, the upgradable one included.
    readers: usize,
    upgradable: bool,
    written: bool,
    /// The number and the waker of the pending writer.
    pending: Option<(u64, Waker)>,
    /// What waits and is not pending, by growing numbers.
    waiting: VecDeque<RwWaiting>,
    /// How many of `waiting` are readers.
    waiting_readers: usize,
    last_number: u64,
}

struct RwWaiting {
    number: u64,
    mode: RwMode,
    waker: Waker,
}

/// A future's place in the queue: empty before its first poll and once it has its guard. A number
/// that is neither in the queue nor pending means that the future is admitted.
#[derive(Debug, Default)]
pub(super) struct RwTicket(Option<u64>);

impl RwTicket {
    /// Whether the future does not wait.
    pub(super) fn is_idle(&self) -> bool {
        self.0.is_none()
    }
}

/// The result of a change: what is left of the lock, and the futures that are admitted.
#[must_use = "the admitted futures have to be woken"]
pub(super) struct RwChanged {
    pub(super) left: usize,
    admitted: Vec<Waker>,
}

impl RwChanged {
    pub(super) fn wake(self) {
        for waker in self.admitted {
            waker.wake();
        }
    }
}

/// What is left of a lock without guards, as the trace counts it: a reader takes one, a writer
/// everything.
pub(super) const ALL: usize = u32::MAX as usize;

impl RwQueue {
    pub(super) const fn new() -> RwQueue {
        RwQueue {
            state: Guarded::new(RwState {
                readers: 0,
                upgradable: false,
                written: false,
                pending: None,
                waiting: VecDeque::new(),
                waiting_readers: 0,
                last_number: 0,
            }),
        }
    }

    /// Admits a guard at once, if possible. Returns what is left then.
    pub(super) fn try_acquire(&self, mode: RwMode) -> Option<usize> {
        let mut state = self.state.lock();
        state.admits(mode).then(|| {
            state.enter(mode);
            state.left()
        })
    }

    /// Admits a future, or queues it. Returns what is left if it is admitted.
    pub(super) fn poll(&self, mode: RwMode, ticket: &mut RwTicket, waker: &Waker) -> Option<usize> {
        let mut state = self.state.lock();
        let Some(number) = ticket.0 else {
            if state.admits(mode) {
                state.enter(mode);
                return Some(state.left());
            }
            ticket.0 = Some(state.enqueue(mode, waker.clone()));
            return None;
        };
        let Some(old) = state.waker_of(number) else {
            ticket.0 = None;
            return Some(state.left());
        };
        let old = (!old.will_wake(waker)).then(|| std::mem::replace(old, waker.clone()));
        drop(state);
        drop(old);
        None
    }

    /// Removes a future that is dropped. An admitted one leaves as its guard would: the result is
    /// `Some` then.
    pub(super) fn cancel(&self, mode: RwMode, ticket: &mut RwTicket) -> Option<RwChanged> {
        let number = ticket.0.take()?;
        let mut state = self.state.lock();
        if let Some(at) = state.index_of(number) {
            let waiting = state.remove(at);
            drop(state);
            drop(waiting);
            return None;
        }
        let is_pending = state.pending.as_ref().is_some_and(|(it, _)| *it == number);
        if is_pending {
            let pending = state.pending.take();
            let changed = state.changed();
            drop(state);
            drop(pending);
            return Some(changed);
        }
        state.leave(mode);
        Some(state.changed())
    }

    /// A guard is dropped.
    pub(super) fn release(&self, mode: RwMode) -> RwChanged {
        let mut state = self.state.lock();
        state.leave(mode);
        state.changed()
    }

    /// A guard becomes one that allows less.
    pub(super) fn downgrade(&self, from: RwMode, to: RwMode) -> RwChanged {
        let mut state = self.state.lock();
        state.leave(from);
        state.enter(to);
        state.changed()
    }

    /// The upgradable reader becomes the writer, if it is the only reader.
    pub(super) fn try_upgrade(&self) -> bool {
        let mut state = self.state.lock();
        let is_only = state.readers == 1;
        if is_only {
            state.leave(RwMode::Upgradable);
            state.enter(RwMode::Write);
        }
        is_only
    }

    /// The upgradable reader becomes the writer or, if there are other readers, the pending writer.
    /// Returns what was left of the lock when the guard was given up, and whether it is the writer.
    /// If not, the ticket is one for [`RwQueue::poll`] and [`RwQueue::cancel`] of a writer.
    pub(super) fn upgrade(&self, ticket: &mut RwTicket, waker: &Waker) -> (usize, bool) {
        let waker = waker.clone();
        let mut state = self.state.lock();
        state.leave(RwMode::Upgradable);
        let left = state.left();
        // No writer is pending, because there was an upgradable reader.
        if state.readers == 0 {
            state.enter(RwMode::Write);
            return (left, true);
        }
        ticket.0 = Some(state.enqueue(RwMode::Write, waker));
        (left, false)
    }
}

impl RwState {
    fn left(&self) -> usize {
        if self.written {
            0
        } else {
            ALL.saturating_sub(self.readers)
        }
    }

    /// Whether a writer is inside or pending, so that no reader is admitted.
    fn excludes_readers(&self) -> bool {
        self.written || self.pending.is_some()
    }

    /// Whether it is decided which guard or future is the next writer.
    fn has_next_writer(&self) -> bool {
        self.upgradable || self.excludes_readers()
    }

    fn admits(&self, mode: RwMode) -> bool {
        match mode {
            RwMode::Read => !self.excludes_readers(),
            RwMode::Upgradable => !self.has_next_writer(),
            RwMode::Write => !self.has_next_writer() && self.readers == 0,
        }
    }

    fn enter(&mut self, mode: RwMode) {
        match mode {
            RwMode::Read => self.readers += 1,
            RwMode::Upgradable => {
                self.readers += 1;
                self.upgradable = true;
            }
            RwMode::Write => self.written = true,
        }
    }

    fn leave(&mut self, mode: RwMode) {
        match mode {
            RwMode::Read => self.readers -= 1,
            RwMode::Upgradable => {
                self.readers -= 1;
                self.upgradable = false;
            }
            RwMode::Write => self.written = false,
        }
    }

    /// Makes a future wait that is not admitted, and returns its number.
    fn enqueue(&mut self, mode: RwMode, waker: Waker) -> u64 {
        self.last_number += 1;
        let number = self.last_number;
        if mode == RwMode::Write && !self.has_next_writer() {
            self.pending = Some((number, waker));
        } else {
            self.waiting_readers += usize::from(mode == RwMode::Read);
            self.waiting.push_back(RwWaiting {
                number,
                mode,
                waker,
            });
        }
        number
    }

    fn index_of(&self, number: u64) -> Option<usize> {
        let found = self.waiting.binary_search_by_key(&number, |it| it.number);
        found.ok()
    }

    /// The waker of a future that waits; `None` if the future is admitted.
    fn waker_of(&mut self, number: u64) -> Option<&mut Waker> {
        if let Some(at) = self.index_of(number) {
            return Some(&mut self.waiting[at].waker);
        }
        match &mut self.pending {
            Some((pending, waker)) if *pending == number => Some(waker),
            Some(_) | None => None,
        }
    }

    fn remove(&mut self, at: usize) -> Option<RwWaiting> {
        let waiting = self.waiting.remove(at)?;
        self.waiting_readers -= usize::from(waiting.mode == RwMode::Read);
        Some(waiting)
    }

    /// Admits what can be admitted after a guard or a pending writer has left:
    ///
    /// 1. the pending writer, if the last reader has left;
    /// 2. from front to back of the queue, each future that can enter. The first writer that finds
    ///    readers becomes the pending one, and ends the walk: nothing behind it can enter.
    fn changed(&mut self) -> RwChanged {
        let mut admitted = Vec::new();
        if self.readers == 0
            && let Some((_, waker)) = self.pending.take()
        {
            self.enter(RwMode::Write);
            admitted.push(waker);
        }
        let mut at = 0;
        while !self.excludes_readers() && (self.waiting_readers > 0 || !self.upgradable) {
            let Some(mode) = self.waiting.get(at).map(|it| it.mode) else {
                break;
            };
            if self.admits(mode) {
                self.enter(mode);
                admitted.extend(self.remove(at).map(|it| it.waker));
            } else if mode == RwMode::Write && !self.has_next_writer() {
                self.pending = self.remove(at).map(|it| (it.number, it.waker));
            } else {
                at += 1;
            }
        }
        RwChanged {
            left: self.left(),
            admitted,
        }
    }
}

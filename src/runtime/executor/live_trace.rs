//! Handing the trace over while it grows.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::trace::{Moment, TaskId};

/// The reading end of a run that goes on: what it has written since the last look, and what it is at.
///
/// A clone is the same live. The loop hands over at every poll on a real clock, so that what came before a poll that does not
/// return can be seen while it does not return.
#[derive(Clone, Debug, Default)]
pub struct LiveTrace {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    bytes: Mutex<Vec<u8>>,
    /// The task being polled, plus one; 0 for none.
    polling: AtomicU32,
    /// How often that has changed: a poll that lasts is one for which this stays the same.
    turns: AtomicU64,
    paused: AtomicBool,
    ended: AtomicBool,
    /// While a loop on a real clock waits: what time it was on that clock when it began to, and when that was.
    parked: Mutex<Option<(Moment, Instant)>>,
}

/// The poll that a loop is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    /// Whose turn it is.
    pub task: TaskId,
    /// The number of the turn, to tell one from the next.
    pub turn: u64,
}

impl LiveTrace {
    /// A live that nothing writes to yet.
    pub fn new() -> LiveTrace {
        LiveTrace::default()
    }

    /// What was written since this was last called.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(
            &mut *self
                .shared
                .bytes
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// The poll that the loop is in, if it is in one.
    pub fn polling(&self) -> Option<Polling> {
        let task = self.shared.polling.load(Ordering::Relaxed).checked_sub(1)?;
        Some(Polling {
            task: TaskId(task),
            turn: self.shared.turns.load(Ordering::Relaxed),
        })
    }

    /// Loop time, while a loop on a real clock waits: it goes on although nothing is written.
    pub fn waiting_now(&self) -> Option<Moment> {
        let parked = *self
            .shared
            .parked
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        parked.map(|(at, since)| at + since.elapsed())
    }

    /// Whether the loop stands at its gate.
    pub fn is_paused(&self) -> bool {
        self.shared.paused.load(Ordering::Relaxed)
    }

    /// Whether the run is over. What was written last may still be here to be taken.
    pub fn is_ended(&self) -> bool {
        self.shared.ended.load(Ordering::Acquire)
    }

    /// Whether the run is over and everything was taken.
    pub fn is_drained(&self) -> bool {
        self.is_ended()
            && self
                .shared
                .bytes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_empty()
    }

    /// Waits until the run is over, looking every few milliseconds.
    pub async fn ended(&self) {
        while !self.is_ended() {
            smol::Timer::after(Duration::from_millis(2)).await;
        }
    }

    pub(in crate::runtime) fn give(&self, hand_over: impl FnOnce(&mut Vec<u8>)) {
        hand_over(
            &mut self
                .shared
                .bytes
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    #[inline]
    pub(in crate::runtime) fn poll_starts(&self, task: TaskId) {
        self.shared.turns.fetch_add(1, Ordering::Relaxed);
        self.shared.polling.store(task.0 + 1, Ordering::Relaxed);
    }

    #[inline]
    pub(in crate::runtime) fn poll_ends(&self) {
        self.shared.polling.store(0, Ordering::Relaxed);
    }

    pub(in crate::runtime) fn set_paused(&self, paused: bool) {
        self.shared.paused.store(paused, Ordering::Relaxed);
    }

    /// The loop waits from now on, or no more.
    pub(in crate::runtime) fn set_parked(&self, at: Option<Moment>) {
        #[expect(
            clippy::disallowed_methods,
            reason = "for a reader on another thread, who has no access to the loop's clock"
        )]
        let parked = at.map(|at| (at, Instant::now()));
        *self
            .shared
            .parked
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = parked;
    }

    pub(in crate::runtime) fn end(&self) {
        self.shared.ended.store(true, Ordering::Release);
    }
}

//! The lock under which a primitive decides and queues.
//!
//! Each primitive of this module keeps its whole state under one such lock: what is free, what is in
//! the queue, and who waits. To look whether something is free and to join the queue is therefore
//! one step, which no other thread can come between. The rules:
//!
//! 1. A waker is called, and a waker or a message is dropped, after the lock is released: either may
//!    call anything, this primitive included.
//! 2. Nothing is recorded under the lock.
//!
//! The models in `models/` compile the files that use this type with a lock that the model checker
//! loom controls, and try all interleavings of a few threads.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A mutex that a panic does not poison: the states under it are complete between any two calls.
#[derive(Debug, Default)]
pub(in crate::runtime) struct Guarded<T> {
    value: Mutex<T>,
}

impl<T> Guarded<T> {
    pub(in crate::runtime) const fn new(value: T) -> Guarded<T> {
        Guarded {
            value: Mutex::new(value),
        }
    }

    #[inline]
    pub(in crate::runtime) fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

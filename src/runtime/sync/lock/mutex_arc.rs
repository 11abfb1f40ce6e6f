//! Guards that keep their lock alive.

use std::{
    fmt,
    future::Future,
    ops::{Deref, DerefMut},
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use smol::future::block_on;

use crate::runtime::sync::waiters::Ticket;

use super::Mutex;

impl<T> Mutex<T> {
    /// As [`Mutex::lock`], for a guard that does not borrow.
    #[track_caller]
    pub fn lock_arc(self: &Arc<Self>) -> LockArc<T> {
        LockArc {
            mutex: Arc::clone(self),
            ticket: Ticket::default(),
            made: Location::caller(),
        }
    }

    /// As [`Mutex::lock_blocking`], for a guard that does not borrow.
    pub fn lock_arc_blocking(self: &Arc<Self>) -> MutexGuardArc<T> {
        block_on(self.lock_arc())
    }

    /// As [`Mutex::try_lock`], for a guard that does not borrow.
    pub fn try_lock_arc(self: &Arc<Self>) -> Option<MutexGuardArc<T>> {
        self.permits
            .try_acquire()
            .then(|| MutexGuardArc::new(Arc::clone(self)))
    }
}

/// The future of [`Mutex::lock_arc`].
#[must_use = "a future does nothing until it is awaited"]
pub struct LockArc<T> {
    mutex: Arc<Mutex<T>>,
    ticket: Ticket,
    made: &'static Location<'static>,
}

impl<T> Future for LockArc<T> {
    type Output = MutexGuardArc<T>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let permits = &this.mutex.permits;
        permits
            .poll_acquire(&mut this.ticket, cx, this.made)
            .map(|()| MutexGuardArc::new(Arc::clone(&this.mutex)))
    }
}

impl<T> Drop for LockArc<T> {
    fn drop(&mut self) {
        self.mutex.permits.cancel(&mut self.ticket);
    }
}

impl<T> fmt::Debug for LockArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockArc").finish_non_exhaustive()
    }
}

/// The value of a [`Mutex`] in an `Arc`, for as long as it is held.
#[must_use = "the lock is given back when this is dropped"]
pub struct MutexGuardArc<T> {
    /// Taken out of the lock, and put back when this is dropped: only then it is none.
    value: Option<T>,
    mutex: Arc<Mutex<T>>,
}

impl<T> MutexGuardArc<T> {
    /// For who has the permit.
    fn new(mutex: Arc<Mutex<T>>) -> MutexGuardArc<T> {
        // Another thread may be printing it at this very moment.
        let value = mutex.value.lock_blocking().take();
        MutexGuardArc { value, mutex }
    }

    /// The lock that this is of.
    pub fn source(guard: &MutexGuardArc<T>) -> &Arc<Mutex<T>> {
        &guard.mutex
    }
}

impl<T> Deref for MutexGuardArc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.value {
            Some(value) => value,
            None => unreachable!("who has the permit has the value"),
        }
    }
}

impl<T> DerefMut for MutexGuardArc<T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.value {
            Some(value) => value,
            None => unreachable!("who has the permit has the value"),
        }
    }
}

impl<T> Drop for MutexGuardArc<T> {
    fn drop(&mut self) {
        let value = self.value.take();
        // Somebody may be printing the lock at this very moment.
        *self.mutex.value.lock_blocking() = value;
        self.mutex.permits.release();
    }
}

impl<T: fmt::Display> fmt::Display for MutexGuardArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

impl<T: fmt::Debug> fmt::Debug for MutexGuardArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

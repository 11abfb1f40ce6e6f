//! One at a time.

use std::{
    fmt,
    future::Future,
    ops::{Deref, DerefMut},
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{runtime::resource::Resource, trace::ResourceKind};

use super::permits::{Acquiring, Permits};

/// A value that one task at a time may use.
pub struct Mutex<T> {
    permits: Permits,
    /// Free whenever its permit is.
    value: async_lock::Mutex<T>,
}

impl<T> Mutex<T> {
    /// A lock round a value.
    #[track_caller]
    pub fn new(value: T) -> Mutex<T> {
        let resource = Resource::new(ResourceKind::Lock, 1, Location::caller());
        Mutex {
            permits: Permits::new(1, resource),
            value: async_lock::Mutex::new(value),
        }
    }

    /// Waits until the value is free. It is again when the guard is dropped.
    #[track_caller]
    pub fn lock(&self) -> Lock<'_, T> {
        Lock {
            mutex: self,
            acquiring: Acquiring::new(&self.permits, Location::caller()),
        }
    }

    /// Takes the lock, if it is free now.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.permits.try_acquire().then(|| self.guard())
    }

    /// The value, when nobody else can have it.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    /// The value, when nobody else can have it.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    fn guard(&self) -> MutexGuard<'_, T> {
        match self.value.try_lock() {
            Some(value) => MutexGuard {
                value: Some(value),
                permits: &self.permits,
            },
            None => unreachable!("the value is free whenever its permit is"),
        }
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex")
            .field("free", &(self.permits.unused() > 0))
            .finish_non_exhaustive()
    }
}

/// The future of [`Mutex::lock`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Lock<'a, T> {
    mutex: &'a Mutex<T>,
    acquiring: Acquiring<'a>,
}

impl<'a, T> Future for Lock<'a, T> {
    type Output = MutexGuard<'a, T>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mutex = self.mutex;
        self.acquiring.poll(cx).map(|()| mutex.guard())
    }
}

impl<T> fmt::Debug for Lock<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}

/// The value of a [`Mutex`], for as long as it is held.
#[must_use = "the lock is given back when this is dropped"]
pub struct MutexGuard<'a, T> {
    /// None only while being dropped.
    value: Option<async_lock::MutexGuard<'a, T>>,
    permits: &'a Permits,
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.value {
            Some(value) => value,
            None => unreachable!("taken in drop only"),
        }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.value {
            Some(value) => value,
            None => unreachable!("taken in drop only"),
        }
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.value = None;
        self.permits.release();
    }
}

impl<T: fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

impl<T: fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

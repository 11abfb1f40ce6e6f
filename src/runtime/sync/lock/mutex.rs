//! One at a time.

use std::{
    fmt,
    future::Future,
    ops::{Deref, DerefMut},
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use smol::future::block_on;

use crate::{runtime::executor::resource::Resource, trace::ResourceKind};

use super::permits::{Acquiring, Permits};

/// A value that one task at a time may use.
pub struct Mutex<T> {
    pub(super) permits: Permits,
    /// Free whenever its permit is. None only while a [`MutexGuardArc`] has it.
    pub(super) value: async_lock::Mutex<Option<T>>,
}

impl<T> Mutex<T> {
    /// A lock round a value.
    #[track_caller]
    pub const fn new(value: T) -> Mutex<T> {
        let resource = Resource::later(ResourceKind::Lock, 1, Location::caller());
        Mutex {
            permits: Permits::new(1, resource),
            value: async_lock::Mutex::new(Some(value)),
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

    /// Takes the lock; blocks the thread until it is free. Not for tasks.
    pub fn lock_blocking(&self) -> MutexGuard<'_, T> {
        block_on(self.lock())
    }

    /// The value, when nobody else can have it.
    pub fn into_inner(self) -> T {
        match self.value.into_inner() {
            Some(value) => value,
            None => unreachable!("a guard that has the value keeps the lock alive"),
        }
    }

    /// The value, when nobody else can have it.
    pub fn get_mut(&mut self) -> &mut T {
        match self.value.get_mut() {
            Some(value) => value,
            None => unreachable!("a guard that has the value keeps the lock alive"),
        }
    }

    fn guard(&self) -> MutexGuard<'_, T> {
        // Another thread may be printing it at this very moment.
        let value = self.value.try_lock();
        MutexGuard {
            value: value.or_else(|| Some(self.value.lock_blocking())),
            mutex: self,
        }
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Mutex::new(value)
    }
}

/// As async-lock shows its own.
#[expect(
    clippy::missing_fields_in_debug,
    reason = "who waits for it is no part of what it is"
)]
impl<T: fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Looked at beside the permits: to print a lock is no use of it.
        let value = self.value.try_lock();
        let mut shown = f.debug_struct("Mutex");
        match value.as_deref() {
            Some(Some(value)) => shown.field("data", value),
            _ => shown.field("data", &format_args!("<locked>")),
        };
        shown.finish()
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
    value: Option<async_lock::MutexGuard<'a, Option<T>>>,
    mutex: &'a Mutex<T>,
}

impl<'a, T> MutexGuard<'a, T> {
    /// The lock that this is of.
    pub fn source(guard: &MutexGuard<'a, T>) -> &'a Mutex<T> {
        guard.mutex
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self.value.as_deref() {
            Some(Some(value)) => value,
            _ => unreachable!("taken in drop only"),
        }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match self.value.as_deref_mut() {
            Some(Some(value)) => value,
            _ => unreachable!("taken in drop only"),
        }
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.value = None;
        self.mutex.permits.release();
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

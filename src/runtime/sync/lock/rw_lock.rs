//! A lock for many readers or one writer. Its methods that return guards are in `rw_methods`.

use std::{fmt, panic::Location};

use crate::{runtime::executor::resource::Resource, trace::ResourceKind};

use super::{rw_admission::RwAdmission, rw_queue::ALL};

/// A value that many tasks may read at the same time, or one may write: `smol::lock::RwLock`.
///
/// A writer that waits is admitted once the readers have left, and no reader enters before it. What
/// waits is admitted in order.
///
/// ```
/// use loopscope::lock::{RwLock, RwLockUpgradableReadGuard, RwLockWriteGuard};
///
/// loopscope::block_on(async {
///     let config = RwLock::named("config", 1);
///     let (one, other) = (config.read().await, config.try_read().unwrap());
///     assert!(config.try_write().is_none());
///     assert_eq!(*one + *other, 2);
///     drop((one, other));
///
///     let reader = config.upgradable_read().await;
///     let mut writer = RwLockUpgradableReadGuard::upgrade(reader).await;
///     *writer += 1;
///     let reader = RwLockWriteGuard::downgrade(writer);
///     assert_eq!(*reader, 2);
/// });
/// ```
pub struct RwLock<T: ?Sized> {
    admission: RwAdmission,
    /// The admission alone decides which task may use the value; this inner lock only makes the
    /// access safe.
    value: async_lock::RwLock<T>,
}

impl<T> RwLock<T> {
    /// Puts a value under a lock.
    #[track_caller]
    pub const fn new(value: T) -> RwLock<T> {
        let resource = Resource::later(ResourceKind::RwLock, ALL, Location::caller());
        RwLock {
            admission: RwAdmission::new(resource),
            value: async_lock::RwLock::new(value),
        }
    }

    /// Like [`RwLock::new`], with a name for the trace.
    #[track_caller]
    pub fn named(name: &str, value: T) -> RwLock<T> {
        let resource = Resource::named(ResourceKind::RwLock, ALL, Location::caller(), name);
        RwLock {
            admission: RwAdmission::new(resource),
            value: async_lock::RwLock::new(value),
        }
    }

    /// Takes the value out of the lock.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// The value. No lock is needed: the borrow shows that no guard exists.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    pub(super) fn admission(&self) -> &RwAdmission {
        &self.admission
    }

    /// The access of a reader. Only to be called by one.
    pub(super) fn read_access(&self) -> async_lock::RwLockReadGuard<'_, T> {
        let value = self.value.try_read();
        value.unwrap_or_else(|| self.value.read_blocking())
    }

    /// The access of the writer. Only to be called by it.
    pub(super) fn write_access(&self) -> async_lock::RwLockWriteGuard<'_, T> {
        let value = self.value.try_write();
        // If the inner lock is taken, another thread is printing the lock, and releases it soon.
        value.unwrap_or_else(|| self.value.write_blocking())
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    fn default() -> Self {
        RwLock::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        RwLock::new(value)
    }
}

/// The same text as async-lock's lock.
impl<T: fmt::Debug + ?Sized> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Do not go through the queue: printing a lock must not be recorded as a use of it.
        self.value.fmt(f)
    }
}

//! The methods of a [`RwLock`] that return guards.

use std::sync::Arc;

use crate::runtime::executor::thread_loop::block_here;

use super::{
    rw_guard::{
        Read, ReadArc, RwLockReadGuard, RwLockReadGuardArc, RwLockUpgradableReadGuard,
        RwLockUpgradableReadGuardArc, RwLockWriteGuard, RwLockWriteGuardArc, RwLocking,
        UpgradableRead, UpgradableReadArc, Write, WriteArc, try_guard,
    },
    rw_lock::RwLock,
};

impl<T: ?Sized> RwLock<T> {
    /// Waits until no writer has the lock or is about to get it.
    #[track_caller]
    pub fn read(&self) -> Read<'_, T> {
        RwLocking::new(self)
    }

    /// A guard for reading, if that is possible without waiting.
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        try_guard(self)
    }

    /// Like [`RwLock::read`], but blocks the thread. Not for tasks.
    pub fn read_blocking(&self) -> RwLockReadGuard<'_, T> {
        block_here("read_blocking", self.read())
    }

    /// Waits for a guard that reads and may become the writer. There is at most one of them.
    #[track_caller]
    pub fn upgradable_read(&self) -> UpgradableRead<'_, T> {
        RwLocking::new(self)
    }

    /// An upgradable guard, if that is possible without waiting.
    pub fn try_upgradable_read(&self) -> Option<RwLockUpgradableReadGuard<'_, T>> {
        try_guard(self)
    }

    /// Like [`RwLock::upgradable_read`], but blocks the thread. Not for tasks.
    pub fn upgradable_read_blocking(&self) -> RwLockUpgradableReadGuard<'_, T> {
        block_here("upgradable_read_blocking", self.upgradable_read())
    }

    /// Waits until no other guard exists.
    #[track_caller]
    pub fn write(&self) -> Write<'_, T> {
        RwLocking::new(self)
    }

    /// A guard for writing, if that is possible without waiting.
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        try_guard(self)
    }

    /// Like [`RwLock::write`], but blocks the thread. Not for tasks.
    pub fn write_blocking(&self) -> RwLockWriteGuard<'_, T> {
        block_here("write_blocking", self.write())
    }
}

/// Guards that keep the lock alive instead of borrowing it.
///
/// ```
/// use loopscope::lock::RwLock;
/// use std::sync::Arc;
///
/// let text = Arc::new(RwLock::new(String::new()));
/// text.write_arc_blocking().push('a');
/// let reader = loopscope::block_on(text.read_arc());
/// assert!(text.try_write_arc().is_none());
/// assert_eq!(*reader, "a");
/// ```
impl<T: ?Sized + 'static> RwLock<T> {
    /// Like [`RwLock::read`].
    #[track_caller]
    pub fn read_arc(self: &Arc<Self>) -> ReadArc<'_, T> {
        RwLocking::new(Arc::clone(self))
    }

    /// Like [`RwLock::try_read`].
    pub fn try_read_arc(self: &Arc<Self>) -> Option<RwLockReadGuardArc<T>> {
        try_guard(Arc::clone(self))
    }

    /// Like [`RwLock::read_blocking`].
    pub fn read_arc_blocking(self: &Arc<Self>) -> RwLockReadGuardArc<T> {
        block_here("read_arc_blocking", self.read_arc())
    }

    /// Like [`RwLock::upgradable_read`].
    #[track_caller]
    pub fn upgradable_read_arc(self: &Arc<Self>) -> UpgradableReadArc<'_, T> {
        RwLocking::new(Arc::clone(self))
    }

    /// Like [`RwLock::try_upgradable_read`].
    pub fn try_upgradable_read_arc(self: &Arc<Self>) -> Option<RwLockUpgradableReadGuardArc<T>> {
        try_guard(Arc::clone(self))
    }

    /// Like [`RwLock::upgradable_read_blocking`].
    pub fn upgradable_read_arc_blocking(self: &Arc<Self>) -> RwLockUpgradableReadGuardArc<T> {
        block_here("upgradable_read_arc_blocking", self.upgradable_read_arc())
    }

    /// Like [`RwLock::write`].
    #[track_caller]
    pub fn write_arc(self: &Arc<Self>) -> WriteArc<'_, T> {
        RwLocking::new(Arc::clone(self))
    }

    /// Like [`RwLock::try_write`].
    pub fn try_write_arc(self: &Arc<Self>) -> Option<RwLockWriteGuardArc<T>> {
        try_guard(Arc::clone(self))
    }

    /// Like [`RwLock::write_blocking`].
    pub fn write_arc_blocking(self: &Arc<Self>) -> RwLockWriteGuardArc<T> {
        block_here("write_arc_blocking", self.write_arc())
    }
}

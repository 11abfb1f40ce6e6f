//! How a guard of a [`RwLock`] holds it, and what the guard allows.

use std::{ops::DerefMut, sync::Arc};

use super::{
    rw_access::{BorrowedAccess, HoldsAdmission, KeptReadGuard, KeptWriteGuard, RwAccess},
    rw_admission::RwAdmission,
    rw_lock::RwLock,
    rw_queue::RwMode,
};

/// How a lock is held by what makes guards of it. Programs cannot name this trait.
pub trait HoldsRwLock: HoldsAdmission + Clone {
    /// The access of a reader. If the guard borrows the lock, the access holds the admission alone: a
    /// borrow of a `RwLock<T>` is invariant in `T`, and async-lock's guard of a reader is not.
    type Reader: RwAccess;
    /// The access of an upgradable reader.
    type Upgradable: RwAccess<Holder = Self>;
    /// The access of the writer.
    type Writer: RwAccess<Holder = Self> + DerefMut;

    /// Gets the access of a reader.
    fn reader(self) -> Self::Reader;
    /// Gets the access of an upgradable reader.
    fn upgradable(self) -> Self::Upgradable;
    /// Gets the access of the writer.
    fn writer(self) -> Self::Writer;
}

impl<'a, T: ?Sized> HoldsRwLock for &'a RwLock<T> {
    type Reader = BorrowedAccess<&'a RwAdmission, async_lock::RwLockReadGuard<'a, T>>;
    type Upgradable = BorrowedAccess<Self, async_lock::RwLockReadGuard<'a, T>>;
    type Writer = BorrowedAccess<Self, async_lock::RwLockWriteGuard<'a, T>>;

    fn reader(self) -> Self::Reader {
        BorrowedAccess::new(RwLock::admission(self), self.read_access())
    }

    fn upgradable(self) -> Self::Upgradable {
        BorrowedAccess::new(self, self.read_access())
    }

    fn writer(self) -> Self::Writer {
        BorrowedAccess::new(self, self.write_access())
    }
}

impl<T: ?Sized + 'static> HoldsRwLock for Arc<RwLock<T>> {
    type Reader = KeptReadGuard<T>;
    type Upgradable = KeptReadGuard<T>;
    type Writer = KeptWriteGuard<T>;

    fn reader(self) -> Self::Reader {
        KeptReadGuard::of(self)
    }

    fn upgradable(self) -> Self::Upgradable {
        KeptReadGuard::of(self)
    }

    fn writer(self) -> Self::Writer {
        KeptWriteGuard::of(self)
    }
}

/// What a guard allows. Programs cannot name this trait.
pub trait RwRight {
    /// The same as a value.
    const MODE: RwMode;
}

/// The guard reads.
#[derive(Clone, Copy, Debug)]
pub struct Reading;

/// The guard reads and may become the writer.
#[derive(Clone, Copy, Debug)]
pub struct Upgradable;

/// The guard writes.
#[derive(Clone, Copy, Debug)]
pub struct Writing;

impl RwRight for Reading {
    const MODE: RwMode = RwMode::Read;
}

impl RwRight for Upgradable {
    const MODE: RwMode = RwMode::Upgradable;
}

impl RwRight for Writing {
    const MODE: RwMode = RwMode::Write;
}

/// What a guard with this right consists of. Programs cannot name this trait.
pub trait RwRightTo<L: HoldsRwLock>: RwRight {
    /// The access to the value.
    type Access: RwAccess;

    /// Gets access to the value.
    fn access(lock: L) -> Self::Access;
}

impl<L: HoldsRwLock> RwRightTo<L> for Reading {
    type Access = L::Reader;

    fn access(lock: L) -> L::Reader {
        lock.reader()
    }
}

impl<L: HoldsRwLock> RwRightTo<L> for Upgradable {
    type Access = L::Upgradable;

    fn access(lock: L) -> L::Upgradable {
        lock.upgradable()
    }
}

impl<L: HoldsRwLock> RwRightTo<L> for Writing {
    type Access = L::Writer;

    fn access(lock: L) -> L::Writer {
        lock.writer()
    }
}

//! How a guard of a [`RwLock`] holds it, and what the guard allows.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use super::{
    rw_access::{KeptReadGuard, KeptWriteGuard},
    rw_admission::RwAdmission,
    rw_lock::RwLock,
    rw_queue::RwMode,
};

/// What a guard releases when it is dropped. Programs cannot name this trait.
pub trait HoldsAdmission {
    /// The admission to the lock.
    fn admission(&self) -> &RwAdmission;
}

impl HoldsAdmission for &RwAdmission {
    fn admission(&self) -> &RwAdmission {
        self
    }
}

impl<T: ?Sized> HoldsAdmission for &RwLock<T> {
    fn admission(&self) -> &RwAdmission {
        RwLock::admission(self)
    }
}

impl<T: ?Sized> HoldsAdmission for Arc<RwLock<T>> {
    fn admission(&self) -> &RwAdmission {
        RwLock::admission(self)
    }
}

/// How a guard holds its lock. Programs cannot name this trait.
pub trait HoldsRwLock: HoldsAdmission + Deref<Target = RwLock<Self::Item>> + Clone {
    /// What the lock protects.
    type Item: ?Sized;
    /// What the guard of a reader holds instead of the lock. A borrow of a `RwLock<T>` is invariant
    /// in `T`, and async-lock's guard of a reader is not.
    type Reader: HoldsAdmission;
    /// The access of a reader.
    type ReadAccess: Deref<Target = Self::Item>;
    /// The access of the writer.
    type WriteAccess: DerefMut<Target = Self::Item>;

    /// What the guard of a reader holds.
    fn reader(self) -> Self::Reader;
    /// Gets the access of a reader.
    fn read_access(&self) -> Self::ReadAccess;
    /// Gets the access of the writer.
    fn write_access(&self) -> Self::WriteAccess;
}

impl<'a, T: ?Sized> HoldsRwLock for &'a RwLock<T> {
    type Item = T;
    type Reader = &'a RwAdmission;
    type ReadAccess = async_lock::RwLockReadGuard<'a, T>;
    type WriteAccess = async_lock::RwLockWriteGuard<'a, T>;

    fn reader(self) -> Self::Reader {
        RwLock::admission(self)
    }

    fn read_access(&self) -> Self::ReadAccess {
        RwLock::read_access(self)
    }

    fn write_access(&self) -> Self::WriteAccess {
        RwLock::write_access(self)
    }
}

impl<T: ?Sized + 'static> HoldsRwLock for Arc<RwLock<T>> {
    type Item = T;
    type Reader = Self;
    type ReadAccess = KeptReadGuard<T>;
    type WriteAccess = KeptWriteGuard<T>;

    fn reader(self) -> Self::Reader {
        self
    }

    fn read_access(&self) -> Self::ReadAccess {
        KeptReadGuard::of(Arc::clone(self))
    }

    fn write_access(&self) -> Self::WriteAccess {
        KeptWriteGuard::of(Arc::clone(self))
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
    /// What the guard holds of the lock.
    type Held: HoldsAdmission;
    /// The access to the value.
    type Access: Deref<Target = L::Item>;

    /// What the guard holds of the lock.
    fn held(lock: L) -> Self::Held;
    /// Gets access to the value.
    fn access(lock: &L) -> Self::Access;
}

impl<L: HoldsRwLock> RwRightTo<L> for Reading {
    type Held = L::Reader;
    type Access = L::ReadAccess;

    fn held(lock: L) -> Self::Held {
        lock.reader()
    }

    fn access(lock: &L) -> Self::Access {
        lock.read_access()
    }
}

impl<L: HoldsRwLock> RwRightTo<L> for Upgradable {
    type Held = L;
    type Access = L::ReadAccess;

    fn held(lock: L) -> Self::Held {
        lock
    }

    fn access(lock: &L) -> Self::Access {
        lock.read_access()
    }
}

impl<L: HoldsRwLock> RwRightTo<L> for Writing {
    type Held = L;
    type Access = L::WriteAccess;

    fn held(lock: L) -> Self::Held {
        lock
    }

    fn access(lock: &L) -> Self::Access {
        lock.write_access()
    }
}

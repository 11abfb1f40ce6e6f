//! The accesses of guards: a guard of the inner lock, together with how the [`RwLock`] is held.
//!
//! An access that keeps its lock alive consists of a guard of the inner lock and the [`Arc`] that
//! this guard borrows from. Such a value borrows from itself, which safe Rust cannot write: the crate
//! ouroboros generates it. It holds the only reference to the `Arc`, so that a guard counts as one.

#![allow(
    missing_docs,
    missing_debug_implementations,
    clippy::pedantic,
    reason = "generated code"
)]

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use ouroboros::self_referencing;

use super::{rw_admission::RwAdmission, rw_lock::RwLock};

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

/// The access of a guard, together with how it holds the lock. Programs cannot name this trait.
pub trait RwAccess: Deref {
    /// What is left when the access is given up.
    type Holder: HoldsAdmission;

    /// The admission to the lock.
    fn admission(&self) -> &RwAdmission;
    /// Gives the access up, and keeps the admission.
    fn end(self) -> Self::Holder;
}

/// The access of a guard that borrows its lock.
#[derive(Debug)]
pub struct BorrowedAccess<H, G> {
    holder: H,
    guard: G,
}

impl<H, G> BorrowedAccess<H, G> {
    pub(super) fn new(holder: H, guard: G) -> BorrowedAccess<H, G> {
        BorrowedAccess { holder, guard }
    }
}

impl<H, G: Deref> Deref for BorrowedAccess<H, G> {
    type Target = G::Target;

    fn deref(&self) -> &G::Target {
        &self.guard
    }
}

impl<H, G: DerefMut> DerefMut for BorrowedAccess<H, G> {
    fn deref_mut(&mut self) -> &mut G::Target {
        &mut self.guard
    }
}

impl<H: HoldsAdmission, G: Deref> RwAccess for BorrowedAccess<H, G> {
    type Holder = H;

    fn admission(&self) -> &RwAdmission {
        self.holder.admission()
    }

    fn end(self) -> H {
        self.holder
    }
}

#[self_referencing]
pub struct KeptReadGuard<T: ?Sized + 'static> {
    lock: Arc<RwLock<T>>,
    #[borrows(lock)]
    #[not_covariant]
    guard: async_lock::RwLockReadGuard<'this, T>,
}

impl<T: ?Sized + 'static> KeptReadGuard<T> {
    pub(super) fn of(lock: Arc<RwLock<T>>) -> KeptReadGuard<T> {
        KeptReadGuard::new(lock, |lock| lock.read_access())
    }
}

impl<T: ?Sized + 'static> RwAccess for KeptReadGuard<T> {
    type Holder = Arc<RwLock<T>>;

    fn admission(&self) -> &RwAdmission {
        self.borrow_lock().admission()
    }

    fn end(self) -> Arc<RwLock<T>> {
        self.into_heads().lock
    }
}

impl<T: ?Sized + 'static> Deref for KeptReadGuard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.with_guard(|guard| &**guard)
    }
}

#[self_referencing]
pub struct KeptWriteGuard<T: ?Sized + 'static> {
    lock: Arc<RwLock<T>>,
    #[borrows(lock)]
    #[not_covariant]
    guard: async_lock::RwLockWriteGuard<'this, T>,
}

impl<T: ?Sized + 'static> KeptWriteGuard<T> {
    pub(super) fn of(lock: Arc<RwLock<T>>) -> KeptWriteGuard<T> {
        KeptWriteGuard::new(lock, |lock| lock.write_access())
    }
}

impl<T: ?Sized + 'static> RwAccess for KeptWriteGuard<T> {
    type Holder = Arc<RwLock<T>>;

    fn admission(&self) -> &RwAdmission {
        self.borrow_lock().admission()
    }

    fn end(self) -> Arc<RwLock<T>> {
        self.into_heads().lock
    }
}

impl<T: ?Sized + 'static> Deref for KeptWriteGuard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.with_guard(|guard| &**guard)
    }
}

impl<T: ?Sized + 'static> DerefMut for KeptWriteGuard<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.with_guard_mut(|guard| &mut **guard)
    }
}

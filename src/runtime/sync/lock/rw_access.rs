//! The access of guards that keep their [`RwLock`] alive: a guard of the inner lock, together with the
//! [`Arc`] that it borrows from.
//!
//! Such a value borrows from itself, which safe Rust cannot write. The crate ouroboros generates it.

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

use super::rw_lock::RwLock;

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

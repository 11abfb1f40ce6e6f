//! The guards of a [`RwLock`], and the futures that wait for them.
//!
//! A guard has two parameters. The first is how it holds the lock: by a borrow or by an [`Arc`]. The
//! second is what it allows: [`Reading`], [`Upgradable`] or [`Writing`]. async-lock has a type for
//! each of the six combinations; here these names are aliases.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use crate::{
    runtime::executor::thread_loop::block_here,
    trace::{ResourceOp, Wait},
};

use super::{
    rw_access::{KeptReadGuard, KeptWriteGuard},
    rw_lock::RwLock,
    rw_queue::{ALL, RwMode, RwTicket},
};

/// How a guard holds its lock. Programs cannot name this trait.
pub trait HoldsRwLock: Deref<Target = RwLock<Self::Item>> + Clone {
    /// What the lock protects.
    type Item: ?Sized;
    /// The access of a reader.
    type ReadAccess: Deref<Target = Self::Item>;
    /// The access of the writer.
    type WriteAccess: DerefMut<Target = Self::Item>;

    /// Gets the access of a reader.
    fn read_access(&self) -> Self::ReadAccess;
    /// Gets the access of the writer.
    fn write_access(&self) -> Self::WriteAccess;
}

impl<'a, T: ?Sized> HoldsRwLock for &'a RwLock<T> {
    type Item = T;
    type ReadAccess = async_lock::RwLockReadGuard<'a, T>;
    type WriteAccess = async_lock::RwLockWriteGuard<'a, T>;

    fn read_access(&self) -> Self::ReadAccess {
        RwLock::read_access(self)
    }

    fn write_access(&self) -> Self::WriteAccess {
        RwLock::write_access(self)
    }
}

impl<T: ?Sized + 'static> HoldsRwLock for Arc<RwLock<T>> {
    type Item = T;
    type ReadAccess = KeptReadGuard<T>;
    type WriteAccess = KeptWriteGuard<T>;

    fn read_access(&self) -> Self::ReadAccess {
        KeptReadGuard::of(Arc::clone(self))
    }

    fn write_access(&self) -> Self::WriteAccess {
        KeptWriteGuard::of(Arc::clone(self))
    }
}

/// What a guard allows. Programs cannot name this trait.
pub trait RwRight<L: HoldsRwLock> {
    /// The access to the value.
    type Access: Deref<Target = L::Item>;
    /// The same as a value.
    const MODE: RwMode;

    /// Gets access to the value.
    fn access(lock: &L) -> Self::Access;
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

impl<L: HoldsRwLock> RwRight<L> for Reading {
    type Access = L::ReadAccess;
    const MODE: RwMode = RwMode::Read;

    fn access(lock: &L) -> Self::Access {
        lock.read_access()
    }
}

impl<L: HoldsRwLock> RwRight<L> for Upgradable {
    type Access = L::ReadAccess;
    const MODE: RwMode = RwMode::Upgradable;

    fn access(lock: &L) -> Self::Access {
        lock.read_access()
    }
}

impl<L: HoldsRwLock> RwRight<L> for Writing {
    type Access = L::WriteAccess;
    const MODE: RwMode = RwMode::Write;

    fn access(lock: &L) -> Self::Access {
        lock.write_access()
    }
}

/// Access to the value of a [`RwLock`]. Dropping the guard gives the access up.
#[must_use = "the lock is released when the guard is dropped"]
pub struct RwGuard<L: HoldsRwLock, R: RwRight<L>> {
    /// `None` only while the guard is dropped or becomes another one.
    access: Option<R::Access>,
    lock: L,
    /// The guard has become another one: its drop releases nothing.
    is_replaced: bool,
}

impl<L: HoldsRwLock, R: RwRight<L>> RwGuard<L, R> {
    /// A guard for what the queue has admitted.
    fn new(lock: L) -> RwGuard<L, R> {
        RwGuard {
            access: Some(R::access(&lock)),
            lock,
            is_replaced: false,
        }
    }

    pub(super) fn try_new(lock: L) -> Option<RwGuard<L, R>> {
        lock.try_acquire(R::MODE).then(|| RwGuard::new(lock))
    }

    /// Ends the guard without releasing the lock.
    fn into_lock(mut self) -> L {
        self.access = None;
        self.is_replaced = true;
        self.lock.clone()
    }

    fn into_lesser<S: RwRight<L>>(self) -> RwGuard<L, S> {
        let lock = self.into_lock();
        let changed = lock.queue().downgrade(R::MODE, S::MODE);
        lock.resource().used(ResourceOp::Released, changed.left);
        lock.resource().used(ResourceOp::Acquired, changed.left);
        let guard = RwGuard::new(lock);
        changed.wake();
        guard
    }
}

impl<L: HoldsRwLock> RwGuard<L, Upgradable> {
    /// Makes the guard one that only reads.
    pub fn downgrade(guard: Self) -> RwGuard<L, Reading> {
        guard.into_lesser()
    }

    /// Makes the guard the writer, if there is no other reader.
    pub fn try_upgrade(guard: Self) -> Result<RwGuard<L, Writing>, Self> {
        if !guard.lock.queue().try_upgrade() {
            return Err(guard);
        }
        let lock = guard.into_lock();
        lock.resource().used(ResourceOp::Released, ALL);
        lock.resource().used(ResourceOp::Acquired, 0);
        Ok(RwGuard::new(lock))
    }

    /// Waits until the other readers have left, and makes the guard the writer. No reader enters
    /// meanwhile.
    #[track_caller]
    pub fn upgrade(guard: Self) -> RwUpgrading<L> {
        RwUpgrading {
            lock: guard.lock.clone(),
            guard: Some(guard),
            ticket: RwTicket::default(),
            made: Location::caller(),
        }
    }

    /// Like `upgrade`, but blocks the thread. Not for tasks.
    pub fn upgrade_blocking(guard: Self) -> RwGuard<L, Writing> {
        block_here("upgrade_blocking", Self::upgrade(guard))
    }
}

impl<L: HoldsRwLock> RwGuard<L, Writing> {
    /// Makes the guard a reader, without a moment in which another writer could enter.
    pub fn downgrade(guard: Self) -> RwGuard<L, Reading> {
        guard.into_lesser()
    }

    /// Makes the guard an upgradable reader.
    pub fn downgrade_to_upgradable(guard: Self) -> RwGuard<L, Upgradable> {
        guard.into_lesser()
    }
}

impl<L: HoldsRwLock, R: RwRight<L>> Drop for RwGuard<L, R> {
    fn drop(&mut self) {
        // Give the access up before the lock is released: the next guard gets its access at once.
        self.access = None;
        if !self.is_replaced {
            self.lock.left(self.lock.queue().release(R::MODE));
        }
    }
}

impl<L: HoldsRwLock, R: RwRight<L>> Deref for RwGuard<L, R> {
    type Target = L::Item;

    fn deref(&self) -> &L::Item {
        match &self.access {
            Some(access) => access,
            None => unreachable!("the access is given up in drop only"),
        }
    }
}

impl<L: HoldsRwLock> DerefMut for RwGuard<L, Writing> {
    fn deref_mut(&mut self) -> &mut L::Item {
        match &mut self.access {
            Some(access) => access,
            None => unreachable!("the access is given up in drop only"),
        }
    }
}

impl<L: HoldsRwLock<Item: fmt::Debug>, R: RwRight<L>> fmt::Debug for RwGuard<L, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<L: HoldsRwLock<Item: fmt::Display>, R: RwRight<L>> fmt::Display for RwGuard<L, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A future that waits for a guard of a [`RwLock`].
#[must_use = "a future does nothing until it is awaited"]
pub struct RwLocking<'a, L: HoldsRwLock, R: RwRight<L>> {
    lock: L,
    ticket: RwTicket,
    made: &'static Location<'static>,
    borrow: PhantomData<&'a ()>,
    right: PhantomData<R>,
}

impl<L: HoldsRwLock, R: RwRight<L>> RwLocking<'_, L, R> {
    #[track_caller]
    pub(super) fn new(lock: L) -> Self {
        RwLocking {
            lock,
            ticket: RwTicket::default(),
            made: Location::caller(),
            borrow: PhantomData,
            right: PhantomData,
        }
    }
}

impl<L: HoldsRwLock, R: RwRight<L>> Unpin for RwLocking<'_, L, R> {}

impl<L: HoldsRwLock, R: RwRight<L>> Future for RwLocking<'_, L, R> {
    type Output = RwGuard<L, R>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        poll_admitted(&this.lock, R::MODE, &mut this.ticket, cx, this.made)
            .map(|()| RwGuard::new(this.lock.clone()))
    }
}

#[track_caller]
fn poll_admitted<L: HoldsRwLock>(
    lock: &L,
    mode: RwMode,
    ticket: &mut RwTicket,
    cx: &Context<'_>,
    created: &'static Location<'static>,
) -> Poll<()> {
    if let Some(left) = lock.queue().poll(mode, ticket, cx.waker()) {
        lock.resource().used(ResourceOp::Acquired, left);
        return Poll::Ready(());
    }
    let at = Location::caller();
    lock.resource().wait_made(Wait::Acquire, at, created);
    Poll::Pending
}

impl<L: HoldsRwLock, R: RwRight<L>> Drop for RwLocking<'_, L, R> {
    fn drop(&mut self) {
        if let Some(changed) = self.lock.queue().cancel(R::MODE, &mut self.ticket) {
            changed.wake();
        }
    }
}

impl<L: HoldsRwLock, R: RwRight<L>> fmt::Debug for RwLocking<'_, L, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwLocking").finish_non_exhaustive()
    }
}

/// A future that makes an upgradable guard the writer.
#[must_use = "a future does nothing until it is awaited"]
pub struct RwUpgrading<L: HoldsRwLock> {
    lock: L,
    /// The upgradable guard, until the first poll.
    guard: Option<RwGuard<L, Upgradable>>,
    ticket: RwTicket,
    made: &'static Location<'static>,
}

impl<L: HoldsRwLock> Unpin for RwUpgrading<L> {}

impl<L: HoldsRwLock> Future for RwUpgrading<L> {
    type Output = RwGuard<L, Writing>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(guard) = this.guard.take() {
            let lock = guard.into_lock();
            let (left, is_writer) = lock.queue().upgrade(&mut this.ticket, cx.waker());
            lock.resource().used(ResourceOp::Released, left);
            if is_writer {
                lock.resource().used(ResourceOp::Acquired, 0);
                return Poll::Ready(RwGuard::new(lock));
            }
        }
        poll_admitted(&this.lock, RwMode::Write, &mut this.ticket, cx, this.made)
            .map(|()| RwGuard::new(this.lock.clone()))
    }
}

impl<L: HoldsRwLock> Drop for RwUpgrading<L> {
    fn drop(&mut self) {
        if let Some(changed) = self.lock.queue().cancel(RwMode::Write, &mut self.ticket) {
            changed.wake();
        }
    }
}

impl<L: HoldsRwLock> fmt::Debug for RwUpgrading<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").finish_non_exhaustive()
    }
}

/// A reader's guard that borrows its [`RwLock`].
pub type RwLockReadGuard<'a, T> = RwGuard<&'a RwLock<T>, Reading>;
/// A reader's guard that keeps its [`RwLock`] alive.
pub type RwLockReadGuardArc<T> = RwGuard<Arc<RwLock<T>>, Reading>;
/// An upgradable guard that borrows its [`RwLock`].
pub type RwLockUpgradableReadGuard<'a, T> = RwGuard<&'a RwLock<T>, Upgradable>;
/// An upgradable guard that keeps its [`RwLock`] alive.
pub type RwLockUpgradableReadGuardArc<T> = RwGuard<Arc<RwLock<T>>, Upgradable>;
/// A writer's guard that borrows its [`RwLock`].
pub type RwLockWriteGuard<'a, T> = RwGuard<&'a RwLock<T>, Writing>;
/// A writer's guard that keeps its [`RwLock`] alive.
pub type RwLockWriteGuardArc<T> = RwGuard<Arc<RwLock<T>>, Writing>;

/// The future of [`RwLock::read`].
pub type Read<'a, T> = RwLocking<'a, &'a RwLock<T>, Reading>;
/// The future of [`RwLock::read_arc`].
pub type ReadArc<'a, T> = RwLocking<'a, Arc<RwLock<T>>, Reading>;
/// The future of [`RwLock::upgradable_read`].
pub type UpgradableRead<'a, T> = RwLocking<'a, &'a RwLock<T>, Upgradable>;
/// The future of [`RwLock::upgradable_read_arc`].
pub type UpgradableReadArc<'a, T> = RwLocking<'a, Arc<RwLock<T>>, Upgradable>;
/// The future of [`RwLock::write`].
pub type Write<'a, T> = RwLocking<'a, &'a RwLock<T>, Writing>;
/// The future of [`RwLock::write_arc`].
pub type WriteArc<'a, T> = RwLocking<'a, Arc<RwLock<T>>, Writing>;
/// The future of [`RwGuard::upgrade`].
pub type Upgrade<'a, T> = RwUpgrading<&'a RwLock<T>>;
/// The future of [`RwGuard::upgrade`], for a guard that keeps its lock alive.
pub type UpgradeArc<T> = RwUpgrading<Arc<RwLock<T>>>;

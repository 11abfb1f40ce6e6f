//! The guards of a [`RwLock`], and the futures that wait for them.
//!
//! A guard has two parameters. The first is its access to the value, which also says how the guard
//! holds the lock: by a borrow or by an [`Arc`]. The second is what the guard allows: [`Reading`],
//! [`Upgradable`] or [`Writing`]. async-lock has a type for each of the six combinations; here these
//! names are aliases.
//!
//! The access is a parameter for the sake of lifetimes. A struct with a field of an associated type,
//! such as `L::Reader`, is invariant in `L`. With the access as a parameter, a guard can take the
//! place of one with a shorter lifetime, as async-lock's can.

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

use crate::runtime::executor::thread_loop::block_here;

use super::{
    rw_access::{BorrowedAccess, HoldsAdmission, KeptReadGuard, KeptWriteGuard, RwAccess},
    rw_admission::RwAdmission,
    rw_lock::RwLock,
    rw_queue::{RwMode, RwTicket},
    rw_right::{HoldsRwLock, Reading, RwRight, RwRightTo, Upgradable, Writing},
};

/// Access to the value of a [`RwLock`]. Dropping the guard gives the access up.
#[must_use = "the lock is released when the guard is dropped"]
pub struct RwGuard<A: RwAccess, R: RwRight> {
    /// `None` once the guard is dropped or has become another one.
    access: Option<A>,
    right: PhantomData<R>,
}

/// The guard that a lock gives out with a right.
pub(super) type RwGuardOf<L, R> = RwGuard<<R as RwRightTo<L>>::Access, R>;

/// A guard for what the queue has admitted.
fn admitted<L: HoldsRwLock, R: RwRightTo<L>>(lock: L) -> RwGuardOf<L, R> {
    RwGuard {
        access: Some(R::access(lock)),
        right: PhantomData,
    }
}

/// A guard, if that is possible without waiting.
pub(super) fn try_guard<L: HoldsRwLock, R: RwRightTo<L>>(lock: L) -> Option<RwGuardOf<L, R>> {
    let is_admitted = lock.admission().try_acquire(R::MODE);
    is_admitted.then(|| admitted(lock))
}

impl<A: RwAccess, R: RwRight> RwGuard<A, R> {
    fn access(&self) -> &A {
        match &self.access {
            Some(access) => access,
            None => unreachable!("the access is given up at the end of the guard only"),
        }
    }

    /// Ends the guard without releasing the lock.
    fn into_lock(mut self) -> A::Holder {
        match self.access.take() {
            Some(access) => access.end(),
            None => unreachable!("the access is given up at the end of the guard only"),
        }
    }

    fn into_lesser<S: RwRightTo<A::Holder>>(self) -> RwGuardOf<A::Holder, S>
    where
        A::Holder: HoldsRwLock,
    {
        let lock = self.into_lock();
        let changed = lock.admission().downgrade(R::MODE, S::MODE);
        let guard = admitted(lock);
        changed.wake();
        guard
    }
}

impl<A: RwAccess<Holder: HoldsRwLock>> RwGuard<A, Upgradable> {
    /// Makes the guard one that only reads.
    pub fn downgrade(guard: Self) -> RwGuardOf<A::Holder, Reading> {
        guard.into_lesser()
    }

    /// Makes the guard the writer, if there is no other reader.
    pub fn try_upgrade(guard: Self) -> Result<RwGuardOf<A::Holder, Writing>, Self> {
        if guard.access().admission().try_upgrade() {
            Ok(admitted(guard.into_lock()))
        } else {
            Err(guard)
        }
    }

    /// Waits until the other readers have left, and makes the guard the writer. No reader enters
    /// meanwhile.
    #[track_caller]
    pub fn upgrade(guard: Self) -> RwUpgrading<A::Holder, A> {
        RwUpgrading {
            guard: Some(guard),
            lock: None,
            ticket: RwTicket::default(),
            made: Location::caller(),
        }
    }

    /// Like `upgrade`, but blocks the thread. Not for tasks.
    pub fn upgrade_blocking(guard: Self) -> RwGuardOf<A::Holder, Writing> {
        block_here("upgrade_blocking", Self::upgrade(guard))
    }
}

impl<A: RwAccess<Holder: HoldsRwLock>> RwGuard<A, Writing> {
    /// Makes the guard a reader, without a moment in which another writer could enter.
    pub fn downgrade(guard: Self) -> RwGuardOf<A::Holder, Reading> {
        guard.into_lesser()
    }

    /// Makes the guard an upgradable reader.
    pub fn downgrade_to_upgradable(guard: Self) -> RwGuardOf<A::Holder, Upgradable> {
        guard.into_lesser()
    }
}

impl<A: RwAccess, R: RwRight> Drop for RwGuard<A, R> {
    fn drop(&mut self) {
        // Give the access up before the lock is released: the next guard gets its access at once.
        if let Some(access) = self.access.take() {
            access.end().admission().release(R::MODE);
        }
    }
}

impl<A: RwAccess, R: RwRight> Deref for RwGuard<A, R> {
    type Target = A::Target;

    fn deref(&self) -> &A::Target {
        self.access()
    }
}

impl<A: RwAccess + DerefMut> DerefMut for RwGuard<A, Writing> {
    fn deref_mut(&mut self) -> &mut A::Target {
        match &mut self.access {
            Some(access) => access,
            None => unreachable!("the access is given up at the end of the guard only"),
        }
    }
}

impl<A: RwAccess<Target: fmt::Debug>, R: RwRight> fmt::Debug for RwGuard<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<A: RwAccess<Target: fmt::Display>, R: RwRight> fmt::Display for RwGuard<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A future that waits for a guard of a [`RwLock`].
#[must_use = "a future does nothing until it is awaited"]
pub struct RwLocking<'a, L: HoldsRwLock, R: RwRight> {
    lock: L,
    ticket: RwTicket,
    made: &'static Location<'static>,
    borrow: PhantomData<&'a ()>,
    right: PhantomData<R>,
}

impl<L: HoldsRwLock, R: RwRight> RwLocking<'_, L, R> {
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

impl<L: HoldsRwLock, R: RwRight> Unpin for RwLocking<'_, L, R> {}

impl<L: HoldsRwLock, R: RwRightTo<L>> Future for RwLocking<'_, L, R> {
    type Output = RwGuardOf<L, R>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let admission = this.lock.admission();
        admission
            .poll(R::MODE, &mut this.ticket, cx, this.made)
            .map(|()| admitted(this.lock.clone()))
    }
}

impl<L: HoldsRwLock, R: RwRight> Drop for RwLocking<'_, L, R> {
    fn drop(&mut self) {
        self.lock.admission().cancel(R::MODE, &mut self.ticket);
    }
}

impl<L: HoldsRwLock, R: RwRight> fmt::Debug for RwLocking<'_, L, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwLocking").finish_non_exhaustive()
    }
}

/// A future that makes an upgradable guard the writer.
#[must_use = "a future does nothing until it is awaited"]
pub struct RwUpgrading<L: HoldsRwLock, A: RwAccess<Holder = L>> {
    /// The upgradable guard, until the first poll.
    guard: Option<RwGuard<A, Upgradable>>,
    /// The lock, from the first poll until there is the guard of the writer.
    lock: Option<L>,
    ticket: RwTicket,
    made: &'static Location<'static>,
}

impl<L: HoldsRwLock, A: RwAccess<Holder = L>> Unpin for RwUpgrading<L, A> {}

impl<L: HoldsRwLock, A: RwAccess<Holder = L>> Future for RwUpgrading<L, A> {
    type Output = RwGuardOf<L, Writing>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(guard) = this.guard.take() {
            let lock = guard.into_lock();
            if lock.admission().upgrade(&mut this.ticket, cx) {
                return Poll::Ready(admitted(lock));
            }
            this.lock = Some(lock);
        }
        let Some(lock) = this.lock.take() else {
            panic!("the future is polled again after it has returned the guard of the writer");
        };
        let admission = lock.admission();
        let polled = admission.poll(RwMode::Write, &mut this.ticket, cx, this.made);
        if polled.is_pending() {
            this.lock = Some(lock);
            return Poll::Pending;
        }
        Poll::Ready(admitted(lock))
    }
}

impl<L: HoldsRwLock, A: RwAccess<Holder = L>> Drop for RwUpgrading<L, A> {
    fn drop(&mut self) {
        if let Some(lock) = &self.lock {
            lock.admission().cancel(RwMode::Write, &mut self.ticket);
        }
    }
}

impl<L: HoldsRwLock, A: RwAccess<Holder = L>> fmt::Debug for RwUpgrading<L, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").finish_non_exhaustive()
    }
}

/// A reader's guard that borrows its [`RwLock`].
pub type RwLockReadGuard<'a, T> =
    RwGuard<BorrowedAccess<&'a RwAdmission, async_lock::RwLockReadGuard<'a, T>>, Reading>;
/// A reader's guard that keeps its [`RwLock`] alive.
pub type RwLockReadGuardArc<T> = RwGuard<KeptReadGuard<T>, Reading>;
/// The access of an upgradable guard that borrows its [`RwLock`].
type UpgradableAccess<'a, T> = BorrowedAccess<&'a RwLock<T>, async_lock::RwLockReadGuard<'a, T>>;
/// An upgradable guard that borrows its [`RwLock`].
pub type RwLockUpgradableReadGuard<'a, T> = RwGuard<UpgradableAccess<'a, T>, Upgradable>;
/// An upgradable guard that keeps its [`RwLock`] alive.
pub type RwLockUpgradableReadGuardArc<T> = RwGuard<KeptReadGuard<T>, Upgradable>;
/// A writer's guard that borrows its [`RwLock`].
pub type RwLockWriteGuard<'a, T> =
    RwGuard<BorrowedAccess<&'a RwLock<T>, async_lock::RwLockWriteGuard<'a, T>>, Writing>;
/// A writer's guard that keeps its [`RwLock`] alive.
pub type RwLockWriteGuardArc<T> = RwGuard<KeptWriteGuard<T>, Writing>;

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
pub type Upgrade<'a, T> = RwUpgrading<&'a RwLock<T>, UpgradableAccess<'a, T>>;
/// The future of [`RwGuard::upgrade`], for a guard that keeps its lock alive.
pub type UpgradeArc<T> = RwUpgrading<Arc<RwLock<T>>, KeptReadGuard<T>>;

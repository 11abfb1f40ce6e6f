//! The guards of a [`RwLock`], and the futures that wait for them.
//!
//! A guard has three parameters. The first is how it holds the lock: by a borrow or by an [`Arc`]. The
//! second is what it allows: [`Reading`], [`Upgradable`] or [`Writing`]. The third is the access to
//! the value, which follows from the other two. async-lock has a type for each of the six
//! combinations; here these names are aliases.
//!
//! The access is a parameter for the sake of lifetimes. A struct with a field of an associated type,
//! such as `L::ReadAccess`, is invariant in `L`. With the access as a parameter, a guard can take the
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
    rw_access::{KeptReadGuard, KeptWriteGuard},
    rw_admission::RwAdmission,
    rw_lock::RwLock,
    rw_queue::{RwMode, RwTicket},
    rw_right::{HoldsAdmission, HoldsRwLock, Reading, RwRight, RwRightTo, Upgradable, Writing},
};

/// Access to the value of a [`RwLock`]. Dropping the guard gives the access up.
#[must_use = "the lock is released when the guard is dropped"]
pub struct RwGuard<H: HoldsAdmission, R: RwRight, A> {
    /// `None` only while the guard is dropped or becomes another one.
    access: Option<A>,
    held: H,
    /// The guard has become another one: its drop releases nothing.
    is_replaced: bool,
    right: PhantomData<R>,
}

/// The guard that a lock gives out with a right.
pub(super) type RwGuardOf<L, R> =
    RwGuard<<R as RwRightTo<L>>::Held, R, <R as RwRightTo<L>>::Access>;

/// A guard for what the queue has admitted.
fn admitted<L: HoldsRwLock, R: RwRightTo<L>>(lock: L) -> RwGuardOf<L, R> {
    RwGuard {
        access: Some(R::access(&lock)),
        held: R::held(lock),
        is_replaced: false,
        right: PhantomData,
    }
}

/// A guard, if that is possible without waiting.
pub(super) fn try_guard<L: HoldsRwLock, R: RwRightTo<L>>(lock: L) -> Option<RwGuardOf<L, R>> {
    let is_admitted = lock.admission().try_acquire(R::MODE);
    is_admitted.then(|| admitted(lock))
}

impl<L: HoldsRwLock, R: RwRight, A> RwGuard<L, R, A> {
    /// Ends the guard without releasing the lock.
    fn into_lock(mut self) -> L {
        self.access = None;
        self.is_replaced = true;
        self.held.clone()
    }

    fn into_lesser<S: RwRightTo<L>>(self) -> RwGuardOf<L, S> {
        let lock = self.into_lock();
        let changed = lock.admission().downgrade(R::MODE, S::MODE);
        let guard = admitted(lock);
        changed.wake();
        guard
    }
}

impl<L: HoldsRwLock, A> RwGuard<L, Upgradable, A> {
    /// Makes the guard one that only reads.
    pub fn downgrade(guard: Self) -> RwGuard<L::Reader, Reading, L::ReadAccess> {
        guard.into_lesser()
    }

    /// Makes the guard the writer, if there is no other reader.
    pub fn try_upgrade(guard: Self) -> Result<RwGuard<L, Writing, L::WriteAccess>, Self> {
        if guard.held.admission().try_upgrade() {
            Ok(admitted(guard.into_lock()))
        } else {
            Err(guard)
        }
    }

    /// Waits until the other readers have left, and makes the guard the writer. No reader enters
    /// meanwhile.
    #[track_caller]
    pub fn upgrade(guard: Self) -> RwUpgrading<L, A> {
        RwUpgrading {
            lock: guard.held.clone(),
            guard: Some(guard),
            ticket: RwTicket::default(),
            made: Location::caller(),
        }
    }

    /// Like `upgrade`, but blocks the thread. Not for tasks.
    pub fn upgrade_blocking(guard: Self) -> RwGuard<L, Writing, L::WriteAccess> {
        block_here("upgrade_blocking", Self::upgrade(guard))
    }
}

impl<L: HoldsRwLock, A> RwGuard<L, Writing, A> {
    /// Makes the guard a reader, without a moment in which another writer could enter.
    pub fn downgrade(guard: Self) -> RwGuard<L::Reader, Reading, L::ReadAccess> {
        guard.into_lesser()
    }

    /// Makes the guard an upgradable reader.
    pub fn downgrade_to_upgradable(guard: Self) -> RwGuard<L, Upgradable, L::ReadAccess> {
        guard.into_lesser()
    }
}

impl<H: HoldsAdmission, R: RwRight, A> Drop for RwGuard<H, R, A> {
    fn drop(&mut self) {
        // Give the access up before the lock is released: the next guard gets its access at once.
        self.access = None;
        if !self.is_replaced {
            self.held.admission().release(R::MODE);
        }
    }
}

impl<H: HoldsAdmission, R: RwRight, A: Deref> Deref for RwGuard<H, R, A> {
    type Target = A::Target;

    fn deref(&self) -> &A::Target {
        match &self.access {
            Some(access) => access,
            None => unreachable!("the access is given up in drop only"),
        }
    }
}

impl<H: HoldsAdmission, A: DerefMut> DerefMut for RwGuard<H, Writing, A> {
    fn deref_mut(&mut self) -> &mut A::Target {
        match &mut self.access {
            Some(access) => access,
            None => unreachable!("the access is given up in drop only"),
        }
    }
}

impl<H: HoldsAdmission, R: RwRight, A: Deref<Target: fmt::Debug>> fmt::Debug for RwGuard<H, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<H: HoldsAdmission, R: RwRight, A> fmt::Display for RwGuard<H, R, A>
where
    A: Deref<Target: fmt::Display>,
{
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
pub struct RwUpgrading<L: HoldsRwLock, A> {
    lock: L,
    /// The upgradable guard, until the first poll.
    guard: Option<RwGuard<L, Upgradable, A>>,
    ticket: RwTicket,
    made: &'static Location<'static>,
}

impl<L: HoldsRwLock, A> Unpin for RwUpgrading<L, A> {}

impl<L: HoldsRwLock, A> Future for RwUpgrading<L, A> {
    type Output = RwGuard<L, Writing, L::WriteAccess>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(guard) = this.guard.take() {
            let lock = guard.into_lock();
            if lock.admission().upgrade(&mut this.ticket, cx) {
                return Poll::Ready(admitted(lock));
            }
        }
        let admission = this.lock.admission();
        admission
            .poll(RwMode::Write, &mut this.ticket, cx, this.made)
            .map(|()| admitted(this.lock.clone()))
    }
}

impl<L: HoldsRwLock, A> Drop for RwUpgrading<L, A> {
    fn drop(&mut self) {
        let admission = self.lock.admission();
        admission.cancel(RwMode::Write, &mut self.ticket);
    }
}

impl<L: HoldsRwLock, A> fmt::Debug for RwUpgrading<L, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").finish_non_exhaustive()
    }
}

/// A reader's guard that borrows its [`RwLock`].
pub type RwLockReadGuard<'a, T> =
    RwGuard<&'a RwAdmission, Reading, async_lock::RwLockReadGuard<'a, T>>;
/// A reader's guard that keeps its [`RwLock`] alive.
pub type RwLockReadGuardArc<T> = RwGuard<Arc<RwLock<T>>, Reading, KeptReadGuard<T>>;
/// An upgradable guard that borrows its [`RwLock`].
pub type RwLockUpgradableReadGuard<'a, T> =
    RwGuard<&'a RwLock<T>, Upgradable, async_lock::RwLockReadGuard<'a, T>>;
/// An upgradable guard that keeps its [`RwLock`] alive.
pub type RwLockUpgradableReadGuardArc<T> = RwGuard<Arc<RwLock<T>>, Upgradable, KeptReadGuard<T>>;
/// A writer's guard that borrows its [`RwLock`].
pub type RwLockWriteGuard<'a, T> =
    RwGuard<&'a RwLock<T>, Writing, async_lock::RwLockWriteGuard<'a, T>>;
/// A writer's guard that keeps its [`RwLock`] alive.
pub type RwLockWriteGuardArc<T> = RwGuard<Arc<RwLock<T>>, Writing, KeptWriteGuard<T>>;

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
pub type Upgrade<'a, T> = RwUpgrading<&'a RwLock<T>, async_lock::RwLockReadGuard<'a, T>>;
/// The future of [`RwGuard::upgrade`], for a guard that keeps its lock alive.
pub type UpgradeArc<T> = RwUpgrading<Arc<RwLock<T>>, KeptReadGuard<T>>;

//! Locks, semaphores, barriers and events, recorded. Waiters are served strictly first in, first
//! out, as in asyncio.
//!
//! In async-lock, a task that has just arrived may take a lock before those that wait, until one
//! has waited for half a millisecond of real time. A run on the virtual clock would then depend on
//! real time, and the trace could not show which waiter is next. Therefore this module has its own
//! wait queues: `*_queue` and `flag`, whose states `models/` checks for threads. A value under a
//! lock is in async-lock's type nevertheless, which provides the safe access to it.

mod barrier;
mod barrier_queue;
mod flag;
mod manual_reset_event;
mod mutex;
mod once_cell;
mod permit_queue;
mod permits;
mod rw_access;
mod rw_admission;
mod rw_guard;
mod rw_lock;
mod rw_methods;
mod rw_queue;
mod rw_right;
mod semaphore;

pub use barrier::{Barrier, BarrierWait, BarrierWaitResult};
pub use manual_reset_event::{ManualResetEvent, ManualResetWait};
pub use mutex::{Guard, Lock, LockArc, Locking, Mutex, MutexGuard, MutexGuardArc};
pub use once_cell::OnceCell;
pub use rw_guard::{
    RwGuard, RwLockReadGuard, RwLockReadGuardArc, RwLockUpgradableReadGuard,
    RwLockUpgradableReadGuardArc, RwLockWriteGuard, RwLockWriteGuardArc, RwLocking, RwUpgrading,
};
pub use rw_lock::RwLock;
pub use rw_right::{Reading, Upgradable, Writing};
pub use semaphore::{
    Acquire, AcquireArc, Acquiring, Permit, Semaphore, SemaphoreGuard, SemaphoreGuardArc,
};

pub mod futures {
    //! The types of the futures that this module's locks return.
    pub use super::{
        Acquire, AcquireArc, BarrierWait, Lock, LockArc,
        rw_guard::{
            Read, ReadArc, UpgradableRead, UpgradableReadArc, Upgrade, UpgradeArc, Write, WriteArc,
        },
    };
}

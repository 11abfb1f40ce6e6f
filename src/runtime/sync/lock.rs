//! Locks, semaphores and events, recorded. Waiters of mutexes and semaphores are served strictly
//! first in, first out, as in asyncio.
//!
//! In async-lock, a task that has just arrived may take a lock before those that wait, until one
//! has waited for half a millisecond of real time. A run on the virtual clock would then depend on
//! real time. Therefore this module has its own wait queues.

mod flag;
mod manual_reset_event;
mod mutex;
mod permit_queue;
mod permits;
mod semaphore;

pub use async_lock::{
    Barrier, BarrierWaitResult, OnceCell, RwLock, RwLockReadGuard, RwLockReadGuardArc,
    RwLockUpgradableReadGuard, RwLockUpgradableReadGuardArc, RwLockWriteGuard, RwLockWriteGuardArc,
};
pub use manual_reset_event::{ManualResetEvent, ManualResetWait};
pub use mutex::{Guard, Lock, LockArc, Locking, Mutex, MutexGuard, MutexGuardArc};
pub use semaphore::{
    Acquire, AcquireArc, Acquiring, Permit, Semaphore, SemaphoreGuard, SemaphoreGuardArc,
};

pub mod futures {
    //! The types of the futures that this module's locks return.
    pub use super::{Acquire, AcquireArc, Lock, LockArc};
    pub use async_lock::futures::{
        BarrierWait, Read, ReadArc, UpgradableRead, UpgradableReadArc, Upgrade, UpgradeArc, Write,
        WriteArc,
    };
}

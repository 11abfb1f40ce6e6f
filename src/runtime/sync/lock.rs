//! Locks, semaphores and events, recorded. Waiters are served strictly first in, first out, as asyncio does it.
//!
//! async-lock lets a newcomer overtake for half a millisecond of real time, which would make a virtual run depend on the
//! clock on the wall; hence our own queue in front of it.

mod manual_reset_event;
mod mutex;
mod mutex_arc;
mod permits;
mod semaphore;
mod semaphore_arc;

pub use async_lock::{
    Barrier, BarrierWaitResult, OnceCell, RwLock, RwLockReadGuard, RwLockReadGuardArc,
    RwLockUpgradableReadGuard, RwLockUpgradableReadGuardArc, RwLockWriteGuard, RwLockWriteGuardArc,
};
pub use manual_reset_event::{ManualResetEvent, ManualResetWait};
pub use mutex::{Lock, Mutex, MutexGuard};
pub use mutex_arc::{LockArc, MutexGuardArc};
pub use semaphore::{Acquire, Semaphore, SemaphoreGuard};
pub use semaphore_arc::{AcquireArc, SemaphoreGuardArc};

pub mod futures {
    //! The futures of this module's locks, by name.
    pub use super::{Acquire, AcquireArc, Lock, LockArc};
    pub use async_lock::futures::{
        BarrierWait, Read, ReadArc, UpgradableRead, UpgradableReadArc, Upgrade, UpgradeArc, Write,
        WriteArc,
    };
}

//! Locks, semaphores and events, recorded. Waiters are served strictly first in, first out, as in
//! asyncio.
//!
//! async-lock lets a newcomer overtake for half a millisecond of real time, which would make a run
//! on the virtual clock depend on real time. Hence this module has wait queues of its own.

mod manual_reset_event;
mod mutex;
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
    //! The futures of this module's locks, by name.
    pub use super::{Acquire, AcquireArc, Lock, LockArc};
    pub use async_lock::futures::{
        BarrierWait, Read, ReadArc, UpgradableRead, UpgradableReadArc, Upgrade, UpgradeArc, Write,
        WriteArc,
    };
}

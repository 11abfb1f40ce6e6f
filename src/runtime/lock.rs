//! Locks, semaphores and events, recorded. Waiters are served strictly first in, first out, as asyncio does it.
//!
//! async-lock lets a newcomer overtake for half a millisecond of real time, which would make a virtual run depend on the
//! clock on the wall; hence our own queue in front of it.

mod event;
mod mutex;
mod permits;
mod semaphore;

pub use async_lock::{
    Barrier, BarrierWaitResult, OnceCell, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard,
    RwLockWriteGuard,
};
pub use event::{Event, EventWait};
pub use mutex::{Lock, Mutex, MutexGuard};
pub use semaphore::{Acquire, Semaphore, SemaphoreGuard};

//! So many at once.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use smol::future::block_on;

use crate::{runtime::executor::resource::Resource, trace::ResourceKind};

use super::permits::{Acquiring, Permits};

/// So many may go on at once.
pub struct Semaphore {
    pub(super) permits: Permits,
}

impl Semaphore {
    /// A semaphore with so many permits.
    #[track_caller]
    pub const fn new(permits: usize) -> Semaphore {
        let resource = Resource::later(ResourceKind::Semaphore, permits, Location::caller());
        Semaphore {
            permits: Permits::new(permits, resource),
        }
    }

    /// Waits for a permit. It is given back when the guard is dropped.
    #[track_caller]
    pub fn acquire(&self) -> Acquire<'_> {
        Acquire {
            semaphore: self,
            acquiring: Acquiring::new(&self.permits, Location::caller()),
        }
    }

    /// Takes a permit, if one is free now.
    pub fn try_acquire(&self) -> Option<SemaphoreGuard<'_>> {
        self.permits
            .try_acquire()
            .then(|| SemaphoreGuard { semaphore: self })
    }

    /// Takes a permit; blocks the thread until there is one. Not for tasks.
    pub fn acquire_blocking(&self) -> SemaphoreGuard<'_> {
        block_on(self.acquire())
    }

    /// Adds so many permits to those that there are.
    pub fn add_permits(&self, permits: usize) {
        for _ in 0..permits {
            self.permits.release();
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("free", &self.permits.unused())
            .finish_non_exhaustive()
    }
}

/// The future of [`Semaphore::acquire`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Acquire<'a> {
    semaphore: &'a Semaphore,
    acquiring: Acquiring<'a>,
}

impl<'a> Future for Acquire<'a> {
    type Output = SemaphoreGuard<'a>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let semaphore = self.semaphore;
        self.acquiring
            .poll(cx)
            .map(|()| SemaphoreGuard { semaphore })
    }
}

impl fmt::Debug for Acquire<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire").finish_non_exhaustive()
    }
}

/// A permit; given back when dropped.
#[must_use = "the permit is given back when this is dropped"]
#[derive(Debug)]
pub struct SemaphoreGuard<'a> {
    semaphore: &'a Semaphore,
}

impl SemaphoreGuard<'_> {
    /// Keeps the permit for ever.
    pub fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for SemaphoreGuard<'_> {
    fn drop(&mut self) {
        self.semaphore.permits.release();
    }
}

//! Permits that keep their semaphore alive.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use smol::future::block_on;

use crate::runtime::sync::waiters::Ticket;

use super::Semaphore;

impl Semaphore {
    /// As [`Semaphore::acquire`], for a permit that does not borrow.
    #[track_caller]
    pub fn acquire_arc(self: &Arc<Self>) -> AcquireArc {
        AcquireArc {
            semaphore: Arc::clone(self),
            ticket: Ticket::default(),
            made: Location::caller(),
        }
    }

    /// As [`Semaphore::acquire_blocking`], for a permit that does not borrow.
    pub fn acquire_arc_blocking(self: &Arc<Self>) -> SemaphoreGuardArc {
        block_on(self.acquire_arc())
    }

    /// As [`Semaphore::try_acquire`], for a permit that does not borrow.
    pub fn try_acquire_arc(self: &Arc<Self>) -> Option<SemaphoreGuardArc> {
        self.permits.try_acquire().then(|| SemaphoreGuardArc {
            semaphore: Some(Arc::clone(self)),
        })
    }
}

/// The future of [`Semaphore::acquire_arc`].
#[must_use = "a future does nothing until it is awaited"]
pub struct AcquireArc {
    semaphore: Arc<Semaphore>,
    ticket: Ticket,
    made: &'static Location<'static>,
}

impl Future for AcquireArc {
    type Output = SemaphoreGuardArc;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let permits = &this.semaphore.permits;
        permits
            .poll_acquire(&mut this.ticket, cx, this.made)
            .map(|()| SemaphoreGuardArc {
                semaphore: Some(Arc::clone(&this.semaphore)),
            })
    }
}

impl Drop for AcquireArc {
    fn drop(&mut self) {
        self.semaphore.permits.cancel(&mut self.ticket);
    }
}

impl fmt::Debug for AcquireArc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcquireArc").finish_non_exhaustive()
    }
}

/// A permit that keeps its semaphore alive; given back when dropped.
#[must_use = "the permit is given back when this is dropped"]
#[derive(Debug)]
pub struct SemaphoreGuardArc {
    /// None if the permit is kept for ever.
    semaphore: Option<Arc<Semaphore>>,
}

impl SemaphoreGuardArc {
    /// Keeps the permit for ever.
    pub fn forget(mut self) {
        self.semaphore = None;
    }
}

impl Drop for SemaphoreGuardArc {
    fn drop(&mut self) {
        if let Some(semaphore) = &self.semaphore {
            semaphore.permits.release();
        }
    }
}

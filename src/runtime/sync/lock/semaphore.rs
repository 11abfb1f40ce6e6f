//! A limit on how many tasks do something at the same time.

use std::{
    fmt,
    future::Future,
    ops::Deref,
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use crate::{
    runtime::executor::{resource::Resource, thread_loop::block_here},
    trace::ResourceKind,
};

use super::permits::{PermitRequest, Permits};

/// Limits how many tasks do something at the same time, by a number of permits:
/// `smol::lock::Semaphore`.
///
/// Waiters are served first in, first out.
///
/// ```
/// use loopscope::lock::Semaphore;
///
/// loopscope::block_on(async {
///     let downloads = Semaphore::named("downloads", 2);
///     let first = downloads.acquire().await;
///     let second = downloads.acquire_blocking();
///     assert!(downloads.try_acquire().is_none());
///     drop(first);
///     assert!(downloads.try_acquire().is_some());
///     second.forget(); // this permit is gone for good
///     downloads.add_permits(1);
/// });
/// ```
pub struct Semaphore {
    permits: Permits,
}

impl Semaphore {
    /// A semaphore with this many permits.
    #[track_caller]
    pub const fn new(permits: usize) -> Semaphore {
        let resource = Resource::later(ResourceKind::Semaphore, permits, Location::caller());
        Semaphore {
            permits: Permits::new(permits, resource),
        }
    }

    /// Like [`Semaphore::new`], with a name for the trace.
    ///
    /// The trace has the creation of this semaphore at this call. `Semaphore::new` is a `const fn`,
    /// which cannot record anything; a semaphore made by it appears in the trace when it is first
    /// used.
    #[track_caller]
    pub fn named(name: &str, permits: usize) -> Semaphore {
        let made = Location::caller();
        let resource = Resource::named(ResourceKind::Semaphore, permits, made, name);
        Semaphore {
            permits: Permits::new(permits, resource),
        }
    }

    /// Waits for a permit. The permit is given back when the guard is dropped.
    #[track_caller]
    pub fn acquire(&self) -> Acquire<'_> {
        Acquiring::new(self)
    }

    /// Takes a permit if one is free, without waiting.
    pub fn try_acquire(&self) -> Option<SemaphoreGuard<'_>> {
        self.permits.try_acquire().then(|| Permit::new(self))
    }

    /// Takes a permit; blocks the thread until one is free. Not for tasks.
    #[track_caller]
    pub fn acquire_blocking(&self) -> SemaphoreGuard<'_> {
        block_here("acquire_blocking", self.acquire())
    }

    /// Like [`Semaphore::acquire`], for a guard that keeps the semaphore alive instead of borrowing
    /// it.
    ///
    /// ```
    /// use loopscope::lock::Semaphore;
    /// use std::sync::Arc;
    ///
    /// let one = Arc::new(Semaphore::new(1));
    /// let permit = loopscope::block_on(one.acquire_arc());
    /// assert!(one.try_acquire_arc().is_none());
    /// drop(permit);
    /// let permit = one.acquire_arc_blocking();
    /// drop(permit);
    /// ```
    #[track_caller]
    pub fn acquire_arc(self: &Arc<Self>) -> AcquireArc {
        Acquiring::new(Arc::clone(self))
    }

    /// Like [`Semaphore::acquire_blocking`], for a guard that keeps the semaphore alive.
    #[track_caller]
    pub fn acquire_arc_blocking(self: &Arc<Self>) -> SemaphoreGuardArc {
        block_here("acquire_arc_blocking", self.acquire_arc())
    }

    /// Like [`Semaphore::try_acquire`], for a guard that keeps the semaphore alive.
    pub fn try_acquire_arc(self: &Arc<Self>) -> Option<SemaphoreGuardArc> {
        self.permits
            .try_acquire()
            .then(|| Permit::new(Arc::clone(self)))
    }

    /// How many permits no guard holds.
    ///
    /// ```
    /// let semaphore = loopscope::lock::Semaphore::new(2);
    /// let permit = semaphore.try_acquire();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// drop(permit);
    /// assert_eq!(semaphore.available_permits(), 2);
    /// ```
    pub fn available_permits(&self) -> usize {
        self.permits.unused()
    }

    /// Adds permits to the semaphore.
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
pub type Acquire<'a> = Acquiring<&'a Semaphore>;

/// The future of [`Semaphore::acquire_arc`].
pub type AcquireArc = Acquiring<Arc<Semaphore>>;

/// A future that takes a permit of a [`Semaphore`], which it borrows or keeps alive.
#[must_use = "a future does nothing until it is awaited"]
pub struct Acquiring<S: Deref<Target = Semaphore>> {
    semaphore: S,
    request: PermitRequest,
}

impl<S: Deref<Target = Semaphore>> Acquiring<S> {
    #[track_caller]
    fn new(semaphore: S) -> Acquiring<S> {
        Acquiring {
            semaphore,
            request: PermitRequest::new(),
        }
    }
}

impl<S: Deref<Target = Semaphore> + Clone + Unpin> Future for Acquiring<S> {
    type Output = Permit<S>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.request
            .poll(&this.semaphore.permits, cx)
            .map(|()| Permit::new(this.semaphore.clone()))
    }
}

impl<S: Deref<Target = Semaphore>> Drop for Acquiring<S> {
    fn drop(&mut self) {
        self.request.cancel(&self.semaphore.permits);
    }
}

impl<S: Deref<Target = Semaphore>> fmt::Debug for Acquiring<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire").finish_non_exhaustive()
    }
}

/// A permit that borrows its [`Semaphore`].
pub type SemaphoreGuard<'a> = Permit<&'a Semaphore>;

/// A permit that keeps its [`Semaphore`] alive through an [`Arc`].
pub type SemaphoreGuardArc = Permit<Arc<Semaphore>>;

/// A permit of a [`Semaphore`]. Dropping the permit gives it back.
#[must_use = "the permit is given back when this is dropped"]
#[derive(Debug)]
pub struct Permit<S: Deref<Target = Semaphore>> {
    semaphore: S,
    is_forgotten: bool,
}

impl<S: Deref<Target = Semaphore>> Permit<S> {
    fn new(semaphore: S) -> Permit<S> {
        Permit {
            semaphore,
            is_forgotten: false,
        }
    }

    /// Removes the permit from the semaphore for good.
    pub fn forget(mut self) {
        self.is_forgotten = true;
    }
}

impl<S: Deref<Target = Semaphore>> Drop for Permit<S> {
    fn drop(&mut self) {
        if !self.is_forgotten {
            self.semaphore.permits.release();
        }
    }
}

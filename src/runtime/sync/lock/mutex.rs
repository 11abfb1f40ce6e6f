//! Mutual exclusion: one task at a time uses a value.

use std::{
    fmt,
    future::Future,
    ops::{Deref, DerefMut},
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

/// A value that one task at a time may use: `smol::lock::Mutex`. Waiters are served first in, first
/// out.
///
/// ```
/// use loopscope::{future::yield_now, lock::Mutex, spawn};
/// use std::sync::Arc;
///
/// loopscope::block_on(async {
///     let balance = Arc::new(Mutex::named("balance", 100));
///     let deposits = [1, 2].map(|amount| {
///         let balance = Arc::clone(&balance);
///         spawn(async move {
///             let mut balance = balance.lock().await;
///             let before = *balance;
///             yield_now().await; // the other task cannot get in here
///             *balance = before + amount;
///         })
///     });
///     assert!(balance.try_lock().is_some());
///     for deposit in deposits {
///         deposit.await;
///     }
///     assert_eq!(*balance.lock().await, 103);
/// });
/// ```
pub struct Mutex<T: ?Sized> {
    permits: Permits,
    /// The permit alone decides which task may use the value; this inner lock only makes the access
    /// safe. It is locked only while a guard has it, or while another thread prints the mutex.
    value: async_lock::Mutex<T>,
}

impl<T> Mutex<T> {
    /// Puts a value under a lock.
    #[track_caller]
    pub const fn new(value: T) -> Mutex<T> {
        let resource = Resource::later(ResourceKind::Lock, 1, Location::caller());
        Mutex {
            permits: Permits::new(1, resource),
            value: async_lock::Mutex::new(value),
        }
    }

    /// Like [`Mutex::new`], with a name for the trace.
    ///
    /// The trace has the creation of this mutex at this call. `Mutex::new` is a `const fn`, which
    /// cannot record anything; a mutex made by it appears in the trace when it is first used.
    #[track_caller]
    pub fn named(name: &str, value: T) -> Mutex<T> {
        let resource = Resource::named(ResourceKind::Lock, 1, Location::caller(), name);
        Mutex {
            permits: Permits::new(1, resource),
            value: async_lock::Mutex::new(value),
        }
    }

    /// Takes the value out of the mutex.
    ///
    /// ```
    /// let mut mutex = loopscope::lock::Mutex::new(1);
    /// *mutex.get_mut() += 1;
    /// assert_eq!(mutex.into_inner(), 2);
    /// ```
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits until no other guard exists. The lock is held until the guard is dropped.
    #[track_caller]
    pub fn lock(&self) -> Lock<'_, T> {
        Locking::new(self)
    }

    /// Takes the lock if it is free, without waiting.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.permits.try_acquire().then(|| Guard::new(self))
    }

    /// Takes the lock; blocks the thread until it is free. Not for tasks.
    #[track_caller]
    pub fn lock_blocking(&self) -> MutexGuard<'_, T> {
        block_here("lock_blocking", self.lock())
    }

    /// The value. No lock is needed: the borrow shows that no guard exists.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// The access to the value. Only to be called by the holder of the permit.
    fn access(&self) -> async_lock::MutexGuard<'_, T> {
        let value = self.value.try_lock();
        // If the inner lock is taken, another thread is printing the mutex, and releases it soon.
        value.unwrap_or_else(|| self.value.lock_blocking())
    }
}

impl<T: ?Sized + 'static> Mutex<T> {
    /// Like [`Mutex::lock`], for a guard that keeps the mutex alive instead of borrowing it.
    ///
    /// ```
    /// use loopscope::lock::Mutex;
    /// use std::sync::Arc;
    ///
    /// let text = Arc::new(Mutex::new(String::new()));
    /// let mut guard = loopscope::block_on(text.lock_arc());
    /// guard.push('a');
    /// assert!(text.try_lock_arc().is_none());
    /// drop(guard);
    /// text.lock_arc_blocking().push('b');
    /// assert_eq!(*text.lock_blocking(), "ab");
    /// ```
    #[track_caller]
    pub fn lock_arc(self: &Arc<Self>) -> LockArc<T> {
        Locking::new(Arc::clone(self))
    }

    /// Like [`Mutex::lock_blocking`], for a guard that keeps the mutex alive.
    #[track_caller]
    pub fn lock_arc_blocking(self: &Arc<Self>) -> MutexGuardArc<T> {
        block_here("lock_arc_blocking", self.lock_arc())
    }

    /// Like [`Mutex::try_lock`], for a guard that keeps the mutex alive.
    pub fn try_lock_arc(self: &Arc<Self>) -> Option<MutexGuardArc<T>> {
        self.permits
            .try_acquire()
            .then(|| Guard::new(Arc::clone(self)))
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Mutex::new(value)
    }
}

/// The same text as async-lock's mutex.
#[expect(
    clippy::missing_fields_in_debug,
    reason = "the queue of waiters is not part of the value"
)]
impl<T: fmt::Debug + ?Sized> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Do not take the permit: printing a mutex must not be recorded as a use of it.
        let value = self.value.try_lock();
        let mut shown = f.debug_struct("Mutex");
        match value {
            Some(value) => shown.field("data", &&*value),
            None => shown.field("data", &format_args!("<locked>")),
        };
        shown.finish()
    }
}

/// How a guard holds its mutex: by a borrow or by an [`Arc`]. Programs cannot name this trait.
pub trait HoldsMutex: Deref<Target = Mutex<Self::Item>> + Clone {
    /// What the mutex protects.
    type Item: ?Sized;
    /// The access to the value while the guard exists.
    type Access: DerefMut<Target = Self::Item>;

    /// Gets access to the value. Only to be called by the holder of the permit.
    fn access(&self) -> Self::Access;
}

impl<'a, T: ?Sized> HoldsMutex for &'a Mutex<T> {
    type Item = T;
    type Access = async_lock::MutexGuard<'a, T>;

    fn access(&self) -> Self::Access {
        Mutex::access(self)
    }
}

impl<T: ?Sized + 'static> HoldsMutex for Arc<Mutex<T>> {
    type Item = T;
    type Access = KeptMutexGuard<T>;

    fn access(&self) -> Self::Access {
        KeptMutexGuard::of(Arc::clone(self))
    }
}

use kept::KeptMutexGuard;

/// A guard of the inner lock, together with the [`Arc`] that it borrows from.
///
/// Such a value borrows from itself, which safe Rust cannot write. The crate ouroboros generates it.
#[allow(
    missing_docs,
    missing_debug_implementations,
    clippy::pedantic,
    reason = "generated code"
)]
mod kept {
    use std::sync::Arc;

    use ouroboros::self_referencing;

    use super::Mutex;

    #[self_referencing]
    pub struct KeptMutexGuard<T: ?Sized + 'static> {
        mutex: Arc<Mutex<T>>,
        #[borrows(mutex)]
        #[not_covariant]
        guard: async_lock::MutexGuard<'this, T>,
    }

    impl<T: ?Sized + 'static> KeptMutexGuard<T> {
        pub(super) fn of(mutex: Arc<Mutex<T>>) -> KeptMutexGuard<T> {
            KeptMutexGuard::new(mutex, |mutex| mutex.access())
        }
    }

    impl<T: ?Sized + 'static> std::ops::Deref for KeptMutexGuard<T> {
        type Target = T;

        fn deref(&self) -> &T {
            self.with_guard(|guard| &**guard)
        }
    }

    impl<T: ?Sized + 'static> std::ops::DerefMut for KeptMutexGuard<T> {
        fn deref_mut(&mut self) -> &mut T {
            self.with_guard_mut(|guard| &mut **guard)
        }
    }
}

/// The future of [`Mutex::lock`].
pub type Lock<'a, T> = Locking<&'a Mutex<T>>;

/// The future of [`Mutex::lock_arc`].
pub type LockArc<T> = Locking<Arc<Mutex<T>>>;

/// A future that takes the lock of a [`Mutex`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Locking<M: HoldsMutex> {
    mutex: M,
    request: PermitRequest,
}

impl<M: HoldsMutex> Locking<M> {
    #[track_caller]
    fn new(mutex: M) -> Locking<M> {
        Locking {
            mutex,
            request: PermitRequest::new(),
        }
    }
}

impl<M: HoldsMutex> Unpin for Locking<M> {}

impl<M: HoldsMutex> Future for Locking<M> {
    type Output = Guard<M, M::Access>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.request
            .poll(&this.mutex.permits, cx)
            .map(|()| Guard::new(this.mutex.clone()))
    }
}

impl<M: HoldsMutex> Drop for Locking<M> {
    fn drop(&mut self) {
        self.request.cancel(&self.mutex.permits);
    }
}

impl<M: HoldsMutex> fmt::Debug for Locking<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}

/// A guard that borrows its [`Mutex`].
pub type MutexGuard<'a, T> = Guard<&'a Mutex<T>, async_lock::MutexGuard<'a, T>>;

/// A guard that keeps its [`Mutex`] alive through an [`Arc`].
pub type MutexGuardArc<T> = Guard<Arc<Mutex<T>>, KeptMutexGuard<T>>;

/// Access to the value of a locked [`Mutex`]. Dropping the guard releases the lock.
///
/// `A` is always `M::Access`. It is a parameter because a guard with a field of the type `M::Access`
/// is invariant in `M`, and a `MutexGuard<'a, T>` then cannot take the place of one with a shorter
/// lifetime, as smol's can.
#[must_use = "the lock is released when the guard is dropped"]
pub struct Guard<M: HoldsMutex, A> {
    /// `None` only while the guard is dropped.
    value: Option<A>,
    mutex: M,
}

impl<M: HoldsMutex> Guard<M, M::Access> {
    fn new(mutex: M) -> Self {
        Guard {
            value: Some(mutex.access()),
            mutex,
        }
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The mutex of a guard.
    pub fn source(guard: &MutexGuard<'a, T>) -> &'a Mutex<T> {
        guard.mutex
    }
}

impl<T: ?Sized + 'static> MutexGuardArc<T> {
    /// The mutex of a guard.
    pub fn source(guard: &MutexGuardArc<T>) -> &Arc<Mutex<T>> {
        &guard.mutex
    }
}

impl<M: HoldsMutex, A: Deref> Deref for Guard<M, A> {
    type Target = A::Target;

    fn deref(&self) -> &A::Target {
        match &self.value {
            Some(value) => value,
            None => unreachable!("the value is given back in drop only"),
        }
    }
}

impl<M: HoldsMutex, A: DerefMut> DerefMut for Guard<M, A> {
    fn deref_mut(&mut self) -> &mut A::Target {
        match &mut self.value {
            Some(value) => value,
            None => unreachable!("the value is given back in drop only"),
        }
    }
}

impl<M: HoldsMutex, A> Drop for Guard<M, A> {
    fn drop(&mut self) {
        // Give the value back before the permit: the next holder of the permit accesses the value
        // at once.
        self.value = None;
        self.mutex.permits.release();
    }
}

impl<M: HoldsMutex, A: Deref<Target: fmt::Display>> fmt::Display for Guard<M, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<M: HoldsMutex, A: Deref<Target: fmt::Debug>> fmt::Debug for Guard<M, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

//! A value that is set once.

use std::{
    fmt,
    future::{Future, ready},
    panic::Location,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::{
    runtime::{
        executor::{resource::Resource, thread_loop::block_here},
        task::Located,
    },
    trace::{ResourceKind, ResourceOp, Wait},
};

/// A value that is set once, by the first task that needs it, while others wait for it:
/// `smol::lock::OnceCell`.
///
/// The cell is async-lock's. A task that waits is shown as waiting for the cell; the task that
/// initialises it is shown as waiting for whatever its own future waits for.
///
/// ```
/// use loopscope::lock::OnceCell;
///
/// static ANSWER: OnceCell<u32> = OnceCell::new();
///
/// loopscope::block_on(async {
///     assert_eq!(ANSWER.get(), None);
///     assert_eq!(*ANSWER.get_or_init(|| async { 42 }).await, 42);
///     assert_eq!(ANSWER.set(43).await, Err(43));
///     assert_eq!(*ANSWER.wait().await, 42);
///     assert_eq!(ANSWER.get_or_try_init_blocking(|| Err("not called")), Ok(&42));
/// });
/// ```
pub struct OnceCell<T> {
    resource: Resource,
    inner: async_lock::OnceCell<T>,
}

impl<T> OnceCell<T> {
    /// An empty cell.
    #[track_caller]
    pub const fn new() -> OnceCell<T> {
        OnceCell {
            resource: Resource::later(ResourceKind::Cell, 0, Location::caller()),
            inner: async_lock::OnceCell::new(),
        }
    }

    /// Like [`OnceCell::new`], with a name for the trace.
    #[track_caller]
    pub fn named(name: &str) -> OnceCell<T> {
        OnceCell {
            resource: Resource::named(ResourceKind::Cell, 0, Location::caller(), name),
            inner: async_lock::OnceCell::new(),
        }
    }

    /// Whether the cell has a value.
    pub fn is_initialized(&self) -> bool {
        self.inner.is_initialized()
    }

    /// The value, if there is one.
    pub fn get(&self) -> Option<&T> {
        self.inner.get()
    }

    /// The value, which the caller knows to be there.
    ///
    /// async-lock's method of this name is `unsafe` and does not look whether there is a value. This
    /// one does, because this crate contains no unsafe code. A program that calls it in an `unsafe`
    /// block compiles, with a warning that the block is not needed.
    ///
    /// ```
    /// use loopscope::lock::OnceCell;
    ///
    /// # #[expect(unused_unsafe)]
    /// loopscope::block_on(async {
    ///     let cell = OnceCell::new();
    ///     cell.set(1).await;
    ///     assert_eq!(unsafe { cell.get_unchecked() }, &1);
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// If the cell is empty.
    #[track_caller]
    pub fn get_unchecked(&self) -> &T {
        match self.get() {
            Some(value) => value,
            None => panic!("`get_unchecked` of an empty cell"),
        }
    }

    /// The value, if there is one.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.inner.get_mut()
    }

    /// Takes the value out of the cell, which is empty from then on.
    pub fn take(&mut self) -> Option<T> {
        self.inner.take()
    }

    /// The value, if there is one.
    pub fn into_inner(self) -> Option<T> {
        self.inner.into_inner()
    }

    /// Waits until the cell has a value.
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = &T> {
        let made = Location::caller();
        Located::new(async move {
            let initialises = AtomicBool::new(false);
            self.wait_for(self.inner.wait(), &initialises, made).await
        })
    }

    /// Like [`OnceCell::wait`], but blocks the thread. Not for tasks.
    pub fn wait_blocking(&self) -> &T {
        block_here("wait_blocking", self.wait())
    }

    /// The value. If there is none, the future of `closure` makes it; if another task is making it,
    /// waits for that.
    #[track_caller]
    pub fn get_or_init<Fut: Future<Output = T>>(
        &self,
        closure: impl FnOnce() -> Fut,
    ) -> impl Future<Output = &T> {
        let making = self.get_or_try_init(|| async move { Ok::<T, Never>(closure().await) });
        Located::new(async move {
            match making.await {
                Ok(value) => value,
                Err(never) => match never {},
            }
        })
    }

    /// Like [`OnceCell::get_or_init`], but blocks the thread. Not for tasks.
    pub fn get_or_init_blocking(&self, closure: impl FnOnce() -> T) -> &T {
        let getting = self.get_or_init(|| ready(closure()));
        block_here("get_or_init_blocking", getting)
    }

    /// Like [`OnceCell::get_or_init`], for a future that may fail. The cell is empty after an error.
    #[track_caller]
    pub fn get_or_try_init<E, Fut: Future<Output = Result<T, E>>>(
        &self,
        closure: impl FnOnce() -> Fut,
    ) -> impl Future<Output = Result<&T, E>> {
        let made = Location::caller();
        Located::new(async move {
            let initialises = AtomicBool::new(false);
            let getting = self.inner.get_or_try_init(|| {
                initialises.store(true, Ordering::Relaxed);
                async {
                    let value = closure().await?;
                    // Before the cell is set, because that wakes the waiters.
                    self.resource.used(ResourceOp::Set, 1);
                    Ok(value)
                }
            });
            self.wait_for(getting, &initialises, made).await
        })
    }

    /// Like [`OnceCell::get_or_try_init`], but blocks the thread. Not for tasks.
    pub fn get_or_try_init_blocking<E>(
        &self,
        closure: impl FnOnce() -> Result<T, E>,
    ) -> Result<&T, E> {
        let getting = self.get_or_try_init(|| ready(closure()));
        block_here("get_or_try_init_blocking", getting)
    }

    /// Sets the value. If there is one already, or another task makes it, the error has the value
    /// that was not used.
    #[track_caller]
    pub fn set(&self, value: T) -> impl Future<Output = Result<&T, T>> {
        let made = Location::caller();
        Located::made_at(made, async move {
            let mut value = Some(value);
            let got = self.get_or_try_init(|| ready(value.take().ok_or(()))).await;
            match (value, got) {
                (None, Ok(got)) => Ok(got),
                (Some(value), _) => Err(value),
                (None, Err(())) => unreachable!("the closure is called once"),
            }
        })
    }

    /// Sets the value, without waiting. If there is one already, or another task makes it, the error
    /// has the value that was not used.
    pub fn try_set(&self, value: T) -> Result<(), T> {
        let set = self.inner.try_set(value);
        set.inspect(|()| self.resource.used(ResourceOp::Set, 1))
    }

    /// Like [`OnceCell::set`], but blocks the thread. Not for tasks.
    pub fn set_blocking(&self, value: T) -> Result<&T, T> {
        block_here("set_blocking", self.set(value))
    }

    fn wait_for<'a, F>(
        &'a self,
        future: F,
        initialises: &'a AtomicBool,
        made: &'static Location<'static>,
    ) -> CellWait<'a, F> {
        CellWait {
            future,
            initialises,
            resource: &self.resource,
            made,
        }
    }
}

/// The error of a future that cannot fail.
enum Never {}

pin_project! {
    /// A future of async-lock's cell. While it is pending, the task waits for the cell, unless the
    /// task itself makes the value.
    struct CellWait<'a, F> {
        #[pin]
        future: F,
        initialises: &'a AtomicBool,
        resource: &'a Resource,
        made: &'static Location<'static>,
    }
}

impl<F: Future> Future for CellWait<'_, F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let polled = this.future.poll(cx);
        if polled.is_pending() && !this.initialises.load(Ordering::Relaxed) {
            let awaited = Location::caller();
            this.resource.wait_made(Wait::Acquire, awaited, this.made);
        }
        polled
    }
}

impl<T> From<T> for OnceCell<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        OnceCell {
            resource: Resource::later(ResourceKind::Cell, 0, Location::caller()),
            inner: async_lock::OnceCell::from(value),
        }
    }
}

impl<T> Default for OnceCell<T> {
    #[track_caller]
    fn default() -> Self {
        OnceCell::new()
    }
}

/// The same text as async-lock's cell.
impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

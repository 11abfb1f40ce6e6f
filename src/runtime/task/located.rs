//! Where a task awaits a future of a library.
//!
//! A future of this crate learns the line of its `.await` from `#[track_caller]` on `poll`. That
//! works only if the program awaits the future itself. If a library polls it, such as the buffer
//! around a socket, the caller of `poll` is in the library. [`Located`] is the wrapper for such
//! futures: the program awaits the wrapper, which tells the loop where, for as long as it polls the
//! future inside.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::runtime::executor::core::{self, AwaitSite};

pin_project! {
    /// A future whose `.await` is shown in the trace, although a library polls what it waits for.
    ///
    /// It does what the future inside does.
    #[must_use = "a future does nothing until it is awaited"]
    pub struct Located<F> {
        #[pin]
        future: F,
        made: &'static Location<'static>,
    }
}

impl<F> Located<F> {
    /// Wraps a future that the caller of the calling function creates.
    #[track_caller]
    pub(in crate::runtime) fn new(future: F) -> Located<F> {
        Located {
            future,
            made: Location::caller(),
        }
    }

    /// Wraps a future that was created at `made`.
    pub(in crate::runtime) fn made_at(made: &'static Location<'static>, future: F) -> Located<F> {
        Located { future, made }
    }
}

impl<F: Future> Future for Located<F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _site = SiteGuard::new(Location::caller(), this.made);
        this.future.poll(cx)
    }
}

impl<F> fmt::Debug for Located<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Located").finish_non_exhaustive()
    }
}

/// Sets the loop's [`AwaitSite`] until dropped, and restores the previous one then.
pub(super) struct SiteGuard {
    before: Option<AwaitSite>,
}

impl SiteGuard {
    pub(super) fn new(
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) -> SiteGuard {
        let before = core::with_current(|core| core.set_await_site(awaited, made)).flatten();
        SiteGuard { before }
    }
}

impl Drop for SiteGuard {
    fn drop(&mut self) {
        core::with_current(|core| core.await_site.set(self.before));
    }
}

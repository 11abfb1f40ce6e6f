//! Futures: smol's combinators as they are, a [`yield_now`] and a [`ready`] that are recorded, and
//! [`OneShot`], a value that is set once and can be awaited.

use std::{
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

pub use futures_lite::future::*;

use crate::{
    runtime::executor::{core, resource::Resource},
    trace::{ResourceKind, ResourceOp},
};

pub use crate::runtime::sync::one_shot::{AlreadySet, OneShot, OneShotWait};

/// Yields: the task goes to the end of the ready queue and is polled again in the next tick.
///
/// ```
/// use loopscope::{future, spawn};
///
/// loopscope::block_on(async {
///     let task = spawn(async { 1 });
///     assert!(!task.is_finished());
///     future::yield_now().await;
///     assert!(task.is_finished());
///     assert_eq!(future::ready(2).await, 2); // does not yield
/// });
/// ```
#[track_caller]
pub fn yield_now() -> YieldNow {
    YieldNow {
        yielded: false,
        made: Location::caller(),
    }
}

/// The future of [`yield_now`].
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct YieldNow {
    yielded: bool,
    made: &'static Location<'static>,
}

impl Future for YieldNow {
    type Output = ();

    #[inline]
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        let (awaited, made) = (Location::caller(), self.made);
        let yielded = core::with_current(|core| core.yield_now(cx.waker(), awaited, made));
        if yielded.is_none() {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

/// A future that has its value from the start. Awaiting it does not yield.
#[track_caller]
pub fn ready<T>(value: T) -> Ready<T> {
    Ready {
        value: Some(value),
        resource: Resource::named(ResourceKind::Future, 0, Location::caller(), "ready"),
    }
}

/// The future of [`ready`].
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct Ready<T> {
    value: Option<T>,
    resource: Resource,
}

impl<T> Unpin for Ready<T> {}

impl<T> Future for Ready<T> {
    type Output = T;

    /// # Panics
    ///
    /// If the future has given its value already.
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        let Some(value) = self.value.take() else {
            panic!("a future was polled again after it gave its value");
        };
        self.resource.used(ResourceOp::Received, 1);
        Poll::Ready(value)
    }
}

//! Futures: smol's combinators as they are, a [`yield_now`] and a [`ready`] that the trace sees, and a value that is
//! set once.

use std::{
    cell::RefCell,
    fmt,
    panic::Location,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

pub use smol::future::*;

use crate::trace::{ResourceKind, ResourceOp, Wait};

use crate::runtime::{
    executor::{core, resource::Resource},
    sync::waiters::{Ticket, Waiters},
};

/// Gives way: the task goes to the end of the ready queue and runs again in the next tick.
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
        cx.waker().wake_by_ref();
        let (awaited, made) = (Location::caller(), self.made);
        core::with_current(|core| core.wait(Wait::Yield, awaited, made));
        Poll::Pending
    }
}

/// A future that has its value already: awaiting it does not give way.
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
    /// If it has given its value before.
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        let Some(value) = self.value.take() else {
            panic!("a future was polled again after it gave its value");
        };
        self.resource.used(ResourceOp::Received, 1);
        Poll::Ready(value)
    }
}

/// A value that somebody will set, once: the bare future that the others are built on (`asyncio.Future`).
///
/// A clone is the same future. Awaiting it any number of times gives the value each time.
pub struct OneShot<T> {
    shared: Rc<OneShotInner<T>>,
}

struct OneShotInner<T> {
    state: RefCell<OneShotState<T>>,
    waiting: Waiters,
    resource: Resource,
}

struct OneShotState<T> {
    value: Option<T>,
    callbacks: Vec<OneShotCallback<T>>,
}

type OneShotCallback<T> = Box<dyn FnOnce(&T)>;

/// It has a value already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the future has a value already")]
pub struct AlreadySet;

impl<T: Clone + 'static> OneShot<T> {
    /// A future without a value.
    #[expect(
        clippy::new_without_default,
        reason = "the place where it is made is part of the picture"
    )]
    #[track_caller]
    pub fn new() -> OneShot<T> {
        let resource = Resource::new(ResourceKind::Future, 0, Location::caller());
        let state = RefCell::new(OneShotState {
            value: None,
            callbacks: Vec::new(),
        });
        OneShot {
            shared: Rc::new(OneShotInner {
                state,
                waiting: Waiters::default(),
                resource,
            }),
        }
    }

    /// Gives it its value: who waits for it is woken, and its callbacks are put into the ready queue.
    ///
    /// # Errors
    ///
    /// If it has one already.
    pub fn resolve(&self, value: T) -> Result<(), AlreadySet> {
        let callbacks = {
            let mut state = self.shared.state.borrow_mut();
            if state.value.is_some() {
                return Err(AlreadySet);
            }
            state.value = Some(value);
            std::mem::take(&mut state.callbacks)
        };
        self.shared.resource.used(ResourceOp::Set, 1);
        for callback in callbacks {
            self.call_soon(callback);
        }
        self.shared.waiting.wake_all();
        Ok(())
    }

    /// Has a callback called with the value, in a turn of its own, once there is one.
    ///
    /// # Panics
    ///
    /// If there is a value and no loop on this thread.
    pub fn on_done(&self, callback: impl FnOnce(&T) + 'static) {
        if self.is_done() {
            self.call_soon(Box::new(callback));
        } else {
            self.shared
                .state
                .borrow_mut()
                .callbacks
                .push(Box::new(callback));
        }
    }

    fn call_soon(&self, callback: OneShotCallback<T>) {
        let value = self.value();
        let call = Box::new(move || {
            if let Some(value) = value {
                callback(&value);
            }
        });
        core::current_loop().call_soon("on_done", call);
    }

    /// Whether it has a value.
    pub fn is_done(&self) -> bool {
        self.shared.state.borrow().value.is_some()
    }

    /// Its value, if it has one.
    pub fn value(&self) -> Option<T> {
        self.shared.state.borrow().value.clone()
    }

    /// Waits for the value.
    #[track_caller]
    pub fn wait(&self) -> OneShotWait<T> {
        OneShotWait {
            future: self.clone(),
            ticket: Ticket::default(),
            made: Location::caller(),
        }
    }
}

impl<T> Clone for OneShot<T> {
    fn clone(&self) -> Self {
        OneShot {
            shared: Rc::clone(&self.shared),
        }
    }
}

impl<T> fmt::Debug for OneShot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = self.shared.state.borrow().value.is_some();
        f.debug_struct("OneShot")
            .field("done", &done)
            .finish_non_exhaustive()
    }
}

impl<T: Clone + 'static> IntoFuture for OneShot<T> {
    type Output = T;
    type IntoFuture = OneShotWait<T>;

    #[track_caller]
    fn into_future(self) -> OneShotWait<T> {
        self.wait()
    }
}

impl<T: Clone + 'static> IntoFuture for &OneShot<T> {
    type Output = T;
    type IntoFuture = OneShotWait<T>;

    #[track_caller]
    fn into_future(self) -> OneShotWait<T> {
        self.wait()
    }
}

/// Waits for the value of a [`OneShot`].
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct OneShotWait<T> {
    future: OneShot<T>,
    ticket: Ticket,
    made: &'static Location<'static>,
}

impl<T: Clone + 'static> Future for OneShotWait<T> {
    type Output = T;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = &mut *self;
        let shared = &this.future.shared;
        if let Some(value) = this.future.value() {
            shared.waiting.dequeue(&mut this.ticket);
            shared.resource.used(ResourceOp::Received, 1);
            return Poll::Ready(value);
        }
        shared.waiting.enqueue(&mut this.ticket, cx.waker());
        shared
            .resource
            .wait_made(Wait::Acquire, Location::caller(), this.made);
        Poll::Pending
    }
}

impl<T> Drop for OneShotWait<T> {
    fn drop(&mut self) {
        self.future.shared.waiting.dequeue(&mut self.ticket);
    }
}

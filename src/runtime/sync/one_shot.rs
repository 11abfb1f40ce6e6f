//! A value that is set once and can be awaited any number of times (`asyncio.Future`).

use std::{
    cell::RefCell,
    fmt,
    future::{Future, IntoFuture},
    panic::Location,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use crate::{
    runtime::executor::{core, resource::Resource},
    trace::{ResourceKind, ResourceOp, Wait},
};

use super::wait_queue::{LocalWaiters, Ticket};

/// A future whose value is set once, by a call of [`OneShot::resolve`] (`asyncio.Future`).
///
/// A clone is the same future. Each `await` gives a clone of the value.
///
/// ```
/// use loopscope::{future::OneShot, spawn_local};
///
/// loopscope::block_on(async {
///     let answer = OneShot::new();
///     let waiter = spawn_local(answer.wait());
///     answer.on_done(|value| assert_eq!(*value, 42));
///     assert!(!answer.is_done());
///     assert!(answer.resolve(42).is_ok());
///     assert!(answer.resolve(43).is_err());
///     assert_eq!(answer.value(), Some(42));
///     assert_eq!((waiter.await, answer.await), (42, 42));
/// });
/// ```
pub struct OneShot<T> {
    shared: Rc<OneShotInner<T>>,
}

struct OneShotInner<T> {
    state: RefCell<OneShotState<T>>,
    waiting: LocalWaiters,
    resource: Resource,
}

struct OneShotState<T> {
    value: Option<T>,
    callbacks: Vec<OneShotCallback<T>>,
}

type OneShotCallback<T> = Box<dyn FnOnce(&T)>;

/// The future has a value already: [`OneShot::resolve`] was called before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the future has a value already")]
pub struct AlreadySet;

impl<T: Clone + 'static> OneShot<T> {
    /// A future without a value.
    #[expect(
        clippy::new_without_default,
        reason = "the place where it is made is part of the trace"
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
                waiting: LocalWaiters::default(),
                resource,
            }),
        }
    }

    /// Sets the value, wakes all waiters, and puts the callbacks into the ready queue.
    ///
    /// # Errors
    ///
    /// If the future has a value already.
    ///
    /// # Panics
    ///
    /// If callbacks are registered and no loop runs on this thread.
    pub fn resolve(&self, value: T) -> Result<(), AlreadySet> {
        self.set(value, ResourceOp::Set)
    }

    fn set(&self, value: T, op: ResourceOp) -> Result<(), AlreadySet> {
        let callbacks = {
            let mut state = self.shared.state.borrow_mut();
            if state.value.is_some() {
                return Err(AlreadySet);
            }
            state.value = Some(value);
            std::mem::take(&mut state.callbacks)
        };
        self.shared.resource.used(op, 1);
        for callback in callbacks {
            self.call_soon(callback);
        }
        self.shared.waiting.wake_all();
        Ok(())
    }

    /// Calls a callback with the value once the value is set. The call is a separate entry of the
    /// ready queue.
    ///
    /// # Panics
    ///
    /// If the value is set and no loop runs on this thread.
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

    /// Whether the future has a value.
    pub fn is_done(&self) -> bool {
        self.shared.state.borrow().value.is_some()
    }

    /// A clone of the value, or `None` if no value is set.
    pub fn value(&self) -> Option<T> {
        self.shared.state.borrow().value.clone()
    }

    /// Waits until the value is set.
    #[track_caller]
    pub fn wait(&self) -> OneShotWait<T> {
        OneShotWait {
            future: self.clone(),
            ticket: Ticket::default(),
            made: Location::caller(),
        }
    }
}

impl<T: Clone + 'static, E: Clone + 'static> OneShot<Result<T, E>> {
    /// Like [`OneShot::resolve`] with an error (`set_exception` of asyncio). The trace tells the two
    /// apart.
    ///
    /// ```
    /// let answer = loopscope::block_on(async {
    ///     let answer = loopscope::future::OneShot::<Result<u32, &str>>::new();
    ///     answer.fail("no answer").unwrap();
    ///     answer.await
    /// });
    /// assert_eq!(answer, Err("no answer"));
    /// ```
    ///
    /// # Errors
    ///
    /// If the future has a value already.
    ///
    /// # Panics
    ///
    /// If callbacks are registered and no loop runs on this thread.
    pub fn fail(&self, error: E) -> Result<(), AlreadySet> {
        self.set(Err(error), ResourceOp::SetError)
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

/// The future of [`OneShot::wait`].
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
            shared.waiting.leave(&mut this.ticket);
            shared.resource.used(ResourceOp::Received, 1);
            return Poll::Ready(value);
        }
        // The old waker is dropped after the borrow: its destructor may use this future.
        shared.waiting.enqueue(&mut this.ticket, cx.waker());
        shared
            .resource
            .wait_made(Wait::Acquire, Location::caller(), this.made);
        Poll::Pending
    }
}

impl<T> Drop for OneShotWait<T> {
    fn drop(&mut self) {
        if !self.ticket.is_idle() {
            self.future.shared.resource.withdraw(Wait::Acquire);
        }
        self.future.shared.waiting.leave(&mut self.ticket);
    }
}

//! A flag that tasks wait for (`asyncio.Event`).

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{
    runtime::{executor::resource::Resource, sync::wait_queue::Ticket},
    trace::{ResourceKind, ResourceOp, Wait},
};

use super::flag::Flag;

/// A flag that tasks wait for (`asyncio.Event`). Setting it releases all waiters at once, and it
/// stays set until it is cleared.
///
/// ```
/// use loopscope::{lock::ManualResetEvent, spawn};
/// use std::sync::Arc;
///
/// loopscope::block_on(async {
///     let started = Arc::new(ManualResetEvent::new());
///     let waiter = spawn({
///         let started = Arc::clone(&started);
///         async move { started.wait().await }
///     });
///     started.set();
///     waiter.await;
///     started.clear();
///     assert!(!started.is_set());
/// });
/// ```
pub struct ManualResetEvent {
    flag: Flag,
    resource: Resource,
}

impl ManualResetEvent {
    /// An event that is not set.
    #[expect(
        clippy::new_without_default,
        reason = "the place where it is made is part of the trace"
    )]
    #[track_caller]
    pub fn new() -> ManualResetEvent {
        let resource = Resource::new(ResourceKind::Event, 0, Location::caller());
        ManualResetEvent {
            flag: Flag::new(),
            resource,
        }
    }

    /// Sets the event and wakes all waiters, in the order in which they began to wait.
    pub fn set(&self) {
        let waiting = self.flag.set();
        self.resource.used(ResourceOp::Set, 1);
        waiting.wake();
    }

    /// Clears the event: tasks that begin to wait from now on have to wait for the next `set`.
    pub fn clear(&self) {
        self.flag.clear();
        self.resource.used(ResourceOp::Cleared, 0);
    }

    /// Whether the event is set.
    pub fn is_set(&self) -> bool {
        self.flag.is_set()
    }

    /// Waits until the event is set. Does not wait if the event is set already.
    #[track_caller]
    pub fn wait(&self) -> ManualResetWait<'_> {
        ManualResetWait {
            event: self,
            ticket: Ticket::default(),
            made: Location::caller(),
        }
    }
}

impl fmt::Debug for ManualResetEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManualResetEvent")
            .field("set", &self.is_set())
            .finish_non_exhaustive()
    }
}

/// The future of [`ManualResetEvent::wait`].
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct ManualResetWait<'a> {
    event: &'a ManualResetEvent,
    ticket: Ticket,
    made: &'static Location<'static>,
}

impl Future for ManualResetWait<'_> {
    type Output = ();

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let event = this.event;
        if event.flag.poll(&mut this.ticket, cx.waker()) {
            return Poll::Ready(());
        }
        event
            .resource
            .wait_made(Wait::Acquire, Location::caller(), this.made);
        Poll::Pending
    }
}

impl Drop for ManualResetWait<'_> {
    fn drop(&mut self) {
        if !self.ticket.is_idle() {
            self.event.resource.withdraw(Wait::Acquire);
        }
        self.event.flag.cancel(&mut self.ticket);
    }
}

//! All at once.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll},
};

use crate::{
    runtime::{
        executor::resource::Resource,
        sync::waiters::{Ticket, Waiters},
    },
    trace::{ResourceKind, ResourceOp, Wait},
};

/// Something that tasks can wait for to be set, all at once.
pub struct ManualResetEvent {
    set: AtomicBool,
    /// Who was woken has been released, even if the event was cleared since.
    waiting: Waiters,
    resource: Resource,
}

impl ManualResetEvent {
    /// An event that is not set.
    #[expect(
        clippy::new_without_default,
        reason = "the place where it is made is part of the picture"
    )]
    #[track_caller]
    pub fn new() -> ManualResetEvent {
        let resource = Resource::new(ResourceKind::Event, 0, Location::caller());
        ManualResetEvent {
            set: AtomicBool::new(false),
            waiting: Waiters::default(),
            resource,
        }
    }

    /// Sets it: whoever waits is woken, in order.
    pub fn set(&self) {
        self.set.store(true, Ordering::SeqCst);
        self.resource.used(ResourceOp::Set, 1);
        self.waiting.wake_all();
    }

    /// Clears it: who comes now has to wait again.
    pub fn clear(&self) {
        self.set.store(false, Ordering::SeqCst);
        self.resource.used(ResourceOp::Cleared, 0);
    }

    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        self.set.load(Ordering::SeqCst)
    }

    /// Waits until it is set; not at all if it is.
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
        let (event, ticket) = (this.event, &mut this.ticket);
        if event.is_set() || event.waiting.was_woken(ticket) {
            event.waiting.dequeue(ticket);
            return Poll::Ready(());
        }
        event.waiting.enqueue(ticket, cx.waker());
        // Another thread may have set it meanwhile.
        if event.is_set() {
            event.waiting.dequeue(ticket);
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
        self.event.waiting.dequeue(&mut self.ticket);
    }
}

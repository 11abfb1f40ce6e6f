//! Names for futures of other crates, which the loop knows nothing about.

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::{
    runtime::{
        executor::{
            core::{self, Core},
            resource::Resource,
        },
        io::in_flight::InFlight,
    },
    trace::{ResourceKind, ResourceOp, Wait},
};

use super::located::SiteGuard;

/// Names for futures that the loop knows nothing about.
///
/// ```
/// use loopscope::FutureExt;
///
/// loopscope::block_on(async {
///     let (sender, receiver) = async_channel::bounded(1);
///     std::thread::spawn(move || sender.send_blocking(1));
///     let first = receiver.recv().io("from another thread").await;
///     assert_eq!(first, Ok(1));
///     assert!(receiver.recv().named("the end").await.is_err());
/// });
/// ```
pub trait FutureExt: Future + Sized {
    /// Gives this future a name, which the trace shows as the wait of a task that awaits the
    /// future. A wait that the future declares itself takes precedence.
    #[track_caller]
    fn named(self, name: &str) -> Named<Self> {
        let resource = Resource::named(ResourceKind::Foreign, 0, Location::caller(), name);
        Named {
            future: self,
            resource,
            begun: false,
            made: Location::caller(),
        }
    }

    /// Names the task that polls this future first, for a future that is given to
    /// [`gather`](crate::gather) or another function that spawns tasks.
    ///
    /// ```
    /// use loopscope::{FutureExt, gather, sleep};
    /// use std::time::Duration;
    ///
    /// let job = |number| sleep(Duration::ZERO).task_named(&format!("job {number}"));
    /// loopscope::block_on(gather([1, 2].map(job)));
    /// ```
    fn task_named(self, name: &str) -> TaskNamed<Self> {
        TaskNamed {
            future: self,
            name: Some(name.into()),
        }
    }

    /// Declares that something outside of the loop, I/O or another thread, completes this future. A
    /// virtual clock does not jump while the future is pending.
    #[track_caller]
    fn io(self, name: &str) -> Io<Self> {
        Io::of(ResourceKind::Io, name, self)
    }
}

impl<F: Future> FutureExt for F {}

pin_project! {
    /// The future of [`FutureExt::named`].
    #[must_use = "a future does nothing until it is awaited"]
    pub struct Named<F> {
        #[pin]
        future: F,
        resource: Resource,
        begun: bool,
        made: &'static Location<'static>,
    }
}

impl<F: Future> Future for Named<F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let (this, awaited) = (self.project(), Location::caller());
        if !std::mem::replace(this.begun, true) {
            this.resource.used(ResourceOp::Begun, 0);
        }
        let _site = SiteGuard::new(awaited, this.made);
        let before = core::with_current(declared_waits);
        let polled = this.future.poll(cx);
        if polled.is_ready() {
            this.resource.used(ResourceOp::Ended, 0);
        } else if core::with_current(declared_waits) == before {
            this.resource.wait_made(Wait::Operation, awaited, this.made);
        }
        polled
    }
}

/// How many waits the running task has declared in this poll.
fn declared_waits(core: &Rc<Core>) -> u32 {
    core.sched
        .borrow()
        .current
        .map_or(0, |current| current.declared_waits)
}

impl<F> fmt::Debug for Named<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Named")
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of [`FutureExt::task_named`].
    #[must_use = "a future does nothing until it is awaited"]
    pub struct TaskNamed<F> {
        #[pin]
        future: F,
        // `None` once the task was named.
        name: Option<Box<str>>,
    }
}

impl<F: Future> Future for TaskNamed<F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if let Some(name) = this.name.take() {
            core::with_current(|core| core.name_current(&name));
        }
        this.future.poll(cx)
    }
}

impl<F> fmt::Debug for TaskNamed<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskNamed").finish_non_exhaustive()
    }
}

/// The future of [`FutureExt::io`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Io<F> {
    /// `None` once the future has completed.
    future: Option<Pin<Box<F>>>,
    resource: Resource,
    in_flight: InFlight,
    made: &'static Location<'static>,
}

impl<F: Future> Io<F> {
    /// A future that an operation outside of the loop completes, as a resource of this kind.
    #[track_caller]
    pub(in crate::runtime) fn of(kind: ResourceKind, name: &str, future: F) -> Io<F> {
        let made = Location::caller();
        Io {
            future: Some(Box::pin(future)),
            resource: Resource::named(kind, 0, made, name),
            in_flight: InFlight::default(),
            made,
        }
    }
}

impl<F: Future> Future for Io<F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let (this, awaited) = (&mut *self, Location::caller());
        let Some(future) = &mut this.future else {
            panic!("a future was polled after it had completed")
        };
        let _site = SiteGuard::new(awaited, this.made);
        let polled = future.as_mut().poll(cx);
        if polled.is_pending() {
            core::with_current(|core| this.in_flight.begin(core, &this.resource));
            this.resource.wait_made(Wait::Operation, awaited, this.made);
        } else {
            this.future = None;
            this.in_flight.end(&this.resource, ResourceOp::Ended);
        }
        polled
    }
}

impl<F> Drop for Io<F> {
    fn drop(&mut self) {
        self.in_flight.end(&self.resource, ResourceOp::Abandoned);
    }
}

impl<F> fmt::Debug for Io<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io")
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

//! The handle of a task whose future lives elsewhere: in an [`Executor`](crate::Executor), on the pool of threads.

use std::{
    panic::Location,
    pin::Pin,
    task::{Context, Poll},
};

use super::{foreign::InFlight, guest::GuestId};
use crate::{
    runtime::executor::{core, resource::Resource},
    trace::{ResourceKind, ResourceOp, TaskId, Wait},
};

/// smol's handle, and what waiting for it is called.
pub(super) struct Outside<T> {
    pub(super) task: async_task::FallibleTask<T>,
    what: What,
    pub(super) made: &'static Location<'static>,
}

/// What is waited for.
enum What {
    /// A task of an executor; it has a number once a loop has seen it.
    Guest(GuestId),
    /// Work on the pool.
    Pool(Resource, InFlight),
}

impl<T> Outside<T> {
    pub(super) fn guest(
        task: smol::Task<T>,
        id: GuestId,
        made: &'static Location<'static>,
    ) -> Self {
        Outside {
            task: task.fallible(),
            what: What::Guest(id),
            made,
        }
    }

    pub(super) fn pool(task: smol::Task<T>, made: &'static Location<'static>) -> Self {
        let resource = Resource::named(ResourceKind::Pool, 0, made, "thread pool");
        Outside {
            task: task.fallible(),
            what: What::Pool(resource, InFlight::default()),
            made,
        }
    }

    pub(super) fn id(&self) -> Option<TaskId> {
        match &self.what {
            What::Guest(id) => id.task(),
            What::Pool(..) => None,
        }
    }

    #[track_caller]
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let awaited = Location::caller();
        let polled = Pin::new(&mut self.task).poll(cx);
        match &self.what {
            What::Guest(id) => {
                if polled.is_pending()
                    && let Some(task) = id.task()
                {
                    core::with(|core| core.wait(Wait::Join(task), awaited, self.made));
                }
            }
            What::Pool(resource, in_flight) => {
                if polled.is_pending() {
                    core::with(|core| in_flight.begin(core, resource));
                    resource.wait_made(Wait::Operation, awaited, self.made);
                } else {
                    in_flight.end(resource, ResourceOp::Ended);
                }
            }
        }
        polled
    }
}

impl Drop for What {
    fn drop(&mut self) {
        if let What::Pool(resource, in_flight) = self {
            in_flight.end(resource, ResourceOp::Abandoned);
        }
    }
}
